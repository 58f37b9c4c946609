"""All limits of a portal in one figure: ours filled, published ones as labelled lines."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from umbra.core.bibliography import Paper, bibtex
from umbra.core.io import atomic_open
from umbra.core.vocabulary import QUANTITIES
from umbra.plotting.canvas import canvas, footer, legend, name_height, stamp, write_numbers
from umbra.plotting.exclusion import runs
from umbra.plotting.islands import open_outline
from umbra.plotting.labels import luminosity_text
from umbra.plotting.mass_axis import log_mass_axis
from umbra.plotting.placing import Label, place_labels
from umbra.plotting.union import above, fill_union, outline_of
from umbra.results.contours import Contour
from umbra.results.limits import LimitRow
from umbra.theory.muon_moment import preferred_bands
from umbra.validation.published import Curve

#: How far above the middle of the weakest curve the vertical axis reaches, and above our largest mass the other one.
_ABOVE, _BEYOND = 10.0, 2.0
#: Colour of preferred bands.
_BAND = "#b5d99c"
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
    paper
        Of the search.
    level
        Confidence level in words.
    islands
        Outlines of excluded regions with an upper edge.
    projections
        Luminosity in 1/fb, and the limits there.
    projected
        Whether the data of the search itself have not been taken.
    """

    name: str
    label: str
    title: str
    rows: Sequence[LimitRow]
    paper: Paper
    level: str = ""
    islands: Sequence[Contour] = ()
    projections: Sequence[tuple[float, Sequence[LimitRow]]] = ()
    projected: bool = False


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

    Ours are expected medians: what all of them exclude is filled as one, and each search has its outline; gaps are
    vetoed windows and points without a limit. Published limits are lines of their binned medians, dotted where only
    the lower edge of a region is known. Projections are dashed, and those of ours are not filled. The axis reaches ten
    times above the middle of the weakest curve: walls at the ends of a search go on beyond it. Where a vector couples
    to muons the band is shown that would explain their magnetic moment.

    Every curve is cited in `<stem>.txt` and `<stem>.bib`.

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
        write_bibliography(stem, [])
        return
    colours = colours_of(panels)
    with canvas(stem, 12.0, 8.6 * len(panels)) as figure:
        all_axes = figure.subplots(len(panels), 1, squeeze=False, gridspec_kw={"hspace": 0.4})[:, 0]
        for axes, panel in zip(all_axes, panels, strict=True):
            _draw(figure, axes, panel, title, mass_axis, colours)
            where = f"Citations: {Path(stem).name}.txt, .bib."
            footer(axes, [f"{_convention(panel.quantity)}{_SMALL_PRINT} {where}"], width=200)
    write_bibliography(stem, cited(panels))
    write_numbers(
        stem,
        columns,
        (row for panel in panels for row in _numbers(panel)),
    )


_SMALL_PRINT = "Published: medians of digitised curves (dotted: lower edge only). Dashed: projections."


def colours_of(panels: Sequence[Panel]) -> dict[str, str]:
    """Colour of each experiment whose limits were published."""
    experiments = sorted({curve.experiment for panel in panels for curve in panel.published})
    return {experiment: _THEIRS[index % len(_THEIRS)] for index, experiment in enumerate(experiments)}


def colour_of_ours(number: int) -> str:
    """Colour of one of our searches."""
    return _OURS[number % len(_OURS)]


def _convention(quantity: str) -> str:
    convention = QUANTITIES[quantity].convention
    return f"Convention: {convention}. " if convention else ""


def _draw(
    figure: Figure, axes: Axes, panel: Panel, title: str, mass_axis: str, colours: dict[str, str]
) -> None:
    axes.set_yscale("log")
    axes.set_xlim(*masses_range(panel))
    log_mass_axis(axes)
    axes.set_ylim(*heights_range(panel))
    labels = _draw_ours(axes, panel.filled)
    theirs = _draw_published(axes, panel.published, colours)
    _draw_band(axes, panel.quantity)
    axes.set_xlabel(mass_axis)
    name_height(axes, QUANTITIES[panel.quantity].title)
    if not panel.filled:
        axes.plot([], [], color="none", label="none of ours")
    legend(axes, title)
    stamp(axes)
    # Long curves have more room to give: published ones that are short choose first, after ours.
    place_labels(
        figure,
        axes,
        [label for label in (*labels, *sorted(theirs, key=lambda label: len(label.x))) if len(label.x)],
    )


def _draw_ours(axes: Axes, filled: Sequence[Filled]) -> list[Label]:
    """Fill what ours exclude together, draw the outline of each and its projections; labels of the outlines."""
    top = axes.get_ylim()[1]
    names, projections, outlines = [], [], []
    for number, ours in enumerate(filled):
        colour, style = colour_of_ours(number), "--" if ours.projected else "-"
        lines = _lines(ours.rows)
        if not ours.projected:
            outlines += [above(masses, limits, top) for masses, limits in lines if len(masses) > 1]
            outlines += [outline_of(island) for island in ours.islands]
        parts = [part for island in ours.islands for part in open_outline(island)]
        lines += [([mass for mass, _ in part], [value for _, value in part]) for part in parts]
        title = ours.title
        for masses, limits in lines:
            single = "." if len(masses) == 1 else ""
            axes.plot(
                masses, limits, style, color=colour, linewidth=1.8, zorder=5, marker=single, label=title
            )
            title = "_"
        names.append(_label(ours.label, lines, colour, size=12.0, weight="bold"))
        for luminosity_fb, rows in ours.projections:
            dashed = _lines(rows)
            for masses, limits in dashed:
                axes.plot(masses, limits, "--", color=colour, linewidth=1.6, zorder=5)
            projections.append(_label(luminosity_text(luminosity_fb), dashed, colour, size=11.0))
    if outlines:
        fill_union(axes, outlines, facecolor="#dbe7f3", zorder=1, label="excluded by these, expected median")
    return [*names, *projections]


