"""All limits of a portal in one figure: ours filled, published ones as labelled lines."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from umbra.core.vocabulary import QUANTITIES
from umbra.plotting.canvas import canvas, footer, legend, name_height, stamp, write_numbers
from umbra.plotting.exclusion import runs
from umbra.plotting.islands import draw_region
from umbra.plotting.mass_axis import log_mass_axis
from umbra.plotting.placing import Label, place_labels
from umbra.results.contours import Contour
from umbra.results.limits import LimitRow
from umbra.validation.published import Curve

_OURS = ("#3f90da", "#ffa90e", "#832db6", "#94a4a2", "#e76300")
_THEIRS = (
    *("#bd1f01", "#1b7837", "#4d4d4d", "#8c510a", "#c51b7d", "#01665e", "#762a83"),
    *("#b35806", "#2166ac", "#7f7f00", "#d6604d", "#5aae61", "#878787"),
)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A limit of ours.

    Parameters
    ----------
    name
        Name of the channel.
    label
        Text along the limit.
    title
        Text of the legend.
    rows
        The limits, in order of mass.
    islands
        Outlines of excluded regions with an upper edge.
    """

    name: str
    label: str
    title: str
    rows: Sequence[LimitRow]
    islands: Sequence[Contour] = ()


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Limits on one coupling.

    Parameters
    ----------
    quantity
        The coupling.
    filled
        Ours.
    published
        Theirs.
    """

    quantity: str
    filled: Sequence[Filled]
    published: Sequence[Curve]


def plot_summary(stem: Path | str, panels: Sequence[Panel], title: str, mass_axis: str) -> None:
    """Draw the limits of a portal, a panel for each coupling, as `<stem>.pdf`, `.png` and `.csv`.

    Ours are expected medians, filled upwards, or regions with an upper edge; gaps are vetoed windows and points
    without a limit. Published limits are lines of their binned medians, dashed where they are projections, dotted
    where only the lower edge of a region is known; a line follows the outline of a region where that is known.

    Parameters
    ----------
    stem
        Path of the files without suffix.
    panels
        One for each coupling; without any the figure says so.
    title
        What the portal is.
    mass_axis
        Title of the mass axis.
    """
    columns = ("quantity", "series", "mass_gev", "value", "low", "high", "citation", "origin")
    if not panels:
        with canvas(stem, 12.0, 4.0) as figure:
            axes = figure.add_subplot()
            axes.set_axis_off()
            nothing = f"{title}: no channel limits a coupling here"
            axes.text(0.5, 0.5, nothing, transform=axes.transAxes, ha="center")
            stamp(axes)
        write_numbers(stem, columns, [])
        return
    experiments = sorted({curve.experiment for panel in panels for curve in panel.published})
    colours = {experiment: _THEIRS[index % len(_THEIRS)] for index, experiment in enumerate(experiments)}
    with canvas(stem, 12.0, 8.6 * len(panels)) as figure:
        all_axes = figure.subplots(len(panels), 1, squeeze=False, gridspec_kw={"hspace": 0.62})[:, 0]
        for axes, panel in zip(all_axes, panels, strict=True):
            _draw(figure, axes, panel, title, mass_axis, colours)
    write_numbers(
        stem,
        columns,
        (row for panel in panels for row in _numbers(panel)),
    )


def _draw(
    figure: Figure, axes: Axes, panel: Panel, title: str, mass_axis: str, colours: dict[str, str]
) -> None:
    axes.set_yscale("log")
    axes.set_xlim(*_range([mass for mass, _ in _points(panel)], 0.03))
    log_mass_axis(axes)
    low, high = _range([limit for _, limit in _points(panel)], 0.06)
    axes.set_ylim(low, min(high, QUANTITIES[panel.quantity].largest or high))
    labels = []
    for number, ours in enumerate(panel.filled):
        colour = _OURS[number % len(_OURS)]
        known = [run for run in runs(ours.rows) if run[0].expected is not None]
        for part, run in enumerate(known):
            masses = [row.mass_gev for row in run]
            limits = [row.expected for row in run if row.expected is not None]
            axes.fill_between(
                masses,
                limits,
                axes.get_ylim()[1],
                facecolor=to_rgba(colour, 0.22),
                edgecolor="none",
                label=None if part else ours.title,
                zorder=1,
            )
            axes.plot(
                masses, limits, color=colour, linewidth=2.6, zorder=5, marker="." if len(run) == 1 else ""
            )
        for part, island in enumerate(ours.islands):
            draw_region(axes, island, to_rgba(colour, 0.22), colour, "_" if part else ours.title)
        longest = max(known, key=len, default=[])
        largest = max(ours.islands, key=lambda island: len(island.value), default=None)
        labels.append(
            Label(
                text=ours.label,
                x=[row.mass_gev for row in longest] if largest is None else largest.mass_gev,
                y=[row.expected for row in longest if row.expected is not None]
                if largest is None
                else largest.value,
                color=_darker(colour),
                size=12.0,
                weight="bold",
            )
        )
    for curve in panel.published:
        bins = curve.at_lifetime(curve.lifetimes_mm[0])
        masses, limits = [each.mass_gev for each in bins], [each.limit for each in bins]
        style = "--" if curve.projection else ":" if curve.shape == "lower_edge" else "-"
        colour = colours[curve.experiment]
        if curve.shape == "points":
            axes.plot(masses, limits, ".", color=colour, markersize=4, zorder=3)
        else:
            axes.plot(masses, limits, style, color=colour, linewidth=1.2, zorder=3)
        labels.append(Label(text=curve.label, x=masses, y=limits, color=colour))
    axes.set_xlabel(mass_axis)
    name_height(axes, QUANTITIES[panel.quantity].title)
    if not panel.filled:
        axes.plot([], [], color="none", label="none of ours")
    legend_title = f"{title}; ours (filled): expected median"
    legend(axes, legend_title)
    stamp(axes)
    shown = [label for label in labels if len(label.x)]
    # Long curves have more room to give: published ones that are short choose first, after ours.
    ours_first = shown[: len(panel.filled)]
    place_labels(figure, axes, ours_first + sorted(shown[len(ours_first) :], key=lambda label: len(label.x)))
    convention = QUANTITIES[panel.quantity].convention
    footer(
        axes,
        [
            f"Convention: {convention}" if convention else "",
            "Published limits: medians of digitised curves in mass bins; dashed: projection, dotted: lower "
            "edge of an excluded region. Where each was digitised: CSV file; remarks: config/published.",
            ", ".join(_citation(curve) for curve in panel.published),
        ],
        width=165,
    )


def _citation(curve: Curve) -> str:
    paper = f"arXiv:{curve.arxiv}" if curve.arxiv else "reference not stated"
    return f"{curve.label} [{paper}, {curve.confidence}]"


def _points(panel: Panel) -> Iterable[tuple[float, float]]:
    """Mass and height of every point of the panel's curves."""
    for ours in panel.filled:
        yield from ((row.mass_gev, row.expected) for row in ours.rows if row.expected is not None)
        for island in ours.islands:
            yield from zip(island.mass_gev, island.value, strict=True)
    for curve in panel.published:
        yield from ((each.mass_gev, each.limit) for each in curve.at_lifetime(curve.lifetimes_mm[0]))


