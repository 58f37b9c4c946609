"""Signal models: efficiency, resolution and shape come back from toy samples, also between generated masses."""

from dataclasses import replace

import numpy as np
import pytest

from channels import BETA_GAMMA, EFFICIENCY, INNER, LIFETIMES, MASSES, OUTER, flying, records, sample, width
from umbra.core.errors import UmbraError
from umbra.core.seeds import generator
from umbra.expectation import signal
from umbra.expectation.signal import Signal


@pytest.fixture(scope="module")
def model() -> Signal:
    return signal.build("mass_gev", sample(), records(), "test")


def test_efficiency_and_resolution_come_back(model: Signal):
    pulls = (model.efficiency - EFFICIENCY) / model.efficiency_error
    assert np.abs(pulls).max() < 3.5
    np.testing.assert_allclose(model.resolution, [width(m) for m in MASSES], rtol=0.04)


def test_held_out_mass_closes_within_two_percent(model: Signal):
    held_out = [m for m in MASSES if m != 3.0]
    partial = signal.build("mass_gev", sample(held_out), records(held_out), "test")
    assert partial.efficiency_at(3.0)[0] == pytest.approx(EFFICIENCY, rel=0.02)
    assert partial.resolution_at(3.0) == pytest.approx(width(3.0), rel=0.02)


def test_every_mass_closes_where_the_efficiency_is_smooth(model: Signal):
    found = model.held_out()
    assert [closure.mass_gev for closure in found] == MASSES[1:-1]
    assert all(closure.holds and abs(closure.resolution) < 0.05 for closure in found)


def test_a_mass_that_does_not_close_is_found(model: Signal):
    bent = model.efficiency.copy()
    bent[3] *= 1.2
    broken = [closure for closure in replace(model, efficiency=bent).held_out() if not closure.holds]
    assert 4.0 in [closure.mass_gev for closure in broken]
    (there,) = (closure for closure in broken if closure.mass_gev == 4.0)
    assert there.efficiency == pytest.approx(1.0 / 1.2 - 1.0, abs=0.02)


def test_template_is_the_gaussian_between_generated_masses(model: Signal):
    mass = 2.5
    edges = mass + width(mass) * np.array([-3.0, -1.0, 0.0, 1.0, 3.0])
    expected = [0.15731, 0.34134, 0.34134, 0.15731]
    np.testing.assert_allclose(model.template(mass, edges), expected, atol=0.012)
    far = mass + signal.SHAPE_REACH * width(mass) * np.array([1.2, 1.5])
    assert model.template(mass, far) == [0.0]


def test_wrong_combinations_do_not_widen_the_resolution():
    model = signal.build("mass_gev", sample(wrong_per_event=2), records(), "test")
    np.testing.assert_allclose(model.resolution, [width(m) for m in MASSES], rtol=0.05)


def test_radiative_correction_enters_the_efficiency():
    model = signal.build("mass_gev", sample(), records(correction=0.8), "test")
    np.testing.assert_allclose(model.efficiency, 0.8 * EFFICIENCY, rtol=0.03)


def test_it_survives_json(model: Signal):
    again = Signal.from_json(model.to_json())
    assert again.efficiency_at(3.3) == model.efficiency_at(3.3)
    edges = np.linspace(3.0, 3.6, 20)
    np.testing.assert_array_equal(again.template(3.3, edges), model.template(3.3, edges))


def test_too_few_candidates_are_an_error():
    few = {name: column[:30] for name, column in sample().items()}
    with pytest.raises(UmbraError, match=r"channel x.*only 0 generated masses"):
        signal.build("mass_gev", few, records(), "channel x")


def test_efficiency_of_each_lifetime_is_the_fraction_that_decays_between_the_radii():
    made = records([*BETA_GAMMA])
    model = signal.build("mass_gev", flying(), made, "test", lifetimes_mm=LIFETIMES)
    for mass, beta_gamma in BETA_GAMMA.items():
        for lifetime in LIFETIMES:
            mean = beta_gamma * lifetime
            expected = np.exp(-INNER / mean) - np.exp(-OUTER / mean)
            found, error = model.efficiency_at(mass, lifetime)
            if expected > 1e-3:
                assert abs(found - expected) < 4.0 * error
                assert error < 0.1 * expected
    assert model.efficiency_at(3.0, 0.004) == (0.0, 0.0)
    again = Signal.from_json(model.to_json())
    assert again.efficiency_at(1.5, 50.0) == model.efficiency_at(1.5, 50.0)


def test_efficiency_of_each_lifetime_is_the_probability_to_escape():
    escape = {1.0: 10.0, 2.0: 20.0, 3.0: 30.0}
    candidates = sample([*escape])
    candidates["generated_escape_length_mm"] = np.vectorize(escape.get)(candidates["generated_mass_gev"])
    model = signal.build("mass_gev", candidates, records([*escape]), "test", lifetimes_mm=(5.0, 1e12))
    for mass, length in escape.items():
        stable = model.efficiency_at(mass, 1e12)[0]
        assert stable == pytest.approx(model.efficiency_at(mass)[0], rel=1e-9)
        assert model.efficiency_at(mass, 5.0)[0] == pytest.approx(stable * np.exp(-length / 5.0), rel=1e-9)


def test_lifetimes_without_decay_lengths_or_unknown_ones_are_refused(model: Signal):
    with pytest.raises(UmbraError, match="draws no decay lengths"):
        signal.build("mass_gev", sample(), records(), "test", lifetimes_mm=[1.0])
    with pytest.raises(UmbraError, match="no efficiency for a lifetime of 3 mm"):
        model.efficiency_at(2.0, 3.0)


def test_resolution_and_shape_may_be_those_of_one_lifetime():
    """Decays far out are measured ten times worse; those of a short lifetime are not."""
    candidates = flying()
    far = candidates["generated_proper_length_mm"] > 30.0
    smear = generator("far").normal(0.0, 10.0, len(far)) * width(2.0)
    candidates["mass_gev"] = candidates["mass_gev"] + np.where(far, smear, 0.0)
    made = records([*BETA_GAMMA])
    both = [
        signal.build("mass_gev", candidates, made, "test", lifetimes_mm=LIFETIMES, shape_lifetime_mm=lifetime)
        for lifetime in (None, 5.0)
    ]
    assert both[1].resolution[1:] == pytest.approx([width(2.0), width(3.0)], rel=0.1)
    assert (both[0].resolution > 1.5 * both[1].resolution).all()
    # One event within the core, and no tails beyond it for the short lifetime.
    edges = 2.0 + width(2.0) * np.array([-25.0, -6.0, 6.0, 25.0])
    assert both[1].template(2.0, edges) == pytest.approx([0.0, 1.0, 0.0], abs=0.02)


def test_a_published_resolution_takes_the_place_of_the_simulated_one():
    """A Gaussian of twice the published width keeps what lies within its core, five published widths."""
    published = [(m, 500.0 * width(m)) for m in MASSES]
    model = signal.build("mass_gev", sample(), records(), "test", resolution_mev=published)
    np.testing.assert_allclose(model.resolution, [0.5 * width(m) for m in MASSES])
    assert model.efficiency / model.selected == pytest.approx(np.full(len(MASSES), 0.98758), abs=0.006)
    in_squares = signal.build(
        "m2_pair_gev2",
        {"m2_pair_gev2": sample()["mass_gev"] ** 2, **{k: v for k, v in sample().items() if k != "mass_gev"}},
        records(),
        "test",
        resolution_mev=published,
    )
    np.testing.assert_allclose(in_squares.resolution, [m * width(m) for m in MASSES])
