"""Bins of a comparison held to the bounds that were stated beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from umbra.config.records import Bound
from umbra.validation.bins import ComparedBin

#: A bracket that is wider than this [dex] somewhere in a range contains almost anything: nothing is validated.
WIDEST_BRACKET_DEX = 0.5


class Outcome(StrEnum):
    """What a verdict says."""

    MET = "met"
    MISSED = "missed"
    NOT_VALIDATED = "not validated"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Outcome for one range of masses; numbers are None where no bin could be compared.

    Parameters
    ----------
    bound
        What it is held to.
    bins, skipped
        How many bins of the range were compared and how many not.
    median_abs_dex
        Median of |log10 ratio|.
    bias_dex
        Median of log10 ratio: above zero where ours is weaker.
    rms_dex
        Spread about the mean.
    worst_dex, worst_at_gev
        log10 ratio of the bin where it is largest in size, and its mass.
    slope_dex_per_decade
        Slope of the straight line through log10 ratio against log10 mass that has the least squares; None for less
        than three masses.
    inside_band
        How many of our limits lie in the band of the published one, see `ComparedBin.inside_band`.
    band_ratio
        Median of our one-standard-deviation band over the published one, both in dex; None where none is published.
    bracket_dex
        Largest width of the bracket between extreme assumptions; None where there is none.
    """

    bound: Bound
    bins: int
    skipped: int
    median_abs_dex: float | None = None
    bias_dex: float | None = None
    rms_dex: float | None = None
    worst_dex: float | None = None
    worst_at_gev: float | None = None
    slope_dex_per_decade: float | None = None
    inside_band: int = 0
    band_ratio: float | None = None
    bracket_dex: float | None = None

    @property
    def excess_dex(self) -> dict[str, float]:
        """By how much each bound is missed: of `median`, `bias`, `worst bin` and `shape` those that are."""
        held = {
            "median": (self.median_abs_dex, self.bound.median_dex),
            "bias": (self.bias_dex, self.bound.bias_dex),
            "worst bin": (self.worst_dex, self.bound.worst_dex),
            "shape": (self.rms_dex, self.bound.shape_dex),
        }
        return {
            name: abs(value) - bound
            for name, (value, bound) in held.items()
            if value is not None and bound is not None and abs(value) > bound
        }

    @property
    def outcome(self) -> Outcome:
        """Met if every bound is; without a bin, or in too wide a bracket, nothing is validated."""
        if not self.bins or (self.bracket_dex or 0.0) > WIDEST_BRACKET_DEX:
            return Outcome.NOT_VALIDATED
        return Outcome.MISSED if self.excess_dex else Outcome.MET


def judge(bins: Sequence[ComparedBin], bound: Bound) -> Verdict:
    """Hold the bins of a range to its bound."""
    members = [each for each in bins if bound.covers(each.mass_gev)]
    used = [each for each in members if not each.skipped]
    skipped = len(members) - len(used)
    if not used:
        return Verdict(bound=bound, bins=0, skipped=skipped)
    dex = np.array([each.dex for each in used])
    worst = int(np.abs(dex).argmax())
    bands = [each.band_ratio for each in used if each.band_ratio is not None]
    brackets = [each.bracket_dex for each in used if each.bracket_dex is not None]
    return Verdict(
        bound=bound,
        bins=len(used),
        skipped=skipped,
        median_abs_dex=float(np.median(np.abs(dex))),
        bias_dex=float(np.median(dex)),
        rms_dex=float(np.std(dex)),
        worst_dex=float(dex[worst]),
        worst_at_gev=used[worst].mass_gev,
        slope_dex_per_decade=_slope([each.mass_gev for each in used], dex.tolist()),
        inside_band=sum(each.inside_band for each in used),
        band_ratio=float(np.median(bands)) if bands else None,
        bracket_dex=max(brackets, default=None),
    )


def _slope(mass_gev: Sequence[float], dex: Sequence[float]) -> float | None:
    """Slope of dex against log10 of the mass by least squares; masses of zero are left out."""
    points = [(np.log10(mass), value) for mass, value in zip(mass_gev, dex, strict=True) if mass > 0.0]
    x, y = np.array(points).reshape(-1, 2).T
    if len(np.unique(x)) < 3:
        return None
    x = x - x.mean()
    return float((x * y).sum() / (x * x).sum())
