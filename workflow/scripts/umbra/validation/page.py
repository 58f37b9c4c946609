"""The validation page: limits of every channel beside published ones, with bounds, verdicts and reasons."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from umbra.core.io import atomic_open
from umbra.validation.comparison import Comparison, Level
from umbra.validation.full_scans import FullScan, section
from umbra.validation.quoted_ranges import ComparedRange
from umbra.validation.spectra import SpectrumRange
from umbra.validation.spectra import section as spectra_section
from umbra.validation.verdicts import WIDEST_BRACKET_DEX, Outcome, Verdict

_BINS = (
    "channel",
    "curve",
    "quantity",
    "ours",
    "theirs",
    "lifetime_mm",
    "mass_gev",
    "compared_at_gev",
    "published",
    "published_low",
    "published_high",
    "limit",
    "limit_low",
    "limit_high",
    "ratio",
    "log10_ratio",
    "inside_band",
    "bracket_low",
    "bracket_high",
    "skipped",
)
_VERDICTS = (
    "channel",
    "curve",
    "quantity",
    "ours",
    "theirs",
    "from_gev",
    "to_gev",
    "bins",
    "skipped",
    "median_abs_log10_ratio",
    "median_log10_ratio",
    "worst_log10_ratio",
    "worst_at_gev",
    "slope_per_decade",
    "rms_log10_ratio",
    "inside_band",
    "band_over_published",
    "bracket_log10_width",
    "median_abs_bound",
    "median_bound",
    "worst_bound",
    "shape_bound",
    "verdict",
)


def write_validation(
    folder: Path,
    comparisons: Sequence[Comparison],
    ranges: Sequence[ComparedRange],
    *,
    scan: str,
    precision: Mapping[str, str],
    full_scans: Sequence[FullScan] = (),
    from_memory: Mapping[str, Sequence[str]] = MappingProxyType({}),
    spectra: Sequence[tuple[str, SpectrumRange]] = (),
) -> None:
    """Write `index.md`, `bins.csv` and `verdicts.csv` into a folder.

    Parameters
    ----------
    folder
        Where the files go.
    comparisons
        What was compared bin by bin.
    ranges
        What is reported beside a quoted range.
    scan
        Name of the scan that the limits come from.
    precision
        Channel -> which cross-sections of its samples are known less well than asked; empty if none.
    full_scans
        Full scans that have been run before.
    from_memory
        Channel -> values of it that no source shows.
    spectra
        Channel and range of one of its spectra.
    """
    _write(folder / "bins.csv", _BINS, (row for each in comparisons for row in _bin_rows(each)))
    _write(folder / "verdicts.csv", _VERDICTS, (row for each in comparisons for row in _verdict_rows(each)))
    with atomic_open(folder / "index.md") as stream:
        lines = [*_page(comparisons, ranges, scan), *_precision_section(precision)]
        lines += spectra_section(spectra) if spectra else ()
        lines += section(full_scans) if full_scans else ()
        lines += _memory_table(from_memory)
        stream.write("\n".join(lines) + "\n")


def _precision_section(precision: Mapping[str, str]) -> Iterable[str]:
    yield from ("", "## Cross-sections of the samples", "")
    flagged = [f"* `{channel}`: {text}" for channel, text in precision.items() if text]
    yield from flagged or ["All are known as well as was asked for."]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with atomic_open(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value) if isinstance(value, float) else str(value)


def _bin_rows(comparison: Comparison) -> Iterable[tuple[Any, ...]]:
    for each in comparison.bins:
        published = each.bin
        low, high = each.bracket or (None, None)
        yield (
            comparison.channel,
            comparison.curve.name,
            comparison.curve.quantity,
            comparison.kind,
            comparison.theirs,
            published.lifetime_mm,
            published.mass_gev,
            each.mass_gev,
            each.theirs.value,
            *(each.theirs.band or (None, None)),
            each.ours and each.ours.value,
            *((each.ours and each.ours.band) or (None, None)),
            None if each.skipped else each.ratio,
            None if each.skipped else each.dex,
            None if each.skipped else each.inside_band,
            low,
            high,
            each.skipped,
        )


def _verdict_rows(comparison: Comparison) -> Iterable[tuple[Any, ...]]:
    for verdict in comparison.verdicts:
        yield (
            comparison.channel,
            comparison.curve.name,
            comparison.curve.quantity,
            comparison.kind,
            comparison.theirs,
            *(verdict.bound.gev or (0.0, None)),
            verdict.bins,
            verdict.skipped,
            verdict.median_abs_dex,
            verdict.bias_dex,
            verdict.worst_dex,
            verdict.worst_at_gev,
            verdict.slope_dex_per_decade,
            verdict.rms_dex,
            verdict.inside_band,
            verdict.band_ratio,
            verdict.bracket_dex,
            verdict.bound.median_dex,
            verdict.bound.bias_dex,
            verdict.bound.worst_dex,
            verdict.bound.shape_dex,
            verdict.outcome.value,
        )


def _page(comparisons: Sequence[Comparison], ranges: Sequence[ComparedRange], scan: str) -> Iterable[str]:
    yield "# Validation: re-derived limits against published ones"
    yield ""
    yield (
        "The ratio is our limit over the published one at each bin of the published curve, in its quantity and at its "
        "confidence level; dex is its log10, above zero where ours is weaker. Expected limits are compared with "
        "expected ones, or with observed ones where a paper has no others: these fluctuate with the data, which ours "
        "cannot follow. Observed limits of ours are from the data that the paper publishes. A verdict needs the median "
        "of |dex|, its signed median (bias) and the worst bin; where the truth lies between two "
        f"assumptions more than {WIDEST_BRACKET_DEX:g} dex apart, or no bin can be compared, nothing is validated. The "
        "bounds were written down beforehand, and no number is tuned to a limit."
    )
    yield ""
    yield (
        "Slope: of the straight line through dex against log10 of the mass, per decade. Shape: spread of dex about its "
        "mean. Band: our band of one standard "
        "deviation over the published one, both in dex. Bracket: its largest width in dex."
    )
    yield ""
    outcomes = [verdict.outcome for each in comparisons for verdict in each.verdicts]
    counts = ", ".join(f"{outcomes.count(outcome)} {outcome.value}" for outcome in Outcome)
    yield f"Scan: `{scan}`. Verdicts: {counts}. Numbers of each bin: `bins.csv`; of each row: `verdicts.csv`."
    yield ""
    yield (
        "| channel | published limit | ours / theirs | masses [GeV] | bins | median abs dex | bias | worst bin | slope "
        "| shape | band | bracket | bounds: median, bias, worst, shape | verdict |"
    )
    yield "|" + 14 * "---|"
    for comparison in comparisons:
        for verdict in comparison.verdicts:
            yield _verdict_line(comparison, verdict, _which(comparison, comparisons))
    for comparison in comparisons:
        yield from _section(comparison, _which(comparison, comparisons))
    if ranges:
        yield from _range_table(ranges)


def _verdict_line(comparison: Comparison, verdict: Verdict, which: str) -> str:
    gev, bound = verdict.bound.gev, verdict.bound
    worst = "" if verdict.worst_at_gev is None else f" at {verdict.worst_at_gev:.3g} GeV"
    cells = (
        f"`{comparison.channel}`",
        comparison.curve.citation + which,
        f"{comparison.kind} / {comparison.theirs} `{comparison.curve.quantity}`",
        "all" if gev is None else f"{gev[0]:g} - {gev[1]:g}",
        f"{verdict.bins} of {verdict.bins + verdict.skipped}",
        _dex(verdict.median_abs_dex, sign=False),
        _dex(verdict.bias_dex),
        _dex(verdict.worst_dex) + worst,
        _dex(verdict.slope_dex_per_decade),
        _dex(verdict.rms_dex, sign=False),
        "" if verdict.band_ratio is None else f"{verdict.band_ratio:.2f}",
        _dex(verdict.bracket_dex, sign=False),
        ", ".join(f"{each:g}" for each in bound.stated),
        _verdict_words(verdict),
    )
    return f"| {' | '.join(cells)} |"


def _verdict_words(verdict: Verdict) -> str:
    """Outcome, and why nothing is validated or by how much bounds are missed."""
    reasons = []
    if verdict.outcome is Outcome.NOT_VALIDATED:
        reasons.append("no bin" if not verdict.bins else "wide bracket")
    reasons += [f"{name} by {excess:.3f}" for name, excess in verdict.excess_dex.items()]
    return f"**{verdict.outcome.value}**: {', '.join(reasons)}" if reasons else verdict.outcome.value


def _section(comparison: Comparison, which: str) -> Iterable[str]:
    curve = comparison.curve
    yield ""
    yield f"## {comparison.channel}: {curve.label}{which}"
    yield ""
    yield f"![ratio against mass]({comparison.figure}.png)"
    yield ""
    yield (
        f"{curve.citation}; {curve.luminosity}, {curve.confidence}; {curve.origin}. "
        f"Quantity: `{curve.quantity}` ({curve.definition}); ours {comparison.kind}, theirs {comparison.theirs}."
    )
    yield from ("", curve.remark) if curve.remark else ()
    yield ""
    skipped = ", ".join(f"{count} {reason}" for reason, count in comparison.skipped.items())
    yield f"Bins not compared: {skipped or 'none'}."
    moved = [each for each in comparison.bins if each.mass_gev != each.bin.digitised_mass_gev]
    if moved:
        listed = ", ".join(f"{each.bin.digitised_mass_gev:g} → {each.mass_gev:g}" for each in moved)
        yield f"Digitised masses that were corrected before the comparison [GeV]: {listed}."
    bracketed = [each for each in comparison.bins if each.bracket is not None]
    if bracketed:
        inside = sum(each.inside_bracket for each in bracketed)
        yield f"Published bins between the two extreme assumptions: {inside} of {len(bracketed)}."
    if comparison.level is not None:
        yield _level(comparison.level)
    yield from ("", f"Why they differ: {comparison.reason}") if comparison.reason else ()


def _level(level: Level) -> str:
    return (
        "Shape against lifetime: at each mass the limits are scaled to agree at the lifetime whose median "
        f"flight is nearest to {level.anchor_mm:g} mm. Before, ours over theirs there is "
        f"{level.median_dex:+.2f} dex (median over the masses, spread {level.rms_dex:.2f}); "
        f"{level.above} of the compared bins have ours above."
    )


def _which(comparison: Comparison, comparisons: Sequence[Comparison]) -> str:
    """What tells a comparison from the others of its channel with the same paper, and whether it is of a shape only."""
    same = [
        each
        for each in comparisons
        if (each.channel, each.curve.citation) == (comparison.channel, comparison.curve.citation)
    ]
    parts = [comparison.curve.definition] if len(same) > 1 else []
    parts += ["shape against lifetime"] if comparison.level is not None else []
    return "".join(f", {part}" for part in parts)


def _range_table(ranges: Sequence[ComparedRange]) -> Iterable[str]:
    yield ""
    yield "## Quoted ranges"
    yield ""
    yield "Where a text quotes a range, that of our expected medians stands beside it: a report, not a test."
    yield ""
    yield "| channel | source | quantity | masses [GeV] | quoted | ours | ratio of the ends | remark |"
    yield "|---|---|---|---|---|---|---|---|"
    for each in ranges:
        quoted = each.quoted
        remark = quoted.remark if quoted.verified else f"Unverified: {quoted.origin}. {quoted.remark}".strip()
        source = f"`{each.channel}`" + (f" ({each.model})" if each.model else "")
        yield (
            f"| {source} | {quoted.citation} | `{quoted.quantity}` | {quoted.mass_gev[0]:g} - "
            f"{quoted.mass_gev[1]:g} | {_ends(quoted.low, quoted.high)} | {_ends(each.low, each.high)} | "
            f"{_ratio(each.low, quoted.low)}, {_ratio(each.high, quoted.high)} | {remark} |"
        )


def _memory_table(from_memory: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """Values that no source shows, whose number the figures of each channel say."""
    if not any(from_memory.values()):
        return
    yield ""
    yield "## Values from memory"
    yield ""
    yield "Marked `!memory` in the configuration: from memory or assumed, unverified."
    yield ""
    yield "| channel | number | values |"
    yield "|---|---|---|"
    for channel, values in from_memory.items():
        if values:
            listed = "; ".join(f"`{value}`" for value in values)
            yield f"| `{channel}` | {len(values)} | {listed} |"


def _dex(value: float | None, *, sign: bool = True) -> str:
    if value is None:
        return ""
    return f"{value:+.3f}" if sign else f"{value:.3f}"


def _ends(low: float | None, high: float | None) -> str:
    return f"{'?' if low is None else f'{low:.3g}'} - {'?' if high is None else f'{high:.3g}'}"


def _ratio(ours: float | None, theirs: float | None) -> str:
    return "-" if ours is None or theirs is None else f"{ours / theirs:.2f}"
