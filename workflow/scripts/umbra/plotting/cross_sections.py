"""Table and figure of our cross-sections over those of others."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from umbra.plotting.canvas import LINES, canvas, stamp, write_numbers
from umbra.validation.cross_sections import DIFFERS, TOLERANCE, UNKNOWN, Comparison, Reference

COLUMNS = (
    "process",
    "sqrt_s_gev",
    "parameters",
    "cuts",
    "isr",
    "value_pb",
    "error_pb",
    "reference_pb",
    "reference_error_pb",
    "ratio",
    "pull",
    "accuracy",
    "verdict",
    "source",
)


def plot_cross_sections(stem: Path, comparisons: Sequence[Comparison]) -> None:
    """Write `<stem>.csv`, `<stem>.pdf` and `<stem>.png`."""
    write_numbers(stem, COLUMNS, [_cells(c) for c in comparisons])
    judged = [c for c in comparisons if c.reference.judged]
    others = [c for c in comparisons if not c.reference.judged]
    shares = [max(len(judged), 4), max(len(others), 4)]
    with canvas(stem, width_inch=13.0, height_inch=2.5 + 0.3 * sum(shares)) as figure:
        upper, lower = figure.subplots(
            2, 1, gridspec_kw={"height_ratios": shares, "hspace": 6.0 / sum(shares)}
        )
        _draw(upper, judged, "ours / reference (band: 1%)")
        upper.axvspan(1.0 - TOLERANCE, 1.0 + TOLERANCE, color="0.9", zorder=0)
        stamp(upper)
        _draw(lower, others, "ours / reference, not comparable: radiation or approximation in the reference")


def _cells(comparison: Comparison) -> list[Any]:
    reference, ours = comparison.reference, comparison.ours
    return [
        reference.process,
        reference.sqrt_s_gev,
        reference.parameter_text,
        reference.cut_text,
        reference.isr,
        ours.value_pb,
        ours.error_pb,
        reference.value_pb,
        reference.error_pb,
        comparison.ratio,
        comparison.pull,
        ours.accuracy,
        comparison.verdict,
        reference.source,
    ]


def _draw(axes: Axes, comparisons: Sequence[Comparison], title: str) -> None:
    for position, comparison in enumerate(reversed(comparisons)):
        colour = LINES[1] if comparison.verdict in (DIFFERS, UNKNOWN) else LINES[0]
        axes.errorbar(
            comparison.ratio, position, xerr=comparison.ratio_error, fmt="o", markersize=4.5, color=colour
        )
    axes.axvline(1.0, color="0.4", linewidth=1.0)
    labels = [_label(c.reference) for c in reversed(comparisons)]
    axes.set_yticks(range(len(labels)), labels, fontsize=9)
    axes.set_ylim(-1.0, max(len(comparisons), 1))
    axes.tick_params(axis="y", which="both", length=0, right=False)
    axes.tick_params(axis="x", labelsize=12)
    axes.set_xlabel(title, fontsize=13)


def _label(reference: Reference) -> str:
    short = reference.arguments.replace("_gev", "").replace("photon_energy", "E").replace("photon_theta", "θ")
    energy = "" if reference.sqrt_s_gev == 10.58 else f" √s={reference.sqrt_s_gev:g}"
    return f"{reference.process} {short}{energy}"
