"""Local significance of a signal, from fits in which the signal strength may be negative."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from umbra.statistics.fit import Fit, minimise, newton_step, profile_tangent
from umbra.statistics.likelihood import deviance, evaluate
from umbra.statistics.model import Array
from umbra.statistics.profile import Hypotheses


class SignalFits(NamedTuple):
    """Fits of N models with free signal strength, its uncertainty, and the counts expected with and without it.

    The uncertainty comes from the inverse of the exact Hessian (NaN where that is not positive). Where data pull
    the signal so far down that a bin would expect a negative count, the fit ends at that edge; `edge` says so.
    """

    fit: Fit
    error: Array
    expected: Array
    edge: npt.NDArray[np.bool_]


def signal_fits(hypotheses: Hypotheses) -> SignalFits:
    """Fit the observed data with a signal strength of either sign."""
    poi = hypotheses.poi
    lower = hypotheses.lower.copy()
    lower[:, poi] = -np.inf
    fit = minimise(
        hypotheses.batch,
        hypotheses.data,
        hypotheses.best.theta,
        lower,
        hypotheses.upper,
        hypotheses.background.theta,
    )
    at_best = evaluate(hypotheses.batch, hypotheses.data, fit.theta, empty_bin_curvature=0.0)
    free = newton_step(at_best.gradient, at_best.hessian, fit.theta, lower, hypotheses.upper).free
    tangent = profile_tangent(at_best.hessian, free, poi)
    information = np.add.reduce(at_best.hessian[:, poi] * tangent, axis=-1)
    positive = information > 0.0
    error = np.where(positive, 1.0 / np.sqrt(np.where(positive, information, 1.0)), np.nan)
    edge = ~fit.converged & (fit.theta[:, poi] < 0.0)
    return SignalFits(fit, error, at_best.expected, edge)


def discovery_statistic(hypotheses: Hypotheses) -> Array:
    """q0 (N,): twice the gain of the signal fit over the background fit, zero where no signal is wanted."""
    gain = 2.0 * (hypotheses.background.value - hypotheses.best.value)
    wanted = hypotheses.best.theta[:, hypotheses.poi] > 0.0
    return np.where(wanted, np.maximum(gain, 0.0), 0.0)


def local_p_value(q0: Array) -> Array:
    """Asymptotic p-value of q0 (arXiv:1007.1727, equation 53)."""
    return np.asarray(ndtr(-np.sqrt(q0)))


def bin_deviance(expected: Array, observed: Array) -> Array:
    """Poisson deviance of the bins (S. Baker, R. D. Cousins, Nucl. Instrum. Meth. 221 (1984) 437), (N,)."""
    return np.asarray(2.0 * np.add.reduce(deviance(expected, observed), axis=-1))
