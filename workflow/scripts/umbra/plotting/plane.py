"""Limits in the plane of two masses."""

from collections import Counter
from collections.abc import Sequence
from itertools import cycle, pairwise
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.text import power_text
from umbra.plotting.canvas import PUBLISHED_LINES, canvas, footer, header, write_numbers
from umbra.plotting.exclusion import method_text
from umbra.plotting.labels import Labels
from umbra.results.contours import Contour
from umbra.results.limits import LimitRow

#: Two masses and a value.
Cell = tuple[float, float, float]

#: Style of an outline in the plane by its level.
_DASHES = {"expected": "-", "observed": "--"}


def plot_plane(
    stem: Path | str,
    rows: Sequence[LimitRow],
    quantity: str,
    labels: Labels,
    *,
    mass2_axis: str,
    contours: Sequence[Contour] = (),
) -> None:
    """Draw the expected median limit against two masses as `<stem>.pdf`, `.png` and `.csv`.

    Each window is one cell; those without a limit are grey crosses.

    Parameters
    ----------
    stem
        Path of the files without suffix.
    rows
        Table of limits; the first model's rows on the quantity are drawn.
    quantity
        One of `umbra.core.vocabulary.QUANTITIES`.
    labels
        What the figure says about the channel.
    mass2_axis
        Title of the axis of the second mass.
    contours
        Outlines in the plane: those of the first model's expected median are drawn as lines, and as dashes what is
        observed, named by the coupling that excludes the inside.

    Raises
    ------
    UmbraError
        If the table has no limit on the quantity, or none with a second mass.
    """
    model = next((row.model for row in rows if row.quantity == quantity), None)
    chosen = [row for row in rows if row.quantity == quantity and row.model == model]
    if not chosen or any(row.mass2_gev is None for row in chosen):
        raise UmbraError(f"{stem}: the table has no limit on {quantity} for two masses")
    known = [row for row in chosen if row.expected]
    missing = [row for row in chosen if not row.converged]
    with canvas(stem, 10.5, 8.0) as figure:
        axes = figure.add_subplot()
        if known:
            cells = [(row.mass_gev, row.mass2_gev or 0.0, row.expected or 0.0) for row in known]
            title = f"expected {labels.level} limit on {labels.title(quantity)}"
            draw_cells(figure, axes, cells, title, logarithmic=True)
        if missing:
            counts = Counter(row.status.replace("_", " ") for row in missing)
            text = ", ".join(f"{status} ({count})" for status, count in sorted(counts.items()))
            axes.plot(
                [row.mass_gev for row in missing],
                [row.mass2_gev or 0.0 for row in missing],
                "x",
                color="0.55",
                markersize=3,
                label=f"no limit: {text}",
            )
        outlines = [each for each in contours if each.model == model and each.level in _DASHES]
        values = list(dict.fromkeys(contour.benchmark for contour in outlines))
        for contour in outlines:
            colour = PUBLISHED_LINES[values.index(contour.benchmark) % len(PUBLISHED_LINES)]
            axes.plot(*closed(contour), _DASHES[contour.level], color=colour, linewidth=1.6)
        for colour, value in zip(cycle(PUBLISHED_LINES), values, strict=False):
            # A line without points carries the name of all outlines of one coupling.
            name = "" if value is None else f"excluded for {labels.title(quantity)} = {power_text(value)}"
            axes.plot([], [], color=colour, linewidth=1.6, label=name)
        axes.set_xlabel(labels.mass_axis)
        axes.set_ylabel(mass2_axis)
        axes.margins(0.03)
        axes.set_title(labels.process, loc="right", fontsize=13, pad=26)
        if missing or values:
            axes.legend(loc="upper left", bbox_to_anchor=(1.32, 1.0), borderaxespad=0.0, alignment="left")
        header(axes, labels)
        footer(
            axes,
            [
                labels.convention(quantity),
                f"Shown: {labels.data_text}. {method_text(chosen)}. Neighbouring windows overlap.",
                labels.background_text,
                *labels.notes,
            ],
        )
    write_numbers(
        stem,
        ("mass_gev", "mass2_gev", "observed", "expected", "status"),
        ((row.mass_gev, row.mass2_gev, row.observed, row.expected, row.status) for row in chosen),
    )


def draw_cells(
    figure: Figure,
    axes: Axes,
    cells: Sequence[Cell],
    title: str,
    *,
    logarithmic: bool = False,
    floor: float | None = None,
) -> None:
    """Colour the cells of a rectangular grid, some of which may be missing, and add a scale.

    Parameters
    ----------
    figure, axes
        Where.
    cells
        Both masses and the value of each.
    title
        Of the scale.
    logarithmic
        Whether the scale is.
    floor
        Lower end of a scale that is then logarithmic; smaller values have its colour.
    """
    first, second = (sorted({cell[i] for cell in cells}) for i in (0, 1))
    column = {mass: i for i, mass in enumerate(first)}
    line = {mass: i for i, mass in enumerate(second)}
    values = np.full((len(second), len(first)), np.nan)
    for mass, mass2, value in cells:
        values[line[mass2], column[mass]] = value
    norm = LogNorm() if logarithmic else None
    if floor is not None:
        norm = LogNorm(floor, max(float(np.nanmax(values)), 10.0 * floor), clip=True)
    drawn = axes.pcolormesh(
        _edges(first),
        _edges(second),
        values,
        norm=norm,
        cmap="viridis_r" if logarithmic else "viridis",
        rasterized=True,
    )
    extend = "neither" if floor is None else "min"
    figure.colorbar(drawn, ax=axes, pad=0.02, extend=extend).set_label(title)


def _edges(centres: Sequence[float]) -> Array:
    """Edges half-way between the centres of cells, which are not negative."""
    middles = [0.5 * (low + high) for low, high in pairwise(centres)]
    margins = [centres[1] - centres[0], centres[-1] - centres[-2]] if len(centres) > 1 else [1.0, 1.0]
    return np.array([max(centres[0] - 0.5 * margins[0], 0.0), *middles, centres[-1] + 0.5 * margins[1]])


def closed(contour: Contour) -> tuple[list[float], list[float]]:
    """Points of an outline, the first one again at the end."""
    return [*contour.mass_gev, contour.mass_gev[0]], [*contour.value, contour.value[0]]
