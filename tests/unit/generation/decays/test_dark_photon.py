"""Polarisation of the dark photon against explicit traces of Dirac matrices."""

import numpy as np
import pytest
from scipy import stats

from umbra.core.constants import ELECTRON_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL, Events
from umbra.core.kinematics import boost_from_rest, boost_to_rest, dot, mass_squared
from umbra.core.machines import Machine
from umbra.core.particles import CHI1, CHI2, DARK_PHOTON
from umbra.core.seeds import generator
from umbra.generation.decays import dark_photon
from umbra.generation.decays.registry import find as find_decay

BABAR = Machine("babar", 9.0, 3.1)
_SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
GAMMA0 = np.diag([1.0, 1.0, -1.0, -1.0]).astype(complex)
GAMMA = [np.block([[np.zeros((2, 2)), s], [-s, np.zeros((2, 2))]]) for s in _SIGMA] + [GAMMA0]
METRIC = np.diag([-1.0, -1.0, -1.0, 1.0])


def slash(p):
    return sum(METRIC[i, i] * p[i] * GAMMA[i] for i in range(4))


def beam_trace(p1, p2, k):
    """e- e+ -> gamma + vector, summed over the photon's polarisations: both diagrams, electron mass kept."""
    mass = ELECTRON_MASS_GEV * np.eye(4)
    first, second = (slash(p1 - k) + mass) / (-2.0 * dot(p1, k)), (slash(k - p2) + mass) / (-2.0 * dot(p2, k))
    amplitude = [
        [GAMMA[m] @ first @ GAMMA[a] + GAMMA[a] @ second @ GAMMA[m] for a in range(4)] for m in range(4)
    ]
    tensor = np.zeros((4, 4))
    for m in range(4):
        for n in range(4):
            for a in range(4):
                conjugate = GAMMA0 @ amplitude[n][a].conj().T @ GAMMA0
                trace = np.trace((slash(p2) - mass) @ amplitude[m][a] @ (slash(p1) + mass) @ conjugate)
                tensor[m, n] -= METRIC[a, a] * trace.real
    return tensor


def pair_trace(q1, q2, m1, m2):
    tensor = np.zeros((4, 4))
    for m in range(4):
        for n in range(4):
            left, right = slash(q1) + m1 * np.eye(4), slash(q2) - m2 * np.eye(4)
            tensor[m, n] = np.trace(left @ GAMMA[m] @ right @ GAMMA[n]).real
    return tensor


def photon_and_vector(cos_theta, mass, machine, n=1):
    sqrt_s = machine.sqrt_s_gev
    energy = (sqrt_s**2 - mass**2) / (2.0 * sqrt_s)
    sin_theta = np.sqrt((1.0 - cos_theta) * (1.0 + cos_theta))
    photon = np.tile(energy * np.array([sin_theta, 0.0, cos_theta, 1.0]), (n, 1))
    vector = np.array([0.0, 0.0, 0.0, sqrt_s]) - photon
    return machine.to_lab(np.stack([photon, vector], axis=1))


def scalar_tensor(q1, q2, _m1, _m2):
    return np.outer(q1 - q2, q1 - q2)


@pytest.mark.parametrize(
    ("masses", "spinless"),
    [((0.1056584, 0.1056584), False), ((0.2, 0.5), False), ((0.1395704, 0.1395704), True)],
)
@pytest.mark.parametrize(("cos_theta", "mass"), [(0.3, 1.0), (-0.95, 5.0), (1.0 - 1e-7, 0.9)])
def test_rate_is_that_of_the_dirac_traces(cos_theta, mass, masses, spinless):
    machine = Machine("symmetric", 5.29, 5.29)
    p4 = photon_and_vector(cos_theta, mass, machine)
    photon, vector = p4[:, 0], p4[:, 1]
    rate = dark_photon._Rate.of(photon, vector, np.array([mass]), machine, masses, spinless=spinless)
    tensor = scalar_tensor if spinless else pair_trace
    half = 0.5 * machine.sqrt_s_gev
    pz = np.sqrt(half**2 - ELECTRON_MASS_GEV**2)
    beams = beam_trace(np.array([0, 0, pz, half]), np.array([0, 0, -pz, half]), photon[0])

    rng = generator("test", "rate")
    ratios = []
    for _ in range(6):
        unit = rng.standard_normal(3)
        unit /= np.linalg.norm(unit)
        s = mass**2
        k = np.sqrt((s - sum(masses) ** 2) * (s - (masses[0] - masses[1]) ** 2)) / (2 * mass)
        first = boost_from_rest(np.array([*(k * unit), np.sqrt(k**2 + masses[0] ** 2)]), vector[0])
        pair = tensor(first, vector[0] - first, *masses)
        exact = np.einsum("mn,ma,nb,ab", beams, METRIC, METRIC, pair)
        value = rate(unit[None, :], np.array([0]))[0]
        assert 0.0 < value <= rate.bound[0]
        ratios.append(exact / value)
    assert ratios == pytest.approx([ratios[0]] * 6, rel=1e-6)


