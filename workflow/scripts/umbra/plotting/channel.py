"""All figures of one channel."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from umbra import workspace
from umbra.io import read_json
from umbra.kinematics import Array
from umbra.limit_table import LimitRow
from umbra.limits.engine import fitted_expectations
from umbra.plotting.cutflow import plot_cutflow
from umbra.plotting.exclusion import Overlay, plot_limits
from umbra.plotting.fits import ExampleFit, plot_fits
from umbra.plotting.labels import channel_labels
from umbra.plotting.pvalues import plot_p_values
from umbra.plotting.signal import plot_signal
from umbra.published import Curve
from umbra.signal_model import SignalModel
from umbra.templates import Templates
from umbra.variables import LABELS as VARIABLE_TITLES

Point = Mapping[str, Any]

#: So many fits are shown, at masses spread evenly over the grid.
_EXAMPLES = 4
#: A fit of fewer bins is a count and not a picture.
_FEWEST_BINS = 8


def plot_channel(
    folder: Path,
    settings: Mapping[str, Any],
    *,
    table: Sequence[LimitRow],
    published: Sequence[Curve],
    signals: Mapping[str, SignalModel],
    templates: Templates,
    cutflows: Mapping[str, Path],
    fits: Sequence[Path],
    archives: Sequence[Path],
    global_text: str = "",
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
    published
        The curves that it is compared with; each is laid over the limits on its own quantity.
    signals, templates
        Output of the model stage, by region.
    cutflows
        Sample -> JSON file of the skim stage.
    fits, archives
        Fits (JSON) and workspaces (ZIP) of the blocks, in order of mass.
    global_text
        Global p-value of the largest excess and how it was found.

    Returns
    -------
    list of str
        Names of the figures without suffix; each is there as PDF, PNG and CSV. The p-value scan is there with
        data only, the example fits where windows have bins enough.
    """
    labels = channel_labels(settings)
    scale = settings["plot"]["x_scale"]
    coupling = settings["coupling"]["name"]
    vetoed = [(float(low), float(high)) for low, high in settings["masses"]["vetoed_gev"]]
    names = {
        coupling: "exclusion",
        "cross_section_fb": "cross_section",
        "branching_fraction": "branching_fraction",
    }
    drawn = []
    for quantity, name in names.items():
        if any(row.quantity == quantity for row in table):
            overlays = [Overlay(curve=curve) for curve in published if curve.quantity == quantity]
            plot_limits(
                folder / name,
                table,
                quantity,
                labels,
                published=overlays,
                vetoed_gev=vetoed,
                mass_scale=scale,
            )
            drawn.append(name)
    main = settings["models"][0]["name"]
    points = [
        (point, archive)
        for path, archive in zip(fits, archives, strict=True)
        for point in _points(path, main)
    ]
    if labels.data != "asimov" and any(point.get("p0") is not None for point, _ in points):
        plot_p_values(
            folder / "p_values",
            [point for point, _ in points],
            labels,
            global_text=global_text,
            mass_scale=scale,
        )
        drawn.append("p_values")
    examples = example_fits(points, settings, templates)
    if examples:
        plot_fits(folder / "fits", examples, labels)
        drawn.append("fits")
    plot_signal(folder / "efficiency", signals, labels, mass_scale=scale)
    plot_cutflow(
        folder / "cutflow", {name: read_json(path)["cutflow"] for name, path in cutflows.items()}, labels
    )
    return [*drawn, "efficiency", "cutflow"]


def _points(path: Path, model: str) -> list[Point]:
    return [point for point in read_json(path)["points"] if point["model"] == model]


def example_fits(
    points: Sequence[tuple[Point, Path]], settings: Mapping[str, Any], templates: Templates
) -> list[ExampleFit]:
    """Refit a few masses, spread evenly over the grid, and give the bins of one region of each, in turn.

    Parameters
    ----------
    points
        Points of the fit stage, each with the archive that holds its workspace, in order of mass.
    settings
        Settings of the channel.
    templates
        Background templates, whose axes the windows are cut from.
    """
    usable = [(point, archive) for point, archive in points if point["status"] == "converged"]
    if not usable:
        return []
    places = np.unique(np.linspace(0, len(usable) - 1, _EXAMPLES + 2).round().astype(int)[1:-1])
    examples = []
    for number, place in enumerate(places.tolist()):
        point, archive = usable[place]
        fitted = fitted_expectations(workspace.read_archive(archive)[point["member"]])
        channel = fitted.channels[number % len(fitted.channels)]
        if fitted.status != "converged" or len(channel.observed) < _FEWEST_BINS:
            continue
        (region,) = (region for region in settings["regions"] if region["name"] == channel.name)
        axis = next(iter(templates[channel.name].values())).edges
        examples.append(
            ExampleFit(
                region=channel.name,
                variable_title=VARIABLE_TITLES[region["variable"]],
                mass_gev=point["mass_gev"],
                edges=window_edges(axis, point["windows"][channel.name], len(channel.observed)),
                observed=np.asarray(channel.observed),
                background=np.asarray(channel.background),
                signal_plus_background=np.asarray(channel.signal_plus_background),
            )
        )
    return examples


def window_edges(axis: Array, window: Sequence[float], bins: int) -> Array:
    """Edges of the bins of a window, each a run of the same number of bins of the axis.

    Parameters
    ----------
    axis
        Edges of the axis, shape (n + 1,).
    window
        Lowest and highest edge of the window, both edges of the axis.
    bins
        Number of bins of the window.
    """
    first, last = np.searchsorted(axis, window).tolist()
    return axis[first : last + 1 : (last - first) // bins]
