"""Axes of figures against mass."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol, TypeVar

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter


def log_mass_axis(axes: Axes) -> None:
    """Make the mass axis logarithmic, with plain numbers at 1, 2 and 5 of each decade while there is room."""
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    digits = (1.0, 2.0, 5.0) if high < 500.0 * low else (1.0,)
    axes.xaxis.set_major_locator(LogLocator(subs=digits, numticks=40))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def mass_range(masses_gev: Sequence[float], scale: str) -> tuple[float, float]:
    """Range of the mass axis; on a logarithmic one a mass of zero is drawn at its left edge."""
    positive = [mass for mass in masses_gev if mass > 0.0]
    if scale == "linear" or not positive:
        low, high = min(masses_gev), max(masses_gev)
        margin = 0.03 * (high - low) or 0.5
        return low - margin, high + margin
    low, high = min(positive), max(positive)
    margin = max((high / low) ** 0.03, 1.02)
    if len(positive) < len(masses_gev):
        low /= 2.0
    return low / margin, high * margin


def fit_limit_axis(axes: Axes, points: Iterable[tuple[float, float]], lines: int, columns: int = 1) -> str:
    """Set a logarithmic limit axis that leaves room for a legend, and say on which side the legend fits.

    Parameters
    ----------
    axes
        Axes whose mass axis is final.
    points
        Mass and height of all that has to fit; points outside the mass axis are left aside.
    lines
        Number of lines of the legend.
    columns
        Those of the legend; two take the whole width.
    """
    placed = [(_fraction(axes, mass), math.log10(height)) for mass, height in points]
    inside = [(fraction, height) for fraction, height in placed if 0.0 <= fraction <= 1.0]
    if not inside:
        axes.set_ylim(0.1, 10.0)
        return "left"
    heights = [height for _, height in inside]
    span = max(max(heights) - min(heights), 0.5)
    bottom = min(heights) - 0.12 * span
    free = 1.0 - min(0.05 + 0.042 * lines, 0.6)
    width = 0.62 if columns == 1 else 1.0
    tops = {
        "left": max([height for fraction, height in inside if fraction <= width], default=bottom),
        "right": max([height for fraction, height in inside if fraction >= 1.0 - width], default=bottom),
    }
    side = min(tops, key=lambda name: tops[name])
    top = max(max(heights) + 0.08 * span, bottom + (tops[side] - bottom) / free)
    axes.set_ylim(10**bottom, 10**top)
    return side


def _fraction(axes: Axes, mass_gev: float) -> float:
    """Where a mass stands between the left edge (0) and the right edge (1) of the axes."""
    low, high = axes.get_xlim()
    if axes.get_xscale() == "log":
        return math.log(place_of(axes, mass_gev) / low) / math.log(high / low)
    return (mass_gev - low) / (high - low)


def place_of(axes: Axes, mass_gev: float) -> float:
    """Where a mass is drawn: a mass of zero at the left edge of a logarithmic axis."""
    return axes.get_xlim()[0] if axes.get_xscale() == "log" and mass_gev == 0.0 else mass_gev


class _AtMass(Protocol):
    @property
    def mass_gev(self) -> float: ...


T = TypeVar("T", bound=_AtMass)


def parted(points: Sequence[T], vetoed_gev: Sequence[tuple[float, float]]) -> list[list[T]]:
    """Cut a curve where a vetoed window lies between two neighbouring points: nothing is drawn through it."""
    parts = [list(points[:1])]
    for one, other in pairwise(points):
        low, high = sorted((one.mass_gev, other.mass_gev))
        if any(low <= start and stop <= high for start, stop in vetoed_gev):
            parts.append([])
        parts[-1].append(other)
    return [part for part in parts if part]
