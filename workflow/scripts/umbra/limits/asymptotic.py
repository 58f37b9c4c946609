"""Limits from the asymptotic distributions of the profile likelihood ratio.

G. Cowan, K. Cranmer, E. Gross, O. Vitells, Eur. Phys. J. C 71 (2011) 1554, arXiv:1007.1727. With q the
one-sided statistic of the observed data and q_A that of the Asimov data without signal,

    CLs+b = Phi(-(t + sqrt q_A)),   CLb = Phi(-t),   t = sqrt q - sqrt q_A        (q <= q_A)
                                                     t = (q - q_A) / (2 sqrt q_A)  (q >  q_A).

A fluctuation of the background by N standard deviations has t = -N, so that an expected limit is where
sqrt q_A reaches a number known in closed form.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtri, ndtri_exp

from umbra.limits.likelihood import Data, Index, expectation
from umbra.limits.model import Array
from umbra.limits.profile import Hypotheses, Point, profile
from umbra.limits.roots import Roots, solve

BANDS = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])


class AsymptoticLimits(NamedTuple):
    """Roots of the observed limits (N,) or None, and of the five bands (N * 5,), band fastest."""

    observed: Roots | None
    expected: Roots


def significance_needed(t: Array, alpha: float) -> Array:
    """The z for which Phi(-z) = alpha Phi(-t): what t + sqrt q_A must reach at the CLs limit."""
    return np.asarray(-ndtri_exp(np.log(alpha) + log_ndtr(-t)))


def cls_limits(hypotheses: Hypotheses, cl: float, observed: bool) -> AsymptoticLimits:
    """Observed and expected CLs upper limits.

    Parameters
    ----------
    hypotheses
        N prepared models.
    cl
        Confidence level.
    observed
        Whether there are data to give an observed limit.
    """
    alpha = 1.0 - cl
    expected = expected_limits(hypotheses, significance_needed(-BANDS, alpha) + BANDS)
    return AsymptoticLimits(_observed_cls(hypotheses, alpha) if observed else None, expected)


def expected_limits(hypotheses: Hypotheses, targets: Array) -> Roots:
    """Signal strengths at which sqrt(q_A) reaches each of the targets (T,), for all models: (N * T,)."""
    lanes = np.repeat(np.arange(len(hypotheses)), len(targets))
    wanted = np.tile(targets, len(hypotheses))
    data = hypotheses.asimov.take(lanes)
    walk = _Walk(hypotheses, lanes, data, np.zeros(len(lanes)))

    def distance(entries: Index, strength: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
        point = walk.to(entries, strength)
        return point.root - wanted[entries], point.root_slope, point.fit.converged

    return solve(distance, first_guess(hypotheses)[lanes] * wanted, np.zeros(len(lanes)))


def _observed_cls(hypotheses: Hypotheses, alpha: float) -> Roots:
    n = len(hypotheses)
    lanes = np.arange(n)
    real = _Walk(hypotheses, lanes, hypotheses.data, hypotheses.best.value)
    asimov = _Walk(hypotheses, lanes, hypotheses.asimov, np.zeros(n))
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
    return solve(distance, guess, best)


def _shifted(root: Array, slope: Array, root_a: Array, slope_a: Array) -> tuple[Array, Array]:
    """The t of the module's head and its derivative."""
    safe = np.where(root_a > 0.0, root_a, 1.0)
    ratio = root / safe
    beyond = root > root_a
    t = np.where(beyond, 0.5 * (root * ratio - root_a), root - root_a)
    t_slope = np.where(beyond, ratio * slope - 0.5 * (ratio * ratio + 1.0) * slope_a, slope - slope_a)
    return t, t_slope


def first_guess(hypotheses: Hypotheses) -> Array:
    """A scale for the signal strength: the curvature at zero, but at least one standard deviation of no events.

    Where nothing is expected without signal, the curvature at zero says nothing; half an event does.
    """
    signal = signal_counts(hypotheses)
    event = 0.5 / np.where(signal > 0.0, signal, 1.0)
    sigma = np.where(np.isfinite(hypotheses.sigma), hypotheses.sigma, event)
    return np.maximum(sigma, event)


def signal_counts(hypotheses: Hypotheses) -> Array:
    """Expected signal events at unit strength (N,), other parameters as fitted without signal."""
    theta = hypotheses.background.theta.copy()
    theta[:, hypotheses.poi] = 1.0
    with_signal = expectation(hypotheses.batch, theta, hypotheses.asimov.gamma_centre)
    return np.asarray(np.add.reduce(with_signal - hypotheses.asimov.observed, axis=-1))


class _Walk:
    """Profile points of some entries, each started from the tangent at its last one."""

    def __init__(self, hypotheses: Hypotheses, lanes: Index, data: Data, best: Array) -> None:
        self.hypotheses, self.lanes, self.data, self.best = hypotheses, lanes, data, best
        self.strength = np.zeros(len(lanes))
        self.theta = hypotheses.background.theta[lanes]
        self.tangent = hypotheses.background.tangent[lanes]

    def to(self, entries: Index, strength: Array) -> Point:
        move = (strength - self.strength[entries])[:, None]
        start = self.theta[entries] + move * self.tangent[entries]
        point = profile(
            self.hypotheses, self.lanes[entries], self.data.take(entries), strength, start, self.best[entries]
        )
        self.strength[entries], self.theta[entries] = strength, point.fit.theta
        self.tangent[entries] = point.fit.tangent
        return point
