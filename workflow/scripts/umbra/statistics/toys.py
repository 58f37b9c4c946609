"""Limits from pseudo-experiments, for shapes with few events.

At each of a few signal strengths the statistic of the data is compared with that of pseudo-experiments made with
and without signal. As in pyhf, those with signal are made at the parameters fitted to the data at that strength,
those without at the parameters fitted without signal, and the auxiliary measurements fluctuate with the counts.
A limit is where a p-value crosses 1 - CL; its logarithm is interpolated between strengths. The expected limits
are quantiles of the limits that the pseudo-experiments without signal would set.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from umbra.statistics.asymptotic import BANDS, LimitRoots, first_guess
from umbra.statistics.bayesian import observed_limits
from umbra.statistics.fit import Fit
from umbra.statistics.likelihood import Batch, Data, evaluate
from umbra.statistics.model import Array
from umbra.statistics.profile import FAINT, Hypotheses, prepare, profile
from umbra.statistics.roots import Roots, all_found
from umbra.statistics.toy_kernel import minimise_toys

N_STRENGTHS = 8
MAX_EXTENSIONS = 6
BAYESIAN_TOYS = 400
MAX_FAILURES = 1e-3  # share of fits
TIE = 1e-6  # statistics closer than this are equal: counts are discrete, fits are not


class Experiments(NamedTuple):
    """T pseudo-experiments of one model and their best fits with signal strength >= 0."""

    data: Data
    best: Fit


class Scan(NamedTuple):
    """Statistics at G strengths: of the data (G,), of toys with signal (G, T) and without (G, T)."""

    strength: Array
    observed: Array
    signal: Array
    background: Array


def toy_limits(
    hypotheses: Hypotheses,
    first: LimitRoots,
    method: str,
    cl: float,
    n_toys: int,
    random: np.random.Generator,
    has_data: bool,
) -> LimitRoots:
    """Limits of one model.

    Parameters
    ----------
    hypotheses
        One prepared model.
    first
        Its asymptotic limits, where the search begins.
    method, cl
        As in the settings.
    n_toys
        Pseudo-experiments a hypothesis and strength.
    random
        Source of random numbers.
    has_data
        Whether to give an observed limit.
    """
    two_sided = method == "feldman_cousins"
    without_signal = experiments(hypotheses, hypotheses.background.theta, n_toys, random)
    strengths = _first_strengths(hypotheses, first, two_sided)
    scan = _scan(hypotheses, strengths, without_signal, n_toys, random, two_sided)
    alpha = 1.0 - cl
    for _ in range(MAX_EXTENSIONS):
        curves = _p_values(scan, method, has_data)
        more = _extension(scan.strength, curves, alpha)
        if not len(more):
            break
        scan = _join(scan, _scan(hypotheses, more, without_signal, n_toys, random, two_sided))
    curves = _p_values(scan, method, has_data)
    ends = _crossings(scan.strength, curves, alpha)
    observed = ends.take(slice(1)) if has_data else None
    lower = None
    if two_sided and has_data:
        best = float(hypotheses.best.theta[0, hypotheses.poi])
        lower = all_found(np.array([_lower_crossing(scan.strength, curves[0], best, alpha)]))
    return LimitRoots(observed, lower, _bands(ends.take(slice(len(curves) - n_toys, None))))


def bayesian_toy_limits(
    hypotheses: Hypotheses, first: LimitRoots, cl: float, n_toys: int, random: np.random.Generator
) -> LimitRoots:
    """Credible limits of one model: the observed one of `first`, and bands from pseudo-experiments.

    A posterior needs a profile of some thirty fits, so no more than BAYESIAN_TOYS experiments are made.
    """
    n = min(n_toys, BAYESIAN_TOYS)
    data = draw(hypotheses.batch, hypotheses.data, hypotheses.background.theta, n, random)
    toys = prepare([hypotheses.models[0]] * n, data)
    return LimitRoots(first.observed, None, _bands(observed_limits(toys, cl)))


def _bands(ends: Roots) -> Roots:
    """Quantiles of the limits of the toys without signal, each the limit of one toy."""
    order = np.argsort(ends.strength, kind="stable")
    place = np.minimum((ndtr(BANDS) * len(order)).astype(int), len(order) - 1)
    return ends.take(order[place])


def _extension(strength: Array, curves: Array, alpha: float) -> Array:
    """Further strengths where the data or some of the toys of the bands have no limit within the scan."""
    above = np.asarray(curves[:, -1] >= alpha)
    below = np.asarray((curves < alpha).all(axis=1))
    low_level, high_level = ndtr(BANDS[0]), 1.0 - ndtr(BANDS[-1])
    more: list[float] = []
    if above[0] or above.mean() >= high_level:
        more += [1.6 * strength[-1], 2.5 * strength[-1]]
    if strength[0] > 0.0 and (below[0] or below.mean() >= low_level):
        more.append(strength[0] / 2.5)
    return np.array(more)


def experiments(
    hypotheses: Hypotheses, theta: Array, n_toys: int, random: np.random.Generator
) -> Experiments:
    """Make pseudo-experiments of one model at parameters (1, P) and fit them with signal strength >= 0."""
    data = draw(hypotheses.batch, hypotheses.data, theta, n_toys, random)
    start = np.repeat(theta, n_toys, axis=0)
    lower, upper = hypotheses.lower[0], hypotheses.upper[0]
    best = minimise_toys(hypotheses.batch, data, start, lower, upper, _with_signal(hypotheses)[0])
    return Experiments(data, best)


def _with_signal(hypotheses: Hypotheses) -> Array:
    """Parameters (1, P) at which every bin that can have events expects some."""
    theta = hypotheses.background.theta.copy()
    theta[:, hypotheses.poi] = first_guess(hypotheses)
    return np.where(theta > hypotheses.lower, theta, np.maximum(hypotheses.initial, theta))


def draw(batch: Batch, data: Data, theta: Array, n_toys: int, random: np.random.Generator) -> Data:
    """Draw counts and auxiliary measurements of one model at parameters (1, P).

    Per-bin parameters take the values that `data` (1, ...) prefer at `theta`.
    """
    at = evaluate(batch, data, theta)
    observed = random.poisson(at.expected[0], size=(n_toys, at.expected.shape[1])).astype(float)
    centre = _draw_auxiliary(theta[0], batch.strength[0], batch.poisson[0], n_toys, random)
    if not batch.layout.has_gammas:
        return Data(observed, centre, np.repeat(data.gamma_centre, n_toys, axis=0))
    poisson = batch.gamma_kind[0] == 2
    return Data(
        observed, centre, _draw_auxiliary(at.gamma[0], batch.gamma_strength[0], poisson, n_toys, random)
    )


def _draw_auxiliary(
    value: Array, strength: Array, poisson: npt.NDArray[np.bool_], n_toys: int, random: np.random.Generator
) -> Array:
    """Auxiliary measurements (T, K) of parameters (K,); free parameters have none and keep their value."""
    known = strength > 0.0
    k = np.where(known, strength, 1.0)
    normal = value + np.where(known, random.normal(size=(n_toys, len(value))) / np.sqrt(k), 0.0)
    if not poisson.any():
        return np.asarray(normal)
    counts = random.poisson(np.where(poisson & known, k * value, 0.0), size=(n_toys, len(value)))
    return np.where(poisson, np.where(known, counts / k, value), normal)


def _first_strengths(hypotheses: Hypotheses, first: LimitRoots, two_sided: bool) -> Array:
    """Strengths around the asymptotic limits, which are too strong where events are few."""
    known = [first.expected.strength[first.expected.found]]
    if first.observed is not None:
        known.append(first.observed.strength[first.observed.found])
    values = np.concatenate(known)
    if not len(values):
        values = first_guess(hypotheses) * np.array([1.0, 5.0])
    if two_sided:
        possible = np.isfinite(hypotheses.background.value[0])  # whether no signal at all can give the data
        return np.linspace(0.0 if possible else FAINT * values.max(), 1.3 * values.max(), 2 * N_STRENGTHS)
    return np.geomspace(0.9 * values.min(), 1.5 * values.max(), N_STRENGTHS)


def _scan(
    hypotheses: Hypotheses,
    strengths: Array,
    without_signal: Experiments,
    n_toys: int,
    random: np.random.Generator,
    two_sided: bool,
) -> Scan:
    """Statistics of the data and of toys at each strength."""
    one = np.zeros(1, dtype=np.intp)
    columns: list[tuple[Array, ...]] = []
    for strength in strengths:
        at = np.array([strength])
        real = profile(hypotheses, one, hypotheses.data, at, hypotheses.best.theta, hypotheses.best.value)
        observed = _statistic(hypotheses, Experiments(hypotheses.data, hypotheses.best), strength, two_sided)
        with_signal = experiments(hypotheses, real.fit.theta, n_toys, random)
        signal = _statistic(hypotheses, with_signal, strength, two_sided)
        background = _statistic(hypotheses, without_signal, strength, two_sided)
        columns.append((observed, signal, background))
    observed, signal, background = (np.stack(values) for values in zip(*columns, strict=True))
    return Scan(strengths, observed[:, 0], signal, background)


def _statistic(hypotheses: Hypotheses, toys: Experiments, strength: float, two_sided: bool) -> Array:
    """Twice the log-likelihood ratio to the best fit (T,), zero beyond a one-sided limit; NaN if fits failed."""
    n, poi = len(toys.best.value), hypotheses.poi
    start = toys.best.theta + (strength - toys.best.theta[:, poi : poi + 1]) * toys.best.tangent
    here = np.arange(start.shape[1]) == poi
    lower, upper = (np.where(here, strength, bound[0]) for bound in (hypotheses.lower, hypotheses.upper))
    fit = minimise_toys(hypotheses.batch, toys.data, start, lower, upper, hypotheses.background.theta[0])
    if (~(fit.converged & toys.best.converged)).mean() > MAX_FAILURES:
        return np.full(n, np.nan)
    statistic = np.maximum(2.0 * (fit.value - toys.best.value), 0.0)
    if two_sided:
        return statistic
    return np.where(toys.best.theta[:, poi] > strength, 0.0, statistic)


def _join(a: Scan, b: Scan) -> Scan:
    """Merge two scans in the order of their strengths."""
    order = np.argsort(np.concatenate([a.strength, b.strength]), kind="stable")
    return Scan(*(np.concatenate([x, y])[order] for x, y in zip(a, b, strict=True)))


def _p_values(scan: Scan, method: str, has_data: bool) -> Array:
    """P-values along the strengths: of the data, if there are any, and then of each toy without signal, (K, G)."""
    curves = []
    for observed, signal, background in zip(scan.observed, scan.signal, scan.background, strict=True):
        values = np.append(observed, background) if has_data else background
        edge = values - TIE * (1.0 + values)
        p = _share_above(signal, edge)
        if method == "cls":
            p = p / np.maximum(_share_above(background, edge), 1.0 / len(background))
        curves.append(np.where(np.isnan(values), np.nan, p))
    return np.array(curves).T


def _share_above(sample: Array, values: Array) -> Array:
    """Share of a sample that reaches each of the values."""
    return np.asarray(1.0 - np.searchsorted(np.sort(sample), values) / len(sample))


def _crossings(strength: Array, curves: Array, alpha: float) -> Roots:
    """Last strength at which each curve (K, G) falls through alpha; zero where it never reaches alpha.

    The logarithm of the p-value is linear between neighbours; less than one toy counts as half of one.
    """
    k, n = curves.shape
    failed = np.asarray(~np.isfinite(curves).all(axis=1))
    above = curves >= alpha
    left = n - 1 - np.argmax(above[:, ::-1], axis=1)
    inside = above.any(axis=1) & (left < n - 1) & ~failed
    left = np.where(inside, left, 0)
    rows = np.arange(k)
    smallest = np.where(curves > 0.0, curves, 1.0).min()
    logs = np.log(np.maximum(curves, 0.5 * smallest) / alpha)
    a, b = logs[rows, left], logs[rows, left + 1]
    share = a / np.where(inside, a - b, 1.0)
    root = np.where(inside, strength[left] + share * (strength[left + 1] - strength[left]), 0.0)
    beyond = above[:, -1] & ~failed
    root = np.where(beyond, strength[-1], root)
    return Roots(root, ~failed & ~beyond, failed, beyond & (curves[:, -1] > 0.9))


def _lower_crossing(strength: Array, curve: Array, best: float, alpha: float) -> float:
    """Strength below the best one at which the p-value rises through alpha; zero if it is larger already."""
    below = np.flatnonzero((curve < alpha) & (strength < best))
    if not len(below):
        return 0.0
    k = int(below[-1])
    return float(np.interp(alpha, curve[k : k + 2], strength[k : k + 2]))
