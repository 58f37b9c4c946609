"""All figures of one channel."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from umbra.config.interpretations import (
    PRODUCTION_FIGURES,
    coupling_of,
    couplings_of,
    exclusion_figures,
    other_assumptions,
)
from umbra.core.io import read_json
from umbra.core.kinematics import Array
from umbra.core.search_variables import VARIABLES
from umbra.expectation.signal import SignalModel
from umbra.inference import workspace
from umbra.plotting.counts import Window, plot_counts
from umbra.plotting.cutflow import plot_cutflow
from umbra.plotting.exclusion import Overlay, plot_limits
from umbra.plotting.fits import ExampleFit, plot_fits
from umbra.plotting.labels import channel_labels, process_title
from umbra.plotting.plane import plot_islands
from umbra.plotting.pvalues import plot_p_values
from umbra.plotting.signal import plot_signal
from umbra.results.contours import Contour
from umbra.results.limits import LimitRow, select
from umbra.statistics.engine import fitted_expectations
from umbra.validation.published import Curve

Point = Mapping[str, Any]

#: Lifetimes in a figure against mass.
_LIFETIMES_MM = (10.0, 0.1, 1.0, 100.0, 1000.0)
#: So many fits are shown, at masses spread evenly over the grid.
_EXAMPLES = 4


def plot_channel(
    folder: Path,
    settings: Mapping[str, Any],
    *,
    table: Sequence[LimitRow],
    contours: Sequence[Contour] = (),
    published: Sequence[Curve],
    signals: Mapping[str, SignalModel],
    axes: Mapping[str, Array],
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
    contours
        Excluded regions of couplings that have an upper edge.
    published
        The curves that it is compared with; each is laid over the limits on its own quantity.
    signals
        Signal model of each region.
    axes
        Bin edges of each region that the windows of the fits are cut from (`umbra.inference.pseudodata.axes`).
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
        data only, the example fits for peaks, the counts for counting experiments.
    """
    labels = channel_labels(settings)
    scale = settings["plot"]["x_scale"]
    vetoed = [(float(low), float(high)) for low, high in settings["masses"]["vetoed_gev"]]
    names = {**exclusion_figures(settings), **PRODUCTION_FIGURES}
    main = settings["models"][0]["name"]
    lifetimes = shown_lifetimes(settings["lifetimes_mm"], settings["plot"].get("lifetime_mm"))
    if lifetimes:
        mine = [row for row in table if row.model in (main, None)]
        others = [row for row in table if row.model in other_assumptions(settings)]
        table = [row for lifetime in lifetimes for row in mine if row.lifetime_mm == lifetime]
        table += [row for row in others if row.lifetime_mm == lifetimes[0]]
    drawn = []
    for quantity, name in names.items():
        if quantity in islands_of(settings):
            curves = [curve for curve in published if curve.quantity == quantity]
            plot_islands(folder / name, contours, quantity, labels, published=curves)
            drawn.append(name)
        elif any(row.quantity == quantity for row in table):
            overlays = _overlays(published, quantity, settings, lifetimes)
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
    middle = lifetimes[0] if lifetimes else None
    points = [
        (point, archive)
        for path, archive in zip(fits, archives, strict=True)
        for point in _points(path, main)
        if point.get("lifetime_mm") == middle
    ]
    if labels.data != "asimov":
        plot_p_values(
            folder / "p_values",
            [point for point, _ in points],
            labels,
            global_text=global_text,
            mass_scale=scale,
        )
        drawn.append("p_values")
    yields = [row for row in select(table, "yield") if row.lifetime_mm == middle]
    if settings["fit"]["kind"] in ("peak", "templates"):
        plot_fits(folder / "fits", example_fits(points, settings, axes, yields), labels)
        drawn.append("fits")
    else:
        windows = counting_windows(points, labels.data != "asimov", yields)
        plot_counts(folder / "counts", windows, labels, sample_titles(settings), mass_scale=scale)
        drawn.append("counts")
    ranges = {each["name"]: (each["masses_gev"][0], each["masses_gev"][1]) for each in settings["regions"]}
    plot_signal(folder / "efficiency", signals, labels, ranges=ranges, mass_scale=scale, lifetime_mm=middle)
    counts = {name: read_json(path)["cutflow"] for name, path in cutflows.items()}
    plot_cutflow(folder / "cutflow", counts, labels, sample_titles(settings))
    return [*drawn, "efficiency", "cutflow"]


def shown_lifetimes(lifetimes_mm: Sequence[float], main_mm: float | None = None) -> list[float]:
    """Lifetimes that a figure against mass shows: those nearest to the main one and to `_LIFETIMES_MM`, in order."""
    if not lifetimes_mm:
        return []
    logs = np.log(lifetimes_mm)
    all_wanted = _LIFETIMES_MM if main_mm is None else (main_mm, *_LIFETIMES_MM)
    nearest = [int(np.argmin(np.abs(logs - np.log(wanted)))) for wanted in all_wanted]
    return [lifetimes_mm[i] for i in dict.fromkeys(nearest)]


def islands_of(settings: Mapping[str, Any]) -> list[str]:
    """Couplings that fix the lifetime, so that their limits are regions."""
    return [coupling_of(settings, model)["name"] for model in settings["models"] if "island" in model]


