"""Exact limits for counting windows: one bin, Poisson sums, nuisance parameters averaged or profiled.

Without nuisance parameters the limit on s given n events on a background b solves

    CLs       sum_{k<=n} P(k | s + b) = alpha sum_{k<=n} P(k | b)
    profile   sum_{k<=n} P(k | s + b) = alpha                      (one-sided Neyman)
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
from scipy.special import gammaincc, gammaincinv, gammaln, ndtr, ndtri, xlogy
from scipy.stats import qmc

from umbra.limits.likelihood import Index, expectation, stack
from umbra.limits.model import NORMAL, POISSON, Array, Model
from umbra.limits.roots import Roots, solve

PRIOR_POINTS = 512


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


def counting_windows(models: Sequence[Model]) -> Counting:
    """Evaluate counting windows of one structure at points of the priors of their nuisance parameters."""
    batch = stack(models)
    n_models, n_parameters = len(models), batch.layout.n_parameters
    lower = np.stack([model.lower for model in models])
    upper = np.stack([model.upper for model in models])
    varied = [i for i in range(n_parameters) if i != models[0].poi and batch.strength[:, i].any()]
    has_gamma = batch.layout.has_gammas
    points = unit_points(len(varied) + has_gamma)
    m = len(points)

    theta = np.repeat(np.stack([model.initial for model in models])[:, None, :], m, axis=1)
    centre = np.stack([model.centre for model in models])
    for column, i in enumerate(varied):
        drawn = _prior(
            points[None, :, column], centre[:, i], batch.strength[:, i], batch.poisson[:, i], lower[:, i]
        )
        theta[:, :, i] = np.clip(drawn, lower[:, i, None], upper[:, i, None])
    gamma = np.ones((n_models, m, 1))
    if has_gamma:
        kind = batch.gamma_kind[:, 0]
        g0 = np.array([model.gamma_centre[0] for model in models])
        drawn = _prior(
            points[None, :, -1], g0, batch.gamma_strength[:, 0], kind == POISSON, np.zeros(n_models)
        )
        gamma[:, :, 0] = np.where(((kind == NORMAL) | (kind == POISSON))[:, None], drawn, 1.0)

    wide = batch.take(np.repeat(np.arange(n_models), m))
    flat, flat_gamma = theta.reshape(n_models * m, n_parameters), gamma.reshape(n_models * m, 1)
    flat[:, models[0].poi] = 0.0
    background = expectation(wide, flat, flat_gamma)
    flat[:, models[0].poi] = 1.0
    signal = expectation(wide, flat, flat_gamma) - background
    return Counting(signal.reshape(n_models, m), background.reshape(n_models, m))


@cache
def unit_points(dimension: int) -> Array:
    """Quasi-random points of the unit cube, the same for all windows: (M, dimension); one point for none."""
    if dimension == 0:
        return np.empty((1, 0))
    sobol = qmc.Sobol(dimension, scramble=False).random(PRIOR_POINTS)
    return np.asarray(sobol + 0.5 / PRIOR_POINTS)


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
    """Smallest n with P(N <= n) >= level, where N is Poisson with the mean averaged over (W, M): (W, levels)."""
    mean = background.mean(axis=1)
    shape = (len(background), len(levels))
    high = np.repeat((mean + 10.0 * np.sqrt(background.var(axis=1) + mean) + 20.0).astype(np.int64)[:, None], shape[1], 1)
    low = np.full(shape, -1, dtype=np.int64)
    while np.any(high - low > 1):
        middle = (low + high) // 2
        reached = gammaincc(middle[:, :, None] + 1.0, background[:, None, :]).mean(axis=2) >= levels
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
    return solve(distance, guess, np.zeros(len(counts)))


def excluded_everywhere(windows: Counting, counts: Array, alpha: float) -> npt.NDArray[np.bool_]:
    """Whether a one-sided Neyman limit excludes every strength: P(N <= n | no signal) < alpha."""
    return np.asarray(gammaincc(counts[:, None] + 1.0, windows.background).mean(axis=1) < alpha)
