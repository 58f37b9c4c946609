"""Backgrounds in their simulated shape and number, with the statistical error of the simulation."""

import numpy as np

from umbra.core.kinematics import Array
from umbra.expectation.background import AVERAGED, BINS_PER_RESOLUTION, KNOT_DISTANCES
from umbra.expectation.binned import rebinned
from umbra.inference.methods.binned import At, Window
from umbra.inference.workspace import Background

#: Effective simulated events that tell the expectation of a window in which few are counted.
_NEAREST = 5.0


def simulated(at: At, window: Window, *, from_nearest: bool = False) -> list[Background]:
    """Backgrounds as they were simulated, or smoothed where the category asks for it.

    Parameters
    ----------
    at, window
        Where.
    from_nearest
        Take the expectation of one bin from as many of the nearest simulated events as tell it.
    """
    category, interpretation = window.category, at.interpretation
    axis = at.expectation.edges(category)
    variances = at.expectation.background_variance(category, interpretation)
    systematics = at.expectation.channel.systematics
    found = []
    for name, values in at.expectation.background(category, interpretation).items():
        counts, variance = rebinned(values, axis, window.edges), rebinned(variances[name], axis, window.edges)
        if from_nearest and name not in category.smooth_backgrounds:
            counts, variance = nearest_density(values, variances[name], axis, window.edges)
        if name in category.smooth_backgrounds:
            variance = (_smoothing_error(axis, values, variances[name], window.edges) * counts) ** 2
        if interpretation.background_exact:
            found.append(Background(name, counts))
            continue
        found.append(
            Background(
                name,
                counts,
                relative_uncertainty=at.expectation.channel.background_relative(
                    interpretation, window.mass_gev
                ),
                named=systematics.named_of(name),
                variance=variance,
                tilt=_tilt(counts, window.edges, interpretation.background_slope_per_unit),
            )
        )
    return found


def _tilt(counts: Array, edges: Array, slope: float) -> Array | None:
    """Relative change by a linear tilt of a spectrum, which leaves its integral; an empty one has none."""
    if slope == 0.0 or not counts.any():
        return None
    middle = 0.5 * (edges[1:] + edges[:-1])
    tilt: Array = slope * (middle - np.average(middle, weights=counts))
    return tilt


def nearest_density(values: Array, variances: Array, axis: Array, window: Array) -> tuple[Array, Array]:
    """Expectation in one bin from the nearest simulated events: as many as tell it to about 50 %.

    Where the window holds fewer than `_NEAREST` effective simulated events it is widened around its middle until it
    does, or has reached both ends of the axis, and the density there is taken.

    Parameters
    ----------
    values, variances
        Contents of the axis and their statistical variances, shape (n,).
    axis
        Bin edges, shape (n + 1,).
    window
        Both edges of the bin, shape (2,).

    Returns
    -------
    tuple of ndarray
        Expected events and their statistical variance, each of shape (1,).
    """
    middle, half = 0.5 * (window[0] + window[1]), 0.5 * (window[1] - window[0])
    wide = half
    while True:
        edges = np.clip([middle - wide, middle + wide], axis[0], axis[-1])
        counts, variance = rebinned(values, axis, edges), rebinned(variances, axis, edges)
        if counts[0] ** 2 >= _NEAREST * variance[0] > 0.0 or edges[1] - edges[0] >= axis[-1] - axis[0]:
            scale = 2.0 * half / (edges[1] - edges[0])
            return counts * scale, variance * scale**2
        wide *= 1.1


def _smoothing_error(axis: Array, smooth: Array, variance: Array, edges: Array) -> float:
    """Relative statistical error of a smoothed background: that of the simulation in and around the window.

    The curve follows no detail below `umbra.expectation.background.AVERAGED`, over which it averages on both sides.
    Beside a steep edge that needs closer knots the error is larger, by up to the root of two. Where events are few the
    widest curve describes them, which averages over as much as it takes to find `_NEAREST` of them, at most over the
    largest of `umbra.expectation.background.KNOT_DISTANCES`; with fewer there, the error is that of what it expects.
    """
    first, last = np.searchsorted(axis, [edges[0], edges[-1]])
    total = error2 = 0.0
    for distance in (each for each in reversed(KNOT_DISTANCES) if each >= AVERAGED):
        reach = round(distance * BINS_PER_RESOLUTION)
        around = slice(max(first - reach, 0), last + reach)
        total, error2 = float(smooth[around].sum()), float(variance[around].sum())
        if total**2 >= _NEAREST * error2 > 0.0:
            return float(np.sqrt(error2)) / total
    mean_weight = float(variance.sum() / smooth.sum()) if smooth.any() else 0.0
    return float(np.sqrt(max(error2, mean_weight * total))) / total if total > 0.0 else 0.0