def _range(values: Sequence[float], margin: float) -> tuple[float, float]:
    """Range of positive values on a logarithmic axis with a margin, in parts of its length."""
    positive = [value for value in values if value > 0.0]
    low, high = (min(positive), max(positive)) if positive else (0.1, 10.0)
    pad = max((high / low) ** margin, 1.1)
    return low / pad, high * pad


def _darker(colour: str) -> str:
    red, green, blue, _ = to_rgba(colour)
    return "#" + "".join(f"{math.floor(170 * part):02x}" for part in (red, green, blue))


def _numbers(panel: Panel) -> Iterable[tuple[str | float | None, ...]]:
    for ours in panel.filled:
        for row in ours.rows:
            yield (
                panel.quantity,
                f"umbra:{ours.name}",
                row.mass_gev,
                row.expected,
                row.expected_minus1,
                row.expected_plus1,
                "",
                "",
            )
        for number, island in enumerate(ours.islands):
            for mass, value in zip(island.mass_gev, island.value, strict=True):
                name = f"umbra:{ours.name}:{island.model or ''}:{number}"
                yield (panel.quantity, name, mass, value, None, None, "", "")
    for curve in panel.published:
        for each in curve.at_lifetime(curve.lifetimes_mm[0]):
            yield (
                panel.quantity,
                f"published:{curve.name}",
                each.mass_gev,
                each.limit,
                each.limit_p16,
                each.limit_p84,
                f"{curve.citation} ({curve.confidence})",
                curve.origin,
            )
