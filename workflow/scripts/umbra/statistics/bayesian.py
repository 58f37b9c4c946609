"""Bayesian upper limits with a flat prior in the signal strength, from the fits along the profile.

The posterior is the likelihood integrated over the nuisance parameters with their priors (the constraint terms;
flat for free ones). The integral is Laplace's: a Gaussian around the best parameters at each signal strength,

    p(mu) ~ L(mu, theta_mu) * det(H)^(-1/2) * prod_i (share of the Gaussian within the bounds),

where a parameter that rests on a bound contributes the exact integral of exp(-g x - H x^2 / 2) over x > 0.
(L. Tierney, J. B. Kadane, J. Am. Stat. Assoc. 81 (1986) 82.) Per-bin parameters stay at their best values.

For the expected bands the likelihood of background fluctuated by N standard deviations is that of the Asimov
data with the root of q shifted by N, which is exact where the best strength is normally distributed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.polynomial import legendre
from scipy.special import erfcx, log_ndtr

from umbra.statistics.asymptotic import BANDS, LimitRoots, Walk, first_guess, solve_root
from umbra.statistics.likelihood import Data, Index, evaluate
from umbra.statistics.model import Array
from umbra.statistics.profile import Hypotheses, Point
from umbra.statistics.roots import Roots

NODES = 32
REACH = 6.0  # standard deviations beyond which the posterior is dropped


def bayesian_limits(hypotheses: Hypotheses, cl: float, observed: bool) -> LimitRoots:
    """Credible upper limits of N models, expected and, if there are data, observed."""
    zeros = np.zeros(len(hypotheses))
    edge = solve_root(hypotheses, hypotheses.asimov, zeros, zeros, REACH + BANDS[-1])
    strength, log_volume, points = _along(hypotheses, hypotheses.asimov, zeros, zeros, edge.strength)
    shifted = points.root.reshape(strength.shape)[:, None, :] - BANDS[:, None]
    log_density = (log_volume[:, None, :] - 0.5 * shifted**2).reshape(-1, NODES)
    top = np.repeat(edge.strength, len(BANDS))
    healthy = edge.found & points.fit.converged.reshape(strength.shape).all(axis=1)
    quantiles = _quantiles(log_density, np.zeros(len(top)), top, cl)
    expected = _as_roots(quantiles, np.repeat(healthy, len(BANDS)), np.repeat(edge.unbounded, len(BANDS)))
    return LimitRoots(observed_limits(hypotheses, cl) if observed else None, None, expected)


def observed_limits(hypotheses: Hypotheses, cl: float) -> Roots:
    """Credible upper limits of N models given their data."""
    best = hypotheses.best.theta[:, hypotheses.poi]
    edge = solve_root(hypotheses, hypotheses.data, hypotheses.best.value, best, REACH)
    low = np.maximum(best - 1.5 * REACH * first_guess(hypotheses), 0.0)
    strength, log_volume, points = _along(
        hypotheses, hypotheses.data, hypotheses.best.value, low, edge.strength
    )
    log_density = log_volume - 0.5 * points.root.reshape(strength.shape) ** 2
    healthy = edge.found & points.fit.converged.reshape(strength.shape).all(axis=1)
    return _as_roots(_quantiles(log_density, low, edge.strength, cl), healthy, edge.unbounded)


def _along(
    hypotheses: Hypotheses, data: Data, best: Array, low: Array, high: Array
) -> tuple[Array, Array, Point]:
    """Profile at Gauss-Legendre nodes between `low` and `high` (N,): strengths and log volumes (N, NODES)."""
    n = len(hypotheses)
    lanes = np.repeat(np.arange(n), NODES)
    nodes, _ = legendre.leggauss(NODES)
    strength = low[:, None] + 0.5 * (nodes + 1.0) * (high - low)[:, None]
    walk = Walk(hypotheses, lanes, data.take(lanes), best[lanes])
    point = walk.to(np.arange(len(lanes)), strength.reshape(-1))
    return strength, log_volume(hypotheses, lanes, walk.data, point.fit.theta).reshape(n, NODES), point


def log_volume(hypotheses: Hypotheses, lanes: Index, data: Data, theta: Array) -> Array:
    """Logarithm of the Laplace integral over the nuisance parameters at fixed signal strength, (L,)."""
    lower, upper = hypotheses.lower[lanes], hypotheses.upper[lanes]
    result = evaluate(hypotheses.batch.take(lanes), data, theta)
    p = theta.shape[1]
    diagonal = np.arange(p)
    curvature = result.hessian[:, diagonal, diagonal]
    varies = (lower < upper) & (curvature > 0.0)
    varies[:, hypotheses.poi] = False
    resting = varies & (
        ((theta <= lower) & (result.gradient > 0.0)) | ((theta >= upper) & (result.gradient < 0.0))
    )
    free = varies & ~resting
    both = free[:, :, None] & free[:, None, :]
    matrix = np.where(both, result.hessian, 0.0)
    matrix[:, diagonal, diagonal] += np.where(free, 0.0, 1.0)
    sign, log_determinant = np.linalg.slogdet(matrix)
    # Where a fit ran away, which is not converged and says so, there is no Gaussian: its node has no weight.
    lost = ~(sign > 0.0)
    matrix[lost] = np.eye(p)
    log_determinant = np.where(lost, np.inf, log_determinant)
    covariance = np.linalg.inv(matrix)
    sigma = np.sqrt(np.maximum(covariance[:, diagonal, diagonal], np.finfo(float).tiny))
    inside = np.where(free, _log_share(theta, lower, upper, sigma), 0.0)
    k = np.sqrt(np.where(resting, curvature, 1.0))
    push = np.where(resting, np.abs(result.gradient), 0.0) / (np.sqrt(2.0) * k)
    at_bound = np.where(resting, np.log(0.5 * erfcx(push) / k), 0.0)
    return np.asarray(-0.5 * log_determinant + np.add.reduce(inside + at_bound, axis=-1))


def _log_share(theta: Array, lower: Array, upper: Array, sigma: Array) -> Array:
    """Logarithm of the share of a Gaussian within the bounds, taking the nearer of the two."""
    room = np.minimum(theta - lower, upper - theta) / sigma
    return np.asarray(log_ndtr(np.minimum(room, 40.0)))


def _quantiles(log_density: Array, low: Array, high: Array, cl: float) -> Array:
    """Strength below which `cl` of a density lies, given at Gauss-Legendre nodes of [low, high] (L, NODES)."""
    nodes, weights = legendre.leggauss(NODES)
    density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    basis = legendre.legvander(nodes, NODES - 1)  # projection on Legendre polynomials, exact for the nodes
    norms = 0.5 * (2.0 * np.arange(NODES) + 1.0)
    coefficients = np.stack(
        [np.add.reduce(density * (weights * basis[:, k]), axis=1) * norms[k] for k in range(NODES)]
    )
    cumulative = legendre.legint(coefficients, lbnd=-1.0)
    total = legendre.legval(np.ones(len(low)), cumulative, tensor=False)
    a, b = np.full(len(low), -1.0), np.ones(len(low))
    for _ in range(60):
        middle = 0.5 * (a + b)
        enough = legendre.legval(middle, cumulative, tensor=False) >= cl * total
        a, b = np.where(enough, a, middle), np.where(enough, middle, b)
    return low + 0.5 * (a + 1.0) * (high - low)


def _as_roots(strength: Array, healthy: npt.NDArray[np.bool_], unbounded: npt.NDArray[np.bool_]) -> Roots:
    found = healthy & np.isfinite(strength)
    return Roots(strength, found, ~found & ~unbounded, unbounded)
