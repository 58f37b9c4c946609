"""Regions of the plane of two masses that a coupling excludes: where the limit is below it."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, cast

import numpy as np
from contourpy import FillType, contour_generator

from umbra.config.records import Coupling
from umbra.core.kinematics import Array
from umbra.results.contours import Contour
from umbra.results.limits import LimitRow


def excluded_regions(rows: Sequence[LimitRow], coupling: Coupling | None) -> list[Contour]:
    """Outline what each of a coupling's `benchmarks` excludes, in the expected median and, with data, observed.

    The logarithm of the limit is interpolated linearly between neighbouring points of the grid, and not across points
    without a limit.

    Parameters
    ----------
    rows
        Table of limits on two masses.
    coupling
        With `benchmarks`; without a coupling, any of these or a second mass there is nothing to outline.

    Returns
    -------
    list of Contour
        Of each model, level and benchmark. A region with a hole has an outline of the hole, too.
    """
    if coupling is None or not coupling.benchmarks:
        return []
    models = dict.fromkeys(row.model for row in rows if row.quantity == coupling.name)
    found = []
    for model in models:
        mine = [row for row in rows if row.quantity == coupling.name and row.model == model]
        for level in ("observed", "expected"):
            if any(getattr(row, level) is not None for row in mine):
                grid = _grid(mine, level)
                for benchmark in coupling.benchmarks:
                    found += [
                        Contour(
                            quantity="mass2_gev",
                            level=level,
                            mass_gev=tuple(line[:, 0].tolist()),
                            value=tuple(line[:, 1].tolist()),
                            model=model,
                            benchmark=float(benchmark),
                        )
                        for line in _outlines(*grid, float(benchmark))
                    ]
    return found


def _grid(rows: Sequence[LimitRow], level: str) -> tuple[Array, Array, Array]:
    """Both masses of a rectangular grid, and the logarithm of the limit at each point, NaN where there is none."""
    first = sorted({row.mass_gev for row in rows})
    second = sorted({row.mass2_gev for row in rows if row.mass2_gev is not None})
    column = {mass: i for i, mass in enumerate(first)}
    line = {mass: i for i, mass in enumerate(second)}
    limits = np.full((len(second), len(first)), np.nan)
    for row in rows:
        value = getattr(row, level)
        if value is not None and row.mass2_gev is not None:
            limits[line[row.mass2_gev], column[row.mass_gev]] = np.log(value)
    return np.array(first), np.array(second), limits


def _outlines(first: Array, second: Array, log_limits: Array, benchmark: float) -> Iterator[Array]:
    """Closed curves around limits below a benchmark, shape (n, 2) each."""
    if min(log_limits.shape) < 2:
        return
    masked = np.ma.MaskedArray(log_limits, mask=np.isnan(log_limits))  # type: ignore[no-untyped-call]
    filled = contour_generator(first, second, masked, fill_type=FillType.OuterOffset)
    # Of the kinds of output that contourpy has, this one gives each polygon's points, and where its rings begin.
    polygons, offsets = cast(tuple[list[Array], list[Any]], filled.filled(-np.inf, np.log(benchmark)))
    for polygon, offset in zip(polygons, offsets, strict=True):
        for start, stop in pairwise(offset.tolist()):
            # The last point repeats the first.
            yield polygon[start : stop - 1]
