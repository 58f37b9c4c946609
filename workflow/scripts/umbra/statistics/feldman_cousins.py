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
    ends = np.array([_interval(window, int(n), cl) for n in distinct])
    return Intervals(*ends[place].T)


def _interval(window: Counting, count: int, cl: float) -> tuple[float, float]:
    """Interval for one count, whose scan depends on no other count."""
    unit = 1.0 / float(window.signal.mean())  # strength of one event
    spread = float(window.background.std()) + count * float(window.signal.std()) * unit
    above = max(count - float(window.background.mean()), 0.0)
    strengths = np.linspace(0.0, (above + 6.0 * np.sqrt(count + 4.0) + 4.0 * spread) * unit, SCAN)
    accepted = np.flatnonzero(_accepted(window, strengths, count, cl))
    low = _lower_end(window, count, cl, float(strengths[accepted[0]]), float(strengths[1]))
    return low, _highest_end(window, count, cl, float(strengths[accepted[-1]]), unit)


def _highest_end(window: Counting, count: int, cl: float, start: float, unit: float) -> float:
    """Largest upper end for this and larger backgrounds; a scan without a larger one ended at `start`."""
    from umbra.statistics.feldman_cousins_loops import last_accepted

    shifts, n = (FINE_STEPS, 201) if len(window.background) == 1 else (WIDE_STEPS, 21)
    strengths = np.linspace(start, start + unit, n)
    place, best = -1, 0.0
    for shift in shifts:
        shifted = _shifted(window, shift)
        n_counts = _n_counts(shifted, strengths, count)
        beyond = last_accepted(*shifted, strengths, count, place, n_counts, cl)
        if beyond > place:
            place, best = beyond, shift
    end = float(strengths[place]) if place >= 0 else 0.0
    return _upper_end(_shifted(window, best), count, cl, end, float(strengths[1] - strengths[0]))


def _shifted(window: Counting, shift: float) -> Counting:
    return Counting(window.signal, window.background + shift)


def _last(window: Counting, strengths: Array, count: int, cl: float) -> float:
    """Largest accepted strength of one count in a scan; zero if there is none."""
    accepted = np.flatnonzero(_accepted(window, strengths, count, cl))
    return float(strengths[accepted[-1]]) if len(accepted) else 0.0


def _upper_end(window: Counting, count: int, cl: float, start: float, step: float) -> float:
    """Largest accepted strength of one count, zooming in from a scan of a given step that ended at `start`."""
    for _ in range(ZOOMS):
        strengths = np.linspace(start, start + step, ZOOM_SCAN)
        start, step = _last(window, strengths, count, cl), float(strengths[1] - strengths[0])
    return start


def _lower_end(window: Counting, count: int, cl: float, start: float, step: float) -> float:
    """Smallest accepted strength of one count; zero if a scan found that accepted."""
    for _ in range(ZOOMS if start > 0.0 else 0):
        strengths = np.linspace(max(start - step, 0.0), start, ZOOM_SCAN)
        accepted = _accepted(window, strengths, count, cl)
        start, step = float(strengths[np.argmax(accepted)]), float(strengths[1] - strengths[0])
    return float(start)


def _accepted(window: Counting, strengths: Array, count: int, cl: float) -> npt.NDArray[np.bool_]:
    """Whether a count is in the acceptance region of each strength, (strengths,)."""
    from umbra.statistics.feldman_cousins_loops import accepted  # here, because numba takes long to import

    return np.asarray(accepted(*window, strengths, count, _n_counts(window, strengths, count), cl))


def _n_counts(window: Counting, strengths: Array, count: int) -> int:
    """How many counts the largest of some strengths can give, with eight standard deviations to spare."""
    mean = float(strengths[-1]) * float(window.signal.max()) + float(window.background.max())
    most = max(mean, float(count))
    return int(most + 8.0 * np.sqrt(most + 1.0)) + 12
