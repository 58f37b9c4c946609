"""What a synthetic channel expects: yields, luminosities, cross-sections, imposed efficiencies."""

from dataclasses import replace

import numpy as np
import pytest

from channels import (
    BETA_GAMMA,
    CATEGORY,
    COUPLING,
    EFFICIENCY,
    LUMINOSITY_FB,
    MAIN,
    category,
    changed,
    flying,
    imposed,
    reading,
    records,
    simulated,
    synthetic,
)
from umbra.config.records import Category, Produced
from umbra.core.constants import ELECTRON_MASS_GEV
from umbra.core.machines import Machine
from umbra.expectation import signal
from umbra.expectation.binned import BinnedExpectation
from umbra.expectation.point import Point
from umbra.inference.methods import registry as methods
from umbra.theory.meson import JPSI_TO_ETA

BORN_PB_PER_GEV = 1.0  # the records say born_pb = mass


@pytest.fixture(scope="module", name="expectation")
def _expectation() -> BinnedExpectation:
    return synthetic()


def events(expectation: BinnedExpectation, mass_gev: float, of: Category = CATEGORY, reading=MAIN) -> float:
    return expectation.signal_yield(of, Point(mass_gev), reading)[0]


def test_signal_yield_is_luminosity_times_cross_section_times_efficiency(expectation):
    expected, error = expectation.signal_yield(CATEGORY, Point(3.0), MAIN)
    assert expected == pytest.approx(LUMINOSITY_FB * 1e3 * 3.0 * BORN_PB_PER_GEV * EFFICIENCY, rel=0.02)
    assert 0.0 < error < 0.02


def test_published_efficiency_scales_signal_and_background_alike(expectation):
    scaled = category(published_efficiency=imposed())
    other = changed(expectation, channel={"categories": (scaled,)})
    assert events(other, 3.0, scaled) / events(expectation, 3.0) == pytest.approx(0.1 / EFFICIENCY, rel=0.02)
    background = other.background(scaled)["qed"] / expectation.background(CATEGORY)["qed"]
    np.testing.assert_allclose(background, 0.1 / EFFICIENCY, rtol=0.03)


def test_a_published_efficiency_of_all_selected_events_leaves_the_share_near_the_peak(expectation):
    """Half of what is selected lies near the mass: so does half of the published efficiency."""
    scaled = category(published_efficiency=imposed(counts="selected"))
    signals = {
        name: {key: replace(model, selected=2.0 * model.efficiency) for key, model in of.items()}
        for name, of in expectation.signals.items()
    }
    other = replace(changed(expectation, channel={"categories": (scaled,)}), signals=signals)
    assert events(other, 3.0, scaled) / events(expectation, 3.0) == pytest.approx(0.05 / EFFICIENCY, rel=0.02)


@pytest.mark.parametrize(("shape_lifetime_mm", "lifetime_mm"), [(None, 5.0), (50.0, 50.0)])
def test_a_published_efficiency_is_of_one_lifetime(expectation, shape_lifetime_mm, lifetime_mm):
    """The shortest, where the category names none."""
    lifetimes = (5.0, 50.0)
    flown = signal.build("mass_gev", flying(), records([*BETA_GAMMA]), "test", lifetimes_mm=lifetimes)
    scaled = category(published_efficiency=imposed(), shape_lifetime_mm=shape_lifetime_mm)
    blocks = {"categories": (scaled,), "lifetimes_mm": lifetimes}
    other = changed(expectation, channel=blocks, signals={"peak": {"x": flown}})
    factor = other.efficiency_factor(scaled, np.array([2.0]))[0]
    assert factor * flown.efficiency_at(2.0, lifetime_mm)[0] == pytest.approx(0.1)


def test_the_correction_of_a_published_efficiency_scales_the_signal_only(expectation):
    plain, corrected = (
        category(published_efficiency=imposed(**extra)) for extra in ({}, {"signal_correction": 0.8})
    )
    found = [(changed(expectation, channel={"categories": (each,)}), each) for each in (plain, corrected)]
    yields = [events(other, 3.0, each) for other, each in found]
    assert yields[1] == pytest.approx(0.8 * yields[0])
    backgrounds = [other.total_background(each).sum() for other, each in found]
    assert backgrounds[1] == pytest.approx(backgrounds[0])