def test_directions_follow_the_rate():
    n = 40_000
    p4 = photon_and_vector(0.6, 3.0, BABAR, n)
    events = find_decay("dark_photon_to_mumu")(
        Events.from_momenta((22, DARK_PHOTON), p4), BABAR, generator("test", "directions")
    )
    minus = boost_to_rest(events.p4[:, 2], p4[:, 1])[:, :3]
    unit = minus / np.linalg.norm(minus, axis=1, keepdims=True)

    rate = dark_photon._Rate.of(p4[:1, 0], p4[:1, 1], np.array([3.0]), BABAR, (0.1056584, 0.1056584))
    rng = generator("test", "isotropic")
    flat = rng.standard_normal((400_000, 3))
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    weight = rate(flat, np.zeros(len(flat), int))
    beam = rate.beams[0][0, :3] / np.linalg.norm(rate.beams[0][0, :3])
    cos, expected = unit @ beam, flat @ beam
    edges = np.linspace(-1.0, 1.0, 21)
    seen, _ = np.histogram(cos, edges)
    wanted, _ = np.histogram(expected, edges, weights=weight)
    wanted *= n / wanted.sum()
    assert stats.chi2.sf(((seen - wanted) ** 2 / wanted).sum(), 19) > 0.01
    # It is far from isotropic.
    assert stats.chisquare(seen).pvalue < 1e-6


def test_transverse_dark_photon_of_a_collinear_photon():
    # A photon along the beam leaves the A' transverse to the beam: light leptons follow 1 + cos^2.
    n = 20_000
    p4 = photon_and_vector(1.0 - 1e-4, 4.0, BABAR, n)
    events = find_decay("dark_photon_to_ee")(
        Events.from_momenta((22, DARK_PHOTON), p4), BABAR, generator("test", "collinear")
    )
    electron = boost_to_rest(events.p4[:, 2], p4[:, 1])
    beam = boost_to_rest(BABAR.to_lab(np.array([[0.0, 0.0, 1.0, 1.0]])), p4[:1, 1])[0]
    cos = electron[:, :3] @ beam[:3] / (electron[:, 3] * beam[3])
    assert stats.kstest(cos, lambda c: (4.0 + 3.0 * c + c**3) / 8.0).pvalue > 0.01


def test_products_masses_and_momentum():
    n = 200
    p4 = photon_and_vector(0.2, 2.5, BABAR, n)
    events = dark_photon.decay(
        Events.from_momenta((22, DARK_PHOTON), p4), BABAR, generator("test", "chi"), (CHI1, CHI2), (1.0, 1.4)
    )
    assert events.pdg_id[0].tolist() == [22, DARK_PHOTON, CHI1, CHI2]
    assert events.status[0].tolist() == [FINAL, DECAYED, FINAL, FINAL]
    assert np.sqrt(mass_squared(events.p4[:, 2:])) == pytest.approx(np.tile([1.0, 1.4], (n, 1)), rel=1e-9)
    assert events.p4[:, 2:].sum(axis=1) == pytest.approx(p4[:, 1])
    assert np.all(events.vertex_mm == 0.0)


def test_lifetime():
    n = 4000
    p4 = photon_and_vector(0.2, 0.3, BABAR, n)
    rng = generator("test", "lifetime")
    masses = (ELECTRON_MASS_GEV,) * 2
    events = dark_photon.decay(
        Events.from_momenta((22, DARK_PHOTON), p4), BABAR, rng, (11, -11), masses, ctau_mm=2.0
    )
    length = np.linalg.norm(events.vertex_mm[:, 2], axis=1)
    beta_gamma = np.linalg.norm(p4[0, 1, :3]) / 0.3
    assert stats.kstest(length, "expon", args=(0.0, 2.0 * beta_gamma)).pvalue > 0.01
    assert np.all(events.vertex_mm[:, 0] == 0.0)


def test_impossible_decays_are_errors():
    p4 = photon_and_vector(0.2, 0.1, BABAR, 2)
    rng = generator("test", "errors")
    with pytest.raises(UmbraError, match=r"a dark photon of 0\.1 GeV cannot decay"):
        find_decay("dark_photon_to_mumu")(Events.from_momenta((22, DARK_PHOTON), p4), BABAR, rng)
    with pytest.raises(UmbraError, match="event 0 of the batch has no photon"):
        find_decay("dark_photon_to_ee")(Events.from_momenta((13, DARK_PHOTON), p4), BABAR, rng)
