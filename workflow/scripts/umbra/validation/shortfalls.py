"""What a figure of limits says on its face where they fall short of what they are compared with."""

from collections.abc import Iterable, Sequence

from umbra.config.records import Channel
from umbra.results.limits import LimitRow
from umbra.validation.comparison import Comparison, channel_comparisons
from umbra.validation.lifetime_shape import channel_shapes
from umbra.validation.published import Curve
from umbra.validation.verdicts import Outcome, Verdict


def shortfalls(
    channel: Channel, rows: Sequence[LimitRow], published: Iterable[Curve]
) -> dict[str, tuple[str, ...]]:
    """Say which bounds that were stated beforehand are missed, and what is not validated.

    Parameters
    ----------
    channel
        With its comparisons.
    rows
        Its table of limits.
    published
        The curves that they name.

    Returns
    -------
    dict
        Quantity -> one sentence for each comparison that falls short; none where all bounds are met.

    Raises
    ------
    UmbraError
        As `umbra.validation.comparison.channel_comparisons`.
    """
    curves = {curve.name: curve for curve in published}
    compared = [*channel_comparisons(channel, rows, curves), *channel_shapes(channel, rows, curves)]
    found: dict[str, list[str]] = {}
    for each in compared:
        text = sentence(each)
        if text:
            found.setdefault(each.curve.quantity, []).append(text)
    return {quantity: tuple(dict.fromkeys(texts)) for quantity, texts in found.items()}


def sentence(comparison: Comparison) -> str:
    """Say in how far one comparison falls short; empty where all its bounds are met."""
    said = [_of(verdict) for verdict in comparison.verdicts if verdict.outcome is not Outcome.MET]
    if not said:
        return ""
    what = "shape against lifetime" if comparison.level else comparison.kind
    return f"Beside {comparison.curve.label} ({what}): {'; '.join(said)}."


def _of(verdict: Verdict) -> str:
    gev = verdict.bound.gev
    where = "" if gev is None else f" from {gev[0]:g} to {gev[1]:g} GeV"
    missed = ", ".join(f"{name} by {dex:.3f} dex" for name, dex in verdict.excess_dex.items())
    if verdict.outcome is Outcome.MISSED:
        return f"bound missed{where}, {missed}"
    why = "no bin could be compared"
    if verdict.bins:
        why = f"extreme assumptions are up to {verdict.bracket_dex:.2f} dex apart"
    return f"not validated{where}, {why}" + (f"; bound missed, {missed}" if missed else "")
