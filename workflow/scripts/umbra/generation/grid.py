"""A grid that learns, axis by axis, where an integrand is large.

The algorithm is that of G. P. Lepage, J. Comput. Phys. 27 (1978) 192, with the smoothing and the damping of
arXiv:2009.05112, section II: each axis of the unit cube is cut into bins of equal probability, whose widths follow the
mean square of the weights that were seen in them.
"""

from collections.abc import Callable

import numpy as np

from umbra.core.compilation import compiled
from umbra.core.kinematics import Array

_BINS = 64
_ROUNDS, _TRIALS = 10, 8_192
#: An integrand whose largest weight is within this factor of the mean has nothing to teach.
_FLAT = 4.0
#: Exponent of the damping between 0, where nothing moves, and 1, fast and unsteady.
_DAMPING = 0.8


class Grid:
    """Map of the unit cube onto itself that puts more points where the integrand is large.

    Parameters
    ----------
    dimensions
        Number of axes.
    """

    def __init__(self, dimensions: int) -> None:
        self._edges = np.tile(np.linspace(0.0, 1.0, _BINS + 1), (dimensions, 1))

    @classmethod
    def learnt(cls, weight: Callable[[Array], Array], dimensions: int, rng: np.random.Generator) -> "Grid":
        """Return a grid that has seen an integrand.

        Parameters
        ----------
        weight
            The integrand: points of shape (n, dimensions) to values of shape (n,).
        dimensions
            Number of axes.
        rng
            Random numbers; the same state gives the same grid.
        """
        grid = cls(dimensions)
        for turn in range(_ROUNDS):
            y = rng.random((_TRIALS, dimensions))
            x, jacobian = grid.map(y)
            weights = weight(x) * jacobian
            if turn == 0 and 0.0 < weights.max() <= _FLAT * weights.mean():
                break
            grid.refine(y, weights)
        return grid

    def map(self, y: Array) -> tuple[Array, Array]:
        """Turn uniform random numbers into points of the integrand.

        Parameters
        ----------
        y
            Uniform in [0, 1), shape (n, dimensions).

        Returns
        -------
        x, jacobian
            Points, shape (n, dimensions), and the volume dx/dy that each stands for, shape (n,).
        """
        x, jacobian = np.empty(y.shape), np.empty(len(y))
        _map(y, self._edges, x, jacobian)
        return x, jacobian

    def refine(self, y: Array, weight: Array) -> None:
        """Move the bins to where weights were large.

        Parameters
        ----------
        y
            Random numbers that were given to `map`, shape (n, dimensions).
        weight
            Integrand times Jacobian, shape (n,).
        """
        squares = weight**2
        for axis, edges in enumerate(self._edges):
            bins = (y[:, axis] * _BINS).astype(np.intp)
            trials = np.bincount(bins, minlength=_BINS)
            importance = np.bincount(bins, squares, minlength=_BINS) / np.maximum(trials, 1)
            if importance.any():
                self._edges[axis] = _equal_shares(edges, _damped(importance))


def _damped(importance: Array) -> Array:
    """Smooth over neighbours, compress the range; positive everywhere, so that no bin vanishes."""
    padded = np.concatenate([importance[:1], importance, importance[-1:]])
    smooth = (padded[:-2] + 6.0 * padded[1:-1] + padded[2:]) / 8.0
    share = np.clip(smooth / smooth.sum(), 1e-300, 1.0 - 1e-12)
    return np.asarray((-(1.0 - share) / np.log(share)) ** _DAMPING)


def _equal_shares(edges: Array, importance: Array) -> Array:
    """Edges of as many bins that hold the same importance each."""
    below = np.concatenate([[0.0], np.cumsum(importance)])
    moved = np.interp(np.linspace(0.0, below[-1], len(edges)), below, edges)
    moved[0], moved[-1] = edges[0], edges[-1]
    return moved


@compiled
def _map(y: Array, edges: Array, x: Array, jacobian: Array) -> None:
    bins = edges.shape[1] - 1
    for n in range(len(y)):
        volume = 1.0
        for axis in range(len(edges)):
            scaled = y[n, axis] * bins
            i = min(int(scaled), bins - 1)
            width = edges[axis, i + 1] - edges[axis, i]
            x[n, axis] = edges[axis, i] + (scaled - i) * width
            volume *= bins * width
        jacobian[n] = volume
