"""Every reason why a point has no hypothesis, once, whatever the shape of its window."""

import math
from collections.abc import Sequence

from umbra.config.records import Category, Channel, Interpretation
from umbra.expectation.point import Point
from umbra.inference.hypothesis import Hypothesis

#: The efficiency for a lifetime is not known with a larger relative statistical error.
LARGEST_SIGNAL_ERROR = 0.3


def of_the_point(
    channel: Channel, point: Point, interpretation: Interpretation, has_data: bool, centre_gev: float
) -> Hypothesis | None:
    """Refuse what no simulation can mend: a window around a veto, and data of another luminosity."""
    for low, high in channel.masses.vetoed_gev:
        if low <= centre_gev <= high:
            reason = f"{low:g} to {high:g} GeV is vetoed: a known resonance"
            return Hypothesis(point, interpretation.name, "excluded_window", reason)
    if has_data and interpretation.luminosity_fb is not None:
        reason = "a projection to another luminosity has no data"
        return Hypothesis(point, interpretation.name, "fit_failed", reason)
    return None


def of_the_categories(
    point: Point, interpretation: Interpretation, usable: Sequence[Category], unknown: Sequence[Category]
) -> Hypothesis | None:
    """Refuse a point at which no category is left, because none has it or the simulation is short in all."""
    if usable:
        return None
    if unknown:
        names = ", ".join(category.name for category in unknown)
        reason = f"too few simulated candidates at {point} to tell the efficiency: {names}"
        return Hypothesis(point, interpretation.name, "no_sensitivity", reason)
    return Hypothesis(point, interpretation.name, "no_sensitivity", "no category has this mass")


def of_the_signal(
    point: Point, interpretation: Interpretation, expected: float, relative_error: float
) -> Hypothesis | None:
    """Refuse a signal of which nothing is seen, or too little to tell how much."""
    if not expected > 0.0:
        reason = "no signal is expected in any category"
    elif point.lifetime_mm is not None and relative_error > LARGEST_SIGNAL_ERROR:
        reason = "too few simulated decays are seen to tell the efficiency"
    else:
        return None
    return Hypothesis(point, interpretation.name, "no_sensitivity", reason)


def of_the_fraction(
    channel: Channel, point: Point, interpretation: Interpretation, fraction_per_mu: float
) -> Hypothesis | None:
    """Refuse a search that would not even see all decays of the parents."""
    if channel.produced is None or fraction_per_mu <= 1.0:
        return None
    reason = "not even all decays of the parents would be seen"
    return Hypothesis(point, interpretation.name, "no_sensitivity", reason)


def left_out(outside: Sequence[Category], unknown: Sequence[Category]) -> str:
    """Say which categories are left out, and why: their signal is not counted either."""
    reasons = {"the window lies outside of the data": outside, "too few simulated candidates": unknown}
    return "; ".join(
        f"left out, {why}: {', '.join(category.name for category in categories)}"
        for why, categories in reasons.items()
        if categories
    )


def combined_error(yields: Sequence[tuple[float, float]]) -> float:
    """Relative error of a sum of (expected events, relative error), whose errors add in quadrature; 0 of nothing."""
    total = sum(expected for expected, _ in yields)
    if not total > 0.0:
        return 0.0
    return math.sqrt(sum((expected * relative) ** 2 for expected, relative in yields)) / total
