"""What every channel excludes of a model of one's own, in one figure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from matplotlib.axes import Axes

from umbra.config.model_file import ModelFile
from umbra.core.kinematics import Array
from umbra.core.text import mathtext, raised
from umbra.plotting.canvas import canvas, colours, footer, legend, name_height, stamp, write_numbers
from umbra.plotting.islands import open_outline
from umbra.plotting.mass_axis import fit_limit_axis, log_mass_axis, mass_range, parted
from umbra.plotting.union import above, fill_union, outline_of
from umbra.recast.limits import RecastRow
from umbra.results.contours import Contour
from umbra.results.limits import VALUES

_OBSERVED, _EXPECTED = VALUES.index("observed"), VALUES.index("expected")
#: Statuses of points that are drawn: the signal is as it was generated.
_DRAWN = ("converged",)


@dataclass(frozen=True, kw_only=True)
class Excluded:
    """What one channel excludes.

    Parameters
    ----------
    channel, experiment, title
        What it is.
    rows
        Limits of one interpretation, in order of mass; none where the coupling fixes the lifetime.
    regions
        Outlines in that case.
    vetoed_gev
        Windows that nothing is drawn through.
    """

    channel: str
    experiment: str
    title: str
    rows: Sequence[RecastRow]
    regions: Sequence[Contour]
    vetoed_gev: Sequence[tuple[float, float]] = ()


def plot_recast(stem: Path | str, model: ModelFile, channels: Sequence[Excluded]) -> None:
    """Draw what is excluded as `<stem>.pdf`, `.png` and `.csv`.

    Fitted again, filled upwards: expected medians, with the observed limits of published data as lines. Dotted:
    expected medians of rescaled limits, as a check.
    """
    coupling = model.coupling
    with canvas(stem, 11.0, 7.6) as figure:
        axes = figure.add_subplot()
        axes.set_yscale("log")
        points = [point for each in channels for point in _points(each)]
        if points:
            axes.set_xlim(mass_range([mass for mass, _ in points], "log"))
            log_mass_axis(axes)
        fit_limit_axis(axes, points, coupling.largest)
        outlines = [
            line
            for each, colour in zip(channels, colours(len(channels)), strict=True)
            for line in _draw(axes, each, colour)
        ]
        fill_union(axes, outlines, facecolor="#dbe7f3", zorder=1, label="excluded by these, expected median")
        if not points:
            axes.plot([], [], color="none", label="nothing is excluded")
        axes.set_xlabel("mass [GeV]")
        name_height(axes, mathtext(coupling.title))
        legend(axes, f"{mathtext(model.title)}\nthin: observed")
        stamp(axes)
        note = "Fitted again from the workspaces of the channels; dotted: their own limits rescaled."
        footer(axes, [f"Convention: {mathtext(coupling.convention)}. {note}"], width=150)
    write_numbers(
        stem,
        ("channel", "level", "mass_gev", "coupling", "rescaled", "status"),
        (row for each in channels for row in _numbers(each)),
    )


def _draw(axes: Axes, each: Excluded, colour: str) -> list[Array]:
    """Draw the limits and regions of a channel; return the outlines of what they exclude."""
    label = raised(f"{each.experiment}: {mathtext(each.title)}")
    top = axes.get_ylim()[1]
    outlines = [outline_of(region) for region in each.regions]
    for run in _runs(each):
        masses = [row.mass_gev for row in run]
        expected, rescaled, observed = (
            [_number(value) for value in values]
            for values in zip(
                *((row.values[_EXPECTED], row.rescaled[_EXPECTED], row.values[_OBSERVED]) for row in run),
                strict=True,
            )
        )
        axes.plot(
            masses, expected, color=colour, linewidth=1.8, marker="." if len(run) == 1 else "", label=label
        )
        axes.plot(masses, rescaled, ":", color="black", linewidth=1.0)
        axes.plot(masses, observed, color=colour, linewidth=0.7)
        outlines.append(above(masses, expected, top))
        label = "_"
    for part in (part for region in each.regions for part in open_outline(region)):
        axes.plot(*zip(*part, strict=True), color=colour, linewidth=1.8, label=label)
        label = "_"
    return outlines


def _number(value: float | None) -> float:
    """A gap of a line where there is no value."""
    return math.nan if value is None else value


def _runs(each: Excluded) -> list[list[RecastRow]]:
    drawn = [
        list(members)
        for usable, members in groupby(each.rows, key=lambda row: row.status in _DRAWN)
        if usable
    ]
    return [part for run in drawn for part in parted(run, each.vetoed_gev)]


def _points(each: Excluded) -> Iterable[tuple[float, float]]:
    for row in each.rows:
        for level in (_EXPECTED, _OBSERVED):
            value = row.values[level]
            if row.status in _DRAWN and value is not None:
                yield row.mass_gev, value
    for region in each.regions:
        yield from zip(region.mass_gev, region.value, strict=True)


def _numbers(each: Excluded) -> Iterable[tuple[str | float | None, ...]]:
    for row in each.rows:
        for level in (_OBSERVED, _EXPECTED):
            if row.values[level] is not None:
                yield (
                    *(each.channel, VALUES[level], row.mass_gev),
                    *(row.values[level], row.rescaled[level], row.status),
                )
    for number, region in enumerate(each.regions):
        for mass, value in zip(region.mass_gev, region.value, strict=True):
            yield f"{each.channel}:{number}", region.level, mass, value, None, "converged"
