"""Excluded regions of a coupling that fixes the lifetime, where both edges are known in closed form."""

import numpy as np
import pytest

from umbra.config.records import Coupling, Island
from umbra.inference.hypothesis import LimitedPoint
from umbra.results import islands
from umbra.theory import registry as models

#: Below the muon threshold it decays to electrons only, so that the branching fraction is one.
ISLAND = Island(particle="leptophilic_scalar", final_state="ee", masses_gev=(0.02, 0.2))
COUPLING = Coupling(name="xi", reference=1.0, power=2, convention="made up", y_label="xi")
LIFETIMES = [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 1000.0]
MASSES = [0.01, 0.05, 0.08, 0.11, 0.14, 0.3]


def point(mass, lifetime, limit, status="converged"):
    """A limit of `limit` on the coupling squared, with bands of a factor of two."""
    bands = [0.25, 0.5, 1.0, 2.0, 4.0]
    return LimitedPoint(
        mass_gev=mass,
        mass2_gev=None,
        lifetime_mm=lifetime,
        interpretation="main",
        status=status,
        reason="",
        yield_per_mu=1.0,
        production="branching_fraction",
        production_per_mu=1.0,
        coupling_power_per_mu=limit,
        method="",
        observed=None,
        expected=bands if status == "converged" else (),
    )


def grid(limit, **more):
    return [point(mass, lifetime, limit(lifetime), **more) for mass in MASSES for lifetime in LIFETIMES]


def edges(contour, mass):
    """Lowest and highest coupling of a contour at one of its masses."""
    here = [v for m, v in zip(contour.mass_gev, contour.value, strict=True) if m == pytest.approx(mass)]
    return min(here), max(here)


def test_both_edges_of_a_limit_that_does_not_depend_on_the_lifetime():
    """Excluded from the root of the limit to the coupling whose lifetime is the shortest one known."""
    found = islands.contours(grid(lambda _: 1.0), ISLAND, COUPLING)
    assert {contour.level for contour in found} == {
        "expected_minus2", "expected_minus1", "expected", "expected_plus1", "expected_plus2",
    }  # fmt: skip
    (median,) = (contour for contour in found if contour.level == "expected")
    assert median.quantity == "xi"
    assert min(median.mass_gev) == pytest.approx(0.05)
    assert max(median.mass_gev) == pytest.approx(0.14)
    unit = models.find("leptophilic_scalar").ctau_mm(np.array(MASSES), 1.0)
    for mass, ctau in zip(MASSES[1:-1], unit[1:-1], strict=True):
        low, high = edges(median, mass)
        assert low == pytest.approx(1.0, rel=0.01)
        assert high == pytest.approx(np.sqrt(ctau / LIFETIMES[0]), rel=0.05)


def test_the_upper_edge_follows_a_limit_that_explodes_at_short_lifetimes():
    """The limit (t0/t)^3 with t = T/g^2: g^2 > (t0 g^2/T)^3 ends at g^4 = (T/t0)^3."""
    start = 1.0
    found = islands.contours(grid(lambda t: (start / t) ** 3), ISLAND, COUPLING)
    (median,) = (contour for contour in found if contour.level == "expected")
    unit = models.find("leptophilic_scalar").ctau_mm(np.array([0.11]), 1.0)[0]
    _, high = edges(median, 0.11)
    assert high == pytest.approx((unit / start) ** 0.75, rel=0.01)


def test_a_search_for_prompt_decays_has_no_upper_edge_but_the_largest_coupling():
    """Limits that scatter between the shortest lifetimes, either way, do not matter above."""
    scattered = {0.1: 1.0, 0.3: 0.9, 1.0: 1.1}
    island = ISLAND.model_copy(update={"prompt": True, "largest": 1e3})
    found = islands.contours(grid(lambda t: scattered.get(t, 1.0)), island, COUPLING)
    (median,) = (contour for contour in found if contour.level == "expected")
    for mass in MASSES[1:-1]:
        low, high = edges(median, mass)
        assert low == pytest.approx(1.0, rel=0.06)
        assert high == pytest.approx(1e3, rel=0.01)


def test_no_region_reaches_across_a_vetoed_window():
    found = islands.contours(grid(lambda _: 1.0), ISLAND, COUPLING, [(0.09, 0.1)])
    medians = [contour for contour in found if contour.level == "expected"]
    spans = sorted((min(each.mass_gev), max(each.mass_gev)) for each in medians)
    assert spans == [pytest.approx((0.05, 0.08)), pytest.approx((0.11, 0.14))]


def test_nothing_is_excluded_where_nothing_is_known():
    assert islands.contours(grid(lambda _: 1.0, status="no_sensitivity"), ISLAND, COUPLING) == []
    one = [point(0.1, lifetime, 1.0) for lifetime in LIFETIMES]
    assert islands.contours(one, ISLAND, COUPLING) == []


def test_a_region_ends_at_the_outermost_masses_that_have_a_limit():
    points = [
        each.model_copy(update={"status": "no_sensitivity", "expected": ()}) if each.mass_gev < 0.07 else each
        for each in grid(lambda _: 1.0)
    ]
    (median,) = (each for each in islands.contours(points, ISLAND, COUPLING) if each.level == "expected")
    assert min(median.mass_gev) == pytest.approx(0.08)
    assert max(median.mass_gev) == pytest.approx(0.14)
