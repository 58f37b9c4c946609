"""Roots of many functions at once: Newton steps kept inside brackets that have no upper edge.

Of likelihoods with one minimum they rise for ever; those with several may fall below zero again beyond the first root,
where another minimum takes over; what counts is the last root: a limit says that all above it is excluded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from umbra.statistics.likelihood import Index
from umbra.statistics.model import Array

TOLERANCE = 1e-5  # of the function, in standard deviations; one more Newton step is then taken unchecked
MAX_EVALUATIONS = 60
BEYOND = (1.1, 1.25, 1.5, 1.8, 2.2, 3.0)  # times the way to a root: where a function may be below zero again
MAX_GROWTH = 1e12  # of a strength above its first guess before the search for an upper edge ends

Function = Callable[[Index, Array], tuple[Array, Array, npt.NDArray[np.bool_]]]


class Roots(NamedTuple):
    """`strength` (L,) where found; `found`; `failed` a fit; otherwise `unbounded`, or the bracket was lost."""

    strength: Array
    found: npt.NDArray[np.bool_]
    failed: npt.NDArray[np.bool_]
    unbounded: npt.NDArray[np.bool_]

    def take(self, index: Index | slice) -> Roots:
        """Select entries."""
        return Roots(self.strength[index], self.found[index], self.failed[index], self.unbounded[index])


def all_found(strength: Array) -> Roots:
    """Roots that were found by other means."""
    nothing = np.zeros(len(strength), dtype=bool)
    return Roots(strength, ~nothing, nothing, nothing.copy())


def solve_last(function: Function, guess: Array, lower: Array, several: npt.NDArray[np.bool_]) -> Roots:
    """Find where functions cross zero for the last time; parameters and return value are those of `solve`.

    `several` (L,) are the functions that may fall again, which are looked at beyond each root that is found.
    """
    roots = solve(function, guess, lower)
    lanes = np.flatnonzero(several & roots.found)
    while len(lanes):
        way = roots.strength[lanes] - lower[lanes]
        below = np.zeros(len(lanes))
        for factor in BEYOND:
            value, _, converged = function(lanes, lower[lanes] + factor * way)
            below = np.where(converged & (value < -TOLERANCE), factor, below)
        again = below > 0.0
        lanes, way, below = lanes[again], way[again], below[again]
        if len(lanes):
            low = lower[lanes] + below * way
            part = solve(partial(_some, function, lanes), low + 0.1 * way, low)
            for whole, found in zip(roots, part, strict=True):
                whole[lanes] = found
            lanes = lanes[part.found]
    return roots


def _some(
    function: Function, index: Index, entries: Index, strength: Array
) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
    """The function of some entries."""
    return function(index[entries], strength)


def solve(function: Function, guess: Array, lower: Array) -> Roots:
    """Find where increasing functions cross zero.

    Parameters
    ----------
    function
        Called with entries (indices) and strengths; returns values, slopes, and whether its fits converged.
    guess
        (L,) first strengths, > lower.
    lower
        (L,) strengths at which the functions are known to be negative.

    Returns
    -------
    Roots
    """
    n = len(guess)
    low, high = lower.astype(float), np.full(n, np.inf)
    strength = guess.astype(float)
    first = np.maximum(np.abs(guess), np.finfo(float).tiny)
    found, failed, unbounded = (np.zeros(n, dtype=bool) for _ in range(3))
    lanes = np.arange(n)
    for _ in range(MAX_EVALUATIONS):
        at = strength[lanes]
        value, slope, converged = function(lanes, at)
        usable = converged & np.isfinite(value)
        low[lanes] = np.where(usable & (value < 0.0), at, low[lanes])
        high[lanes] = np.where(usable & (value >= 0.0), at, high[lanes])
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = at - value / slope
        near = usable & (np.abs(value) < TOLERANCE) & np.isfinite(newton)
        strength[lanes] = np.where(near, newton, _next(at, newton, low[lanes], high[lanes]))
        found[lanes], failed[lanes] = near, ~usable
        unbounded[lanes] = usable & ~near & ~np.isfinite(high[lanes]) & (at > MAX_GROWTH * first[lanes])
        lanes = lanes[usable & ~near & ~unbounded[lanes]]
        if not len(lanes):
            break
    return Roots(strength, found, failed, unbounded)


def solve_some(function: Function, guess: Array, wanted: npt.NDArray[np.bool_]) -> Roots:
    """Solve for the `wanted` entries from zero upwards; the others are at zero already."""
    roots = all_found(np.zeros(len(guess)))
    index = np.flatnonzero(wanted)
    if len(index):
        found = solve(partial(_some, function, index), guess[index], np.zeros(len(index)))
        for whole, part in zip(roots, found, strict=True):
            whole[index] = part
    return roots


def _next(at: Array, newton: Array, low: Array, high: Array) -> Array:
    """The Newton step if it stays well inside the bracket, else bisection, or growth if there is no edge."""
    bounded = np.isfinite(high)
    top = np.where(bounded, high, 10.0 * at)
    middle = np.where(bounded, 0.5 * (low + np.where(bounded, high, 0.0)), 4.0 * at)
    inside = np.isfinite(newton) & (newton > low) & (newton < top)
    return np.where(inside, newton, middle)