def _overlays(
    published: Sequence[Curve], quantity: str, settings: Mapping[str, Any], lifetimes: Sequence[float]
) -> list[Overlay]:
    """Published limits of the first model of the quantity, at its main lifetime, or of another luminosity."""
    models = settings["models"]
    own = [each for each in models if quantity in (one["name"] for one in couplings_of(settings, each))]
    drawn = {(own or models)[0]["name"]}
    drawn |= {model["name"] for model in models if "luminosity_fb" in model}
    named = [check for check in settings["validation"] if "model" in check]
    other = {check["curve"] for check in named} - {
        check["curve"] for check in named if check["model"] in drawn
    }
    mine = [curve for curve in published if curve.quantity == quantity and curve.name not in other]
    return [
        Overlay(curve=curve, lifetime_mm=lifetime)
        for curve in mine
        for lifetime in curve.lifetimes_mm
        if lifetime is None or lifetime in lifetimes[:1]
    ]


def _points(path: Path, model: str) -> list[Point]:
    return [point for point in read_json(path)["points"] if point["model"] == model]


def example_fits(
    points: Sequence[tuple[Point, Path]],
    settings: Mapping[str, Any],
    axes: Mapping[str, Array],
    yields: Sequence[LimitRow],
) -> list[ExampleFit]:
    """Refit a few masses, spread evenly over the grid, and give the bins of one region of each, in turn.

    Parameters
    ----------
    points
        Points of the fit stage, each with the archive that holds its workspace, in order of mass.
    settings
        Settings of the channel.
    axes
        Bin edges of each region that the windows are cut from.
    yields
        Limits on the yield, which scale the signal that is shown where there are no data.
    """
    limits = {(row.model, row.mass_gev): row.expected for row in yields}
    usable = [(point, archive) for point, archive in points if point["status"] == "converged"]
    if not usable:
        return []
    places = np.unique(np.linspace(0, len(usable) - 1, _EXAMPLES + 2).round().astype(int)[1:-1])
    examples = []
    for number, place in enumerate(places.tolist()):
        point, archive = usable[place]
        specification = workspace.read_archive(archive)[point["member"]]
        fitted = fitted_expectations(specification)
        channel = fitted.channels[number % len(fitted.channels)]
        if fitted.status != "converged":
            continue
        named = point["model"] if len(settings["models"]) > 1 else None
        limit = limits.get((named, point["mass_gev"]))
        (region,) = (region for region in settings["regions"] if region["name"] == channel.name)
        examples.append(
            ExampleFit(
                region=channel.name,
                variable_title=VARIABLES[region["variable"]].title,
                mass_gev=point["mass_gev"],
                edges=window_edges(axes[channel.name], point["bins"][channel.name]),
                observed=np.asarray(channel.observed),
                background=np.asarray(channel.background),
                signal_plus_background=np.asarray(channel.signal_plus_background),
                signal_at_limit=None
                if limit is None
                else _signal(specification, channel.name) * limit / point["yield_per_mu"],
            )
        )
    return examples


def counting_windows(
    points: Sequence[tuple[Point, Path]], has_data: bool, yields: Sequence[LimitRow]
) -> list[Window]:
    """Expected and observed events of the counting windows, regions added.

    Parameters
    ----------
    points
        Points of the fit stage, each with the archive that holds its workspace, in order of mass.
    has_data
        Whether the workspaces' observations are data and not the expectation.
    yields
        Limits on the yield.
    """
    limits = {(row.model, row.mass_gev): row.expected for row in yields}
    windows = []
    for archive, members in groupby(points, key=lambda pair: pair[1]):
        specifications = workspace.read_archive(archive)
        for point, _ in members:
            if point["member"] is None:
                continue
            specification = specifications[point["member"]]
            backgrounds: dict[str, float] = {}
            for channel in specification["channels"]:
                for sample in channel["samples"]:
                    if sample["name"] != "signal":
                        backgrounds[sample["name"]] = backgrounds.get(sample["name"], 0.0) + sum(
                            sample["data"]
                        )
            observed = sum(sum(observation["data"]) for observation in specification["observations"])
            key = (point["model"], point["mass_gev"])
            windows.append(
                Window(
                    mass_gev=point["mass_gev"],
                    backgrounds=backgrounds,
                    observed=observed if has_data else None,
                    limit=limits.get(key, limits.get((None, key[1]))),
                )
            )
    # A background that a region does not have is none there.
    every = dict.fromkeys((name for window in windows for name in window.backgrounds), 0.0)
    return [replace(window, backgrounds=every | dict(window.backgrounds)) for window in windows]


def _signal(specification: workspace.Workspace, region: str) -> Array:
    """Signal in the bins of a region for a signal strength of 1."""
    (channel,) = (each for each in specification["channels"] if each["name"] == region)
    (signal,) = (each for each in channel["samples"] if each["name"] == "signal")
    return np.asarray(signal["data"], dtype=float)


def sample_titles(settings: Mapping[str, Any]) -> dict[str, str]:
    """Legend text of each sample."""
    titles = {}
    for name, sample in settings["samples"].items():
        plain = name.replace("_", " ")
        process = sample.get("process", name)
        titles[name] = "signal " + plain if sample["role"] == "signal" else process_title(process) or plain
    shared = [title for title, number in Counter(titles.values()).items() if number > 1]
    # Samples of one process are told apart by their names.
    return {
        name: f"{title} ({name.replace('_', ' ')})" if title in shared else title
        for name, title in titles.items()
    }


def window_edges(axis: Array, bins: tuple[int, int, int]) -> Array:
    """Edges of the bins of a window.

    Parameters
    ----------
    axis
        Edges of the axis, shape (n + 1,).
    bins
        First bin of the axis, bins of it in one bin of the window, bins of the window.
    """
    first, step, number = bins
    return axis[first : first + step * number + 1 : step]