def test_an_interpretation_may_impose_an_efficiency_where_the_category_has_none(expectation):
    imposing = reading(name="imposing", published_efficiency=0.1)
    plain, scaled = (events(expectation, 3.0, reading=each) for each in (MAIN, imposing))
    assert scaled / plain == pytest.approx(0.1 / EFFICIENCY, rel=0.02)
    backgrounds = [expectation.total_background(CATEGORY, each).sum() for each in (MAIN, imposing)]
    assert backgrounds[1] / backgrounds[0] == pytest.approx(0.1 / EFFICIENCY, rel=0.02)


def test_an_interpretation_may_choose_its_categories(expectation):
    two = changed(expectation, channel={"categories": (CATEGORY, category(name="tight"))})
    assert [each.name for each in two.categories_at(3.0)] == ["peak", "tight"]
    assert [each.name for each in two.categories_at(3.0, reading(categories=("tight",)))] == ["tight"]


def test_a_mass_between_two_categories_belongs_to_the_upper_one_only(expectation):
    """An event that both hold would be counted twice."""
    low, high = category(hypotheses_gev=(1.0, 3.0)), category(name="high", hypotheses_gev=(3.0, 6.0))
    two = changed(expectation, channel={"categories": (low, high)})
    for mass, names in ((1.0, ["peak"]), (2.999, ["peak"]), (3.0, ["high"]), (6.0, ["high"]), (6.001, [])):
        assert [each.name for each in two.categories_at(mass)] == names


def test_categories_share_the_luminosity_and_grow_alike_in_a_projection(expectation):
    first, second = (
        category(name=name, luminosity_fb=part * LUMINOSITY_FB)
        for name, part in (("peak", 0.25), ("more", 0.75))
    )
    signals, templates = expectation.signals["peak"], expectation.templates["peak"]
    two = changed(
        expectation,
        channel={"categories": (first, second)},
        signals={"peak": signals, "more": signals},
        templates={"peak": templates, "more": templates},
    )
    whole, parts = events(expectation, 3.0), [events(two, 3.0, each) for each in (first, second)]
    assert sum(parts) == pytest.approx(whole)
    assert parts[1] == pytest.approx(3.0 * parts[0])
    projection = reading(name="later", luminosity_fb=100.0 * LUMINOSITY_FB)
    assert events(two, 3.0, first, projection) == pytest.approx(100.0 * parts[0])
    background = [two.total_background(first, each).sum() for each in (MAIN, projection)]
    assert background[1] == pytest.approx(100.0 * background[0])


def test_data_sets_of_other_machines_have_their_own_cross_section(expectation):
    process = {"process": "gamma_aprime", "generator": {"parameters": {"coupling": 1e-3}}}
    samples = {
        "x": simulated("x", "signal", **process),
        "low": simulated("low", "signal", machine=Machine("n", 4.0, 4.0), **process),
    }
    first = category(backgrounds=(), luminosity_fb=1.5)
    second = category(name="low", signal="low", backgrounds=(), luminosity_fb=0.5)
    signal, templates = expectation.signals["peak"]["x"], expectation.templates["peak"]
    two = changed(
        expectation,
        channel={"samples": samples | {"qed": simulated("qed")}, "categories": (first, second)},
        signals={"peak": {"x": signal}, "low": {"low": signal}},
        templates={"peak": templates, "low": templates},
    )
    high, low = (two.born_pb(each, Point(3.0)) for each in (first, second))
    # 4 pi alpha^2 eps^2 / s (1 + x^2) / (1 - x) (ln(s / m_e^2) - 1), x = m^2 / s, is larger at the lower energy.
    expected = [
        (1 + (9.0 / s) ** 2) / (s * (1 - 9.0 / s)) * (np.log(s / ELECTRON_MASS_GEV**2) - 1)
        for s in (10.58**2, 8.0**2)
    ]
    assert low / high == pytest.approx(expected[1] / expected[0], rel=1e-6)
    h = methods.find(two.channel.fit).hypothesis(two, None, Point(3.0), MAIN)
    total = sum(events(two, 3.0, each) for each in (first, second))
    mean_fb = 1e3 * (0.75 * high + 0.25 * low)
    assert h.production_per_mu / h.yield_per_mu == pytest.approx(mean_fb / total)


