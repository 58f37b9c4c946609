"""Excluded regions with an upper edge."""

import math
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from umbra.core.errors import UmbraError
from umbra.plotting.canvas import (
    BAND_68,
    BAND_95,
    PUBLISHED_LINES,
    canvas,
    colours,
    footer,
    header,
    name_height,
    write_numbers,
)
from umbra.plotting.exclusion import key_text
from umbra.plotting.labels import Labels
from umbra.plotting.mass_axis import fit_limit_axis, log_mass_axis, mass_range
from umbra.plotting.plane import closed
from umbra.plotting.published import Overlay, published_text
from umbra.results.contours import Contour
from umbra.validation.published import Curve

#: Entries from which on a legend of excluded regions has two columns.
_LONG_LEGEND = 6


def plot_islands(
    stem: Path | str,
    contours: Sequence[Contour],
    quantity: str,
    labels: Labels,
    *,
    published: Sequence[Curve] = (),
) -> None:
    """Draw excluded regions with an upper edge as `<stem>.pdf`, `.png` and `.csv`.

    The region that the expected median excludes is filled for the first model; its one- and two-sigma outlines are
    lines, as are the medians of other models, lifetimes or luminosities.

    Parameters
    ----------
    stem
        Path of the files without suffix.
    contours
        Outlines; those of other quantities are left aside.
    quantity
        The coupling.
    labels
        What the figure says about the channel.
    published
        Published limits on the same coupling.

    Raises
    ------
    UmbraError
        If a published limit is on another quantity.
    """
    for curve in published:
        if curve.quantity != quantity:
            raise UmbraError(f"{stem}: {curve.name} is a limit on {curve.quantity}, not {quantity}")
    mine = [contour for contour in contours if contour.quantity == quantity]
    keys = list(dict.fromkeys(contour.key for contour in mine))
    with canvas(stem) as figure:
        axes = figure.add_subplot()
        axes.set_yscale("log")
        masses = [mass for contour in mine for mass in contour.mass_gev]
        masses += [each.mass_gev for curve in published for each in curve.bins]
        if masses:
            axes.set_xlim(mass_range(masses, "log"))
            log_mass_axis(axes)
        points = [
            (mass, value) for each in mine for mass, value in zip(each.mass_gev, each.value, strict=True)
        ]
        points += [(each.mass_gev, each.limit) for curve in published for each in curve.bins]
        entries = 2 + len(keys) + len(published)
        columns = 1 if entries <= _LONG_LEGEND else 2
        side = fit_limit_axis(axes, points, 4 + math.ceil(entries / columns), columns)
        for key, colour in zip(keys, colours(len(keys)), strict=True):
            outlines = [contour for contour in mine if contour.key == key]
            if key == keys[0]:
                _draw_main(axes, outlines, labels)
            else:
                _draw_lines(axes, outlines, "expected", colour, key_text(key, keys[0], labels))
        for colour, curve in zip(cycle(PUBLISHED_LINES), published, strict=False):
            bins = curve.at_lifetime(curve.lifetimes_mm[0])
            axes.plot(
                [each.mass_gev for each in bins],
                [each.limit for each in bins],
                "." if curve.shape == "points" else "-",
                color=colour,
                linewidth=1.2,
                label=Overlay(curve=curve).legend,
            )
        if not mine:
            # A line without points carries the message into the legend.
            axes.plot([], [], color="none", label="no region is excluded")
        axes.set_xlabel(labels.mass_axis)
        name_height(axes, labels.title(quantity))
        axes.legend(
            title=f"{labels.process}\n{labels.level} excluded regions",
            loc="upper left" if side == "left" else "upper right",
            alignment="left",
            ncols=columns,
        )
        header(axes, labels)
        footer(
            axes,
            [
                labels.convention(quantity),
                f"Shown: {labels.data_text}.",
                labels.background_text,
                *(published_text(curve) for curve in published),
                *labels.notes,
            ],
        )
    write_numbers(
        stem,
        ("series", "level", "contour", "mass_gev", "value"),
        (
            (
                ",".join(str(part) for part in contour.key if part is not None),
                contour.level,
                number,
                mass,
                value,
            )
            for number, contour in enumerate(mine)
            for mass, value in zip(contour.mass_gev, contour.value, strict=True)
        ),
    )


def _draw_main(axes: Axes, outlines: Sequence[Contour], labels: Labels) -> None:
    """Fill what the expected median excludes; draw the outlines of its bands and what was observed."""
    filled = "expected median"
    for contour in outlines:
        if contour.level == "expected":
            axes.fill(*closed(contour), facecolor=to_rgba(BAND_68, 0.3), edgecolor="black", label=filled)
            filled = "_"
    for levels, colour, name in (
        (("expected_minus1", "expected_plus1"), BAND_68, "outlines of the 68% band"),
        (("expected_minus2", "expected_plus2"), BAND_95, "outlines of the 95% band"),
    ):
        for number, level in enumerate(levels):
            _draw_lines(axes, outlines, level, colour, "" if number else name)
    _draw_lines(axes, outlines, "observed", "black", labels.observed)


def _draw_lines(axes: Axes, outlines: Sequence[Contour], level: str, colour: str, name: str) -> None:
    for contour in outlines:
        if contour.level == level:
            axes.plot(*closed(contour), color=colour, linewidth=1.4, label=name or None)
            name = ""
