"""Local p-value of the background-only hypothesis against mass."""

import math
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from matplotlib.ticker import FixedLocator, NullLocator
from scipy.special import ndtr

from umbra.core.errors import UmbraError
from umbra.inference.hypothesis import FittedPoint
from umbra.plotting.canvas import LINES, canvas, footer, header, log_mass_axis, plot_nothing, write_numbers
from umbra.plotting.exclusion import mass_range
from umbra.plotting.labels import Labels

_COLUMNS = ("mass_gev", "p0", "z", "status")
#: The scan shows p-values down to here at least.
_LOWEST_SIGMA = 3.2


def plot_p_values(
    stem: Path | str,
    points: Sequence[FittedPoint],
    labels: Labels,
    *,
    global_text: str = "",
    mass_scale: str = "log",
) -> None:
    """Draw the local p-value scan as `<stem>.pdf`, `.png` and `.csv`.

    Parameters
    ----------
    stem
        Path of the files without suffix.
    points
        Fits of one interpretation in order of mass; one without a p-value is a gap.
    labels
        What the figure says about the channel; without data there is no scan.
    global_text
        Global p-value of the largest excess and how it was found.
    mass_scale
        `log` or `linear`.

    Raises
    ------
    UmbraError
        If there are no data.
    """
    found = [(point.z, point) for point in points if point.p0 is not None and point.z is not None]
    if labels.data == "asimov":
        raise UmbraError(f"{stem}: a p-value scan needs data, and the channel has an Asimov expectation only")
    if not found:
        plot_nothing(stem, f"none of {len(points)} fits has a p-value", _COLUMNS, labels)
        return
    largest_z, largest = max(found, key=lambda each: each[0])
    lines = range(1, int(max(largest_z, _LOWEST_SIGMA - 1.0)) + 2)
    with canvas(stem, height_inch=5.8) as figure:
        axes = figure.add_subplot()
        axes.set_yscale("log")
        axes.set_xlim(mass_range([point.mass_gev for point in points], mass_scale))
        if mass_scale == "log":
            log_mass_axis(axes)
        low = ndtr(-lines[-1] - 0.3)
        axes.set_ylim(low, (1.0 / low) ** 0.4)
        # There is room for text above 1, but no probability.
        powers = range(math.floor(math.log10(low)), 1)
        axes.yaxis.set_major_locator(FixedLocator([10.0**power for power in powers]))
        axes.yaxis.set_minor_locator(NullLocator())
        left = axes.get_xlim()[0]
        for known, run in groupby(points, key=lambda point: point.p0 is not None):
            members = list(run)
            if known:
                axes.plot(
                    [max(point.mass_gev, left) for point in members],
                    [math.nan if point.p0 is None else point.p0 for point in members],
                    color=LINES[0],
                    linewidth=1.3,
                    marker="." if len(members) == 1 else "",
                )
        for sigma in lines:
            axes.axhline(ndtr(-sigma), color="0.55", linestyle=":", linewidth=1.2)
            axes.annotate(
                rf"${sigma}\sigma$",
                (1.0, ndtr(-sigma)),
                xycoords=("axes fraction", "data"),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                fontsize=13,
                annotation_clip=False,
            )
        axes.set_xlabel(labels.mass_axis)
        axes.set_ylabel(r"local $p_0$")
        axes.text(
            0.03,
            0.95,
            f"{labels.process}\n{labels.data_text}\n"
            f"largest excess: {largest_z:.1f}$\\sigma$ (local) at {largest.mass_gev:.4g} GeV"
            + (f"\n{global_text}" if global_text else ""),
            transform=axes.transAxes,
            fontsize=13,
            va="top",
            linespacing=1.4,
        )
        header(axes, labels)
        missing = len(points) - len(found)
        footer(
            axes,
            [
                f"{missing} of {len(points)} mass points have no p-value and are left open."
                if missing
                else "",
                labels.background_text,
                *labels.notes,
            ],
        )
    write_numbers(
        stem,
        _COLUMNS,
        [(point.mass_gev, point.p0, point.z, point.status) for point in points],
    )
