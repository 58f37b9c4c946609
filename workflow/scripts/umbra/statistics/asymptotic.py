"""Limits from the asymptotic distributions of the profile likelihood ratio.

G. Cowan, K. Cranmer, E. Gross, O. Vitells, Eur. Phys. J. C 71 (2011) 1554, arXiv:1007.1727. With q the
one-sided statistic of the observed data and q_A that of the Asimov data without signal,

    CLs+b = Phi(-(t + sqrt q_A)),   CLb = Phi(-t),   t = sqrt q - sqrt q_A        (q <= q_A)
                                                     t = (q - q_A) / (2 sqrt q_A)  (q >  q_A).

A fluctuation of the background by N standard deviations has t = -N, so that an expected limit is where
sqrt q_A reaches a number known in closed form. The same holds for the two other likelihood-ratio methods.

The one-sided profile-likelihood limit is where sqrt q, relative to the best fit with strength >= 0, reaches
z = Phi^-1(CL). The Feldman-Cousins interval orders by the same ratio on both sides; its p-value is the
distribution of the paper's t-tilde (equations 43 and 44 there).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtr, ndtri, ndtri_exp

from umbra.statistics.likelihood import Data, Index, expectation
from umbra.statistics.model import Array
from umbra.statistics.profile import Hypotheses, Point, profile
from umbra.statistics.roots import Roots, solve_last, solve_some

BANDS = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])


class LimitRoots(NamedTuple):
    """Upper observed limits (N,), lower ends (N,), and the five bands (N * 5,) with the band running fastest.

    `observed` is None without data, `low` for one-sided methods.
    """

    observed: Roots | None
    low: Roots | None
    expected: Roots


def take_limits(limits: LimitRoots, index: Index) -> LimitRoots:
    """Select the limits of some models."""
    bands = (index[:, None] * len(BANDS) + np.arange(len(BANDS))).reshape(-1)
    return LimitRoots(
        None if limits.observed is None else limits.observed.take(index),
        None if limits.low is None else limits.low.take(index),
        limits.expected.take(bands),
    )


def cls_limits(hypotheses: Hypotheses, cl: float, observed: bool) -> LimitRoots:
    """CLs upper limits of N models, expected and, if there are data, observed."""
    alpha = 1.0 - cl
    expected = expected_limits(hypotheses, significance_needed(-BANDS, alpha) + BANDS)
    return LimitRoots(observed_cls_limits(hypotheses, alpha) if observed else None, None, expected)


def cls_values(hypotheses: Hypotheses, strength: Array) -> tuple[Array, Array]:
    """Observed (N,) and expected (N, 5) CLs of signal strengths (N,)."""
    lanes = np.arange(len(hypotheses))
    real = Walk(hypotheses, lanes, hypotheses.data, hypotheses.best.value).to(lanes, strength)
    asimov = Walk(hypotheses, lanes, hypotheses.asimov, np.zeros(len(lanes))).to(lanes, strength)
    root = np.where(strength > hypotheses.best.theta[:, hypotheses.poi], real.root, 0.0)
    t, _ = _shifted(root, root, asimov.root, asimov.root)
    observed = np.exp(log_ndtr(-(t + asimov.root)) - log_ndtr(-t))
    expected = np.exp(log_ndtr(BANDS - asimov.root[:, None]) - log_ndtr(BANDS))
    return observed, expected


def profile_limits(hypotheses: Hypotheses, cl: float, observed: bool) -> LimitRoots:
    """One-sided profile-likelihood upper limits of N models.

    With the best strength at N >= 0 standard deviations the limit is N + z of them; below zero, where the best
    allowed strength stays at zero, it is N + sqrt(N^2 + z^2).
    """
    z = float(ndtri(cl))
    targets = BANDS + np.where(BANDS >= 0.0, z, np.sqrt(BANDS**2 + z**2))
    expected = expected_limits(hypotheses, targets)
    return LimitRoots(observed_profile_limits(hypotheses, cl) if observed else None, None, expected)


def observed_profile_limits(hypotheses: Hypotheses, cl: float) -> Roots:
    """Observed one-sided profile-likelihood limits of N models."""
    best = hypotheses.best.theta[:, hypotheses.poi]
    return solve_root(hypotheses, hypotheses.data, hypotheses.best.value, best, float(ndtri(cl)))


def feldman_cousins_limits(hypotheses: Hypotheses, cl: float, observed: bool) -> LimitRoots:
    """Feldman-Cousins intervals of N models: both ends of the observed one, upper ends of the expected ones."""
    alpha = 1.0 - cl
    expected = expected_limits(hypotheses, np.array([_feldman_cousins_target(n, alpha) for n in BANDS]))
    if not observed:
        return LimitRoots(None, None, expected)
    return LimitRoots(*observed_feldman_cousins(hypotheses, alpha), expected)


def significance_needed(t: Array, alpha: float) -> Array:
    """Return the z for which Phi(-z) = alpha Phi(-t): what t + sqrt q_A must reach at the CLs limit."""
    return np.asarray(-ndtri_exp(np.log(alpha) + log_ndtr(-t)))


def expected_limits(hypotheses: Hypotheses, targets: Array) -> Roots:
    """Signal strengths at which sqrt(q_A) reaches each of the targets (T,), for all models: (N * T,)."""
    lanes = np.repeat(np.arange(len(hypotheses)), len(targets))
    wanted = np.tile(targets, len(hypotheses))
    data = hypotheses.asimov.take(lanes)
    walk = Walk(hypotheses, lanes, data, np.zeros(len(lanes)))

    def distance(entries: Index, strength: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
        point = walk.to(entries, strength)
        return point.root - wanted[entries], point.root_slope, point.fit.converged

    guess = first_guess(hypotheses)[lanes] * wanted
    # Beyond all but the farthest root lie those of the other targets.
    farthest = may_fold(hypotheses)[lanes] & (wanted == targets.max())
    return solve_last(distance, guess, np.zeros(len(lanes)), farthest)


def observed_cls_limits(hypotheses: Hypotheses, alpha: float) -> Roots:
    """Observed CLs limits of N models, where CLs falls to alpha."""
    n = len(hypotheses)
    lanes = np.arange(n)
    real = Walk(hypotheses, lanes, hypotheses.data, hypotheses.best.value)
    asimov = Walk(hypotheses, lanes, hypotheses.asimov, np.zeros(n))
    best = hypotheses.best.theta[:, hypotheses.poi]

    def distance(entries: Index, strength: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
        a, b = real.to(entries, strength), asimov.to(entries, strength)
        above = strength > best[entries]
        root = np.where(above, a.root, 0.0)
        slope = np.where(above, a.root_slope, 0.0)
        t, t_slope = _shifted(root, slope, b.root, b.root_slope)
        needed = significance_needed(t, alpha)
        # d needed / d t = alpha phi(t) / phi(needed)
        needed_slope = alpha * np.exp(0.5 * (needed - t) * (needed + t))
        value = t + b.root - needed
        return value, t_slope + b.root_slope - needed_slope * t_slope, a.fit.converged & b.fit.converged

    sigma = first_guess(hypotheses)
    guess = best + sigma * -ndtri(alpha * np.exp(log_ndtr(best / sigma)))
    return solve_last(distance, guess, best, may_fold(hypotheses))


def solve_root(hypotheses: Hypotheses, data: Data, best_value: Array, best: Array, target: float) -> Roots:
    """Find the strengths above the best ones (N,) where sqrt q of the data reaches a target."""
    walk = Walk(hypotheses, np.arange(len(hypotheses)), data, best_value)

    def distance(entries: Index, strength: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
        point = walk.to(entries, strength)
        return point.root - target, point.root_slope, point.fit.converged

    return solve_last(distance, best + target * first_guess(hypotheses), best, may_fold(hypotheses))


def observed_feldman_cousins(hypotheses: Hypotheses, alpha: float) -> tuple[Roots, Roots]:
    """Upper and lower ends of the observed intervals of N models."""
    n = len(hypotheses)
    real = Walk(hypotheses, np.arange(n), hypotheses.data, hypotheses.best.value)
    asimov = Walk(hypotheses, np.arange(n), hypotheses.asimov, np.zeros(n))
    best = hypotheses.best.theta[:, hypotheses.poi]
    sigma = first_guess(hypotheses)
    z = float(-ndtri(0.5 * alpha))

    def above(entries: Index, strength: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
        a, b = real.to(entries, strength), asimov.to(entries, strength)
        score, slope = _two_sided_score(a.root, a.root_slope, b.root, b.root_slope)
        return score - z, slope, a.fit.converged & b.fit.converged

    upper = solve_last(above, best + z * sigma, best, may_fold(hypotheses))

    q0 = 2.0 * (hypotheses.background.value - hypotheses.best.value)
    away = (best > 0.0) & (ndtr(-np.sqrt(np.maximum(q0, 0.0))) < alpha)

    def below(entries: Index, strength: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
        value, slope, converged = above(entries, strength)
        return -value, -slope, converged

    lower = solve_some(below, np.maximum(best - z * sigma, 0.1 * best), away)
    return upper, lower


def _two_sided_score(root: Array, slope: Array, root_a: Array, slope_a: Array) -> tuple[Array, Array]:
    """Return -Phi^-1(p / 2), p being the p-value of t-tilde, and its derivative in the strength.

    p = 2 Phi(-x) for x = sqrt t <= r = sqrt q_A, Phi(-x) + Phi(-(t + r^2) / (2 r)) beyond.
    """
    safe = np.where(root_a > 0.0, root_a, np.inf)
    ratio = root / safe
    beyond = root > root_a
    other = np.where(beyond, 0.5 * (root * ratio + root_a), root)
    other_slope = np.where(beyond, ratio * slope + 0.5 * (1.0 - ratio * ratio) * slope_a, slope)
    half_p = 0.5 * (ndtr(-root) + ndtr(-other))
    score = -ndtri(half_p)
    density = np.exp(-0.5 * root * root) * slope + np.exp(-0.5 * other * other) * other_slope
    with np.errstate(over="ignore", invalid="ignore"):
        return score, 0.5 * density * np.exp(0.5 * score * score)


def _feldman_cousins_target(pull: float, alpha: float) -> float:
    """Return the sqrt q_A at the upper end of the interval for a best strength at `pull` standard deviations."""

    def excess(r: float) -> float:
        root = abs(r - pull) if pull >= 0.0 else float(np.sqrt(r * r - 2.0 * pull * r))
        other = root if root <= r else 0.5 * (root * root / r + r)
        return float(ndtr(-root) + ndtr(-other)) - alpha

    low, high = max(pull, 0.0), max(pull, 0.0) + 40.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if excess(middle) > 0.0 else (low, middle)
    return float(high)


def _shifted(root: Array, slope: Array, root_a: Array, slope_a: Array) -> tuple[Array, Array]:
    """Return the t of the module's head and its derivative."""
    safe = np.where(root_a > 0.0, root_a, 1.0)
    ratio = root / safe
    beyond = root > root_a
    t = np.where(beyond, 0.5 * (root * ratio - root_a), root - root_a)
    t_slope = np.where(beyond, ratio * slope - 0.5 * (ratio * ratio + 1.0) * slope_a, slope - slope_a)
    return t, t_slope


