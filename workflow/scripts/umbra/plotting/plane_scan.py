"""Figures of a channel that scans a plane of two masses."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from umbra.core.search_variables import VARIABLES
from umbra.core.text import mathtext
from umbra.expectation.point import Point
from umbra.expectation.signal_plane import PlaneSignal
from umbra.expectation.unbinned import UnbinnedExpectation
from umbra.inference.hypothesis import FittedPoint
from umbra.plotting.canvas import canvas, footer, header, plot_nothing, stamp, write_numbers
from umbra.plotting.figures import Figures
from umbra.plotting.labels import Labels
from umbra.plotting.plane import Cell, draw_cells, plot_plane
from umbra.results.limits import select

#: Fewer expected events than this are as good as none: all of them have one colour.
_FEWEST_SHOWN = 1e-2

_SIGNAL_COLUMNS = ("mass_gev", "mass2_gev", "efficiency", "correlation", "resolution", "resolution2")


@dataclass(frozen=True)
class PlaneFigures(Figures):
    """Maps of the plane: one cell for each window."""

    @cached_property
    def mass2_axis(self) -> str:
        """Title of the axis of the second mass."""
        return mathtext(self.channel.axes.mass2 or "")

    def draw_limits(self, stem: Path, quantity: str) -> None:
        """Draw the limit at each point, with the outlines of what benchmark couplings exclude."""
        coupling = self.channel.coupling
        outlines = self.found.contours if coupling is not None and quantity == coupling.name else ()
        plot_plane(
            stem,
            self.found.table,
            quantity,
            self.of_limits(quantity),
            mass2_axis=self.mass2_axis,
            contours=outlines,
        )

    def draw_p_values(self, stem: Path) -> None:
        """Draw the local significance of each window."""
        points = [point for point, _ in self.points(self.channel.main)]
        cells = [(*_masses(point), point.z) for point in points if point.z is not None]
        self._map(stem, cells, "local significance")
        rows = [(*_masses(point), point.p0, point.z, point.status) for point in points]
        write_numbers(stem, ("mass_gev", "mass2_gev", "p0", "z", "status"), rows)

    def draw_windows(self, stem: Path) -> None:
        """Draw the expected background of each window; the table beside it has the limit on signal events, too."""
        main = (None, self.channel.main.name)
        limits = {
            (row.mass_gev, row.mass2_gev): row.expected
            for row in select(self.found.table, "yield")
            if row.model in main
        }
        known = [point for point, _ in self.points(self.channel.main) if point.member is not None]
        cells = [(*_masses(point), point.expected_background) for point in known]
        title = "expected background events in the window"
        self._map(stem, cells, title, floor=_FEWEST_SHOWN)
        write_numbers(
            stem,
            ("mass_gev", "mass2_gev", "expected_background", "expected_limit"),
            [(*cell, limits.get(cell[:2])) for cell in cells],
        )

    def draw_signal(self, stem: Path) -> None:
        """Draw efficiency, both resolutions and their correlation of the first category."""
        expectation: UnbinnedExpectation = self.found.expectation
        points = [point.point for point, _ in self.points(self.channel.main)]
        used = expectation.categories_at(points[0].mass_gev, self.channel.main) or self.channel.categories
        plot_signal(stem, expectation.own_signal(used[0]), points, self.labels, self.mass2_axis)

    def _map(self, stem: Path, cells: Sequence[Cell], title: str, *, floor: float | None = None) -> None:
        """Draw one value of each window."""
        labels = self.labels
        if not cells:
            plot_nothing(stem, f"{title}: no window", ("mass_gev", "mass2_gev"), labels)
            return
        with canvas(stem, 10.5, 8.0) as figure:
            axes = figure.add_subplot()
            draw_cells(figure, axes, cells, title, floor=floor)
            axes.set_xlabel(labels.mass_axis)
            axes.set_ylabel(self.mass2_axis)
            axes.set_title(labels.process, loc="right", fontsize=13, pad=26)
            header(axes, labels)
            overlap = "Neighbouring windows overlap: their counts are not independent."
            footer(axes, [f"Shown: {labels.data_text}. {overlap}", labels.background_text, *labels.notes])


def plot_signal(
    stem: Path, signal: PlaneSignal, points: Sequence[Point], labels: Labels, mass2_axis: str
) -> None:
    """Draw efficiency, both resolutions and their correlation, with the generated points.

    Parameters
    ----------
    stem
        Path of the files without suffix.
    signal
        Of one category.
    points
        Hypotheses, of which those are drawn that the signal covers.
    labels
        What the figure says about the channel.
    mass2_axis
        Title of the axis of the second mass.
    """
    known = [point for point in points if signal.covers(point)]
    masses = [(point.mass_gev, point.mass2_gev or 0.0) for point in known]
    xx, xy, yy = signal.windows(known).covariance.T
    efficiency = [signal.visible(point)[0] for point in known]
    columns = [(xy / (xx * yy) ** 0.5).tolist(), (xx**0.5).tolist(), (yy**0.5).tolist()]
    first, second = (VARIABLES[variable].title for variable in signal.variables)
    titles = (
        "efficiency in the window [%]",
        f"correlation of {first.split(' [')[0]} and {second.split(' [')[0]}",
        f"resolution of {first}",
        f"resolution of {second}",
    )
    panels = ([100.0 * value for value in efficiency], *columns)
    with canvas(stem, 14.0, 11.0) as figure:
        grid = figure.subplots(2, 2, sharex=True, sharey=True)
        for axes, title, values in zip(grid.flat, titles, panels, strict=True):
            cells = [(*place, value) for place, value in zip(masses, values, strict=True)]
            draw_cells(figure, axes, cells, title)
            axes.plot(
                signal.mass_gev, signal.mass2_gev, "o", markersize=4, color="white", markeredgecolor="black"
            )
        for axes in grid[1]:
            axes.set_xlabel(labels.mass_axis)
        for axes in grid[:, 0]:
            axes.set_ylabel(mass2_axis)
        stamp(grid[0, 0])
        grid[0, 1].set_title(f"{labels.process}\n{labels.setup}", loc="right", fontsize=13)
        text = "Fast simulation at the generated points (dots), smooth surfaces between them."
        footer(grid[1, 0], [text, *labels.notes])
    generated = zip(*(getattr(signal, name).tolist() for name in _SIGNAL_COLUMNS), strict=True)
    surface = zip(masses, efficiency, *columns, strict=True)
    write_numbers(
        stem,
        ("kind", *_SIGNAL_COLUMNS),
        [
            *(("generated", *row) for row in generated),
            *(("surface", *place, *row) for place, *row in surface),
        ],
    )


def _masses(point: FittedPoint) -> tuple[float, float]:
    return point.mass_gev, point.mass2_gev or 0.0
