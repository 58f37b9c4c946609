"""How many events a limit stands for: fewer than none observed excludes, and it has been misread."""

import math


def implied_events(
    limit: float,
    *,
    power: int,
    cross_section_fb_at_unit_coupling: float,
    luminosity_fb: float,
    efficiency: float,
    branching_fraction: float = 1.0,
) -> float:
    """Signal events that a limit on a coupling stands for.

    Parameters
    ----------
    limit
        Upper limit on the coupling.
    power
        Power in which the coupling enters the cross-section.
    cross_section_fb_at_unit_coupling
        Cross-section for a coupling of 1 in the unit of `limit`, in fb.
    luminosity_fb
        Integrated luminosity in 1/fb.
    efficiency
        Signal efficiency.
    branching_fraction
        Fraction of the produced particles that decay as searched for.
    """
    rate = cross_section_fb_at_unit_coupling * limit**power * branching_fraction
    return rate * luminosity_fb * efficiency


def fewest_events(confidence_level: float) -> float:
    """Signal events that zero observed events exclude: a limit that implies fewer has been misread.

    It is -ln(1 - CL), 2.30 at 90% and 3.00 at 95%, for flat-prior, CLs and classical limits alike; a
    background does not lower the first two.
    """
    return -math.log1p(-confidence_level)