def may_fold(hypotheses: Hypotheses) -> npt.NDArray[np.bool_]:
    """Say of which models (N,) another minimum may take over at a larger signal strength."""
    return np.asarray(hypotheses.batch.bending.any(axis=1))


def first_guess(hypotheses: Hypotheses) -> Array:
    """Scale the signal strength: the curvature at zero, but at least half a signal event.

    Where nothing is expected without signal, the curvature at zero says nothing.
    """
    signal = signal_counts(hypotheses)
    event = 0.5 / np.where(signal > 0.0, signal, 1.0)
    sigma = np.where(np.isfinite(hypotheses.sigma), hypotheses.sigma, event)
    return np.asarray(np.maximum(sigma, event))


def signal_templates(hypotheses: Hypotheses) -> Array:
    """Return the expected signal (N, B) at unit strength, other parameters as fitted without signal."""
    theta = hypotheses.background.theta.copy()
    theta[:, hypotheses.poi] = 1.0
    with_signal = expectation(hypotheses.batch, theta, hypotheses.asimov.gamma_centre)
    return np.asarray(with_signal - hypotheses.asimov.observed)


def signal_counts(hypotheses: Hypotheses) -> Array:
    """Return the expected signal events (N,) at unit strength."""
    return np.asarray(np.add.reduce(signal_templates(hypotheses), axis=-1))


