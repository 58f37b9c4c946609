"""B -> K(*) X at the Upsilon(4S): kinematics and angles in closed form, and what is refused."""

import numpy as np
import pytest
from scipy import stats

from umbra.core.errors import UmbraError
from umbra.core.kinematics import boost_to_rest, mass_squared, momentum
from umbra.core.pdg import mass_gev, width_gev
from umbra.core.seeds import generator
from umbra.generation.processes.registry import find
from umbra.theory import meson

SQRT_S = 10.58
NAMES = ("b_to_k_scalar", "b_to_kstar_scalar", "b_to_k_alp")


def draw(name, mass, n=20_000, sqrt_s=SQRT_S):
    process = find(name)
    x = generator("test", name, mass).random((n, process.dimensions))
    return process.evaluate(x, np.full(n, sqrt_s), process.complete({"mass_gev": mass}), {})


@pytest.mark.parametrize("name", NAMES)
def test_momentum_is_conserved_and_particles_are_on_shell(name):
    process, (p4, weight) = find(name), draw(name, 2.0, 1000)
    parameters = process.complete({"mass_gev": 2.0})
    assert p4.sum(axis=1) == pytest.approx(np.tile([0.0, 0.0, 0.0, SQRT_S], (1000, 1)), abs=1e-9)
    known = [mass_gev(abs(pdg_id)) for pdg_id in (*process.known, process.b_meson)]
    expected = [*known[:-1], 2.0, known[-1]]
    assert np.sqrt(mass_squared(p4)) == pytest.approx(np.tile(expected, (1000, 1)), abs=1e-6)
    assert weight == pytest.approx(np.full(1000, process.closed_form(SQRT_S, parameters, {})))


def test_the_pair_follows_sin2_of_the_angle_to_the_beams():
    p4, _ = draw("b_to_k_scalar", 1.0)
    cos = p4[:, -1, 2] / momentum(p4[:, -1])
    assert stats.kstest(cos, lambda c: (2.0 + 3.0 * c - c**3) / 4.0).pvalue > 0.003


@pytest.mark.parametrize(("mass", "kaon_gev"), [(1.0, 2.520), (4.0, 1.036)])
def test_momentum_of_the_kaon(mass, kaon_gev):
    p4, _ = draw("b_to_k_alp", mass, 200)
    kaon = boost_to_rest(p4[:, 0], p4[:, :2].sum(axis=1))
    assert momentum(kaon) == pytest.approx(np.full(200, kaon_gev), abs=1.5e-3)
    assert stats.kstest(kaon[:, 2] / momentum(kaon), "uniform", args=(-1.0, 2.0)).pvalue > 0.003


def test_k_star_has_its_width_and_the_helicity_of_a_decay_without_spin():
    p4, _ = draw("b_to_kstar_scalar", 2.0)
    kaon, resonance, parent = p4[:, 0], p4[:, :2].sum(axis=1), p4[:, :3].sum(axis=1)
    mass = np.sqrt(mass_squared(resonance))
    pole, width = mass_gev(313), width_gev(313)
    ends = np.array([mass_gev(321) + mass_gev(211), mass_gev(511) - 2.0])
    low, high = np.arctan((ends**2 - pole**2) / (pole * width))
    place = np.arctan((mass**2 - pole**2) / (pole * width))
    assert stats.kstest((place - low) / (high - low), "uniform").pvalue > 0.003
    in_rest, flight = boost_to_rest(kaon, resonance)[:, :3], boost_to_rest(resonance, parent)[:, :3]
    cos = np.einsum("ni,ni->n", in_rest, flight) / np.linalg.norm(in_rest, axis=1)
    assert stats.kstest(cos / np.linalg.norm(flight, axis=1), lambda c: (1.0 + c**3) / 2.0).pvalue > 0.003


def test_branching_fractions():
    """At small mass 0.381 sin^2 (K) and 0.426 sin^2 (K*), of which two thirds have a charged kaon."""
    light = {"mass_gev": 1e-3, "coupling": 1e-2}
    assert find("b_to_k_scalar").closed_form(SQRT_S, light, {}) == pytest.approx(0.381e-4, rel=3e-3)
    assert find("b_to_kstar_scalar").closed_form(SQRT_S, light, {}) == pytest.approx(
        0.426e-4 * 2 / 3, rel=5e-3
    )
    assert meson.b_to_k_star_scalar([4.4, 5.0], 1.0) == pytest.approx([0.0, 0.0], abs=0.0)


def test_nothing_is_made_below_the_threshold_of_the_pair():
    _, weight = draw("b_to_k_scalar", 1.0, 10, sqrt_s=10.5)
    assert not weight.any()
    with pytest.raises(UmbraError, match="below the B Bbar threshold"):
        find("b_to_k_scalar").check_threshold(10.5, {"mass_gev": 1.0})
    with pytest.raises(UmbraError, match=r"kinematic limit of 4\.64"):
        find("b_to_kstar_scalar").check_threshold(SQRT_S, {"mass_gev": 4.7})
