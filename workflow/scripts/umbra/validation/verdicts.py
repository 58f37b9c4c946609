"""Bins of a comparison held to the bounds that were stated beforehand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from umbra.config.records import Comparison as Wanted
from umbra.validation.bins import ComparedBin


@dataclass(frozen=True, kw_only=True)
class Bound:
    """What a comparison is held to.

    Parameters
    ----------
    median_dex
        Largest allowed median of |log10 ratio|.
    from_gev, to_gev
        Masses that it is meant for; ends included.
    """

    median_dex: float
    from_gev: float = 0.0
    to_gev: float = math.inf


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Outcome for one range of masses.

    Parameters
    ----------
    bound
        What it is held to.
    bins
        Number of bins compared.
    median_abs_dex, median_dex, rms_dex, largest_abs_dex
        Over these bins: median of |log10 ratio|, of log10 ratio, spread about its mean, and the largest; None
        where no bin could be compared.
    inside_band
        How many of our limits lie in the spread of the published bin.
    """

    bound: Bound
    bins: int
    median_abs_dex: float | None
    median_dex: float | None
    rms_dex: float | None
    largest_abs_dex: float | None
    inside_band: int

    @property
    def met(self) -> bool:
        """Whether the bound is met; never without a bin."""
        return self.median_abs_dex is not None and self.median_abs_dex <= self.bound.median_dex


def judge(bins: Sequence[ComparedBin], bound: Bound) -> Verdict:
    """Hold the bins of a range to its bound."""
    used = [each for each in bins if not each.skipped and bound.from_gev <= each.mass_gev <= bound.to_gev]
    dex = np.array([each.dex for each in used])
    return Verdict(
        bound=bound,
        bins=len(used),
        median_abs_dex=float(np.median(np.abs(dex))) if used else None,
        median_dex=float(np.median(dex)) if used else None,
        rms_dex=float(np.std(dex)) if used else None,
        largest_abs_dex=float(np.abs(dex).max()) if used else None,
        inside_band=sum(each.inside_band for each in used),
    )


def bounds_of(wanted: Wanted) -> list[Bound]:
    """Bounds that a channel states for a comparison: for all masses, then for ranges of them."""
    parts = [
        Bound(median_dex=each.median_dex, from_gev=each.from_gev, to_gev=each.to_gev)
        for each in wanted.ranges
    ]
    return [Bound(median_dex=wanted.median_dex), *parts]