def background_under_signal(hypotheses: Hypotheses) -> Array:
    """Return the background (N,) of a single bin as sensitive as all: (sum s)^2 / sum(s^2 / b)."""
    signal, background = signal_templates(hypotheses), hypotheses.asimov.observed
    clean = (signal != 0.0) & (background <= 0.0)
    weight = np.add.reduce(signal**2 / np.where(background > 0.0, background, np.inf), axis=-1)
    total = np.add.reduce(signal, axis=-1)
    result = total**2 / np.where(weight > 0.0, weight, np.inf)
    return np.where(clean.any(axis=-1), 0.0, result)


class Walk:
    """Profile points of some entries, each started from the tangent at its last one."""

    def __init__(self, hypotheses: Hypotheses, lanes: Index, data: Data, best: Array) -> None:
        self.hypotheses, self.lanes, self.data, self.best = hypotheses, lanes, data, best
        self.strength = np.zeros(len(lanes))
        self.theta = hypotheses.background.theta[lanes]
        self.tangent = hypotheses.background.tangent[lanes]

    def to(self, entries: Index, strength: Array) -> Point:
        """Fit the entries at new strengths."""
        move = (strength - self.strength[entries])[:, None]
        start = self.theta[entries] + move * self.tangent[entries]
        point = profile(
            self.hypotheses, self.lanes[entries], self.data.take(entries), strength, start, self.best[entries]
        )
        self.strength[entries], self.theta[entries] = strength, point.fit.theta
        self.tangent[entries] = point.fit.tangent
        return point
