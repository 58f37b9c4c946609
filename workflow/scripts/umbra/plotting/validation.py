"""Ratio of our limit to a published one against mass."""

from pathlib import Path

from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from umbra.plotting.canvas import BAND_95, LINES, PUBLISHED, canvas, footer, header, legend, write_numbers
from umbra.plotting.labels import Labels
from umbra.plotting.mass_axis import log_mass_axis, mass_range
from umbra.plotting.published import published_text
from umbra.validation.comparison import Comparison
from umbra.validation.verdicts import Verdict

#: The ratio axis covers at least this factor each way, and its ticks are at these ratios.
_SMALLEST_REACH = 1.6
_BANDS = {"expected": "published, band of one standard deviation", "observed": "published, 16-84% in the bin"}
_TICKS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)


def plot_comparison(
    stem: Path | str, comparison: Comparison, labels: Labels, *, mass_scale: str = "log"
) -> None:
    """Draw the ratio at each published bin as `<stem>.pdf`, `.png` and `.csv`.

    Parameters
    ----------
    stem
        Path of the files without suffix.
    comparison
        What was compared.
    labels
        What the figure says about the channel.
    mass_scale
        `log` or `linear`.
    """
    used = [each for each in comparison.bins if not each.skipped]
    skipped = [each for each in comparison.bins if each.skipped]
    with canvas(stem, height_inch=6.0) as figure:
        axes = figure.add_subplot()
        axes.set_xlim(mass_range([each.mass_gev for each in comparison.bins], mass_scale))
        if mass_scale == "log":
            log_mass_axis(axes)
        axes.set_yscale("log")
        if comparison.level is None:
            banded = [(each, each.theirs.band) for each in comparison.bins if each.theirs.band]
            axes.fill_between(
                [each.mass_gev for each, _ in banded],
                [low / each.theirs.value for each, (low, _) in banded],
                [high / each.theirs.value for each, (_, high) in banded],
                color=PUBLISHED,
                alpha=0.2,
                linewidth=0,
                label=_BANDS[comparison.theirs],
            )
        overall = comparison.bounds[0].median_dex
        axes.axhline(1.0, color=PUBLISHED, linewidth=1.4)
        for edge in (10**overall, 10**-overall):
            axes.axhline(
                edge,
                color="0.4",
                linestyle="--",
                linewidth=1.2,
                label=f"bound on the median, {overall:g} dex" if edge > 1.0 else None,
            )
        bracketed = [each for each in used if each.bracket is not None]
        if bracketed:
            axes.fill_between(
                [each.mass_gev for each in bracketed],
                [each.bracket[0] / each.theirs.value for each in bracketed if each.bracket],
                [each.bracket[1] / each.theirs.value for each in bracketed if each.bracket],
                color=BAND_95,
                alpha=0.5,
                linewidth=0,
                label="between the two extreme assumptions",
            )
        axes.plot(
            [each.mass_gev for each in used],
            [each.ratio for each in used],
            "o-" if comparison.level is None else "o",
            color=LINES[0],
            markersize=5,
            linewidth=1.3,
            label=f"{comparison.kind} / published {comparison.theirs} limit"
            + ("" if comparison.level is None else ", each lifetime; scaled to agree at one of each mass"),
        )
        if skipped:
            counts = ", ".join(f"{reason} ({count})" for reason, count in comparison.skipped.items())
            axes.plot(
                [each.mass_gev for each in skipped],
                [0.03] * len(skipped),
                "x",
                color=LINES[2],
                markersize=7,
                transform=axes.get_xaxis_transform(),
                clip_on=False,
                label=f"not compared: {counts}",
            )
        reach = max(_SMALLEST_REACH, *_edges(comparison))
        axes.set_ylim(reach**-1.25, reach**1.25)
        axes.yaxis.set_major_locator(FixedLocator(_TICKS))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel(labels.mass_axis)
        axes.set_ylabel(f"ours / published {labels.title(comparison.curve.quantity)}")
        legend(axes, "\n".join(verdict_text(verdict) for verdict in comparison.verdicts))
        header(axes, labels)
        footer(
            axes, [labels.process, published_text(comparison.curve), labels.background_text, *labels.notes]
        )
    write_numbers(
        stem,
        (
            "mass_gev",
            "compared_at_gev",
            "published",
            "published_low",
            "published_high",
            "limit",
            "ratio",
            "skipped",
        ),
        (
            (
                each.bin.mass_gev,
                each.mass_gev,
                each.theirs.value,
                *(each.theirs.band or (None, None)),
                each.ours and each.ours.value,
                None if each.skipped else each.ratio,
                each.skipped,
            )
            for each in comparison.bins
        ),
    )


def _edges(comparison: Comparison) -> list[float]:
    """Factors by which anything that is drawn differs from 1."""
    factors = [
        value / each.theirs.value
        for each in comparison.bins
        for value in each.theirs.band or ()
        if comparison.level is None
    ]
    for each in comparison.bins:
        factors += [] if each.skipped else [each.ratio]
        factors += [] if each.bracket is None else [side / each.theirs.value for side in each.bracket]
    return [max(factor, 1.0 / factor) for factor in factors]


def verdict_text(verdict: Verdict) -> str:
    """One line about a verdict."""
    gev = verdict.bound.gev
    where = "all masses" if gev is None else f"{gev[0]:g} to {gev[1]:g} GeV"
    if verdict.median_abs_dex is None or verdict.bias_dex is None or verdict.worst_dex is None:
        return f"{where}: no bin to compare"
    bound = verdict.bound
    shape = "" if bound.shape_dex is None else f"\n  shape {verdict.rms_dex:.3f} ({bound.shape_dex:g})"
    return (
        f"{where}, {verdict.bins} bins: {verdict.outcome.value}\n"
        f"  median |dex| {verdict.median_abs_dex:.3f} (bound {bound.median_dex:g})\n"
        f"  bias {verdict.bias_dex:+.3f} ({bound.bias_dex:g}), worst bin {verdict.worst_dex:+.2f} ({bound.worst_dex:g})"
        f"{shape}"
    )
