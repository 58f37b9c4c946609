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


def fit_limit_axis(axes: Axes, points: Iterable[tuple[float, float]], largest: float | None = None) -> None:
    """Set a logarithmic limit axis around all that has to fit.

    Parameters
    ----------
    axes
        Axes whose mass axis is final.
    points
        Mass and height of all that has to fit; points outside the mass axis are left aside.
    largest
        The axis ends there at the latest: what is above cannot be.
    """
    left, right = axes.get_xlim()
    heights = [
        math.log10(height)
        for mass, height in points
        if left <= place_of(axes, mass) <= right and height > 0.0
    ]
    if not heights:
        axes.set_ylim(0.1, 10.0)
        return
    span = max(max(heights) - min(heights), 0.5)
    bottom, top = min(heights) - 0.12 * span, max(heights) + 0.08 * span
    if largest is not None:
        top = min(top, math.log10(largest))
        bottom = min(bottom, top - 0.5)
    axes.set_ylim(10**bottom, 10**top)


def place_of(axes: Axes, mass_gev: float) -> float:
    """Where a mass is drawn: a mass of zero at the left edge of a logarithmic axis."""
    return axes.get_xlim()[0] if axes.get_xscale() == "log" and mass_gev == 0.0 else mass_gev


class _AtMass(Protocol):
    @property
    def mass_gev(self) -> float: ...


T = TypeVar("T", bound=_AtMass)


def parted(points: Sequence[T], vetoed_gev: Sequence[tuple[float, float]]) -> list[list[T]]:
    """Cut a curve where a vetoed window lies between two neighbouring points or around one: no line goes through it."""
    parts = [list(points[:1])]
    for one, other in pairwise(points):
        low, high = sorted((one.mass_gev, other.mass_gev))
        if any(start < high and low < stop for start, stop in vetoed_gev):
            parts.append([])
        parts[-1].append(other)
    return [part for part in parts if part]
