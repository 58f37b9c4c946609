"""e+e- -> gamma Upsilon_D, Upsilon_D -> A'A'A'."""

import numpy as np
import pytest

from umbra.core.errors import UmbraError
from umbra.core.kinematics import boost_to_rest, dot
from umbra.core.seeds import generator
from umbra.generation.processes import darkonium_amplitude as decay
from umbra.generation.processes import registry

NAME = "darkonium_gamma_three_aprime"
ENERGY = 10.58


def drawn(mass: float, mass2: float, n: int = 6_000, **cuts):
    process = registry.find(NAME)
    given = process.complete({"mass_gev": mass, "mass2_gev": mass2, "coupling": 1e-3})
    x = generator(NAME, str(mass), str(mass2)).random((n, process.dimensions))
    return (*process.evaluate(x, np.full(n, ENERGY), given, cuts), process, given)


@pytest.mark.parametrize(
    ("alpha_d", "expected"), [(0.1, 1.114e-6), (0.3, 9.024e-5), (0.5, 6.963e-4), (1.0, 0.01114)]
)
def test_cross_section_is_that_of_the_bound_state(alpha_d: float, expected: float) -> None:
    """Numbers of an independent computation, in pb, of a state of 1 GeV and a dark photon of 50 MeV."""
    process = registry.find(NAME)
    given = process.complete({"mass_gev": 0.05, "mass2_gev": 1.0, "coupling": 1e-3, "alpha_d": alpha_d})
    assert process.closed_form(ENERGY, given, {}) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize(("mass", "mass2"), [(0.002, 0.05), (0.05, 1.0), (1.0, 3.3), (0.5, 9.0)])
def test_weights_average_to_the_closed_form(mass: float, mass2: float) -> None:
    p4, weight, process, given = drawn(mass, mass2)
    error = weight.std() / np.sqrt(len(weight))
    assert weight.mean() == pytest.approx(process.closed_form(ENERGY, given, {}), abs=4.5 * error)
    assert weight.max() < 6.0 * weight.mean()
    assert p4.sum(axis=1) == pytest.approx(np.tile([0.0, 0.0, 0.0, ENERGY], (len(p4), 1)), abs=1e-9)
    assert np.sqrt(dot(p4[:, 1:], p4[:, 1:])) == pytest.approx(mass, rel=1e-4 if mass < 0.01 else 1e-6)
    bound = p4[:, 1:].sum(axis=1)
    assert dot(bound, bound) == pytest.approx(mass2**2, rel=1e-6)


def test_light_dark_photons_follow_ore_and_powell() -> None:
    """Sum of ((1 - x1)/(x2 x3))^2 and its permutations, x = 2 E/M."""
    rng = generator("Ore and Powell")
    mass, photon = 1.0, 1e-4
    pair = rng.uniform(0.1, 0.9, 500)
    p4 = decay.dalitz_momenta(np.full(500, mass), photon, pair, rng.uniform(-0.9, 0.9, 500))
    rate = np.trace(decay.spin_tensor(decay.amplitude(p4)), axis1=1, axis2=2)
    x1, x2, x3 = (2.0 * p4[..., 3] / mass).T
    expected = ((1 - x1) / (x2 * x3)) ** 2 + ((1 - x2) / (x1 * x3)) ** 2 + ((1 - x3) / (x1 * x2)) ** 2
    ratio = rate / expected
    assert ratio == pytest.approx(ratio[0], rel=1e-4)


def test_the_amplitude_is_symmetric_in_the_dark_photons() -> None:
    p4 = decay.dalitz_momenta(np.array([1.0]), 0.1, np.array([0.4]), np.array([0.3]))
    found = decay.amplitude(p4)
    exchanged = decay.amplitude(p4[:, [1, 0, 2]])
    assert np.abs(found).max() > 0.1
    assert exchanged.transpose(0, 1, 3, 2, 4) == pytest.approx(found, abs=1e-12)
    cycled = decay.amplitude(p4[:, [2, 0, 1]])
    assert cycled.transpose(0, 1, 3, 4, 2) == pytest.approx(found, abs=1e-12)


def test_the_bound_state_turns_its_amplitude_with_it() -> None:
    """The rate by polarisation is a tensor: rotating the dark photons rotates it."""
    p4 = decay.dalitz_momenta(np.array([1.0]), 0.1, np.array([0.4]), np.array([0.3]))
    c, s = np.cos(0.7), np.sin(0.7)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    turned = p4.copy()
    turned[..., :3] = p4[..., :3] @ turn.T
    before, after = (decay.spin_tensor(decay.amplitude(each))[0] for each in (p4, turned))
    assert after == pytest.approx(turn @ before @ turn.T, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("mass", "mass2"), [(0.002, 9.5), (0.1, 0.301), (0.5, 9.0)])
def test_the_table_is_the_amplitude(mass: float, mass2: float) -> None:
    place, cosine = generator("table", str(mass)).random((2, 400))
    cosine = 2.0 * cosine - 1.0
    pair = decay.pair_mass(mass2, mass, place)
    exact = decay.spin_tensor(decay.amplitude(decay.dalitz_momenta(np.full(400, mass2), mass, pair, cosine)))
    found = decay.plane_tensor(mass2, mass)(place, cosine)
    rate = np.trace(exact, axis1=1, axis2=2)[:, None, None]
    density = decay.phase_space(np.full(400, mass2), mass, pair) * np.sin(np.pi * place)
    error = np.abs(found / rate - exact / rate).max(axis=(1, 2))
    assert np.average(error, weights=density) < 1e-4


def test_polarisations_are_across_the_momentum() -> None:
    p4 = decay.dalitz_momenta(np.array([1.0]), 0.1, np.array([0.4]), np.array([0.3]))
    vectors = decay.polarisations(p4)
    assert dot(vectors, p4[:, :, None]) == pytest.approx(0.0, abs=1e-14)
    assert dot(vectors, vectors) == pytest.approx(-1.0)


def test_the_plane_of_the_decay_knows_the_beams() -> None:
    """A vector beside a hard photon is polarised by the beams; without that the mean cosine^2 is a third."""
    p4, weight, *_ = drawn(0.05, 1.0)
    dark = boost_to_rest(p4[:, 1:], p4[:, 1:].sum(axis=1)[:, None, :])
    normal = np.cross(dark[:, 0, :3], dark[:, 1, :3])
    photon = p4[:, 0, :3] / p4[:, :1, 3]
    cos2 = (normal * photon).sum(axis=1) ** 2 / (normal**2).sum(axis=1)
    error = 0.3 / np.sqrt(len(weight))
    assert abs(np.average(cos2, weights=weight) - 1.0 / 3.0) > 5.0 * error


def test_a_light_bound_state_is_refused() -> None:
    with pytest.raises(
        UmbraError, match=r"mass2_gev = 1 is too light for three dark photons of mass_gev = 0.34"
    ):
        registry.find(NAME).complete({"mass_gev": 0.34, "mass2_gev": 1.0})
