"""The validation page: limits of every channel beside published ones, with bounds, verdicts and reasons."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from umbra.core.io import atomic_open
from umbra.validation.comparison import Comparison
from umbra.validation.full_scans import FullScan, section
from umbra.validation.quoted_ranges import ComparedRange

_BINS = (
    "channel",
    "curve",
    "quantity",
    "lifetime_mm",
    "mass_gev",
    "compared_at_gev",
    "published",
    "published_p16",
    "published_p84",
    "expected",
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
    "from_gev",
    "to_gev",
    "bins",
    "median_abs_log10_ratio",
    "median_log10_ratio",
    "rms_log10_ratio",
    "largest_abs_log10_ratio",
    "inside_band",
    "bound",
    "met",
)


def write_validation(
    folder: Path,
    comparisons: Sequence[Comparison],
    ranges: Sequence[ComparedRange],
    *,
    scan: str,
    full_scans: Sequence[FullScan] = (),
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
    full_scans
        Full scans that have been run before.
    """
    _write(folder / "bins.csv", _BINS, (row for each in comparisons for row in _bin_rows(each)))
    _write(folder / "verdicts.csv", _VERDICTS, (row for each in comparisons for row in _verdict_rows(each)))
    with atomic_open(folder / "index.md") as stream:
        lines = [*_page(comparisons, ranges, scan), *(section(full_scans) if full_scans else ())]
        stream.write("\n".join(lines) + "\n")


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
            published.lifetime_mm,
            published.mass_gev,
            each.mass_gev,
            published.limit,
            published.limit_p16,
            published.limit_p84,
            each.expected,
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
            verdict.bound.from_gev,
            None if verdict.bound.to_gev == float("inf") else verdict.bound.to_gev,
            verdict.bins,
            verdict.median_abs_dex,
            verdict.median_dex,
            verdict.rms_dex,
            verdict.largest_abs_dex,
            verdict.inside_band,
            verdict.bound.median_dex,
            verdict.met,
        )


def _page(comparisons: Sequence[Comparison], ranges: Sequence[ComparedRange], scan: str) -> Iterable[str]:
    yield "# Validation: re-derived limits against published ones"
    yield ""
    yield (
        "The ratio is our expected median over the published limit at each bin of the published curve, in "
        "the quantity that the curve is on; dex is its log10. Published limits are observed and fluctuate "
        "with the data, so the median over the bins is held to a bound and single bins are not. No number is "
        "tuned to a limit."
    )
    yield ""
    yield f"Scan: `{scan}`. Numbers of each bin: `bins.csv`; of each row: `verdicts.csv`."
    yield ""
    yield (
        "| channel | published limit | masses [GeV] | bins | median abs dex | bound | verdict | median dex | "
        "rms dex | inside 16-84% |"
    )
    yield "|" + 10 * "---|"
    for comparison in comparisons:
        for verdict in comparison.verdicts:
            upper = "" if verdict.bound.to_gev == float("inf") else f"{verdict.bound.to_gev:g}"
            masses = f"{verdict.bound.from_gev:g} - {upper}" if upper else "all"
            cells = (
                f"`{comparison.channel}`",
                comparison.curve.citation + _which(comparison, comparisons),
                masses,
                str(verdict.bins),
                _dex(verdict.median_abs_dex),
                f"{verdict.bound.median_dex:g}",
                "met" if verdict.met else "**missed**",
                _dex(verdict.median_dex, sign=True),
                _dex(verdict.rms_dex),
                str(verdict.inside_band),
            )
            yield f"| {' | '.join(cells)} |"
    for comparison in comparisons:
        yield ""
        yield f"## {comparison.channel}: {comparison.curve.label}{_which(comparison, comparisons)}"
        yield ""
        yield f"![ratio against mass]({comparison.figure}.png)"
        yield ""
        curve = comparison.curve
        yield (
            f"{curve.citation}; {curve.luminosity}, {curve.confidence}; {curve.origin}. "
            f"Quantity: `{curve.quantity}` ({curve.definition})."
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
            level = comparison.level
            yield (
                "Shape against lifetime: at each mass the limits are scaled to agree at the lifetime whose median "
                f"flight is nearest to {level.anchor_mm:g} mm. Before, ours over theirs there is "
                f"{level.median_dex:+.2f} dex (median over the masses, spread {level.rms_dex:.2f}); "
                f"{level.above} of the compared bins have ours above."
            )
        yield from ("", f"Why they differ: {comparison.reason}") if comparison.reason else ()
    if ranges:
        yield from _range_table(ranges)


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


def _dex(value: float | None, *, sign: bool = False) -> str:
    if value is None:
        return "no bin"
    return f"{value:+.3f}" if sign else f"{value:.3f}"


def _ends(low: float | None, high: float | None) -> str:
    return f"{'?' if low is None else f'{low:.3g}'} - {'?' if high is None else f'{high:.3g}'}"


def _ratio(ours: float | None, theirs: float | None) -> str:
    return "-" if ours is None or theirs is None else f"{ours / theirs:.2f}"
