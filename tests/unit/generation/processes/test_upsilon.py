"""Υ(3S) -> π⁺π⁻ and an Υ(1S) that is unseen or decays to leptons: fractions, amplitude, angles."""

import numpy as np
import pytest
from scipy import stats

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, boost_to_rest, mass_squared, momentum
from umbra.core.pdg import mass_gev
from umbra.core.seeds import generator
from umbra.generation.collision import Collision
from umbra.generation.integration import integrate
from umbra.generation.processes import registry
from umbra.theory import upsilon

NAMES = [name for name in registry.names() if name.startswith("upsilon3s")]
PARENT, PION = mass_gev(200553), mass_gev(211)


def made(name: str, n: int) -> tuple[Array, Array]:
    process = registry.find(name)
    given = {"mass_gev": 9.4604, "coupling": 1e-3} if process.entry.parameters else {}
    x = generator("test upsilon", name).random((n, process.dimensions))
    return process.evaluate(x, np.full(n, PARENT), process.complete(given), {})


@pytest.mark.parametrize("name", NAMES)
def test_momenta_and_masses(name: str) -> None:
    p4, weight = made(name, 2000)
    np.testing.assert_allclose(p4.sum(axis=1), np.tile([0.0, 0.0, 0.0, PARENT], (2000, 1)), atol=1e-9)
    np.testing.assert_allclose(mass_squared(p4[:, :2]), PION**2, atol=1e-9)
    np.testing.assert_allclose(mass_squared(p4[:, 2:].sum(axis=1)), 9.4604**2, rtol=1e-5)
    assert (weight >= 0.0).all()


@pytest.mark.parametrize(
    ("name", "fraction"),
    [
        ("upsilon3s_to_pipi_unseen", 0.0437e-3),
        ("upsilon3s_to_pipi_ee", 0.0437 * 0.0238),
        ("upsilon3s_to_pipi_mumu", 0.0437 * 0.0248),
        ("upsilon3s_to_pipi_tautau", 0.0437 * 0.0260),
    ],
)
def test_the_integral_is_the_product_of_the_fractions(name: str, fraction: float) -> None:
    process = registry.find(name)
    given = process.complete({"mass_gev": 9.4604, "coupling": 1e-3} if process.entry.parameters else {})
    estimate = integrate(
        Collision(process, PARENT, given, {}), 2e-3, generator("test upsilon", name, "integral")
    )
    assert process.closed_form(PARENT, given, {}) == pytest.approx(fraction, rel=1e-9)
    assert estimate.value_pb == pytest.approx(fraction, abs=4.0 * estimate.error_pb)


def test_weights_are_the_amplitude_in_the_energies_of_the_pions() -> None:
    """|q² - 2 m² + (B/A) E₁E₂|² times both momenta, from the momenta themselves."""
    p4, weight = made("upsilon3s_to_pipi_unseen", 4000)
    pair = p4[:, 0] + p4[:, 1]
    q2 = mass_squared(pair)
    amplitude = q2 - 2.0 * PION**2 + complex(-2.523, 1.189) * p4[:, 0, 3] * p4[:, 1, 3]
    pion = momentum(boost_to_rest(p4[:, 0], pair))
    ratio = weight / (np.abs(amplitude) ** 2 * momentum(pair) * pion)
    np.testing.assert_allclose(ratio, ratio.mean(), rtol=1e-6)


def test_the_mass_of_the_pions_has_two_humps() -> None:
    """CLEO, arXiv:0706.2317: near threshold and near the end, with a dip between them."""
    q = np.linspace(0.28, 0.894, 200)
    rate = upsilon.dipion_rate(q[:, None], np.linspace(-0.995, 0.995, 200)[None], 9.4604).mean(axis=1)
    inner = rate[1:-1]
    humps = q[1:-1][(inner > rate[:-2]) & (inner > rate[2:])]
    assert len(humps) == 2
    assert humps[0] < 0.45 < 0.75 < humps[1]


def test_leptons_follow_the_polarisation_of_the_beams() -> None:
    p4, _ = made("upsilon3s_to_pipi_mumu", 20_000)
    at_rest = boost_to_rest(p4[:, 2], p4[:, 2:].sum(axis=1))
    cosine = at_rest[:, 2] / momentum(at_rest)
    assert stats.kstest(cosine, lambda c: (4.0 + 3.0 * c + c**3) / 8.0).pvalue > 1e-3
    assert stats.kstest(cosine, lambda c: 0.5 * (1.0 + c)).pvalue < 1e-6


def test_other_energies_and_heavy_particles_are_refused() -> None:
    process = registry.find("upsilon3s_to_pipi_unseen")
    with pytest.raises(UmbraError, match=r"10\.58 GeV is not the mass of the Upsilon\(3S\)"):
        process.check_threshold(10.58, {"mass_gev": 9.46})
    with pytest.raises(UmbraError, match="above the kinematic limit"):
        process.check_threshold(PARENT, {"mass_gev": 10.1})
