"""Validation: our limits against published ones, bin by bin.

The ratio is our expected median over the published expected limit, or over the observed one where no other is
published, whose fluctuations ours cannot follow; or our observed limit over the published one, where ours is from the
published data. Both are at the same confidence level.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from umbra.config.records import Bound, Channel, Compared
from umbra.core.errors import UmbraError
from umbra.results.limits import LimitRow, groups, select
from umbra.validation.bins import ComparedBin
from umbra.validation.interpolation import Window, limit_at, limit_of_bin
from umbra.validation.published import Curve
from umbra.validation.verdicts import Verdict, judge


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
    kind
        Which of our limits are compared.
    level
        What was divided out, where only the shape against lifetime is compared; the bins then have limits that are
        scaled so.
    """

    channel: str
    curve: Curve
    bins: tuple[ComparedBin, ...]
    bounds: tuple[Bound, ...]
    reason: str
    kind: Compared = "expected"
    level: Level | None = None

    @property
    def figure(self) -> str:
        """Name of its figure, without suffix."""
        return f"{self.channel}__{self.curve.name}" + ("__observed" if self.kind == "observed" else "")

    @property
    def theirs(self) -> Compared:
        """Which published limits ours are compared with."""
        return self.bins[0].theirs.kind

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
    kind: Compared = "expected",
    vetoed_gev: Sequence[Window] = (),
    compare_at_gev: Mapping[float, float] | None = None,
    lifetime_mm: float | None = None,
    paper_masses: bool = False,
) -> Comparison:
    """Compare limits with a published curve at each of its bins.

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
    kind
        Which of our limits are compared; see `Curve.compared` for what with.
    vetoed_gev
        Windows that the search leaves out; bins in them are skipped.
    compare_at_gev
        Published mass -> mass at which our limit is taken instead.
    lifetime_mm
        Lifetime of the bins, where the curve has several.
    paper_masses
        Whether our hypotheses are those of the paper, so that a bin's observed limit is a median of ours, too.

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
        if paper_masses and kind == "observed":
            ours, skipped = limit_of_bin(rows, mass, each.points)
        else:
            ours, skipped = limit_at(rows, mass, vetoed_gev, kind=kind)
        ends = [limit_at(side, mass, vetoed_gev, kind=kind)[0] for side in bracket or ()]
        known = sorted(end.value for end in ends if end is not None)
        bins.append(
            ComparedBin(
                bin=each,
                theirs=curve.compared(each, kind),
                mass_gev=mass,
                ours=ours,
                skipped=skipped,
                bracket=(known[0], known[1]) if len(known) == 2 else None,
            )
        )
    return Comparison(
        channel=channel, curve=curve, kind=kind, bins=tuple(bins), bounds=tuple(bounds), reason=reason
    )


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
        If the table has no limit on the quantity of a curve, or no interpretation of a bracket, or the curve is at
        another confidence level.
    """
    found = []
    for wanted in channel.comparisons:
        if wanted.flight is not None:
            continue
        curve = curves[wanted.curve]
        _check_level(channel, curve)
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
                bounds=wanted.bounds,
                reason=wanted.why,
                kind=wanted.limits,
                bracket=(sides[0], sides[1]) if sides else None,
                vetoed_gev=channel.masses.vetoed_gev,
                compare_at_gev=dict(wanted.compare_at_gev),
                paper_masses=_has_published_data(channel, wanted.interpretation),
            )
        )
    return found


def _has_published_data(channel: Channel, interpretation: str | None) -> bool:
    """Whether an interpretation, the main one if it has no name, is fitted at the masses of a paper."""
    reading = channel.main if interpretation is None else channel.interpretation(interpretation)
    return reading.published is not None


def _check_level(channel: Channel, curve: Curve) -> None:
    """Refuse to compare limits at two confidence levels; that of some curves is not known."""
    if curve.confidence_level not in (None, channel.limit.level):
        raise UmbraError(
            f"channel {channel.name}: limits at {channel.limit.level:g} cannot be compared with {curve.name}, which is "
            f"at {curve.confidence_level:g}"
        )
