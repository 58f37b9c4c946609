"""Global significance: pseudo-experiments of the whole spectrum, and the up-crossings of Gross and Vitells.

One pseudo-experiment is one fluctuated spectrum, seen by the windows of all masses, so that the correlations of
overlapping windows are those of the data. The largest q0 of each gives the global p-value directly. Where the
excess is larger than toys can reach, E. Gross, O. Vitells, Eur. Phys. J. C 70 (2010) 525, arXiv:1005.1891, give

    p_global = p_local(c) + <N(c0)> exp(-(c - c0) / 2)

from the mean number of times that the scan of q0 rises through a low level c0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from umbra.core.errors import UmbraError
from umbra.statistics.likelihood import Data, evaluate, expectation_slope
from umbra.statistics.model import Array, compile_workspace
from umbra.statistics.profile import Hypotheses, prepare
from umbra.statistics.significance import local_p_value
from umbra.statistics.toy_kernel import minimise_toys

UPCROSSING_LEVEL = 0.5

Bins = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SpectrumToys:
    """Largest q0 of each of T pseudo-experiments, their up-crossings, and how many fits failed."""

    largest_q0: Array
    upcrossings: npt.NDArray[np.int64]
    failed_fits: int


@dataclass(frozen=True)
class GlobalSignificance:
    """Global p-value of the largest excess of a scan.

    `p_toys` is an upper bound, one experiment, where no toy reaches the data; `p_toys_error` is binomial.
    """

    largest_q0: float
    p_local: float
    p_toys: float
    p_toys_error: float
    p_gross_vitells: float
    mean_upcrossings: float
    n_toys: int
    failed_fits: int


def spectrum_toys(
    workspaces: Sequence[Mapping[str, Any]],
    bins: Sequence[Bins],
    spectrum: Array,
    n_toys: int,
    random: np.random.Generator,
    poi: str | None = None,
) -> SpectrumToys:
    """Fit pseudo-experiments of a whole spectrum at every mass.

    Parameters
    ----------
    workspaces
        One workspace a mass, in the order of the masses.
    bins
        For each workspace (n_bins, 2): first bin of the spectrum, and first one beyond, that each of its bins
        sums; the channels of a workspace follow each other, as those of the spectrum do.
    spectrum
        (K,) expected background of the spectrum in fine bins.
    n_toys
        Number of pseudo-experiments.
    random
        Source of random numbers, such as `umbra.core.seeds.generator(channel, chunk)`.
    poi
        Parameter of interest; the measurement's own if None.

    Returns
    -------
    SpectrumToys
        Chunks with different random numbers can be merged with `merge`.

    Raises
    ------
    UmbraError
        A workspace cannot be used, or its bins do not match the spectrum.
    """
    counts = random.poisson(spectrum, size=(n_toys, len(spectrum)))
    sums = np.concatenate([np.zeros((n_toys, 1), dtype=np.int64), np.cumsum(counts, axis=1)], axis=1)
    q0 = np.empty((len(workspaces), n_toys))
    for i, (workspace, edges) in enumerate(zip(workspaces, bins, strict=True)):
        hypotheses = prepare([compile_workspace(workspace, poi)])
        model = hypotheses.models[0]
        if edges.shape != (model.n_bins, 2) or edges.min() < 0 or edges.max() > len(spectrum):
            raise UmbraError(
                f"workspace {i}: {edges.shape} bins of the spectrum do not fit {model.n_bins} bins"
            )
        observed = np.zeros((n_toys, len(model.observed)))
        observed[:, : model.n_bins] = sums[:, edges[:, 1]] - sums[:, edges[:, 0]]
        q0[i] = toy_discovery_statistic(hypotheses, observed)
    failed = np.isnan(q0)
    scan = np.where(failed, 0.0, q0)
    rises = (scan[:-1] < UPCROSSING_LEVEL) & (scan[1:] >= UPCROSSING_LEVEL)
    return SpectrumToys(scan.max(axis=0), rises.sum(axis=0), int(failed.sum()))


def toy_discovery_statistic(hypotheses: Hypotheses, observed: Array) -> Array:
    """q0 of toys (T, B) of one model; NaN where a fit failed.

    The auxiliary measurements stay as they are: without signal its own uncertainties have nothing to act on.
    """
    n = len(observed)
    auxiliary = hypotheses.data.take(np.zeros(n, dtype=np.intp))
    data = Data(observed, auxiliary.centre, auxiliary.gamma_centre)
    batch, fallback = hypotheses.batch, hypotheses.initial[0]
    lower, upper = hypotheses.lower[0], hypotheses.upper[0]
    no_signal = np.where(np.arange(len(upper)) == hypotheses.poi, 0.0, upper)
    background = minimise_toys(batch, data, _scored(hypotheses, observed), lower, no_signal, fallback)
    q0 = np.where(background.converged, 0.0, np.nan)
    helps = (background.slope < 0.0) | bool(batch.bending.any())  # in another minimum a signal may help, too
    wanted = np.flatnonzero(background.converged & helps)
    rise = -background.slope[wanted] * np.where(np.isfinite(hypotheses.sigma), hypotheses.sigma, 0.0) ** 2
    start = background.theta[wanted] + rise[:, None] * background.tangent[wanted]
    best = minimise_toys(batch, data.take(wanted), start, lower, upper, fallback)
    gain = np.maximum(2.0 * (background.value[wanted] - best.value), 0.0)
    q0[wanted] = np.where(best.converged, gain, np.nan)
    return q0


def _scored(hypotheses: Hypotheses, observed: Array) -> Array:
    """Start values (T, P): one scoring step from the parameters that the toys were made with.

    Derivatives there are the same for all toys but for the counts, so that the step costs next to nothing.
    """
    theta = hypotheses.background.theta
    lower, upper = hypotheses.lower[0], hypotheses.upper[0]
    at = evaluate(hypotheses.batch, hypotheses.asimov, theta)
    free = (lower < upper) & (theta[0] > lower) & (np.arange(theta.shape[1]) != hypotheses.poi)
    free &= np.diagonal(at.hessian[0]) > 0.0
    jacobian = expectation_slope(hypotheses.batch, theta, at.gamma)[0]
    pull = (observed - at.expected) / np.where(at.expected > 0.0, at.expected, np.inf)
    step = np.zeros((len(observed), theta.shape[1]))
    if free.any():
        hessian = at.hessian[0][np.ix_(free, free)]
        step[:, free] = pull @ jacobian[free].T @ np.linalg.pinv(hessian, hermitian=True)
    return np.asarray(theta + step)


def merge(chunks: Sequence[SpectrumToys]) -> SpectrumToys:
    """Merge pseudo-experiments of one spectrum that were made with different random numbers."""
    return SpectrumToys(
        np.concatenate([chunk.largest_q0 for chunk in chunks]),
        np.concatenate([chunk.upcrossings for chunk in chunks]),
        sum(chunk.failed_fits for chunk in chunks),
    )


def global_significance(q0: Array, toys: SpectrumToys) -> GlobalSignificance:
    """Global p-values of the largest of the observed q0 (masses,)."""
    largest = float(np.max(q0))
    n = len(toys.largest_q0)
    reached = int((toys.largest_q0 >= largest).sum())
    p = max(reached, 1) / n
    p_local = float(local_p_value(np.array(largest)))
    crossings = float(toys.upcrossings.mean())
    gross_vitells = p_local + crossings * math.exp(-0.5 * (largest - UPCROSSING_LEVEL))
    return GlobalSignificance(
        largest_q0=largest,
        p_local=p_local,
        p_toys=p,
        p_toys_error=math.sqrt(p * (1.0 - min(p, 1.0)) / n),
        p_gross_vitells=min(gross_vitells, 1.0),
        mean_upcrossings=crossings,
        n_toys=n,
        failed_fits=toys.failed_fits,
    )
