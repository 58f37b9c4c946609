"""All figures of a channel that scans a plane of two masses."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from umbra.config.interpretations import exclusion_figures
from umbra.core.io import read_json
from umbra.core.search_variables import VARIABLES
from umbra.expectation.candidates import PlaneSearch
from umbra.expectation.signal_plane import PlaneModel
from umbra.plotting.canvas import canvas, footer, header, plot_nothing, stamp, write_numbers
from umbra.plotting.channel import sample_titles
from umbra.plotting.cutflow import plot_cutflow
from umbra.plotting.labels import Labels, channel_labels
from umbra.plotting.plane import Cell, draw_cells, plot_plane
from umbra.plotting.text import mathtext
from umbra.results.contours import Contour
from umbra.results.limits import LimitRow, select

Point = Mapping[str, Any]

#: Fewer expected events than this are as good as none: all of them have one colour.
_FEWEST_SHOWN = 1e-2


def plot_plane_channel(
    folder: Path,
    settings: Mapping[str, Any],
    *,
    table: Sequence[LimitRow],
    contours: Sequence[Contour],
    search: PlaneSearch,
    cutflows: Mapping[str, Path],
    fits: Sequence[Path],
) -> list[str]:
    """Draw all figures of a channel into a folder.

    Parameters
    ----------
    folder
        Where the figures go.
    settings
        Settings of the channel, complete.
    table
        Its limits.
    contours
        Outlines of what benchmark couplings exclude.
    search
        Its expectation.
    cutflows
        Sample -> JSON file of the skim stage.
    fits
        Fits (JSON) of the blocks.

    Returns
    -------
    list of str
        Names of the figures without suffix; each is there as PDF, PNG and CSV. p-values are there with data only.
    """
    labels = channel_labels(settings)
    axis = mathtext(settings["plot"]["mass2_label"])
    drawn = []
    for quantity, name in {**exclusion_figures(settings), "cross_section_fb": "cross_section"}.items():
        outlines = contours if quantity == settings["coupling"]["name"] else ()
        plot_plane(folder / name, table, quantity, labels, mass2_axis=axis, contours=outlines)
        drawn.append(name)
    main = settings["models"][0]["name"]
    points = [p for path in fits for p in read_json(path)["points"] if p["model"] == main]
    plot_counts(folder / "counts", points, select(table, "yield"), main, labels, axis)
    drawn.append("counts")
    if labels.data != "asimov":
        plot_p_values(folder / "p_values", points, labels, axis)
        drawn.append("p_values")
    (region, *_) = search.regions_at(points[0]["mass_gev"], settings["models"][0]) or settings["regions"]
    plot_signal(folder / "efficiency", search.signals[region["name"]], points, labels, axis)
    counts = {name: read_json(path)["cutflow"] for name, path in cutflows.items()}
    plot_cutflow(folder / "cutflow", counts, labels, sample_titles(settings))
    return [*drawn, "efficiency", "cutflow"]


def plot_counts(
    stem: Path, points: Sequence[Point], yields: Sequence[LimitRow], model: str, labels: Labels, axis: str
) -> None:
    """Draw the expected background of each window; the table beside it has the limit on signal events, too."""
    limits = {(row.mass_gev, row.mass2_gev): row.expected for row in yields if row.model in (None, model)}
    known = [point for point in points if point["member"] is not None]
    columns = ("mass_gev", "mass2_gev", "expected_background", "expected_limit")
    rows = [(*_masses(point), point["expected_background"], limits.get(_masses(point))) for point in known]
    cells = [(m, m2, b) for m, m2, b, _ in rows]
    _map(stem, cells, "expected background events in the window", labels, axis, floor=_FEWEST_SHOWN)
    write_numbers(stem, columns, rows)


def plot_p_values(stem: Path, points: Sequence[Point], labels: Labels, axis: str) -> None:
    """Draw the local significance of each window."""
    rows = [(*_masses(point), point.get("p0"), point.get("z"), point["status"]) for point in points]
    _map(stem, [(m, m2, z) for m, m2, _, z, _ in rows if z is not None], "local significance", labels, axis)
    write_numbers(stem, ("mass_gev", "mass2_gev", "p0", "z", "status"), rows)


def plot_signal(stem: Path, model: PlaneModel, points: Sequence[Point], labels: Labels, axis: str) -> None:
    """Draw efficiency, both resolutions and their correlation, with the generated points."""
    known = [_masses(point) for point in points if model.covers(*_masses(point))]
    windows = model.windows(known)
    efficiency = [model.efficiency_at(*point)[0] for point in known]
    xx, xy, yy = windows.covariance.T
    first, second = (VARIABLES[variable].title for variable in model.variables)
    panels = {
        "efficiency in the window [%]": [100.0 * value for value in efficiency],
        f"correlation of {first.split(' [')[0]} and {second.split(' [')[0]}": (
            xy / (xx * yy) ** 0.5
        ).tolist(),
        f"resolution of {first}": (xx**0.5).tolist(),
        f"resolution of {second}": (yy**0.5).tolist(),
    }
    with canvas(stem, 14.0, 11.0) as figure:
        grid = figure.subplots(2, 2, sharex=True, sharey=True)
        for axes, (title, values) in zip(grid.flat, panels.items(), strict=True):
            cells = [(*point, value) for point, value in zip(known, values, strict=True)]
            draw_cells(figure, axes, cells, title)
            axes.plot(
                model.mass_gev, model.mass2_gev, "o", markersize=4, color="white", markeredgecolor="black"
            )
        for axes in grid[1]:
            axes.set_xlabel(labels.mass_axis)
        for axes in grid[:, 0]:
            axes.set_ylabel(axis)
        stamp(grid[0, 0])
        grid[0, 1].set_title(f"{labels.process}\n{labels.setup}", loc="right", fontsize=13)
        text = "Fast simulation at the generated points (dots), smooth surfaces between them."
        footer(grid[1, 0], [text, *labels.notes])
    write_numbers(
        stem,
        ("kind", "mass_gev", "mass2_gev", "efficiency", "correlation", "resolution", "resolution2"),
        [
            *(("generated", *row) for row in _columns(model)),
            *(
                ("surface", *point, e, *(panels[name][i] for name in list(panels)[1:]))
                for i, (point, e) in enumerate(zip(known, efficiency, strict=True))
            ),
        ],
    )


def _columns(model: PlaneModel) -> list[tuple[float, ...]]:
    names = ("mass_gev", "mass2_gev", "efficiency", "correlation", "resolution", "resolution2")
    return list(zip(*(getattr(model, name).tolist() for name in names), strict=True))


def _masses(point: Point) -> tuple[float, float]:
    return point["mass_gev"], point["mass2_gev"]


def _map(
    stem: Path, cells: Sequence[Cell], title: str, labels: Labels, axis: str, *, floor: float | None = None
) -> None:
    """Draw one value of each window."""
    if not cells:
        plot_nothing(stem, f"{title}: no window", ("mass_gev", "mass2_gev"), labels)
        return
    with canvas(stem, 10.5, 8.0) as figure:
        axes = figure.add_subplot()
        draw_cells(figure, axes, cells, title, floor=floor)
        axes.set_xlabel(labels.mass_axis)
        axes.set_ylabel(axis)
        axes.set_title(labels.process, loc="right", fontsize=13, pad=26)
        header(axes, labels)
        overlap = "Neighbouring windows overlap: their counts are not independent."
        footer(axes, [f"Shown: {labels.data_text}. {overlap}", labels.background_text, *labels.notes])
