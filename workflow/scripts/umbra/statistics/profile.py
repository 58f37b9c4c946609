"""The fits that every method starts from, and the profile of the likelihood in the signal strength."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from umbra.statistics.fit import (
    ALL_SIDES,
    FAR_SIDE,
    PULLED,
    SIDE,
    Fit,
    keep_lower,
    may_pull,
    minimise,
)
from umbra.statistics.likelihood import (
    Batch,
    Data,
    Index,
    Mask,
    asimov_data,
    evaluate,
    expectation,
    observed_data,
    stack,
)
from umbra.statistics.model import Array, Model
from umbra.statistics.newton import newton_step, profile_tangent

FAINT = 1e-6  # events of a signal that stands for none where there are events that only a signal can give
NOTICEABLE = 1e-4  # difference of two minima in -ln L
DEGENERATE = 1e-9  # share of the information on the signal strength that must survive the other parameters


@dataclass(frozen=True, eq=False)
class Hypotheses:
    """N models of one structure, their data, and the fits to them.

    Attributes
    ----------
    background : fit of the observed data without signal; where they have events that only a signal can give, the
        limit of fits with ever less signal, whose value is infinite
    best : fit of the observed data with signal strength >= 0
    asimov : the data set expected from `background`; its best fit is `background.theta`, with value zero
    ambiguous : (N,) whether no minimum is shown to be the lowest: searches from different ends found different ones, or
        the data are so far off the best fit that one beyond all starts may be lower
    sigma : (N,) curvature estimate of the uncertainty of the signal strength on the Asimov data; infinite where
        the background can imitate the signal
    """

    models: tuple[Model, ...]
    batch: Batch
    data: Data
    lower: Array
    upper: Array
    initial: Array
    background: Fit
    best: Fit
    asimov: Data
    ambiguous: Mask
    sigma: Array

    def __len__(self) -> int:
        return len(self.models)

    def take(self, index: Index) -> Hypotheses:
        """Select models."""
        return Hypotheses(
            tuple(self.models[i] for i in index),
            self.batch.take(index),
            self.data.take(index),
            self.lower[index],
            self.upper[index],
            self.initial[index],
            self.background.take(index),
            self.best.take(index),
            self.asimov.take(index),
            self.ambiguous[index],
            self.sigma[index],
        )

    @property
    def poi(self) -> int:
        """Index of the parameter of interest."""
        return self.batch.layout.poi


class Point(NamedTuple):
    """A profile point of some items: signal strength (N,), fit, sqrt(q) and its derivative in the strength."""

    strength: Array
    fit: Fit
    root: Array
    root_slope: Array


def prepare(models: Sequence[Model], data: Data | None = None) -> Hypotheses:
    """Fit models of one structure without and with signal, and make their Asimov data.

    `data` (N, ...) replace the observations and auxiliary measurements of the workspaces.
    """
    batch = stack(models)
    data = observed_data(models) if data is None else data
    poi = batch.layout.poi
    lower = np.stack([model.lower for model in models])
    upper = np.stack([model.upper for model in models])
    initial = np.stack([model.initial for model in models])
    lower[:, poi] = 0.0
    no_signal = _fixed(poi, lower, upper, np.zeros(len(models)))
    background = minimise(batch, data, initial, *no_signal, fallback=initial)
    ambiguous = _search_from_ends(batch, data, background, *no_signal)
    asimov = asimov_data(batch, background.theta, evaluate(batch, data, background.theta))
    start = background.theta
    impossible = np.flatnonzero(~np.isfinite(background.value))
    if len(impossible):
        start = start.copy()
        start[impossible] = _limit_of_no_signal(
            batch.take(impossible),
            data.take(impossible),
            (lower, upper, initial),
            impossible,
            background,
            asimov,
        )
    with_signal = np.where(np.arange(initial.shape[1]) == poi, np.maximum(initial, 0.0), start)
    best = minimise(batch, data, start, lower, upper, fallback=with_signal)
    ambiguous |= _search_from_ends(batch, data, best, lower, upper)

    curvature = evaluate(batch, asimov, background.theta)
    free = newton_step(curvature.gradient, curvature.hessian, background.theta, *no_signal).free
    tangent = profile_tangent(curvature.hessian, free, poi)
    information = np.add.reduce(curvature.hessian[:, poi] * tangent, axis=-1)
    positive = information > DEGENERATE * curvature.hessian[:, poi, poi]
    sigma = np.where(positive, 1.0 / np.sqrt(np.where(positive, information, 1.0)), np.inf)
    several = np.flatnonzero(batch.bending.any(axis=1) & np.isfinite(sigma))
    if len(several):  # the best strength, too, may be on the far side of a fold
        other = background.theta[several]
        other[:, poi] += 2.0 * sigma[several]
        bounds = (lower[several], upper[several], with_signal[several])
        keep_lower(best, several, minimise(batch.take(several), data.take(several), other, *bounds))
    loose = np.flatnonzero(batch.bending.any(axis=1) & _is_loose(batch).any(axis=1))
    if len(loose):
        some = (batch.take(loose), data.take(loose))
        other = _signal_in_place_of_backgrounds(*some, background.theta[loose], lower[loose])
        bounds = (lower[loose], upper[loose], with_signal[loose])
        for side in (-SIDE, SIDE):
            start = np.where(batch.bending[loose], side, other)
            keep_lower(best, loose, minimise(*some, start, *bounds))
    ambiguous |= batch.bending.any(axis=1) & may_pull(best.value, data, FAR_SIDE)
    ambiguous |= (batch.bending.sum(axis=1) > ALL_SIDES) & may_pull(best.value, data, PULLED)
    return Hypotheses(
        tuple(models), batch, data, lower, upper, initial, background, best, asimov, ambiguous, sigma
    )


def _search_from_ends(batch: Batch, data: Data, fit: Fit, lower: Array, upper: Array) -> Mask:
    """Search again from either end where many parameters bend; overwrite fits and say (N,) which were not the lowest.

    Of few parameters all combinations have been tried. Of many that is not possible, and a search that ends where
    another one does not has not shown that its minimum is the lowest.
    """
    lanes = np.flatnonzero(((batch.bending & (lower < upper)).sum(axis=1) > ALL_SIDES) & fit.converged)
    ambiguous = np.zeros(len(fit.value), dtype=bool)
    for side in (-SIDE, SIDE) if len(lanes) else ():
        before = fit.value[lanes]
        start = np.where(batch.bending[lanes], side, fit.theta[lanes])
        bounds = (lower[lanes], upper[lanes])
        keep_lower(fit, lanes, minimise(batch.take(lanes), data.take(lanes), start, *bounds, fallback=start))
        ambiguous[lanes] |= before - fit.value[lanes] > NOTICEABLE
    return ambiguous


def _is_loose(batch: Batch) -> Mask:
    """Which parameters (N, P) nothing but the data hold, the signal strength aside."""
    return np.asarray((batch.strength == 0.0) & (np.arange(batch.strength.shape[1]) != batch.layout.poi))


def _signal_in_place_of_backgrounds(batch: Batch, data: Data, theta: Array, lower: Array) -> Array:
    """Start values (N, P) at which the signal takes the place of backgrounds that nothing else holds.

    Where these look like the signal but for its fold, that is another minimum.
    """
    start = np.where(_is_loose(batch) & np.isfinite(lower), lower, theta)
    poi = batch.layout.poi
    start[:, poi] = 0.0
    gamma = np.ones_like(batch.gamma_strength)
    missing = np.add.reduce(data.observed - expectation(batch, start, gamma), axis=-1)
    events = _signal_events(batch, start)
    start[:, poi] = np.where(
        events > 0.0, np.maximum(missing, 0.0) / np.where(events > 0.0, events, 1.0), 0.0
    )
    return start


def _limit_of_no_signal(
    batch: Batch,
    data: Data,
    bounds: tuple[Array, Array, Array],
    lanes: Index,
    background: Fit,
    asimov: Data,
) -> Array:
    """Fit items whose data are impossible without signal with ever less of it, and return where to start with signal.

    `bounds` are those of all items and their initial values; the entries `lanes` of `background` and `asimov` are
    overwritten where there is such a limit: parameters of the fit with FAINT signal events, strength and signal zero,
    and an infinite value.
    """
    poi = batch.layout.poi
    lower, upper, initial = (bound[lanes] for bound in bounds)
    events = _signal_events(batch, initial)
    one_event = np.where(events > 0.0, 1.0 / np.where(events > 0.0, events, 1.0), 0.0)
    start = initial.copy()
    start[:, poi] = FAINT * one_event
    fit = minimise(batch, data, start, *_fixed(poi, lower, upper, start[:, poi]), fallback=start)
    gamma = evaluate(batch, data, fit.theta).gamma
    theta = fit.theta.copy()
    theta[:, poi] = 0.0
    good = fit.converged
    background.theta[lanes[good]], background.converged[lanes[good]] = theta[good], True
    background.tangent[lanes[good]] = np.arange(theta.shape[1]) == poi
    counts = expectation(batch, theta, gamma)
    for whole, part in zip(asimov, (counts, theta, gamma), strict=True):
        whole[lanes[good]] = part[good]
    theta[:, poi] = one_event
    return np.where(good[:, None], theta, initial)


def _signal_events(batch: Batch, theta: Array) -> Array:
    """Return the events (N,) that a unit of signal strength adds."""
    here = np.arange(theta.shape[1]) == batch.layout.poi
    gamma = np.ones_like(batch.gamma_strength)
    with_signal, without = (expectation(batch, np.where(here, s, theta), gamma) for s in (1.0, 0.0))
    return np.asarray(np.add.reduce(with_signal - without, axis=-1))


def profile(
    hypotheses: Hypotheses, lanes: Index, data: Data, strength: Array, start: Array, best: Array
) -> Point:
    """Fit at fixed signal strengths.

    Parameters
    ----------
    hypotheses
        The models.
    lanes
        (L,) which model each entry belongs to; a model may occur often.
    data
        Data of each entry, (L, ...).
    strength
        (L,) signal strengths.
    start
        (L, P) start values of the parameters.
    best
        (L,) value of the objective at the best fit of the same data; q is twice the difference to it.
    """
    lower, upper = _fixed(hypotheses.poi, hypotheses.lower[lanes], hypotheses.upper[lanes], strength)
    fallback = hypotheses.background.theta[lanes]
    fit = minimise(hypotheses.batch.take(lanes), data, start, lower, upper, fallback)
    root = np.sqrt(np.maximum(2.0 * (fit.value - best), 0.0))
    slope = fit.slope / np.where(root > 0.0, root, 1.0)
    return Point(strength, fit, root, np.where(root > 0.0, slope, 0.0))


def _fixed(poi: int, lower: Array, upper: Array, strength: Array) -> tuple[Array, Array]:
    """Bounds that hold the parameter of interest at `strength`."""
    lower, upper = lower.copy(), upper.copy()
    lower[:, poi] = upper[:, poi] = strength
    return lower, upper
