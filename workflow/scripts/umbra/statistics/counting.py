"""Exact limits for counting windows: one bin, Poisson sums, nuisance parameters averaged or profiled.

Without nuisance parameters the limit on s given n events on a background b solves

    CLs       sum_{k<=n} P(k | s + b) = alpha sum_{k<=n} P(k | b)
    profile   sum_{k<=n} P(k | s + b) = alpha                      (one-sided Neyman; 0 if no s >= 0 does)
    bayesian  the same equation as CLs, as is well known for a flat prior in s

Nuisance parameters are averaged over their priors (R. D. Cousins, V. L. Highland, Nucl. Instrum. Meth. A 320
(1992) 331): each sum becomes a mean over quasi-random points of the priors, for the Bayesian limit weighted by
1/signal. Or they are profiled: fixed at their best values given the data and the signal strength.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc, gammaincc, gammaincinv, gammaln, ndtr, ndtri, xlogy

from umbra.statistics.asymptotic import Walk, signal_counts
from umbra.statistics.likelihood import Data, Index, evaluate, expectation, stack
from umbra.statistics.model import NORMAL, POISSON, Array, Model
from umbra.statistics.profile import Hypotheses
from umbra.statistics.roots import Roots, solve_some

# Points of the priors: a step of the Poisson sum is narrow beside the prior where many events are expected.
FEW_POINTS, MANY_POINTS, MANY_EVENTS = 512, 4096, 50.0
CDF_NODES = 64


class Counting(NamedTuple):
    """Signal at unit strength and background of W windows, at M points of the priors: (W, M) each."""

    signal: Array
    background: Array


def why_not_counting(model: Model) -> str:
    """Why a model is no counting window with known priors; empty if it is one."""
    if model.n_bins != 1:
        return f"it has {model.n_bins} bins"
    free = [
        name
        for i, name in enumerate(model.parameters)
        if i != model.poi and model.strength[i] == 0.0 and model.lower[i] < model.upper[i]
    ]
    if free or np.any(model.gamma_kind > POISSON):
        return f"its parameter '{free[0] if free else 'shapefactor'}' has no prior"
    if any(sum(slot.parameter == model.poi for slot in row) > 1 for row in model.slots):
        return "its signal is not proportional to the signal strength"
    return ""


def has_nuisances(model: Model) -> bool:
    """Whether anything besides the signal strength is uncertain in a model."""
    uncertain = (model.strength > 0.0) & (model.lower < model.upper)
    uncertain[model.poi] = False
    return bool(uncertain.any() or model.gamma_kind.any())


def prior_points(background: float) -> int:
    """Return how many points of the priors a window needs for limits good to about a part in a thousand."""
    return FEW_POINTS if background < MANY_EVENTS else MANY_POINTS


def counting_windows(models: Sequence[Model], n_points: int, data: Data) -> Counting:
    """Evaluate counting windows of one structure at `n_points` points of the priors that their `data` centre."""
    background, signal = prior_expectations(
        models, n_points, data, np.stack([model.initial for model in models])
    )
    return Counting(signal[:, :, 0], background[:, :, 0])


def prior_expectations(
    models: Sequence[Model], n_points: int, data: Data, theta: Array
) -> tuple[Array, Array]:
    """Evaluate models of one structure at M points of the priors of their nuisances.

    Parameters
    ----------
    models
        N models; of per-bin parameters, which have a dimension of their own, only that of the first bin may be there.
    n_points
        Number of points, where there are nuisances.
    data
        The centres of the priors, (N, ...).
    theta
        (N, P) values of the parameters without a prior.

    Returns
    -------
    tuple of arrays
        Expected background, and signal at unit strength, (N, M, B) each.
    """
    batch = stack(models)
    n_models, n_parameters = theta.shape
    lower = np.stack([model.lower for model in models])
    upper = np.stack([model.upper for model in models])
    varied = [i for i in range(n_parameters) if i != models[0].poi and batch.strength[:, i].any()]
    has_gamma = batch.layout.has_gammas
    points = unit_points(len(varied) + has_gamma, n_points)
    m = len(points)

    theta = np.repeat(theta[:, None, :], m, axis=1)
    for column, i in enumerate(varied):
        drawn = _prior(
            points[None, :, column],
            data.centre[:, i],
            batch.strength[:, i],
            batch.poisson[:, i],
            lower[:, i],
        )
        theta[:, :, i] = np.clip(drawn, lower[:, i, None], upper[:, i, None])
    gamma = np.ones((n_models, m, batch.templates.shape[2]))
    if has_gamma:
        kind = batch.gamma_kind[:, 0]
        drawn = _prior(
            points[None, :, -1],
            data.gamma_centre[:, 0],
            batch.gamma_strength[:, 0],
            kind == POISSON,
            np.zeros(n_models),
        )
        gamma[:, :, 0] = np.where(((kind == NORMAL) | (kind == POISSON))[:, None], drawn, 1.0)

    wide = batch.take(np.repeat(np.arange(n_models), m))
    flat, flat_gamma = theta.reshape(n_models * m, n_parameters), gamma.reshape(n_models * m, -1)
    flat[:, models[0].poi] = 0.0
    background = expectation(wide, flat, flat_gamma)
    flat[:, models[0].poi] = 1.0
    signal = expectation(wide, flat, flat_gamma) - background
    return background.reshape(n_models, m, -1), signal.reshape(n_models, m, -1)


@cache
def unit_points(dimension: int, n_points: int) -> Array:
    """Quasi-random points of the unit cube, the same for all windows: (M, dimension); one point for none."""
    if dimension == 0:
        return np.empty((1, 0))
    from scipy.stats import qmc  # here, because it takes longer to import than a scan's limits take

    sobol = qmc.Sobol(dimension, scramble=False).random(n_points)
    return np.asarray(sobol + 0.5 / n_points)


def _prior(u: Array, centre: Array, strength: Array, poisson: npt.NDArray[np.bool_], lower: Array) -> Array:
    """Quantiles of the priors: a normal cut at the lower bound, or a gamma distribution; (W, M)."""
    known = strength > 0.0
    k = np.where(known, strength, 1.0)[:, None]
    c = centre[:, None]
    below = np.where(np.isfinite(lower)[:, None], ndtr((lower[:, None] - c) * np.sqrt(k)), 0.0)
    normal = c + ndtri(below + (1.0 - below) * u) / np.sqrt(k)
    if poisson.any():
        gamma = gammaincinv(np.where(poisson[:, None], k * c + 1.0, 1.0), u) / k
        normal = np.where(poisson[:, None], gamma, normal)
    return np.where(known[:, None], normal, c)


def quantile_counts(background: Array, levels: Array) -> npt.NDArray[np.int64]:
    """Smallest n with P(N <= n) >= level, where N is Poisson with a mean averaged over (W, M): (W, levels)."""
    nodes = np.sort(background, axis=1)
    if nodes.shape[1] > CDF_NODES:  # neighbours differ by little: their average does for the sum over all
        nodes = nodes.reshape(len(nodes), CDF_NODES, -1).mean(axis=2)
    mean, variance = nodes.mean(axis=1), nodes.var(axis=1)
    top = (mean + 10.0 * np.sqrt(variance + mean) + 20.0).astype(np.int64)
    high = np.repeat(top[:, None], len(levels), axis=1)
    low = np.full_like(high, -1)
    while np.any(high - low > 1):
        middle = (low + high) // 2
        reached = gammaincc(middle[:, :, None] + 1.0, nodes[:, None, :]).mean(axis=2) >= levels
        high, low = np.where(reached, middle, high), np.where(reached, low, middle)
    return high


def exact_limits(windows: Counting, counts: Array, alpha: float, method: str) -> Roots:
    """Upper limits on the signal strength for given counts.

    Parameters
    ----------
    windows
        Signal and background of L windows, (L, M).
    counts
        (L,) observed events.
    alpha
        1 - confidence level.
    method
        `cls`, `bayesian` or `profile`.
    """
    signal, background = windows
    weight = 1.0 / signal if method == "bayesian" else np.ones_like(signal)
    n = counts[:, None]
    goal = np.full(len(counts), alpha)
    if method != "profile":
        goal = alpha * (weight * gammaincc(n + 1.0, background)).mean(axis=1)
    goal /= weight.mean(axis=1)
    log_factorial = gammaln(n + 1.0)

    def distance(entries: Index, strength: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
        s, w = signal[entries], weight[entries]
        expected = strength[:, None] * s + background[entries]
        norm = w.mean(axis=1)
        tail = (w * gammaincc(n[entries] + 1.0, expected)).mean(axis=1) / norm
        density = np.exp(xlogy(n[entries], expected) - expected - log_factorial[entries])
        slope = (w * s * density).mean(axis=1) / norm
        tail = np.maximum(tail, np.finfo(float).tiny)
        return np.log(goal[entries] / tail), slope / tail, np.ones(len(entries), dtype=bool)

    mean_signal, mean_background = signal.mean(axis=1), background.mean(axis=1)
    guess = (np.maximum(counts - mean_background, 0.0) + 2.0 * np.sqrt(mean_background + 1.0)) / mean_signal
    without = (weight * gammaincc(n + 1.0, background)).mean(axis=1) / weight.mean(axis=1)
    return solve_some(distance, guess, without > goal)


def exact_p_values(windows: Counting, counts: Array) -> Array:
    """P(N >= n) without signal for the counts (L,) of L windows, averaged over the priors."""
    n = counts[:, None]
    reached = np.where(n > 0.0, gammainc(np.maximum(n, 1.0), windows.background), 1.0)
    return np.asarray(reached.mean(axis=1))


def profiled_limits(
    hypotheses: Hypotheses, lanes: Index, auxiliary: Data, counts: Array, alpha: float, method: str
) -> Roots:
    """Upper limits with the nuisance parameters at their best values, given the count and the strength.

    Parameters
    ----------
    hypotheses
        Counting windows.
    lanes
        (L,) which window each count belongs to.
    auxiliary
        Auxiliary measurements of the windows.
    counts
        (L,) observed events.
    alpha, method
        As for `exact_limits`; `cls` or `profile`.
    """
    measured = auxiliary.take(lanes)
    data = Data(counts[:, None], measured.centre, measured.gamma_centre)
    walk = Walk(hypotheses, lanes, data, np.zeros(len(lanes)))
    n = counts

    def expected(entries: Index, strength: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
        fit = walk.to(entries, strength).fit
        batch, here = hypotheses.batch.take(lanes[entries]), data.take(entries)
        step = 1e-6 * np.maximum(strength, 1.0)
        value = evaluate(batch, here, fit.theta).expected[:, 0]
        moved = evaluate(batch, here, fit.theta + step[:, None] * fit.tangent).expected[:, 0]
        return value, (moved - value) / step, fit.converged

    background, _, fitted = expected(np.arange(len(lanes)), np.zeros(len(lanes)))
    goal = alpha * (gammaincc(n + 1.0, background) if method == "cls" else np.ones_like(background))

    def distance(entries: Index, strength: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
        mean, slope, converged = expected(entries, strength)
        k = n[entries]
        tail = np.maximum(gammaincc(k + 1.0, mean), np.finfo(float).tiny)
        density = np.exp(xlogy(k, mean) - mean - gammaln(k + 1.0))
        return np.log(goal[entries] / tail), density * slope / tail, converged & fitted[entries]

    unit = 1.0 / signal_counts(hypotheses)[lanes]
    guess = (np.maximum(n - background, 0.0) + 2.0 * np.sqrt(background + 1.0)) * unit
    return solve_some(distance, guess, gammaincc(n + 1.0, background) > goal)
