"""What all channels exclude in a plane of two parameters of a model of one's own."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from umbra.config.model_file import ModelFile
from umbra.config.plane_axes import COUPLING, MASS, PlaneAxis
from umbra.core.kinematics import Array
from umbra.core.text import mathtext, raised
from umbra.plotting.canvas import canvas, colours, footer, legend, name_height, stamp, write_numbers
from umbra.plotting.mass_axis import log_mass_axis
from umbra.recast.plane import LEVELS, Scan

_FILL = "#dbe7f3"


def plot_plane(stem: Path | str, model: ModelFile, scan: Scan, titles: Mapping[str, str]) -> None:
    """Draw what is excluded as `<stem>.pdf`, `.png` and `.csv`.

    Filled: the union of all channels, expected medians; lines: each of them. Dashed: the union of observed limits,
    where a channel has some.

    Parameters
    ----------
    stem
        Of the files.
    model
        Of the plane.
    scan
        Rates over limits.
    titles
        Channel -> what the figure calls it.
    """
    plane = scan.plane
    x, y = np.array(plane.x.values), np.array(plane.y.values)
    union, _ = scan.strongest("expected")
    with canvas(stem, 11.0, 7.6) as figure:
        axes = figure.add_subplot()
        axes.set_xlim(x[0], x[-1])
        axes.set_ylim(y[0], y[-1])
        _scale(axes, plane.x, plane.y)
        entries: list[Line2D | Patch] = []
        if union.max() >= 1.0:
            axes.contourf(x, y, union, levels=[1.0, np.inf], colors=[_FILL], zorder=1)
            entries.append(Patch(color=_FILL, label="excluded by these, expected median"))
        drawn = {name: each for name, each in scan.strengths["expected"].items() if _excludes(each)}
        for (name, each), colour in zip(drawn.items(), colours(len(drawn)), strict=True):
            axes.contour(x, y, np.nan_to_num(each, nan=0.0), levels=[1.0], colors=[colour], linewidths=1.6)
            entries.append(Line2D([], [], color=colour, label=raised(mathtext(titles[name]))))
        observed, _ = scan.strongest("observed")
        if observed.max() >= 1.0:
            axes.contour(x, y, observed, levels=[1.0], colors=["black"], linestyles="--", linewidths=1.4)
            entries.append(Line2D([], [], color="black", linestyle="--", label="all observed limits"))
        if not entries:
            entries.append(Line2D([], [], color="none", label="nothing is excluded"))
        axes.set_xlabel(_title(plane.x, model))
        name_height(axes, _title(plane.y, model))
        fixed = ", ".join(f"{name} = {value:g}" for name, value in plane.at.items())
        legend(axes, f"{mathtext(model.title)}\n{fixed}".strip(), handles=entries)
        stamp(axes)
        note = (
            "The channels' own limits rescaled, between their masses too; where the particle flies more than 10 mm or "
            "is broader than 2 % of its mass nothing is excluded."
        )
        footer(axes, [note], width=150)
    write_numbers(
        stem,
        ("x", "y", *(f"{level}_{what}" for level in LEVELS for what in ("rate_over_limit", "channel"))),
        _numbers(scan, x, y),
    )


def _excludes(strength: Array) -> bool:
    return bool(np.nanmax(np.nan_to_num(strength, nan=0.0), initial=0.0) >= 1.0)


def _scale(axes: Axes, x: PlaneAxis, y: PlaneAxis) -> None:
    axes.set_yscale(y.scale)
    axes.set_xscale(x.scale)
    if x.scale == "log" and x.parameter == MASS:
        log_mass_axis(axes)


def _title(axis: PlaneAxis, model: ModelFile) -> str:
    if axis.parameter == MASS:
        return "mass [GeV]"
    return mathtext(model.coupling.title) if axis.parameter == COUPLING else axis.parameter.replace("_", " ")


def _numbers(scan: Scan, x: Array, y: Array) -> Iterable[tuple[str | float, ...]]:
    names = [*scan.strengths[LEVELS[0]], ""]
    found = [scan.strongest(level) for level in LEVELS]
    for i, height in enumerate(y):
        for j, width in enumerate(x):
            cells = [cell for rate, which in found for cell in (float(rate[i, j]), names[int(which[i, j])])]
            yield float(width), float(height), *cells