_Line = tuple[list[float], list[float]]


def _lines(rows: Sequence[LimitRow]) -> list[_Line]:
    """Masses and expected limits, a line between two gaps."""
    return [
        ([row.mass_gev for row in run], [row.expected for row in run if row.expected is not None])
        for run in runs(rows)
        if run[0].expected is not None
    ]


def _label(text: str, lines: Sequence[_Line], colour: str, **style: Any) -> Label:
    """Label of a curve in pieces, which stands at the longest of them."""
    x, y = max(lines, key=lambda line: len(line[0]), default=([], []))
    return Label(text=text, x=x, y=y, color=_darker(colour), **style)


def _draw_published(axes: Axes, published: Sequence[Curve], colours: dict[str, str]) -> list[Label]:
    labels = []
    for curve in published:
        bins = curve.at_lifetime(curve.lifetimes_mm[0])
        masses, limits = [each.mass_gev for each in bins], [each.limit for each in bins]
        style = "--" if curve.projection else ":" if curve.shape == "lower_edge" else "-"
        colour = colours[curve.experiment]
        if curve.shape == "points":
            axes.plot(masses, limits, ".", color=colour, markersize=4, zorder=3)
        else:
            axes.plot(masses, limits, style, color=colour, linewidth=1.1, zorder=3)
        labels.append(Label(text=curve.label, x=masses, y=limits, color=colour))
    return labels


def _draw_band(axes: Axes, quantity: str) -> None:
    """Couplings that would explain the magnetic moment of the muon."""
    masses = np.geomspace(*axes.get_xlim(), 200)
    for band in preferred_bands(quantity, masses):
        axes.fill_between(
            masses,
            band.low,
            band.high,
            facecolor=_BAND,
            edgecolor="none",
            alpha=0.6,
            zorder=2,
            label=rf"$(g-2)_\mu$ of {band.name}, $\pm$2$\sigma$",
        )


def cited(panels: Sequence[Panel]) -> list[tuple[str, Paper, str]]:
    """Every curve with its paper, and what else is known of it: ours, then the published ones."""
    found = []
    for panel in panels:
        for ours in panel.filled:
            found.append((f"Umbra, {ours.name}", ours.paper, f"{panel.quantity}, made again from simulation"))
        for curve in panel.published:
            more = f"{panel.quantity}, {curve.confidence}, {curve.luminosity}; {curve.origin}"
            found.append((curve.name, Paper(curve.citation, curve.arxiv or ""), more))
        for band in preferred_bands(panel.quantity, [1.0]):
            found.append((f"(g-2)_mu of {band.name}", Paper(band.source), "band of two standard deviations"))
    return found


def write_bibliography(stem: Path | str, curves: Sequence[tuple[str, Paper, str]]) -> None:
    """Write `<stem>.txt`, a line for each curve, and `<stem>.bib`."""
    with atomic_open(f"{stem}.txt") as stream:
        for name, paper, more in curves:
            number = f", arXiv:{paper.arxiv}" if paper.arxiv and paper.arxiv not in paper.citation else ""
            stream.write(f"{name}: {paper.citation}{number} ({' '.join(more.split())})\n")
    with atomic_open(f"{stem}.bib") as stream:
        stream.write(bibtex(paper for _, paper, _ in curves))


def _curves(panel: Panel) -> Iterable[list[tuple[float, float]]]:
    """Mass and height of every point, curve by curve."""
    for ours in panel.filled:
        for rows in (ours.rows, *(rows for _, rows in ours.projections)):
            yield [(row.mass_gev, row.expected) for row in rows if row.expected is not None]
        for island in ours.islands:
            yield list(zip(island.mass_gev, island.value, strict=True))
    for curve in panel.published:
        yield [(each.mass_gev, each.limit) for each in curve.at_lifetime(curve.lifetimes_mm[0])]


def masses_range(panel: Panel) -> tuple[float, float]:
    """Range of the mass axis: that of all curves, but not far above ours, where there are some."""
    low, high = _range([mass for points in _curves(panel) for mass, _ in points], 0.03)
    ours = [row.mass_gev for each in panel.filled for row in each.rows if row.expected is not None]
    ours += [mass for each in panel.filled for island in each.islands for mass in island.mass_gev]
    return low, min(high, _BEYOND * max(ours, default=high))


def heights_range(panel: Panel) -> tuple[float, float]:
    """Range of the vertical axis: everything below, and ten times the middle of the weakest curve above."""
    heights = [[value for _, value in points if value > 0.0] for points in _curves(panel)]
    known = [values for values in heights if values]
    low, high = _range([value for values in known for value in values], 0.06)
    middles = [float(np.median(values)) for values in known]
    high = min([high, *([_ABOVE * max(middles)] if middles else [])])
    return low, min(high, QUANTITIES[panel.quantity].largest or high)


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
        for luminosity_fb, rows in ours.projections:
            for row in rows:
                name = f"umbra:{ours.name}:{luminosity_fb:g}/fb"
                yield (
                    *(panel.quantity, name, row.mass_gev, row.expected),
                    *(row.expected_minus1, row.expected_plus1, "", ""),
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
