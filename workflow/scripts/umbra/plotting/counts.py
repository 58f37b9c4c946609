"""Counting experiments: what each window expects, and what was observed, against mass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.plotting.canvas import canvas, colours, footer, header, legend, plot_nothing, write_numbers
from umbra.plotting.labels import Labels
from umbra.plotting.mass_axis import log_mass_axis, mass_range


@dataclass(frozen=True, kw_only=True)
class Window:
    """Counting window of one mass hypothesis.

    Parameters
    ----------
    mass_gev
        Hypothesis.
    backgrounds
        Expected events of each background.
    observed
        Observed events; None where there are no data.
    limit
        Expected upper limit on the signal events; None where there is none.
    """

    mass_gev: float
    backgrounds: Mapping[str, float]
    observed: float | None
    limit: float | None


def plot_counts(
    stem: Path | str,
    windows: Sequence[Window],
    labels: Labels,
    sample_titles: Mapping[str, str],
    *,
    mass_scale: str = "log",
) -> None:
    """Draw expected backgrounds, stacked, and the expected limit as `<stem>.pdf`, `.png` and `.csv`.

    Neighbouring windows may overlap: their counts are not independent.

    Parameters
    ----------
    stem
        Path of the files without suffix.
    windows
        In order of mass; all with the same backgrounds.
    labels
        What the figure says about the channel.
    sample_titles
        Legend text of the backgrounds.
    mass_scale
        `log` or `linear`.

    Raises
    ------
    UmbraError
        If windows have different backgrounds.
    """
    if not windows:
        plot_nothing(
            stem, "no counting window could be made", ("mass_gev", "observed", "expected_limit"), labels
        )
        return
    names = list(windows[0].backgrounds)
    for window in windows:
        if list(window.backgrounds) != names:
            raise UmbraError(f"{stem}: the window at {window.mass_gev:g} GeV has not the backgrounds {names}")
    masses = np.array([window.mass_gev for window in windows])
    with canvas(stem, height_inch=6.4) as figure:
        axes = figure.add_subplot()
        axes.set_yscale("log")
        axes.set_xlim(mass_range(masses.tolist(), mass_scale))
        if mass_scale == "log":
            log_mass_axis(axes)
        stacked = np.cumsum([[window.backgrounds[name] for window in windows] for name in names], axis=0)
        floor = _floor(stacked, windows)
        lower: Array = np.full(len(windows), floor)
        for colour, name, upper in zip(colours(len(names)), names, stacked, strict=True):
            shown = np.maximum(upper, floor)
            title = sample_titles.get(name, name)
            axes.fill_between(masses, lower, shown, color=colour, alpha=0.75, linewidth=0, label=title)
            lower = shown
        limits = [(window.mass_gev, window.limit) for window in windows if window.limit is not None]
        if limits:
            axes.plot(
                *zip(*limits, strict=True),
                "--",
                color="black",
                linewidth=1.8,
                label="expected limit on the signal",
            )
        observed = [(window.mass_gev, window.observed) for window in windows if window.observed is not None]
        if observed:
            axes.plot(*zip(*observed, strict=True), ".", color="black", markersize=6, label=labels.observed)
        highest = max(float(stacked[-1].max()), *[limit for _, limit in limits], floor)
        axes.set_ylim(floor, highest * (highest / floor) ** 0.1)
        axes.set_xlabel(labels.mass_axis)
        axes.set_ylabel("events / window")
        legend(axes, labels.process)
        header(axes, labels)
        footer(axes, [f"Shown: {labels.data_text}.", labels.background_text, *labels.notes])
    write_numbers(
        stem,
        ("mass_gev", *names, "observed", "expected_limit"),
        (
            (window.mass_gev, *window.backgrounds.values(), window.observed, window.limit)
            for window in windows
        ),
    )


def _floor(stacked: Array, windows: Sequence[Window]) -> float:
    """Lower end of the logarithmic axis: a part of the smallest expectation, but never below a hundredth event."""
    totals = [total for total in stacked[-1].tolist() if total > 0.0]
    limits = [window.limit for window in windows if window.limit is not None]
    return max(0.3 * min([*totals, *limits], default=1.0), 0.01)
