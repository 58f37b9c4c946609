"""Ranges of limits that a text quotes, with the range of ours beside them: a report, never a test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from umbra.config.published import Range
from umbra.config.records import Channel
from umbra.core.errors import UmbraError
from umbra.core.vocabulary import COUPLINGS
from umbra.results.contours import Contour
from umbra.results.limits import LimitRow

#: Masses at which the lower edge of a region is looked up.
_EDGE_POINTS = 200


@dataclass(frozen=True, kw_only=True)
class ComparedRange:
    """Range of our expected medians beside a range that a text quotes.

    Parameters
    ----------
    channel
        Name of the channel.
    quoted
        The published range.
    low, high
        Smallest and largest expected median at masses of the range; None where we have none there.
    model
        Whose medians; None where the channel has one model.
    """

    channel: str
    quoted: Range
    low: float | None
    high: float | None
    model: str | None = None


def compare_range(
    channel: str, rows: Sequence[LimitRow], quoted: Range, model: str | None = None
) -> ComparedRange:
    """Lay the range of one model's expected medians beside a quoted one: a report, never a test."""
    inside = [
        row.expected
        for row in rows
        if row.quantity == quoted.quantity
        and row.model == model
        and quoted.mass_gev[0] <= row.mass_gev <= quoted.mass_gev[1]
        and row.expected is not None
    ]
    return ComparedRange(
        channel=channel,
        quoted=quoted,
        low=min(inside, default=None),
        high=max(inside, default=None),
        model=model,
    )


def channel_ranges(
    channel: Channel,
    rows: Sequence[LimitRow],
    ranges: Mapping[str, Range],
    regions: Sequence[Contour] = (),
) -> list[ComparedRange]:
    """Lay the limits of a channel beside the quoted ranges that it names.

    A range is that of the first interpretation with its quantity; others on the same coupling, such as extreme
    assumptions, are reported too.

    Parameters
    ----------
    channel
        With `name` and `quoted`, the names of ranges.
    rows
        Its table of limits.
    ranges
        Quoted ranges by name.
    regions
        Its table of excluded regions: where the coupling fixes the lifetime, their lower edge is what is reported.

    Raises
    ------
    UmbraError
        If there is no such range.
    """
    for name in channel.quoted:
        if name not in ranges:
            raise UmbraError(f"channel {channel.name}: quoted: there is no range {name!r}")
    return [
        compare_range(channel.name, rows, ranges[name], model)
        for name in channel.quoted
        for model in _alike(rows, ranges[name].quantity)
    ] + [
        compare_region(channel.name, mine, ranges[name], model)
        for name in channel.quoted
        for model, mine in _regions(regions, ranges[name].quantity).items()
    ]


def compare_region(
    channel: str, outlines: Sequence[Contour], quoted: Range, model: str | None
) -> ComparedRange:
    """Lay the lower edge of what one model excludes beside a quoted range."""
    edge = [value for each in outlines for mass, value in lower_edge(each) if _within(mass, quoted.mass_gev)]
    return ComparedRange(
        channel=channel,
        quoted=quoted,
        low=min(edge, default=None),
        high=max(edge, default=None),
        model=model,
    )


def lower_edge(outline: Contour) -> list[tuple[float, float]]:
    """Smallest coupling of a region at masses between its outermost ones, evenly in their logarithm."""
    x, y = np.log(outline.mass_gev), np.log(outline.value)
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    steep = x != x2
    found = []
    for place in np.linspace(x.min(), x.max(), _EDGE_POINTS + 2)[1:-1]:
        crossed = steep & ((x - place) * (x2 - place) <= 0.0)
        share = (place - x[crossed]) / (x2[crossed] - x[crossed])
        heights = y[crossed] + share * (y2[crossed] - y[crossed])
        found.append((float(np.exp(place)), float(np.exp(heights.min()))))
    return found


def _within(mass_gev: float, masses_gev: tuple[float, float]) -> bool:
    return masses_gev[0] <= mass_gev <= masses_gev[1]


def _regions(regions: Sequence[Contour], quantity: str) -> dict[str | None, list[Contour]]:
    """Regions that expected medians exclude, without those in a plane of two masses, by model."""
    found: dict[str | None, list[Contour]] = {}
    for each in regions:
        if each.level == "expected" and each.quantity == quantity:
            found.setdefault(each.model, []).append(each)
    return found


def _alike(rows: Sequence[LimitRow], quantity: str) -> list[str | None]:
    """Models with a limit on a quantity that have the coupling of the first of them."""
    models = dict.fromkeys(row.model for row in rows if row.quantity == quantity)
    coupling = {row.model: row.quantity for row in rows if row.quantity in COUPLINGS}
    return [model for model in models if coupling.get(model) == coupling.get(next(iter(models)))]
