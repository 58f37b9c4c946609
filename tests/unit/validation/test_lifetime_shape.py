"""Shapes against lifetime: the level of each mass is divided out, and flights are those of a two-body decay."""

import math

import pytest

from umbra.config.records import Bound, Flight
from umbra.core.errors import UmbraError
from umbra.core.machines import Machine
from umbra.results.limits import LimitRow
from umbra.validation.lifetime_shape import compare_shape, median_flight_mm
from umbra.validation.published import Bin, Curve

BELLE2 = Machine("belle2", 7.004, 4.002, 83.0)
FLIGHT = Flight(parent=521, recoil=321, anchor_mm=10.0, range_mm=(1.0, 50.0))
BOUND = Bound(median_dex=0.04, bias_dex=0.04, worst_dex=0.12)
MASSES, LIFETIMES = (1.0, 2.0, 4.0), (0.1, 1.0, 10.0, 100.0)


def published(limit):
    bins = [
        Bin(digitised_mass_gev=m, mass_gev=m, limit=limit(m, t), limit_p16=1e-9, limit_p84=1.0, points=1, lifetime_mm=t)
        for m in MASSES
        for t in LIFETIMES
    ]  # fmt: skip
    return Curve(
        name="test", label="", experiment="", arxiv=None, citation="", portal="dark_higgs",
        quantity="branching_fraction", definition="", confidence="", confidence_level=0.95, luminosity="", origin="",
        shape="upper_limit", projection=False, remark="", bins=tuple(bins),
    )  # fmt: skip


def ours(limit):
    def row(m, t):
        bands = {f"expected{end}": limit(m, t) for end in ("_minus2", "_minus1", "", "_plus1", "_plus2")}
        return LimitRow(
            mass_gev=m, quantity="branching_fraction", method="x", status="converged", lifetime_mm=t, **bands
        )

    return {t: [row(m, t) for m in MASSES] for t in LIFETIMES}


def compare(mine, theirs):
    return compare_shape("channel", ours(mine), published(theirs), FLIGHT, BELLE2, bounds=[BOUND])


def test_median_flight_of_a_decay_at_rest_and_with_the_boost_of_the_beams():
    """The check values are medians of a simulation: beta gamma 8.6, 2.4, 1.1 and 0.3."""
    for mass, speed in ((0.314, 8.6), (1.085, 2.4), (2.155, 1.1), (4.303, 0.3)):
        assert median_flight_mm(FLIGHT, mass, 1.0, BELLE2) / math.log(2.0) == pytest.approx(speed, rel=0.15)
    at_rest = Machine("symmetric", 5.29, 5.29)
    # p* of B+ -> K+ X is 2.520 GeV at 1 GeV.
    assert median_flight_mm(FLIGHT, 1.0, 2.0, at_rest) == pytest.approx(2.0 * math.log(2.0) * 2.520, rel=1e-3)


def test_a_factor_of_each_mass_is_divided_out():
    found = compare(lambda m, t: 1e-7 / m * t**-0.5, lambda m, t: 4e-7 * t**-0.5)
    used = [each for each in found.bins if not each.skipped]
    assert used
    assert max(abs(each.dex) for each in used) < 1e-12
    assert found.level is not None
    assert found.level.median_dex == pytest.approx(math.log10(0.25 / 2.0))
    assert found.level.above == 0
    assert found.verdicts[0].outcome == "met"


def test_a_different_shape_remains():
    found = compare(lambda m, t: 1e-7 * t**-0.5, lambda m, t: 1e-7 * t**-0.2)
    used = {(each.bin.mass_gev, each.bin.lifetime_mm): each.dex for each in found.bins if not each.skipped}
    # At 1 GeV the flights are 1.8 mm and 18 mm for 1 and 10 mm: the anchor is 10 mm.
    assert used[1.0, 1.0] == pytest.approx(0.3)
    assert found.skipped["anchor"] == len(MASSES)
    assert (1.0, 100.0) not in used


def test_a_lifetime_that_is_not_ours_is_refused():
    rows = ours(lambda m, t: 1.0)
    del rows[10.0]
    with pytest.raises(UmbraError, match=r"no limits for the lifetime 10\.0 mm of test"):
        compare_shape("channel", rows, published(lambda m, t: 1.0), FLIGHT, BELLE2, bounds=[BOUND])
