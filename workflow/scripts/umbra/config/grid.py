"""Mass grids, computed while the job graph is built: standard library only."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

Table = Sequence[Sequence[float]]

#: A mass, or a pair of masses.
Point = TypeVar("Point")


def spaced(start: float, stop: float, points: int, spacing: Table) -> list[float]:
    """Masses from `start` to `stop` whose steps are proportional to a spacing that depends on the mass.

    Parameters
    ----------
    start, stop
        Ends of the range, both included.
    points
        Number of masses.
    spacing
        Rows (mass, spacing), increasing in mass, linear in between and constant outside, for instance the mass
        resolution.

    Returns
    -------
    list of float
        Rounded to a keV, so that they can be written and read without loss.
    """
    if points == 1:
        return [round(math.sqrt(start * stop), 6)]
    knots = _knots(start, stop, spacing)
    total = sum(_steps(*piece) for piece in pairwise(knots))
    return [round(_locate(total * i / (points - 1), knots), 6) for i in range(points)]


def plane(
    masses: Sequence[float],
    seconds: Sequence[float],
    ratio: tuple[float | None, float | None],
    largest_sum: float | None,
) -> list[tuple[float, float]]:
    """Pairs of two masses within the range of a scan, ordered by the first and then by the second mass.

    Parameters
    ----------
    masses, seconds
        Grids of the first and of the second mass.
    ratio
        Lowest and highest second mass in units of the first, `None` is open; ends included.
    largest_sum
        Of both masses, included.
    """
    low, high = ratio
    return [
        (mass, second)
        for mass in masses
        for second in seconds
        if (largest_sum is None or mass + second <= largest_sum)
        and (low is None or second >= low * mass)
        and (high is None or second <= high * mass)
    ]


def blocks(masses: Sequence[Point], size: int) -> list[list[Point]]:
    """Cut a grid into runs of at most `size` neighbouring points, of nearly equal length."""
    number = max(1, math.ceil(len(masses) / size))
    edges = [round(i * len(masses) / number) for i in range(number + 1)]
    return [list(masses[low:high]) for low, high in pairwise(edges)]


def interpolate(table: Table, x: float) -> float:
    """Linear interpolation in a table of rows (x, y), constant outside."""
    if x <= table[0][0]:
        return float(table[0][1])
    for (x0, y0), (x1, y1) in pairwise(table):
        if x <= x1:
            return float(y0 + (y1 - y0) * (x - x0) / (x1 - x0))
    return float(table[-1][1])


def _knots(start: float, stop: float, spacing: Table) -> list[tuple[float, float]]:
    inner = [row[0] for row in spacing if start < row[0] < stop]
    return [(x, interpolate(spacing, x)) for x in (start, *inner, stop)]


def _steps(low: tuple[float, float], high: tuple[float, float]) -> float:
    """Integral of 1/spacing over a piece in which the spacing is linear."""
    (x0, y0), (x1, y1) = low, high
    if math.isclose(y0, y1, rel_tol=1e-12):
        return (x1 - x0) / y0
    return (x1 - x0) / (y1 - y0) * math.log(y1 / y0)


def _locate(steps: float, knots: Sequence[tuple[float, float]]) -> float:
    """Mass at which the integral of 1/spacing from the first knot equals `steps`."""
    for low, high in pairwise(knots):
        inside = _steps(low, high)
        if steps <= inside:
            (x0, y0), (x1, y1) = low, high
            slope = (y1 - y0) / (x1 - x0)
            if math.isclose(y0, y1, rel_tol=1e-12):
                return x0 + steps * y0
            return x0 + y0 * math.expm1(slope * steps) / slope
        steps -= inside
    return knots[-1][0]
