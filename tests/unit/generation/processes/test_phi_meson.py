"""e+e- -> phi -> K+K-, pi+pi-pi0: maximum, angles and Dalitz plot in closed form."""

import numpy as np
import pytest
from scipy import stats

from umbra.core.constants import GEV2_PB
from umbra.core.kinematics import Array, mass_squared, momentum
from umbra.core.pdg import mass_gev, width_gev
from umbra.core.seeds import generator
from umbra.generation.processes.registry import find

PHI_GEV = mass_gev(333)
#: 12 pi B(ee)/m^2, pb.
UNITARY_PB = GEV2_PB * 12.0 * np.pi * 2.979e-4 / PHI_GEV**2


def draw(name: str, sqrt_s_gev: float, n: int = 100_000) -> tuple[Array, Array]:
    process = find(name)
    x = generator("test", name).random((n, process.dimensions))
    return process.evaluate(x, np.full(n, sqrt_s_gev), {}, {})


@pytest.mark.parametrize(
    ("name", "fraction", "masses"),
    [
        ("phi_to_kaons", 0.491, (mass_gev(321), mass_gev(321))),
        ("phi_to_three_pions", 0.154, (mass_gev(211), mass_gev(211), mass_gev(111))),
    ],
)
def test_the_maximum_is_that_of_unitarity(name: str, fraction: float, masses: tuple[float, ...]) -> None:
    p4, weight = draw(name, PHI_GEV)
    assert weight.mean() == pytest.approx(UNITARY_PB * fraction, rel=5e-3)
    total = np.tile([0.0, 0.0, 0.0, PHI_GEV], (len(p4), 1))
    assert p4.sum(axis=1) == pytest.approx(total, abs=1e-12)
    assert np.sqrt(mass_squared(p4)) == pytest.approx(np.tile(masses, (len(p4), 1)), abs=1e-7)


def test_half_a_width_beside_the_maximum_half_of_it_is_left() -> None:
    """But for phase space: (p/p0)^3 for the kaons."""
    kaons = find("phi_to_kaons")
    beside = PHI_GEV + 0.5 * width_gev(333)
    found = kaons.closed_form(beside, {}, {}) / kaons.closed_form(PHI_GEV, {}, {})
    at, on = (np.sqrt(0.25 * e**2 - mass_gev(321) ** 2) for e in (beside, PHI_GEV))
    assert found == pytest.approx(0.5 * (at / on) ** 3 * (PHI_GEV / beside) ** 4, rel=5e-3)


def test_kaons_follow_sin2() -> None:
    p4, _ = draw("phi_to_kaons", PHI_GEV, 20_000)
    cosine = p4[:, 0, 2] / momentum(p4[:, 0])
    assert stats.kstest(cosine, lambda c: (2.0 + 3.0 * c - c**3) / 4.0).pvalue > 0.003


def test_the_normal_of_three_pions_follows_sin2_and_they_lie_anyhow_around_it() -> None:
    p4, weight = draw("phi_to_three_pions", PHI_GEV)
    normal = np.cross(p4[:, 0, :3], p4[:, 1, :3])
    cosine = normal[:, 2] / np.linalg.norm(normal, axis=1)
    assert np.average(cosine**2, weights=weight) == pytest.approx(0.2, abs=0.005)
    # sin2 about the beams for the normal: 2/5 of the squared cosine for what lies across it.
    along = p4[:, 2, 2] / momentum(p4[:, 2])
    assert np.average(along**2, weights=weight) == pytest.approx(0.4, abs=0.005)


def test_the_dalitz_plot_is_that_of_three_rho_pi() -> None:
    """The weight over phase space is |p+ x p-|^2 |sum of rho|^2, from momenta, up to one factor."""
    p4, weight = draw("phi_to_three_pions", PHI_GEV, 2_000)
    plus, minus, neutral = np.moveaxis(p4, 1, 0)
    across2 = (np.cross(plus[:, :3], minus[:, :3]) ** 2).sum(axis=1)
    amplitude = np.zeros(len(p4), complex)
    for a, b in ((plus, minus), (plus, neutral), (minus, neutral)):
        pair = np.sqrt(mass_squared(a + b))
        masses = np.sqrt(np.maximum(mass_squared(np.stack([a[0], b[0]])), 0.0))
        q, q0 = (
            np.sqrt((e**2 - masses.sum() ** 2) * (e**2 - (masses[0] - masses[1]) ** 2)) / (2.0 * e)
            for e in (pair, mass_gev(113))
        )
        width = width_gev(113) * (q / q0) ** 3 * mass_gev(113) / pair
        amplitude += 1.0 / (mass_gev(113) ** 2 - pair**2 - 1j * mass_gev(113) * width)
    pair = np.sqrt(mass_squared(plus + minus))
    phase_space = momentum(neutral) * np.sqrt(0.25 * pair**2 - mass_gev(211) ** 2)
    ratio = weight / (phase_space * across2 * np.abs(amplitude) ** 2)
    assert ratio == pytest.approx(np.full(len(ratio), ratio[0]), rel=1e-6)


def test_nothing_is_made_below_threshold() -> None:
    for name, energy in (("phi_to_kaons", 0.98), ("phi_to_three_pions", 0.41)):
        _, weight = draw(name, energy, 100)
        assert not weight.any()
