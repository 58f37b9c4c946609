"""J/psi -> eta A' and J/psi -> eta e+e-: fractions, angles, kinematics, and the decays of the eta."""

import numpy as np
import pytest
from scipy import stats

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, PION_MASS_GEV
from umbra.core.events import Events
from umbra.core.kinematics import boost_to_rest, mass_squared
from umbra.core.machines import Machine
from umbra.core.seeds import generator
from umbra.generation.collision import Collision
from umbra.generation.decays import eta
from umbra.generation.integration import integrate
from umbra.generation.processes.registry import find, is_per_parent
from umbra.theory.meson import ETA_MASS_GEV, JPSI_MASS_GEV, DalitzDecay
from umbra.theory.pion import form_factor

JPSI = Machine("bepcii_jpsi", 1.54854, 1.54854, 22.0)
RNG = generator("test jpsi eta")


def one_plus(c: np.ndarray) -> np.ndarray:
    """Cumulative distribution of 1 + cos^2."""
    return (4.0 + 3.0 * c + c**3) / 8.0


def unweighted(name: str, n: int, cuts=None, **parameters: float) -> np.ndarray:
    process = find(name)
    p4, weight = process.evaluate(
        RNG.random((n, process.dimensions)),
        np.full(n, JPSI_MASS_GEV),
        process.complete(parameters),
        cuts or {},
    )
    return p4[RNG.random(n) * weight.max() < weight]


@pytest.mark.parametrize(
    ("mass", "published"),
    [(0.1, 1.0890e-3), (0.5, 1.0637e-3), (1.2, 9.339e-4), (1.8, 7.107e-4), (2.0, 5.973e-4)],
)
def test_fraction_over_epsilon_squared(mass, published):
    # Computed independently for BR(J/psi -> eta gamma) = 1.09e-3; the process has 1.085e-3.
    assert DalitzDecay(ETA_MASS_GEV, 1.09e-3, 2.84).branching_fraction(mass, 1.0) == pytest.approx(
        published, rel=1e-3
    )
    process = find("jpsi_eta_aprime")
    fraction = process.closed_form(3.1, {"mass_gev": mass, "coupling": 1e-2}, {})
    assert fraction == pytest.approx(1e-4 * published * 1.085 / 1.09, rel=1e-3)


def test_monte_carlo_agrees_with_the_closed_form():
    process = find("jpsi_eta_aprime")
    parameters = {"mass_gev": 0.5, "coupling": 1.0}
    estimate = integrate(Collision(process, JPSI_MASS_GEV, parameters, {}), 3e-3, RNG)
    exact = process.closed_form(JPSI_MASS_GEV, parameters, {})
    assert estimate.value_pb == pytest.approx(exact, abs=4.0 * estimate.error_pb)


def test_the_dalitz_decay_is_the_dark_photon_of_every_mass():
    """Between two masses the fraction is the integral of that of a dark photon with 2 alpha/(3 pi m)."""
    cuts = {"dielectron_mass": (0.5, 0.6)}
    estimate = integrate(Collision(find("jpsi_eta_ee"), JPSI_MASS_GEV, {}, cuts), 3e-3, RNG)
    m = np.linspace(0.5, 0.6, 201)
    signal = [find("jpsi_eta_aprime").closed_form(3.1, {"mass_gev": each, "coupling": 1.0}, {}) for each in m]
    exact = np.trapezoid(np.array(signal) * 2.0 * ALPHA / (3.0 * np.pi * m), m)
    assert estimate.value_pb == pytest.approx(exact, abs=4.0 * estimate.error_pb)


def test_the_whole_dalitz_decay():
    # 1.23e-5 for 1.09e-3 and a single pole, integrated independently; BESIII measures (1.43 +- 0.07)e-5.
    estimate = integrate(Collision(find("jpsi_eta_ee"), JPSI_MASS_GEV, {}, {}), 3e-3, RNG)
    assert estimate.value_pb == pytest.approx(1.23e-5 * 1.085 / 1.09, rel=0.01)


def test_the_dark_photon_is_transverse():
    p4 = unweighted("jpsi_eta_aprime", 30_000, mass_gev=0.5)
    at_rest = np.tile([0.0, 0.0, 0.0, JPSI_MASS_GEV], (len(p4), 1))
    assert p4.sum(axis=1) == pytest.approx(at_rest, abs=1e-9)
    vector = p4[:, 1] + p4[:, 2]
    assert np.sqrt(mass_squared(vector)) == pytest.approx(np.full(len(p4), 0.5))
    assert np.sqrt(mass_squared(p4[:, 0])) == pytest.approx(np.full(len(p4), ETA_MASS_GEV))
    cos = vector[:, 2] / np.linalg.norm(vector[:, :3], axis=1)
    assert stats.kstest(cos, one_plus).pvalue > 0.01
    # Summed over the production angle the A' is an even mixture of helicities +1 and -1.
    electron = boost_to_rest(p4[:, 1], vector)[:, :3]
    helicity = np.einsum("ni,ni->n", electron, vector[:, :3])
    helicity /= np.linalg.norm(electron, axis=1) * np.linalg.norm(vector[:, :3], axis=1)
    assert stats.kstest(helicity, one_plus).pvalue > 0.01


