"""Minimise many likelihoods in lock step: projected Newton with exact derivatives, bounds and step halving.

Where some parameters can give a likelihood several minima (`Batch.bending`) further fits start on both sides of each
of them, and the lowest minimum counts. Starts are the same for an item whatever its company.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np

from umbra.statistics.likelihood import Batch, Data, Evaluation, Index, Mask, evaluate, slices
from umbra.statistics.model import Array
from umbra.statistics.newton import TOLERANCE, dot, newton_step, profile_tangent

MAX_ITERATIONS = 200
CHUNK = 256  # items minimised together: their arrays stay in the processor's cache
SMALLEST_STEP = 1e-9
LONGEST_STEP = 10.0  # in standard deviations of a normal constraint, lest an exponential overflow

SIDE = (
    1.5  # where further fits start, in units of the variations: beyond one of them expectations are straight
)
FAR_SIDE = (
    6.0  # where more start if data are so far off a fit that they may pull parameters by PULLED or more
)
PULLED = 4.0
WITH_MIDDLE = 3  # parameters that are also started from the middle
MANY_SIDES = 6  # parameters of which all combinations of sides are tried
ALL_SIDES = 4  # the same for starts further off; what is found for more needs a second search
SLICE = np.linspace(-3.0, 3.0, 25)  # values of a parameter at which the objective is predicted
NEAR = 0.3  # distance of two minima in a slice that count as one
LIKELY = 2.0  # predicted height of a minimum above the present one up to which it is tried
MOST = 8  # minima tried at a time
MAX_ROUNDS = 3
GAIN = 1e-7  # by which a minimum must be lower to replace one that was found before


class Fit(NamedTuple):
    """Best fits of N models.

    `theta` (N, P); `value` (N,), half the deviance; `slope` (N,), its derivative in the parameter of interest;
    `tangent` (N, P), how the other parameters follow when the parameter of interest moves; `converged` (N,).
    """

    theta: Array
    value: Array
    slope: Array
    tangent: Array
    converged: Mask

    def take(self, index: Index | Mask) -> Fit:
        """Select items."""
        return Fit(
            self.theta[index],
            self.value[index],
            self.slope[index],
            self.tangent[index],
            self.converged[index],
        )


def minimise(batch: Batch, data: Data, start: Array, lower: Array, upper: Array, fallback: Array) -> Fit:
    """Minimise the objective of every item within bounds.

    Parameters
    ----------
    batch, data
        N models and their data.
    start
        (N, P) start values; those outside the bounds are moved to them.
    lower, upper
        (N, P) bounds; a parameter whose bounds coincide is fixed.
    fallback
        (N, P) start values for items whose likelihood vanishes at `start`.

    Returns
    -------
    Fit
        Items that did not converge say so and hold the last point.
    """

    def run(lanes: Index, starts: Array) -> Fit:
        n, p = starts.shape
        fit = Fit(np.empty((n, p)), np.empty(n), np.empty(n), np.empty((n, p)), np.zeros(n, dtype=bool))
        for first in range(0, n, CHUNK):
            part = slice(first, first + CHUNK)
            index = lanes[part]
            some = (batch.take(index), data.take(index), starts[part], lower[index], upper[index])
            for whole, piece in zip(fit, _minimise(*some, fallback[index]), strict=True):
                whole[part] = piece
        return fit

    fit = run(np.arange(len(start)), start)
    bending = batch.bending & (lower < upper)
    if bending.any():

        def predict(lanes: Index, columns: Index) -> Array:
            theta = fit.theta[lanes]
            free = (theta > lower[lanes]) & (theta < upper[lanes])
            return slices(batch.take(lanes), data.take(lanes), theta, free, columns, SLICE)

        at_bound = (fit.theta <= lower) | (fit.theta >= upper)
        origin = np.where(at_bound, np.clip(start, lower, upper), fit.theta)
        search_further(fit, bending, run, predict, origin, may_pull(fit.value, data, PULLED))
    return fit


def search_further(
    fit: Fit,
    bending: Mask,
    run: Callable[[Index, Array], Fit],
    predict: Callable[[Index, Index], Array],
    origin: Array | None = None,
    far_off: Mask | None = None,
) -> None:
    """Replace fits by lower minima that further starts lead to.

    Parameters
    ----------
    fit
        Fits of N items, overwritten.
    bending
        (N, P) parameters that may give several minima.
    run
        Fits items (indices, which may repeat) from start values.
    predict
        Objective of items with one of the parameters (indices) at each of the SLICE, relative to their fits.
    origin
        (N, P) values of the parameters that do not bend in further starts; those of the fits by default.
    far_off
        (N,) whose parameters data may pull far; none by default.
    """
    origin = fit.theta.copy() if origin is None else origin
    patterns = np.unique(bending[bending.any(axis=1)], axis=0)
    for pattern in patterns:
        lanes = np.flatnonzero((bending == pattern).all(axis=1))
        columns = np.flatnonzero(pattern)
        sides = (-SIDE, 0.0, SIDE) if len(columns) <= WITH_MIDDLE else (-SIDE, SIDE)
        if len(columns) <= MANY_SIDES:
            _take_lowest(fit, lanes, _corners(origin[lanes], columns, sides), run)
        if len(columns) <= ALL_SIDES:
            far = lanes[:0] if far_off is None else lanes[far_off[lanes]]
            if len(far):
                _take_lowest(fit, far, _corners(origin[far], columns, (-FAR_SIDE, *sides, FAR_SIDE)), run)
        for _ in range(MAX_ROUNDS if len(columns) > 1 else 0):
            lanes = lanes[fit.converged[lanes]]
            if not len(lanes):
                break
            starts = _likely_starts(fit.theta[lanes], columns, predict(lanes, columns))
            lanes = lanes[_take_lowest(fit, lanes, starts, run)]


def may_pull(value: Array, data: Data, pull: float) -> Mask:
    """Whether data are so far off fits (N,) that a minimum with a parameter `pull` deviations off may be lower.

    The constraint of such a parameter costs pull^2 / 2. Elsewhere the deviance, too, is a fluctuation at best, and half
    a unit for each bin.
    """
    return np.asarray(~(value - 0.5 * data.observed.shape[1] < 0.5 * pull * pull))


def _corners(theta: Array, columns: Index, sides: tuple[float, ...]) -> list[Array]:
    """Start values (S, P) of each item, some parameters (indices) at all combinations of values."""
    values = np.array(list(product(sides, repeat=len(columns))))
    corners = np.repeat(theta[:, None, :], len(values), axis=1)
    corners[:, :, columns] = values
    return list(corners)


def keep_lower(fit: Fit, lanes: Index, other: Fit) -> Mask:
    """Replace items of a fit, in place, by those of another one that are lower, and say which were."""
    before = np.where(fit.converged[lanes], fit.value[lanes], np.inf)
    lower = other.converged & (other.value < before - GAIN)
    for whole, part in zip(fit, other, strict=True):
        whole[lanes[lower]] = part[lower]
    return lower


def _likely_starts(theta: Array, columns: Index, slices: Array) -> list[Array]:
    """Start values (S, P) of each item at the lowest minima of its slices (L, K, A), other than the present one."""
    edge = np.full((*slices.shape[:2], 1), np.inf)
    left, right = np.concatenate([edge, slices[:, :, :-1]], 2), np.concatenate([slices[:, :, 1:], edge], 2)
    apart = np.abs(SLICE - theta[:, columns, None]) > NEAR
    minimum = (slices <= left) & (slices <= right) & apart & (slices < LIKELY)
    starts = []
    for i in range(len(theta)):
        k, at = np.nonzero(minimum[i])
        order = np.argsort(slices[i, k, at], kind="stable")[:MOST]
        each = np.repeat(theta[i : i + 1], len(order), axis=0)
        each[np.arange(len(order)), columns[k[order]]] = SLICE[at[order]]
        starts.append(each)
    return starts


def _take_lowest(fit: Fit, lanes: Index, starts: list[Array], run: Callable[[Index, Array], Fit]) -> Mask:
    """Fit items from start values (S, P) of each, keep the lowest minima, and say which are lower than before."""
    counts = np.array([len(each) for each in starts])
    better = np.zeros(len(lanes), dtype=bool)
    if not counts.any():
        return better
    trial = run(np.repeat(lanes, counts), np.concatenate(starts))
    values = np.where(trial.converged, trial.value, np.inf)
    ends = np.cumsum(counts)
    for i, lane in enumerate(lanes):
        part = values[ends[i] - counts[i] : ends[i]]
        before = fit.value[lane] if fit.converged[lane] else np.inf
        if len(part) and part.min() < before - GAIN:
            pick, better[i] = ends[i] - counts[i] + int(np.argmin(part)), True
            for whole, piece in zip(fit, trial, strict=True):
                whole[lane] = piece[pick]
    return better


def _minimise(batch: Batch, data: Data, start: Array, lower: Array, upper: Array, fallback: Array) -> Fit:
    n, p = start.shape
    poi = batch.layout.poi
    fit = Fit(np.empty((n, p)), np.empty(n), np.empty(n), np.zeros((n, p)), np.zeros(n, dtype=bool))
    lane = np.arange(n)  # which item each row of the working arrays belongs to
    theta = np.clip(start, lower, upper)
    state = evaluate(batch, data, theta)
    lost = ~np.isfinite(state.value)
    if lost.any():
        theta = np.where(lost[:, None], np.clip(fallback, lower, upper), theta)
        state = _merge(lost, evaluate(batch, data, theta), state)
    length = np.ones(n)

    for _ in range(MAX_ITERATIONS):
        step, decrease, newton, free = newton_step(state.gradient, state.hessian, theta, lower, upper)
        possible = np.isfinite(state.value)
        done = (decrease < TOLERANCE) & possible
        if (leave := done | (length < SMALLEST_STEP) | ~possible).any():
            out = lane[leave]
            last = np.clip(
                theta[leave] + np.where(done[leave, None], newton[leave], 0.0), lower[leave], upper[leave]
            )
            last = _possible(batch, data, leave, last, theta[leave])
            fit.theta[out] = last
            fit.value[out] = state.value[leave] - np.where(done[leave], decrease[leave], 0.0)
            fit.slope[out] = state.gradient[leave, poi] + dot(state.hessian[leave, poi], last - theta[leave])
            fit.tangent[out] = profile_tangent(state.hessian[leave], free[leave], poi)
            fit.converged[out] = done[leave]
            stay = np.flatnonzero(~leave)
            if not len(stay):
                return fit
            lane, theta, length, step = lane[stay], theta[stay], length[stay], step[stay]
            lower, upper, batch, data = lower[stay], upper[stay], batch.take(stay), data.take(stay)
            state = Evaluation(*(array[stay] for array in state))
        pull = np.where(batch.poisson, 0.0, np.abs(step) * np.sqrt(batch.strength)).max(axis=1)
        reach = length * np.minimum(1.0, LONGEST_STEP / np.maximum(pull, LONGEST_STEP))
        trial = np.clip(theta + reach[:, None] * step, lower, upper)
        new = evaluate(batch, data, trial)
        along = np.minimum(dot(state.gradient, trial - theta), 0.0)
        accepted = new.value <= state.value + 1e-4 * along + 1e-12 * (1.0 + np.abs(state.value))
        theta = np.where(accepted[:, None], trial, theta)
        state = new if accepted.all() else _merge(accepted, new, state)
        length = np.where(accepted, np.minimum(1.0, 4.0 * length), 0.25 * length)

    fit.theta[lane], fit.value[lane] = theta, state.value
    fit.slope[lane] = state.gradient[:, poi]
    return fit


def _possible(batch: Batch, data: Data, leave: Mask, last: Array, theta: Array) -> Array:
    """Keep the point before where the last step goes onto a bound at which the likelihood vanishes."""
    onto = (last == 0.0) & (theta != 0.0)
    onto[:, batch.layout.poi] = (
        False  # without signal a model that needs one is not converged in the first place
    )
    doubtful = np.flatnonzero(onto.any(axis=1))
    if not len(doubtful):
        return last
    lanes = np.flatnonzero(leave)[doubtful]
    lost = doubtful[~np.isfinite(evaluate(batch.take(lanes), data.take(lanes), last[doubtful]).value)]
    last = last.copy()
    last[lost] = theta[lost]
    return last


def _merge(choose: Mask, new: Evaluation, old: Evaluation) -> Evaluation:
    """Take `new` where `choose`, `old` elsewhere."""
    return Evaluation(
        *(np.where(choose.reshape(-1, *[1] * (a.ndim - 1)), a, b) for a, b in zip(new, old, strict=True))
    )
