"""Hypotheses from what papers publish of their data: each row of a table is one count.

A fitted cross-section σ ± δ stands for the count that would have the same error. Of a Gaussian peak f over a flat
background b the fit finds n = L ε σ events with the variance 1 / ∫ f²/(b + n f). For few of them that is

    V(n) = V(0) + (2/√3) n,

as for N events over N − κ σ expected ones, where κ = (√3/2) L ε events are expected of 1 fb, and N = κ² δ². A Gaussian
of the width δ instead is too narrow where the data have fluctuated down, and limits from it are too strong: below such
peaks there are a few ten events.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from umbra.config.measurements import FittedCrossSection, Row, WindowCount
from umbra.config.records import Interpretation
from umbra.expectation.channel import PB_PER_FB, Expectation, coupling_power
from umbra.expectation.point import Point
from umbra.inference import refusals
from umbra.inference.hypothesis import Hypothesis
from umbra.inference.methods.binned import signal_unit
from umbra.inference.workspace import Background, Bins, build

#: Name of the one category, and of its background, in workspaces.
CATEGORY, BACKGROUND = "published", "background"
#: Events of the count that a fit stands for, over fitted signal events: a Gaussian peak over a flat background.
_OF_A_PEAK = 0.5 * math.sqrt(3.0)


@dataclass(frozen=True)
class Count:
    """A count that has the likelihood of a row.

    Parameters
    ----------
    observed, background
        Events; of a fit they need not be whole numbers.
    per_fb
        Signal events for a cross-section of 1 fb.
    is_estimate
        Whether the background is one and has an uncertainty, or was fitted to the same data.
    """

    observed: float
    background: float
    per_fb: float
    is_estimate: bool


def _of_window(row: WindowCount, luminosity_fb: float) -> Count:
    return Count(float(row.n_observed), row.n_background, luminosity_fb * row.efficiency, is_estimate=True)


def _of_fit(row: FittedCrossSection, luminosity_fb: float) -> Count:
    per_fb = _OF_A_PEAK * luminosity_fb * row.efficiency
    events = (per_fb * row.error_fb) ** 2
    return Count(events, events - per_fb * row.cross_section_fb, per_fb, is_estimate=False)


_COUNTS: Mapping[type[Row], Callable[[Any, float], Count]] = {
    WindowCount: _of_window,
    FittedCrossSection: _of_fit,
}


def count_of(row: Row, luminosity_fb: float) -> Count:
    """Return the count that has the likelihood of a row.

    Parameters
    ----------
    row
        Of a table.
    luminosity_fb
        Integrated luminosity of the data in 1/fb.
    """
    return _COUNTS[type(row)](row, luminosity_fb)


def hypotheses(
    expectation: Expectation[Any], rows: Sequence[Row], interpretation: Interpretation
) -> list[Hypothesis]:
    """Build the workspaces of some rows of a table, in their order, or say why there is none.

    The cross-section is the paper's own; the expectation tells which one a coupling makes. Where it does not know,
    because no signal was generated there, the limit is on the cross-section alone.
    """
    return [_hypothesis(expectation, row, interpretation) for row in rows]


def _hypothesis(expectation: Expectation[Any], row: Row, interpretation: Interpretation) -> Hypothesis:
    channel, point = expectation.channel, Point(row.mass_gev)
    refused = refusals.of_the_point(channel, point, interpretation, True, point.mass_gev)
    if refused is not None:
        return refused
    luminosity_fb = channel.luminosity_fb()
    count = count_of(row, luminosity_fb)
    if count.background < 0.0:
        reason = "the error of the fit is smaller than that of the signal which it found"
        return Hypothesis(point, interpretation.name, "fit_failed", reason)
    unit = signal_unit(count.background)
    cross_section_fb = unit / count.per_fb
    uncertainty = channel.background_relative(interpretation, point.mass_gev) if count.is_estimate else 0.0
    background = Background(BACKGROUND, np.array([count.background]), relative_uncertainty=uncertainty)
    return Hypothesis(
        point,
        interpretation.name,
        "converged",
        workspace=build(
            [Bins(CATEGORY, np.array([count.observed]), np.array([unit]), 0.0, [background])],
            f"{channel.name}_{interpretation.name}_{point.mass_gev:.6f}",
            channel.systematics.signal_efficiency_at(point.mass_gev),
            expectation.normalisation,
        ),
        yield_per_mu=cross_section_fb * luminosity_fb * row.efficiency,
        production_per_mu=cross_section_fb if interpretation.coupling else unit / luminosity_fb,
        coupling_power_per_mu=_coupling_power_per_mu(expectation, point, interpretation, cross_section_fb),
        expected_background=count.background,
    )


def _coupling_power_per_mu(
    expectation: Expectation[Any], point: Point, interpretation: Interpretation, cross_section_fb: float
) -> float | None:
    """Coupling, to its power, that makes a cross-section; `None` without one or where no signal was generated."""
    power = coupling_power(interpretation)
    if power is None:
        return None
    known = [
        category
        for category in expectation.categories(interpretation)
        if expectation.signal(category, interpretation).covers(point)
    ]
    if not known:
        return None
    born_fb = expectation.mean_born_pb(known, point, interpretation) / PB_PER_FB
    at_reference = born_fb * expectation.visible_fraction(point, interpretation)
    return power * cross_section_fb / at_reference if at_reference > 0.0 else None