def test_dalitz_masses_reach_both_ends():
    p4 = unweighted("jpsi_eta_ee", 30_000)
    mass = np.sqrt(mass_squared(p4[:, 1] + p4[:, 2]))
    assert mass.min() < 1.2 * 2.0 * ELECTRON_MASS_GEV
    assert 2.0 < mass.max() < JPSI_MASS_GEV - ETA_MASS_GEV
    assert is_per_parent("jpsi_eta_ee")
    assert is_per_parent("jpsi_eta_aprime")
    assert not is_per_parent("gamma_aprime")
    assert not is_per_parent(None)


def test_decays_of_the_eta():
    n = 20_000
    p4 = unweighted("jpsi_eta_aprime", n, mass_gev=1.0)
    events = Events.from_momenta((221, 11, -11), JPSI.to_lab(p4))
    out = eta.to_photons_or_pions(events, JPSI, generator("test eta"))
    assert out.weight == pytest.approx(np.full(len(out), 0.3936 + 0.2302))
    photons = out.pdg_id[:, 3] == 22
    assert photons.mean() == pytest.approx(0.3936 / 0.6238, abs=0.02)
    assert np.all(out.pdg_id[~photons, 3:] == (211, -211, 22, 22))
    assert out.p4[:, 3:].sum(axis=1) == pytest.approx(events.p4[:, 0])
    pi0 = out.p4[~photons, 5:].sum(axis=1)
    assert np.sqrt(mass_squared(pi0)) == pytest.approx(np.full(len(pi0), 0.1349768), abs=1e-6)
    # The mean energy of the pi0: the slope a = -1.095 lowers it, phase space alone has <Y> near zero.
    energy = boost_to_rest(pi0, events.p4[~photons, 0])[:, 3]
    reach = ETA_MASS_GEV - 2.0 * PION_MASS_GEV - 0.1349768
    y = 3.0 * (energy - 0.1349768) / reach - 1.0
    assert -0.30 < y.mean() < -0.15


@pytest.mark.parametrize(
    ("mass", "published"),
    [(0.1, 5.239e-3), (0.5, 4.971e-3), (1.2, 3.592e-3), (1.8, 1.356e-3), (2.0, 4.527e-4)],
)
def test_fraction_with_an_eta_prime_over_epsilon_squared(mass, published):
    # Computed independently for BR(J/psi -> eta' gamma) = 5.25e-3 and a pole at 3.1 GeV.
    process = find("jpsi_etaprime_aprime")
    fraction = process.closed_form(3.1, {"mass_gev": mass, "coupling": 1e-2}, {})
    assert fraction == pytest.approx(1e-4 * published, rel=1e-3)


def test_the_whole_dalitz_decay_with_an_eta_prime():
    # 5.69e-5 for a single pole, integrated independently; BESIII measures (6.59 +- 0.18)e-5.
    estimate = integrate(Collision(find("jpsi_etaprime_ee"), JPSI_MASS_GEV, {}, {}), 3e-3, RNG)
    assert estimate.value_pb == pytest.approx(5.69e-5, rel=0.01)


def test_decays_of_the_eta_prime():
    n = 20_000
    p4 = unweighted("jpsi_etaprime_aprime", n, mass_gev=1.0)
    events = Events.from_momenta((331, 11, -11), JPSI.to_lab(p4))
    out = eta.prime_to_pions(events, JPSI, generator("test eta prime"))
    hadronic = 0.425 * 0.3936
    assert out.weight == pytest.approx(np.full(len(out), 0.295 + hadronic))
    with_eta = (out.pdg_id == 22).sum(axis=1) == 2
    assert with_eta.mean() == pytest.approx(hadronic / (0.295 + hadronic), abs=0.02)
    first = int(np.argmax(out.pdg_id[0] == 211))
    products = out.p4[:, first : first + 4]
    parent = products.sum(axis=1)
    assert np.sqrt(mass_squared(parent)) == pytest.approx(np.full(len(out), 0.95778), abs=1e-6)
    two_photons = products[with_eta, 2] + products[with_eta, 3]
    assert np.sqrt(mass_squared(two_photons)) == pytest.approx(
        np.full(with_eta.sum(), ETA_MASS_GEV), abs=1e-6
    )
    # The other photon comes with a rho, whose pions follow sin^2 about it.
    pair = products[~with_eta, 0] + products[~with_eta, 1]
    mass = np.sqrt(mass_squared(pair))
    m = np.linspace(2.0 * PION_MASS_GEV, 0.95778, 4000)[1:-1]
    density = np.abs(form_factor(m)) ** 2 * (m**2 - 4.0 * PION_MASS_GEV**2) ** 1.5 * (0.95778**2 - m**2) ** 3
    cumulative = np.cumsum(density) / density.sum()
    assert stats.kstest(mass, lambda x: np.interp(x, m, cumulative)).pvalue > 0.01
    plus = boost_to_rest(products[~with_eta, 0], pair)[:, :3]
    photon = boost_to_rest(products[~with_eta, 2], pair)[:, :3]
    cos = np.einsum("ni,ni->n", plus, photon) / np.linalg.norm(plus, axis=1) / np.linalg.norm(photon, axis=1)
    assert stats.kstest(cos, lambda c: (2.0 + 3.0 * c - c**3) / 4.0).pvalue > 0.01
