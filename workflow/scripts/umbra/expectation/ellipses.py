"""Elliptical windows in the plane of two search variables, and the weight of points inside all of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array

#: Pairs of window and point that are in memory at once.
_PAIRS = 4_000_000


@dataclass(frozen=True)
class Ellipses:
    """Ellipses of constant probability of a Gaussian: n of them.

    Parameters
    ----------
    centre
        Shape (n, 2), in units of the search variables.
    covariance
        Variance of the first variable, covariance, variance of the second, shape (n, 3).
    half_axes_sigma
        Half axes in standard deviations.
    """

    centre: Array
    covariance: Array
    half_axes_sigma: float

    def __len__(self) -> int:
        return len(self.centre)

    def distance2(self, rows: NDArray[np.intp], dx: Array, dy: Array) -> Array:
        """Squared distance from the centre in units of the half axes: below 1 is inside.

        Parameters
        ----------
        rows
            Which ellipse, shape (m,).
        dx, dy
            Point minus centre, shape (m,).
        """
        xx, xy, yy = self.covariance[rows].T
        squared: Array = (yy * dx**2 - 2.0 * xy * dx * dy + xx * dy**2) / (xx * yy - xy**2)
        return squared / self.half_axes_sigma**2


def sums(
    windows: Ellipses, x: Array, y: Array, columns: Sequence[Array], scales: Sequence[float] = (1.0,)
) -> Array:
    """Add up columns of the points inside each ellipse, and inside each ellipse enlarged.

    Parameters
    ----------
    windows
        n ellipses.
    x, y
        Points, shape (m,).
    columns
        c columns of the points to be added up, each of shape (m,).
    scales
        k factors, increasing, by which the half axes are multiplied.

    Returns
    -------
    ndarray
        Shape (n, k, c). Each sum runs over its points in order of x, so that it does not depend, to the last bit, on
        which other windows share the call.
    """
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    ordered = [column[order] for column in columns]
    limits = np.square(scales)
    reach = windows.half_axes_sigma * scales[-1] * np.sqrt(windows.covariance[:, 0])
    first = np.searchsorted(x, windows.centre[:, 0] - reach, side="left")
    last = np.searchsorted(x, windows.centre[:, 0] + reach, side="right")
    result = np.zeros((len(windows), len(scales), len(columns)))
    for rows in _portions(last - first):
        length = (last - first)[rows]
        window = np.repeat(rows, length)
        point = np.arange(length.sum()) + np.repeat(first[rows] - (np.cumsum(length) - length), length)
        distance2 = windows.distance2(
            window, x[point] - windows.centre[window, 0], y[point] - windows.centre[window, 1]
        )
        ring = np.searchsorted(limits, distance2, side="right")
        inside = np.flatnonzero(ring < len(scales))
        place = (window[inside] - rows[0]) * len(scales) + ring[inside]
        for k, column in enumerate(ordered):
            rings = np.bincount(place, weights=column[point[inside]], minlength=len(rows) * len(scales))
            result[rows, :, k] = rings.reshape(len(rows), len(scales)).cumsum(axis=1)
    return result


def _portions(lengths: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Runs of windows whose pairs with points fit into the memory together."""
    share = np.cumsum(lengths) // _PAIRS
    return np.split(np.arange(len(lengths)), np.flatnonzero(np.diff(share)) + 1) if len(lengths) else []
