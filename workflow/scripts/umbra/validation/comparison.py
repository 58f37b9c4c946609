"""Validation: our expected limits against published ones, bin by bin.

The ratio is expected median over published (observed) limit, in the coupling. An expected limit cannot follow
the fluctuations of the data, so medians over bins are judged and single bins are not.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from umbra.config.records import Channel
from umbra.config.records import Comparison as Wanted
from umbra.core.errors import UmbraError
from umbra.results.limits import LimitRow, groups, select
from umbra.validation.published import Bin, Curve

Window = tuple[float, float]


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
class ComparedBin:
    """Our expected limit at one published bin.

    Parameters
    ----------
    bin
        The published bin.
    mass_gev
        Mass at which our limit is taken.
    expected
        Our expected median there; None where there is none.
    skipped
        Why there is none: `outside our range`, `vetoed`, `beside a vetoed point` or `no limit`; empty where
        there is one.
    bracket
        Expected medians of two extreme assumptions there, the stronger first; None where there are none.
    """

    bin: Bin
    mass_gev: float
    expected: float | None
    skipped: str = ""
    bracket: Window | None = None

    @property
    def ratio(self) -> float:
        """Expected over published.

        Raises
        ------
        UmbraError
            If the bin was skipped.
        """
        if self.expected is None:
            raise UmbraError(f"the bin at {self.bin.mass_gev:g} GeV has no ratio: {self.skipped}")
        return self.expected / self.bin.limit

    @property
    def dex(self) -> float:
        """log10 of the ratio."""
        return math.log10(self.ratio)

    @property
    def inside_bracket(self) -> bool:
        """Whether the published limit lies between the two extreme assumptions."""
        return self.bracket is not None and self.bracket[0] <= self.bin.limit <= self.bracket[1]

    @property
    def inside_band(self) -> bool:
        """Whether our limit lies in the 16-84% spread of the published bin."""
        return self.expected is not None and self.bin.limit_p16 <= self.expected <= self.bin.limit_p84


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


@dataclass(frozen=True, kw_only=True)
class Level:
    """What a comparison of shapes has divided out, see `umbra.validation.lifetime_shape`.

    Parameters
    ----------
    anchor_mm
        Median flight at which the level was taken.
    median_dex, rms_dex
        Median over the masses of log10(expected/published) there, and its spread.
    above
        How many bins of the shape have an expected limit above the published one before the scaling.
    """

    anchor_mm: float
    median_dex: float
    rms_dex: float
    above: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Our limits on one quantity against one published curve.

    Parameters
    ----------
    channel
        Name of the channel.
    curve
        The published limit.
    bins
        All its bins, compared or skipped.
    bounds
        What the comparison is held to; the first covers all masses.
    reason
        Why the two differ, as the channel's settings say.
    level
        What was divided out, where only the shape against lifetime is compared; the bins then have limits that are
        scaled so.
    """

    channel: str
    curve: Curve
    bins: tuple[ComparedBin, ...]
    bounds: tuple[Bound, ...]
    reason: str
    level: Level | None = None

    @property
    def figure(self) -> str:
        """Name of its figure, without suffix."""
        return f"{self.channel}__{self.curve.name}"

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One for each bound."""
        return tuple(judge(self.bins, bound) for bound in self.bounds)

    @property
    def skipped(self) -> dict[str, int]:
        """How many bins were skipped, by reason."""
        reasons = [each.skipped for each in self.bins if each.skipped]
        return {reason: reasons.count(reason) for reason in sorted(set(reasons))}


def compare(
    channel: str,
    rows: Sequence[LimitRow],
    curve: Curve,
    *,
    bounds: Sequence[Bound],
    reason: str = "",
    bracket: tuple[Sequence[LimitRow], Sequence[LimitRow]] | None = None,
    vetoed_gev: Sequence[Window] = (),
    compare_at_gev: Mapping[float, float] | None = None,
    lifetime_mm: float | None = None,
) -> Comparison:
    """Compare expected medians with a published curve at each of its bins.

    Parameters
    ----------
    channel
        Name of the channel.
    rows
        Limits of one model on the curve's quantity.
    curve
        The published limit.
    bounds
        What the comparison is held to.
    reason
        As in `Comparison`.
    bracket
        Limits of two extreme assumptions on the same quantity.
    vetoed_gev
        Windows that the search leaves out; bins in them are skipped.
    compare_at_gev
        Published mass -> mass at which our limit is taken instead.
    lifetime_mm
        Lifetime of the bins, where the curve has several.

    Raises
    ------
    UmbraError
        If a row is on another quantity, or the rows are of several models.
    """
    for row in rows:
        if row.quantity != curve.quantity:
            raise UmbraError(f"{channel}: a limit on {row.quantity} cannot be compared with {curve.name}")
        if row.key != rows[0].key:
            raise UmbraError(
                f"{channel}: limits of several models cannot be compared with {curve.name} at once"
            )
    moved = compare_at_gev or {}
    bins = []
    for each in curve.at_lifetime(lifetime_mm):
        mass = moved.get(each.mass_gev, each.mass_gev)
        expected, skipped = expected_at(rows, mass, vetoed_gev)
        ends = [expected_at(side, mass, vetoed_gev)[0] for side in bracket or ()]
        known = sorted(end for end in ends if end is not None)
        bins.append(
            ComparedBin(
                bin=each,
                mass_gev=mass,
                expected=expected,
                skipped=skipped,
                bracket=(known[0], known[1]) if len(known) == 2 else None,
            )
        )
    return Comparison(channel=channel, curve=curve, bins=tuple(bins), bounds=tuple(bounds), reason=reason)


def expected_at(
    rows: Sequence[LimitRow], mass_gev: float, vetoed_gev: Sequence[Window] = ()
) -> tuple[float | None, str]:
    """Our expected median at a mass, or why there is none.

    Between two neighbouring mass points the logarithm of the limit is interpolated in the logarithm of the
    mass (in the mass itself where the lower point is at zero). It is never taken beyond the first or the last
    point, nor across a point that has no limit.

    Parameters
    ----------
    rows
        Limits of one model and quantity.
    mass_gev
        Where.
    vetoed_gev
        Windows that the search leaves out.

    Returns
    -------
    tuple of float or None, and str
        The limit and an empty text, or None and the reason.
    """
    if any(low <= mass_gev <= high for low, high in vetoed_gev):
        return None, "vetoed"
    rows = sorted(rows, key=lambda row: row.mass_gev)
    if not rows or not rows[0].mass_gev <= mass_gev <= rows[-1].mass_gev:
        return None, "outside our range"
    above = next(index for index, row in enumerate(rows) if row.mass_gev >= mass_gev)
    ends = [rows[above]] if rows[above].mass_gev == mass_gev else [rows[above - 1], rows[above]]
    for row in ends:
        if row.status == "excluded_window":
            return None, "vetoed" if len(ends) == 1 else "beside a vetoed point"
        if row.expected is None or row.expected <= 0.0:
            return None, "no limit"
    if len(ends) == 1:
        return ends[0].expected, ""
    low, high = ends
    if low.mass_gev > 0.0:
        fraction = math.log(mass_gev / low.mass_gev) / math.log(high.mass_gev / low.mass_gev)
    else:
        fraction = mass_gev / high.mass_gev
    limits = [row.expected for row in ends if row.expected is not None]
    return math.exp((1.0 - fraction) * math.log(limits[0]) + fraction * math.log(limits[1])), ""


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


def channel_comparisons(
    channel: Channel, rows: Sequence[LimitRow], curves: Mapping[str, Curve]
) -> list[Comparison]:
    """Compare a channel with each curve that it names; shapes against lifetime are those of `lifetime_shape`.

    Parameters
    ----------
    channel
        With `name`, `comparisons`, `masses`.
    rows
        Its table of limits.
    curves
        Published curves by name.

    Raises
    ------
    UmbraError
        If the table has no limit on the quantity of a curve, or no interpretation of a bracket.
    """
    found = []
    for wanted in channel.comparisons:
        if wanted.flight is not None:
            continue
        curve = curves[wanted.curve]
        lived = [row for row in rows if wanted.lifetime_mm in (None, row.lifetime_mm)]
        mine = [row for row in lived if wanted.interpretation in (None, row.model)]
        members = list(groups(mine, curve.quantity).values())
        if not members:
            raise UmbraError(f"channel {channel.name}: no limit on {curve.quantity}, unlike {curve.name}")
        sides = [select(lived, curve.quantity, model=name) for name in wanted.between or ()]
        if not all(sides):
            raise UmbraError(
                f"channel {channel.name}: an interpretation of {list(wanted.between or ())} has no limits"
            )
        found.append(
            compare(
                channel.name,
                members[0],
                curve,
                bounds=bounds_of(wanted),
                reason=wanted.why,
                bracket=(sides[0], sides[1]) if sides else None,
                vetoed_gev=channel.masses.vetoed_gev,
                compare_at_gev=dict(wanted.compare_at_gev),
            )
        )
    return found