def test_a_published_efficiency_may_refer_to_other_events_than_those_generated(expectation):
    generator = {"parameters": {"coupling": 1e-3}, "cuts": {"cos_theta": [-0.4, 0.6]}}
    samples = {
        "x": simulated("x", "signal", "gamma_aprime", generator=generator),
        "qed": simulated("qed"),
    }
    yields = {}
    for name, extra in (("cut", {}), ("all", {"relative_to_cuts": {}})):
        own = category(published_efficiency=imposed(**extra))
        other = changed(expectation, channel={"categories": (own,), "samples": samples})
        yields[name] = events(other, 3.0, own) / other.born_pb(own, Point(3.0)) / (1e3 * LUMINOSITY_FB)
    assert yields["cut"] == pytest.approx(0.1)
    # Photons between -0.4 and 0.6 are 1774.9 of 48090 pb at 3 GeV.
    assert yields["all"] == pytest.approx(0.1 * 48090.0 / 1774.9, rel=2e-3)


def test_decays_of_counted_parents_are_fractions_and_other_samples_keep_the_luminosity(expectation):
    samples = {
        "x": simulated("x", "signal", "jpsi_eta_aprime"),
        "dalitz": simulated("dalitz", process="jpsi_eta_ee"),
        "qed": simulated("qed"),
    }
    own = category(backgrounds=("dalitz", "qed"), hypotheses_gev=(1.0, 2.4))
    template = expectation.templates["peak"]["qed"]
    counted = changed(
        expectation,
        channel={
            "produced": Produced(particle="J/psi", count=1e9, relative_uncertainty=0.005, y_label=""),
            "samples": samples,
            "categories": (own,),
        },
        templates={"peak": {"dalitz": template, "qed": template}},
    )
    found = counted.background(own)
    assert found["dalitz"].sum() / found["qed"].sum() == pytest.approx(1e9 / (LUMINOSITY_FB * 1e3))
    variance = counted.background_variance(own)
    assert variance["dalitz"].sum() / variance["qed"].sum() == pytest.approx((1e9 / 2e3) ** 2)
    # BR(J/psi -> eta A') in units of epsilon^2 at 1.2 GeV, umbra.theory.meson.
    fraction = float(JPSI_TO_ETA.branching_fraction(1.2, 1.0))
    expected = events(counted, 1.2, own)
    assert expected == pytest.approx(1e9 * fraction * EFFICIENCY, rel=0.02)
    h = methods.find(counted.channel.fit).hypothesis(counted, None, Point(1.2), MAIN)
    assert h.production_per_mu == pytest.approx(fraction * h.yield_per_mu / expected)
    modifiers = h.workspace["channels"][0]["samples"][0]["modifiers"]
    (of_parents,) = (m for m in modifiers if m["name"] == "parents")
    assert of_parents["data"]["hi"] == pytest.approx(1.005)
    assert "luminosity" not in {m["name"] for m in modifiers}


def test_an_interpretation_may_seek_another_particle_in_a_coupling_of_its_own(expectation):
    first = expectation.signals["peak"]["x"]
    twice = type(first).from_json(
        first.to_json() | {"efficiency": [2.0 * each for each in first.to_json()["efficiency"]]}
    )
    other = changed(
        expectation,
        channel={"samples": expectation.channel.samples | {"y": simulated("y", "signal")}},
        signals={"peak": {"x": first, "y": twice}},
    )
    xi = COUPLING.model_copy(update={"name": "xi", "reference": 3.0, "power": 1})
    second = reading(name="second", signals={"peak": "y"}, coupling=xi)
    assert events(other, 3.0, reading=second) == pytest.approx(2.0 * events(other, 3.0))
    method = methods.find(other.channel.fit)
    mine, theirs = (method.hypothesis(other, None, Point(3.0), each) for each in (MAIN, second))
    # Twice the efficiency: half of the cross-section; the coupling counts in its own unit and power.
    assert theirs.production_per_mu == pytest.approx(0.5 * mine.production_per_mu)
    assert theirs.coupling_power_per_mu / 3.0 == pytest.approx(0.5 * mine.coupling_power_per_mu / 1e-6)
