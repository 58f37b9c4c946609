"""Ranges of limits that a text quotes, with the range of ours beside them: a report, never a test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from umbra.config.published import Range
from umbra.config.records import Channel
from umbra.core.errors import UmbraError
from umbra.core.vocabulary import COUPLINGS
from umbra.results.limits import LimitRow


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
    channel: Channel, rows: Sequence[LimitRow], ranges: Mapping[str, Range]
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
    ]


def _alike(rows: Sequence[LimitRow], quantity: str) -> list[str | None]:
    """Models with a limit on a quantity that have the coupling of the first of them."""
    models = dict.fromkeys(row.model for row in rows if row.quantity == quantity)
    coupling = {row.model: row.quantity for row in rows if row.quantity in COUPLINGS}
    return [model for model in models if coupling.get(model) == coupling.get(next(iter(models)))]
