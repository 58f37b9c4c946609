"""Our expected limit between the masses of a scan."""

import math
from collections.abc import Sequence

from umbra.results.limits import LimitRow

Window = tuple[float, float]


def expected_at(
    rows: Sequence[LimitRow], mass_gev: float, vetoed_gev: Sequence[Window] = ()
) -> tuple[float | None, str]:
    """Our expected median at a mass, or why there is none.

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

    Returns
    -------
    tuple of float or None, and str
        The limit and an empty text, or None and the reason.
    """
    if any(low <= mass_gev <= high for low, high in vetoed_gev):
        return None, "vetoed"
    rows = sorted(rows, key=lambda row: row.mass_gev)
    if not rows or not rows[0].mass_gev <= mass_gev <= rows[-1].mass_gev:
        return None, "outside our range"
    above = next(index for index, row in enumerate(rows) if row.mass_gev >= mass_gev)
    ends = [rows[above]] if rows[above].mass_gev == mass_gev else [rows[above - 1], rows[above]]
    for row in ends:
        if row.status == "excluded_window":
            return None, "vetoed" if len(ends) == 1 else "beside a vetoed point"
        if row.expected is None or row.expected <= 0.0:
            return None, "no limit"
    if len(ends) == 1:
        return ends[0].expected, ""
    low, high = ends
    if low.mass_gev > 0.0:
        fraction = math.log(mass_gev / low.mass_gev) / math.log(high.mass_gev / low.mass_gev)
    else:
        fraction = mass_gev / high.mass_gev
    limits = [row.expected for row in ends if row.expected is not None]
    return math.exp((1.0 - fraction) * math.log(limits[0]) + fraction * math.log(limits[1])), ""
