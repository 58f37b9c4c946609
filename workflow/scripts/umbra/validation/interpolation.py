"""Our limits between the masses of a scan."""

import math
from collections.abc import Sequence

import numpy as np

from umbra.config.records import Compared
from umbra.results.limits import LimitRow
from umbra.validation.limit import Limit

Window = tuple[float, float]

#: Columns of the table that are interpolated.
_COLUMNS = {"expected": ("expected", "expected_minus1", "expected_plus1"), "observed": ("observed",)}


def limit_at(
    rows: Sequence[LimitRow],
    mass_gev: float,
    vetoed_gev: Sequence[Window] = (),
    *,
    kind: Compared = "expected",
) -> tuple[Limit | None, str]:
    """Our limit at a mass, or why there is none.

    Between two neighbouring mass points the logarithm of the limit is interpolated in the logarithm of the
    mass (in the mass itself where the lower point is at zero). It is never taken beyond the first or the last
    point, nor across a point that has no limit.

    Parameters
    ----------
    rows
        Limits of one model and quantity.
    mass_gev
        Where.
    vetoed_gev
        Windows that the search leaves out.
    kind
        Which limit.

    Returns
    -------
    tuple of Limit or None, and str
        The limit and an empty text, or None and the reason.
    """
    if any(low <= mass_gev <= high for low, high in vetoed_gev):
        return None, "vetoed"
    rows = sorted(rows, key=lambda row: row.mass_gev)
    if not rows or not rows[0].mass_gev <= mass_gev <= rows[-1].mass_gev:
        return None, "outside our range"
    above = next(index for index, row in enumerate(rows) if row.mass_gev >= mass_gev)
    ends = [rows[above]] if rows[above].mass_gev == mass_gev else [rows[above - 1], rows[above]]
    found = []
    for row in ends:
        if row.status == "excluded_window":
            return None, "vetoed" if len(ends) == 1 else "beside a vetoed point"
        limits = [getattr(row, name) for name in _COLUMNS[kind]]
        known = [limit for limit in limits if limit is not None and limit > 0.0]
        if len(known) < len(limits):
            return None, "no limit"
        found.append(known)
    if len(found) == 1:
        return _limit(kind, found[0]), ""
    low, high = (row.mass_gev for row in ends)
    fraction = math.log(mass_gev / low) / math.log(high / low) if low > 0.0 else mass_gev / high
    between = [
        math.exp((1.0 - fraction) * math.log(below) + fraction * math.log(beyond))
        for below, beyond in zip(*found, strict=True)
    ]
    return _limit(kind, between), ""


def limit_of_bin(rows: Sequence[LimitRow], mass_gev: float, points: int) -> tuple[Limit | None, str]:
    """Median of our observed limits in a bin of a published curve, where our masses are those of the paper.

    The bin is the run of so many neighbouring masses whose median is nearest to its own.

    Parameters
    ----------
    rows
        Limits of one model and quantity, in order of mass.
    mass_gev, points
        Median mass of the bin, and how many masses of the paper it holds.

    Returns
    -------
    tuple of Limit or None, and str
        The limit, with the 16 and 84 % quantiles of the bin, and an empty text; or None and the reason.
    """
    known = [(row.mass_gev, row.observed) for row in rows if row.observed is not None]
    if len(known) < points or not known[0][0] <= mass_gev <= known[-1][0]:
        return None, "outside our range"
    masses, limits = np.array(known).T
    middles = np.median(np.lib.stride_tricks.sliding_window_view(masses, points), axis=1)
    first = int(np.argmin(np.abs(middles - mass_gev)))
    low, median, high = np.quantile(limits[first : first + points], [0.16, 0.5, 0.84]).tolist()
    return Limit("observed", median, (low, high)), ""


def _limit(kind: Compared, values: Sequence[float]) -> Limit:
    value, *edges = values
    return Limit(kind, value, (edges[0], edges[1]) if edges else None)
