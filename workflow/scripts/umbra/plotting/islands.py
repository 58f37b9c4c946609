"""Excluded regions with an upper edge."""

import math
from collections.abc import Mapping, Sequence
from itertools import cycle, pairwise
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from umbra.core.errors import UmbraError
from umbra.core.text import raised
from umbra.core.vocabulary import QUANTITIES
from umbra.plotting.canvas import (
    BAND_68,
    BAND_95,
    PUBLISHED_LINES,
    canvas,
    colours,
    footer,
    header,
    legend,
    name_height,
    write_numbers,
)
from umbra.plotting.exclusion import key_text, shade_windows
from umbra.plotting.labels import Labels
from umbra.plotting.mass_axis import fit_limit_axis, log_mass_axis, mass_range
from umbra.plotting.published import Overlay, draw_published, published_note
from umbra.results.contours import Contour
from umbra.results.limits import KEYS, Key, LimitRow, groups
from umbra.validation.published import Curve

#: Masses or couplings of neighbouring points of an outline are the same but for rounding.
_SAME = 1e-9


def plot_islands(
    stem: Path | str,
    contours: Sequence[Contour],
    quantity: str,
    labels: Labels,
    *,
    published: Sequence[Curve] = (),
    vetoed_gev: Sequence[tuple[float, float]] = (),
    stable: Sequence[LimitRow] = (),
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
    vetoed_gev
        Windows that the search leaves out.
    stable
        Limits on the coupling of a particle that does not decay, each interpretation's in order of mass.

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
        masses += [row.mass_gev for row in stable if row.quantity == quantity]
        masses += [each.mass_gev for curve in published for each in curve.bins]
        if masses:
            axes.set_xlim(mass_range(masses, "log"))
            log_mass_axis(axes)
        shade_windows(axes, vetoed_gev)
        points = [
            (mass, value) for each in mine for mass, value in zip(each.mass_gev, each.value, strict=True)
        ]
        kept = [row for row in stable if row.quantity == quantity]
        points += [(row.mass_gev, row.expected) for row in kept if row.expected is not None]
        points += [(each.mass_gev, each.limit) for curve in published for each in curve.bins]
        fit_limit_axis(axes, points, QUANTITIES[quantity].largest)
        for key, colour in zip(keys, colours(len(keys)), strict=True):
            outlines = [contour for contour in mine if contour.key == key]
            if key == keys[0]:
                _draw_main(axes, outlines, labels)
            else:
                _draw_lines(axes, outlines, "expected", colour, key_text(key, keys[0], labels))
        _draw_stable(axes, groups(stable, quantity), labels)
        for colour, curve in zip(cycle(PUBLISHED_LINES), published, strict=False):
            draw_published(axes, Overlay(curve=curve, lifetime_mm=curve.lifetimes_mm[0]), colour, vetoed_gev)
        if not mine:
            # A line without points carries the message into the legend.
            axes.plot([], [], color="none", label="no region is excluded")
        axes.set_xlabel(labels.mass_axis)
        name_height(axes, labels.title(quantity))
        title = key_text(keys[0], keys[0], labels) if keys else ""
        named = f"\nfilled: {title}" if title else ""
        legend(axes, raised(f"{labels.process}\n{labels.level} excluded regions{named}"))
        header(axes, labels)
        footer(
            axes,
            [
                labels.convention(quantity),
                f"Shown: {labels.data_text}. A region is open where the scan ends, in mass or coupling.",
                labels.background_text,
                published_note(published),
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


def _draw_stable(axes: Axes, found: Mapping[Key, Sequence[LimitRow]], labels: Labels) -> None:
    """Draw expected limits on a particle that does not decay, one line for each interpretation."""
    for colour, (key, members) in zip(colours(len(found)), found.items(), strict=True):
        known = [(row.mass_gev, row.expected) for row in members if row.expected is not None]
        lived = tuple(None if name == "lifetime_mm" else each for name, each in zip(KEYS, key, strict=True))
        named = key_text(lived, lived, labels)
        if known:
            axes.plot(*zip(*known, strict=True), ":", color=colour, linewidth=1.4, label=f"no decay, {named}")


def _draw_main(axes: Axes, outlines: Sequence[Contour], labels: Labels) -> None:
    """Fill what the expected median excludes; draw the outlines of its bands and what was observed."""
    filled = "expected median"
    for contour in outlines:
        if contour.level == "expected":
            draw_region(axes, contour, to_rgba(BAND_68, 0.3), "black", filled)
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
            for part in open_outline(contour):
                axes.plot(*zip(*part, strict=True), color=colour, linewidth=1.4, label=name or None)
                name = ""


def draw_region(
    axes: Axes, contour: Contour, face: str | tuple[float, ...], edge: str, label: str, linewidth: float = 1.5
) -> None:
    """Fill an excluded region and draw its outline, open where the scan ends."""
    axes.fill(contour.mass_gev, contour.value, facecolor=face, edgecolor="none", label=label)
    for part in open_outline(contour):
        axes.plot(*zip(*part, strict=True), color=edge, linewidth=linewidth)


def open_outline(contour: Contour) -> list[list[tuple[float, float]]]:
    """Parts of a closed outline that are limits: where it runs along an axis the scan ends, and not the region.

    Parameters
    ----------
    contour
        Outline whose last point is followed by the first; neighbouring points have the smallest or the largest mass, or
        the largest coupling, along the edges of the scan (see `umbra.results.islands`).

    Returns
    -------
    list of list of tuple
        Points (mass, coupling) of each part, in order.
    """
    points = list(zip(contour.mass_gev, contour.value, strict=True))
    edges = ((0, min(contour.mass_gev)), (0, max(contour.mass_gev)), (1, max(contour.value)))
    ends = [
        number
        for number, (one, other) in enumerate(pairwise([points[-1], *points]))
        if any(_same(one[axis], other[axis], end) for axis, end in edges)
    ]
    if not ends:
        return [[*points, points[0]]]
    # Each part begins at the point behind an edge of the scan and ends before the next one.
    starts = [*ends, ends[0] + len(points)]
    parts = [[points[number % len(points)] for number in range(low, high)] for low, high in pairwise(starts)]
    return [part for part in parts if len(part) > 1]


def _same(*values: float) -> bool:
    return all(math.isclose(value, values[0], rel_tol=_SAME) for value in values)
