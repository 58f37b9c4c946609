"""Local significance of a signal, from fits in which the signal strength may be negative."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from umbra.statistics.fit import Fit, minimise
from umbra.statistics.likelihood import Index, deviance, evaluate
from umbra.statistics.model import Array
from umbra.statistics.newton import newton_step, profile_tangent
from umbra.statistics.profile import Hypotheses

NOTHING = 1e-6  # fewer expected events are none
EDGE_REACH = 1e-3  # of the way to the point where a fit ended, to look for the edge beyond it


class SignalFits(NamedTuple):
    """Fits of N models with free signal strength, its uncertainty, and the counts expected with and without it.

    The uncertainty comes from the inverse of the exact Hessian (NaN where that is not positive). Where data pull
    the signal so far down that a bin would expect a negative count, the fit ends where that bin expects nothing;
    `edge` says so.
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
    impossible = ~np.isfinite(at_best.value)  # a fit's last step is not checked: it can end beyond an edge
    # Where a bin expects nothing without signal the fit starts at the edge, and cannot leave it.
    held = (fit.theta[:, poi] == 0.0) & (at_best.expected < NOTHING).any(axis=-1)
    edge = (~fit.converged | impossible) & ((fit.theta[:, poi] < 0.0) | held)
    expected = at_best.expected
    lanes = np.flatnonzero(edge)
    if len(lanes):
        theta, expected = fit.theta.copy(), expected.copy()
        theta[lanes], expected[lanes] = _last_possible(hypotheses, lanes, fit.theta[lanes])
        fit = fit._replace(theta=theta)
    return SignalFits(fit, error, expected, edge)


def _last_possible(hypotheses: Hypotheses, lanes: Index, beyond: Array) -> tuple[Array, Array]:
    """Last parameters (L, P) on the way to some beyond the edge at which all counts are possible, and their (L, B).

    The way is the straight one from the best strength >= 0. A fit ends within its last step of the edge, on either
    side of it, so that the way goes a little further than the fit did.
    """
    batch, data = hypotheses.batch.take(lanes), hypotheses.data.take(lanes)
    start = hypotheses.best.theta[lanes]
    end = start + (1.0 + EDGE_REACH) * (beyond - start)
    low, high = np.zeros(len(lanes)), np.ones(len(lanes))
    for _ in range(60):
        middle = 0.5 * (low + high)
        at = evaluate(batch, data, start + middle[:, None] * (end - start))
        possible = np.isfinite(at.value)
        low, high = np.where(possible, middle, low), np.where(possible, high, middle)
    theta = start + low[:, None] * (end - start)
    return theta, evaluate(batch, data, theta).expected


def discovery_statistic(hypotheses: Hypotheses) -> Array:
    """q0 (N,): twice the gain of the signal fit over the background fit, zero where no signal is wanted."""
    possible = np.isfinite(hypotheses.background.value) & np.isfinite(hypotheses.best.value)
    gain = 2.0 * np.subtract(
        hypotheses.background.value, hypotheses.best.value, out=np.zeros(len(possible)), where=possible
    )
    wanted = hypotheses.best.theta[:, hypotheses.poi] > 0.0
    return np.where(wanted, np.maximum(gain, 0.0), 0.0)


def local_p_value(q0: Array) -> Array:
    """Asymptotic p-value of q0 (arXiv:1007.1727, equation 53)."""
    return np.asarray(ndtr(-np.sqrt(q0)))


def bin_deviance(expected: Array, observed: Array) -> Array:
    """Poisson deviance of the bins (S. Baker, R. D. Cousins, Nucl. Instrum. Meth. 221 (1984) 437), (N,)."""
    return np.asarray(2.0 * np.add.reduce(deviance(expected, observed), axis=-1))
