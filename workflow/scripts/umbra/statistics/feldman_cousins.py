"""Feldman-Cousins intervals for counting windows, by the full Neyman construction.

G. J. Feldman, R. D. Cousins, Phys. Rev. D 57 (1998) 3873, arXiv:physics/9711021. A count n is accepted at a
signal strength mu if the counts with a larger ratio P(n|mu) / P(n|mu_best) carry less than the confidence level.
As the authors do, the upper end is made non-increasing in the background: it is the largest of the upper ends
for this and all larger backgrounds. Uncertain backgrounds and efficiencies are averaged over, in P(n|mu).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, xlogy

from umbra.statistics.counting import Counting
from umbra.statistics.model import Array
from umbra.statistics.roots import Roots, all_found

# As the background grows, an upper end falls one for one and jumps back up about once an event, a saw tooth whose
# tips can be narrow islands of acceptance. Like the authors' tables, the search for the highest tip goes in steps
# of 0.005 events of signal; those of the background are twice as wide. Averaging over priors blunts the teeth.
FINE_STEPS, WIDE_STEPS = np.linspace(0.0, 2.0, 201), np.linspace(0.0, 2.0, 41)
SCAN = 256  # strengths of the first scan
ZOOMS, ZOOM_SCAN = 3, 33  # each later scan covers one step of the one before on either side
FELDMAN_COUSINS_POINTS = 64  # of the priors


class Intervals(NamedTuple):
    """Lower and upper ends (K,) of the intervals for K counts."""

    low: Array
    high: Array


def exact_feldman_cousins(windows: Counting, counts: Array, cl: float) -> tuple[Roots, Roots]:
    """Lower and upper ends (W * K,) of the intervals of W windows (W, M) for counts (W, K)."""
    low, high = np.zeros(counts.shape), np.zeros(counts.shape)
    for i, asked in enumerate(counts):
        window = Counting(windows.signal[i], windows.background[i])
        low[i], high[i] = exact_intervals(window, asked.astype(np.int64), cl)
    return all_found(low.reshape(-1)), all_found(high.reshape(-1))


def exact_intervals(window: Counting, counts: npt.NDArray[np.int64], cl: float) -> Intervals:
    """Intervals of one window.

    Parameters
    ----------
    window
        Signal and background at the points of the priors, (M,) each.
    counts
        (K,) observed counts to give intervals for.
    cl
        Confidence level.
    """
    distinct, place = np.unique(counts, return_inverse=True)
    unit = 1.0 / float(window.signal.mean())  # strength of one event
    most = float(distinct.max())
    spread = float(window.background.std()) + most * float(window.signal.std()) * unit
    above = max(most - float(window.background.mean()), 0.0)
    strengths = np.linspace(0.0, (above + 6.0 * np.sqrt(most + 4.0) + 4.0 * spread) * unit, SCAN)
    accepted = _accepted(window, strengths, distinct, cl)
    first, last = np.argmax(accepted, axis=0), len(strengths) - 1 - np.argmax(accepted[::-1], axis=0)
    low = [
        _lower_end(window, n, cl, strengths[i], strengths[1]) for n, i in zip(distinct, first, strict=True)
    ]
    high = [_highest_end(window, n, cl, strengths[i], unit) for n, i in zip(distinct, last, strict=True)]
    return Intervals(np.array(low)[place], np.array(high)[place])


def _highest_end(window: Counting, count: np.int64, cl: float, start: float, unit: float) -> float:
    """Largest upper end for this and larger backgrounds; a scan without a larger one ended at `start`."""
    shifts, n = (FINE_STEPS, 201) if len(window.background) == 1 else (WIDE_STEPS, 21)
    strengths = np.linspace(start, start + unit, n)
    ends = [_last(_shifted(window, b), strengths, count, cl) for b in shifts]
    best = int(np.argmax(ends))
    return _upper_end(
        _shifted(window, shifts[best]), count, cl, ends[best], float(strengths[1] - strengths[0])
    )


def _shifted(window: Counting, shift: float) -> Counting:
    return Counting(window.signal, window.background + shift)


def _last(window: Counting, strengths: Array, count: np.int64, cl: float) -> float:
    """Largest accepted strength of one count in a scan; zero if there is none."""
    accepted = np.flatnonzero(_accepted(window, strengths, np.array([count]), cl)[:, 0])
    return float(strengths[accepted[-1]]) if len(accepted) else 0.0


def _upper_end(window: Counting, count: np.int64, cl: float, start: float, step: float) -> float:
    """Largest accepted strength of one count, zooming in from a scan of a given step that ended at `start`."""
    for _ in range(ZOOMS):
        strengths = np.linspace(start, start + step, ZOOM_SCAN)
        start, step = _last(window, strengths, count, cl), float(strengths[1] - strengths[0])
    return start


def _lower_end(window: Counting, count: np.int64, cl: float, start: float, step: float) -> float:
    """Smallest accepted strength of one count; zero if a scan found that accepted."""
    for _ in range(ZOOMS if start > 0.0 else 0):
        strengths = np.linspace(max(start - step, 0.0), start, ZOOM_SCAN)
        accepted = _accepted(window, strengths, np.array([count]), cl)[:, 0]
        start, step = float(strengths[np.argmax(accepted)]), float(strengths[1] - strengths[0])
    return float(start)


def _accepted(
    window: Counting, strengths: Array, counts: npt.NDArray[np.int64], cl: float
) -> npt.NDArray[np.bool_]:
    """Whether each count is in the acceptance region of each strength: (strengths, counts)."""
    most = max(
        float(strengths[-1]) * float(window.signal.max()) + float(window.background.max()),
        float(counts.max()),
    )
    n = np.arange(int(most + 8.0 * np.sqrt(most + 1.0)) + 12)
    probability = _probability(window, strengths[:, None], n[None, :])
    best = np.maximum((n - window.background.mean()) / window.signal.mean(), 0.0)
    ratio = probability / np.maximum(_probability(window, best, n), np.finfo(float).tiny)
    preferred = [
        np.add.reduce(np.where(ratio > ratio[:, k : k + 1], probability, 0.0), axis=1) for k in counts
    ]
    return np.stack(preferred, axis=1) < cl


def _probability(window: Counting, strength: Array, n: npt.NDArray[np.int64]) -> Array:
    """P(n | strength), averaged over the points of the priors one by one to save memory."""
    total = np.zeros(np.broadcast_shapes(strength.shape, n.shape))
    log_factorial = gammaln(n + 1.0)
    for signal, background in zip(window.signal, window.background, strict=True):
        mean = strength * signal + background
        total += np.exp(xlogy(n, mean) - mean - log_factorial)
    return total / len(window.signal)
