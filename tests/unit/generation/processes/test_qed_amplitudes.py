"""Amplitudes against formulas that share no code with them, and against their own symmetries."""

from collections.abc import Sequence

import numpy as np
import pytest

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, MUON_MASS_GEV, TAU_MASS_GEV
from umbra.core.kinematics import (
    Array,
    boost_from_rest,
    dot,
    from_spherical,
    two_body_decay,
    two_body_momentum,
)
from umbra.generation.processes import qed_amplitudes as qed

E2 = 4.0 * np.pi * ALPHA
SQRT_S = 10.58


def beams(n: int, mass_gev: float) -> tuple[Array, Array]:
    p1 = np.zeros((n, 4))
    p1[:, 3] = 0.5 * SQRT_S
    p1[:, 2] = np.sqrt(p1[:, 3] ** 2 - mass_gev**2)
    p2 = p1 * [1.0, 1.0, -1.0, 1.0]
    return p1, p2


def final_states(rng: np.random.Generator, n: int, masses_gev: Sequence[float]) -> Array:
    """Sequential two-body decays: any distribution will do that covers phase space."""
    parent = np.tile([0.0, 0.0, 0.0, SQRT_S], (n, 1))
    parent_mass = np.full(n, SQRT_S)
    out = []
    for i, mass in enumerate(masses_gev[:-1]):
        rest = sum(masses_gev[i + 1 :])
        last = i == len(masses_gev) - 2
        system = np.full(n, rest) if last else rest + (parent_mass - mass - rest) * rng.random(n)
        k = two_body_momentum(parent_mass, mass, system)
        cos_theta, phi = rng.uniform(-1.0, 1.0, n), rng.uniform(0.0, 2.0 * np.pi, n)
        out.append(boost_from_rest(from_spherical(k, cos_theta, phi, mass), parent))
        parent = boost_from_rest(from_spherical(-k, cos_theta, phi, system), parent)
        parent_mass = system
    return np.stack([*out, parent], axis=1)


def at_rest(n: int) -> Array:
    return np.full(n, SQRT_S)


def berends(p4: Array, *, bhabha: bool) -> Array:
    """Massless tree level of Berends et al., Nucl. Phys. B 206 (1982) 61, averaged over beam spins."""
    p1, p2 = beams(len(p4), 0.0)
    q1, q2, k = p4[:, 0], p4[:, 1], p4[:, 2]
    s, s_ = 2.0 * dot(p1, p2), 2.0 * dot(q1, q2)
    t, t_ = -2.0 * dot(p1, q1), -2.0 * dot(p2, q2)
    u, u_ = -2.0 * dot(p1, q2), -2.0 * dot(p2, q1)
    x1, x2, y1, y2 = dot(p1, k), dot(p2, k), dot(q1, k), dot(q2, k)
    eikonal = s / (x1 * x2) + s_ / (y1 * y2) - t / (x1 * y1) - t_ / (x2 * y2) + u / (x1 * y2) + u_ / (x2 * y1)
    if bhabha:
        born = s * s_ * (s**2 + s_**2) + t * t_ * (t**2 + t_**2) + u * u_ * (u**2 + u_**2)
        return E2**3 * born / (s * s_ * t * t_) * eikonal
    return E2**3 * (t**2 + t_**2 + u**2 + u_**2) / (s * s_) * eikonal


@pytest.mark.parametrize(("pairings", "bhabha"), [(qed.ANNIHILATION, False), (qed.WITH_SCATTERING, True)])
def test_massless_radiation_is_the_published_formula(pairings: Array, bhabha: bool) -> None:
    mass = 1e-5
    p4 = final_states(np.random.default_rng(1), 2000, [mass, mass, 0.0])
    ratio = qed.radiative(p4, at_rest(2000), (mass, mass), pairings) / berends(p4, bhabha=bhabha)
    # Collinear photons feel the mass; they are rare in these events.
    assert np.quantile(np.abs(ratio - 1.0), 0.99) < 1e-5


@pytest.mark.parametrize(
    ("pairings", "mass"), [(qed.ANNIHILATION, TAU_MASS_GEV), (qed.WITH_SCATTERING, ELECTRON_MASS_GEV)]
)
def test_ward_identity(pairings: Array, mass: float) -> None:
    p4 = final_states(np.random.default_rng(2), 500, [mass, mass, 0.0])
    masses = (ELECTRON_MASS_GEV, mass)
    longitudinal = np.repeat((p4[:, 2] / p4[:, 2, 3:4])[:, None], 2, axis=1)
    full = qed.radiative(p4, at_rest(500), masses, pairings)
    null = qed.radiative(p4, at_rest(500), masses, pairings, polarisations=longitudinal)
    assert (null < 1e-12 * full).all()
    # The charge flows along each line, which is thus gauge invariant by itself.
    one = np.array([[True, False, False]] * len(pairings))
    assert (
        qed.radiative(p4, at_rest(500), masses, pairings, one, polarisations=longitudinal) < 1e-12 * full
    ).all()


@pytest.mark.parametrize("lepton", [ELECTRON_MASS_GEV, MUON_MASS_GEV, TAU_MASS_GEV])
def test_soft_photon_limit_is_eikonal(lepton: float) -> None:
    n = 200
    rng = np.random.default_rng(3)
    k = from_spherical(np.full(n, 1e-6), rng.uniform(-0.9, 0.9, n), rng.uniform(0, 2 * np.pi, n), 0.0)
    pair = np.array([0.0, 0.0, 0.0, SQRT_S]) - k
    q1, q2 = two_body_decay(pair, lepton, lepton, rng.uniform(-0.9, 0.9, n), rng.uniform(0, 2 * np.pi, n))
    p4 = np.stack([q1, q2, k], axis=1)
    p1, p2 = beams(n, ELECTRON_MASS_GEV)
    bhabha = lepton == ELECTRON_MASS_GEV
    pairings = qed.WITH_SCATTERING if bhabha else qed.ANNIHILATION
    soft = qed.radiative(p4, at_rest(n), (ELECTRON_MASS_GEV, lepton), pairings)
    flow = [(p1, 1.0), (q2, 1.0), (p2, -1.0), (q1, -1.0)]
    current = sum(sign * p / dot(p, k)[:, None] for p, sign in flow)
    s, t, u = SQRT_S**2, dot(p1 - q1, p1 - q1), dot(p1 - q2, p1 - q2)
    if bhabha:
        born = 2.0 * E2**2 * ((s**2 + u**2) / t**2 + 2.0 * u**2 / (s * t) + (u**2 + t**2) / s**2)
    else:
        m2 = lepton**2
        born = 2.0 * E2**2 * ((t - m2) ** 2 + (u - m2) ** 2 + 2.0 * m2 * s) / s**2
    np.testing.assert_allclose(soft, -E2 * dot(current, current) * born, rtol=2e-5)


def test_initial_state_radiation_factorises() -> None:
    """The identity behind the ratio of γA' and γμμ: integrated over the muons, only the radiator remains."""
    nodes, weights = np.polynomial.legendre.leggauss(4)
    phi = np.arange(5) * 2.0 * np.pi / 5.0
    cos_theta, azimuth = (a.ravel() for a in np.meshgrid(nodes, phi, indexing="ij"))
    weight = np.repeat(weights / 2.0 / 5.0, 5)
    s = SQRT_S**2
    for mass, cosine in [(0.22, 0.3), (0.5, -0.8), (3.0, 0.0), (9.0, 0.9)]:
        x = mass**2 / s
        k = from_spherical(
            np.full(20, (s - mass**2) / (2 * SQRT_S)), np.full(20, cosine), np.full(20, 0.4), 0.0
        )
        pair = np.array([0.0, 0.0, 0.0, SQRT_S]) - k
        q1, q2 = two_body_decay(pair, MUON_MASS_GEV, MUON_MASS_GEV, cos_theta, azimuth)
        initial = np.array([[True, False, False]])
        p4 = np.stack([q1, q2, k], axis=1)
        squared = qed.radiative(
            p4, at_rest(20), (ELECTRON_MASS_GEV, MUON_MASS_GEV), qed.ANNIHILATION, initial
        )
        beta = np.sqrt(1.0 - 4.0 * MUON_MASS_GEV**2 / mass**2)
        # dσ/ds' dcosθ from |M|^2, phase space and flux ...
        cross_section = (
            weight @ squared * (1.0 - x) / (8.0 * np.pi) * beta / (8.0 * np.pi) / (4.0 * np.pi) / (2.0 * s)
        )
        # ... and the radiator of one photon times σ(s'), e.g. Essig et al., arXiv:0903.3941.
        radiator = ALPHA / np.pi / (1.0 - x) * ((1.0 + x**2) / (1.0 - cosine**2) - 0.5 * (1.0 - x) ** 2)
        point = 4.0 * np.pi * ALPHA**2 / (3.0 * mass**2) * beta * (3.0 - beta**2) / 2.0
        assert cross_section == pytest.approx(radiator * point / s, rel=1e-5)


@pytest.mark.parametrize("middle", ["all", "beams", "pair"])
def test_a_light_pair_is_a_photon_that_splits(middle: str) -> None:
    """Averaged over its decay, a pair adds (4/3) e² (q² + 2m²)/q⁴ times the radiation of a photon."""
    nodes, weights = np.polynomial.legendre.leggauss(3)
    phi = np.arange(4) * np.pi / 2.0 + 0.3
    cos_theta, azimuth = (a.ravel() for a in np.meshgrid(nodes, phi, indexing="ij"))
    weight = np.repeat(weights / 2.0 / 4.0, 4)
    q, light = 1e-3, 3e-4
    include = {"all": [[True, True, True]], "beams": [[True, False, False]], "pair": [[False, True, False]]}[
        middle
    ]
    rng = np.random.default_rng(4)
    radiated = final_states(rng, 20, [MUON_MASS_GEV, MUON_MASS_GEV, 0.0])
    split = final_states(np.random.default_rng(4), 20, [MUON_MASS_GEV, MUON_MASS_GEV, q])
    chosen = np.array(include)
    masses = (ELECTRON_MASS_GEV, MUON_MASS_GEV, light)
    for photon, heavy in zip(radiated, split, strict=True):
        minus, plus = two_body_decay(np.tile(heavy[2], (12, 1)), light, light, cos_theta, azimuth)
        p4 = np.stack([np.tile(heavy[0], (12, 1)), np.tile(heavy[1], (12, 1)), minus, plus], axis=1)
        four = weight @ qed.four_lepton(p4, at_rest(12), masses, qed.ANNIHILATION, chosen)
        one = qed.radiative(photon[None], at_rest(1), masses[:2], qed.ANNIHILATION, chosen)[0]
        assert four == pytest.approx(E2 * 4.0 / 3.0 * (q**2 + 2.0 * light**2) / q**4 * one, rel=5e-3)


def test_exchange_of_identical_leptons() -> None:
    n = 300
    p4 = final_states(np.random.default_rng(5), n, [MUON_MASS_GEV] * 4)
    masses = (ELECTRON_MASS_GEV, MUON_MASS_GEV, MUON_MASS_GEV)
    full = qed.four_lepton(p4, at_rest(n), masses, qed.WITH_EXCHANGE)
    for order in ([2, 1, 0, 3], [0, 3, 2, 1], [2, 3, 0, 1]):
        swapped = qed.four_lepton(np.ascontiguousarray(p4[:, order]), at_rest(n), masses, qed.WITH_EXCHANGE)
        np.testing.assert_allclose(swapped, full, rtol=1e-9)
    # Without the exchanged diagrams the symmetry is lost.
    one = qed.four_lepton(p4, at_rest(n), masses, qed.ANNIHILATION)
    other = qed.four_lepton(np.ascontiguousarray(p4[:, [2, 1, 0, 3]]), at_rest(n), masses, qed.ANNIHILATION)
    assert np.median(np.abs(np.log(other / one))) > 0.1


def test_exchange_of_identical_electrons() -> None:
    n = 100
    p4 = final_states(np.random.default_rng(6), n, [ELECTRON_MASS_GEV] * 4)
    masses = (ELECTRON_MASS_GEV,) * 3
    full = qed.four_lepton(p4, at_rest(n), masses, qed.ALL_PAIRINGS)
    for order in ([2, 1, 0, 3], [0, 3, 2, 1]):
        swapped = qed.four_lepton(np.ascontiguousarray(p4[:, order]), at_rest(n), masses, qed.ALL_PAIRINGS)
        np.testing.assert_allclose(swapped, full, rtol=1e-7)


def test_rotation_reflection_and_charge_conjugation() -> None:
    n = 200
    p4 = final_states(np.random.default_rng(7), n, [ELECTRON_MASS_GEV] * 2 + [MUON_MASS_GEV] * 2)
    masses = (ELECTRON_MASS_GEV, ELECTRON_MASS_GEV, MUON_MASS_GEV)
    full = qed.four_lepton(p4, at_rest(n), masses, qed.WITH_SCATTERING)
    turned = p4.copy()
    turned[..., 0], turned[..., 1] = 0.6 * p4[..., 0] - 0.8 * p4[..., 1], 0.8 * p4[..., 0] + 0.6 * p4[..., 1]
    mirrored = p4 * [-1.0, 1.0, 1.0, 1.0]
    # C exchanges particles and antifermions; half a turn about x brings the electron beam back to +z.
    conjugate = np.ascontiguousarray(p4[:, [1, 0, 3, 2]]) * [1.0, -1.0, -1.0, 1.0]
    for image in (turned, mirrored, conjugate):
        np.testing.assert_allclose(
            qed.four_lepton(image, at_rest(n), masses, qed.WITH_SCATTERING), full, rtol=1e-7
        )


def test_beams_of_equal_helicity_hardly_annihilate() -> None:
    n = 200
    p4 = final_states(np.random.default_rng(8), n, [MUON_MASS_GEV] * 4)
    masses = (ELECTRON_MASS_GEV, MUON_MASS_GEV, MUON_MASS_GEV)
    full = qed.four_lepton(p4, at_rest(n), masses, qed.WITH_EXCHANGE)
    kept = qed.four_lepton(p4, at_rest(n), masses, qed.WITH_EXCHANGE, beam_helicity_flip=False)
    np.testing.assert_allclose(kept, full, rtol=1e-4)
    assert (kept < full).all()


def test_polarisations_are_transverse() -> None:
    k = final_states(np.random.default_rng(9), 50, [0.1, 0.1, 0.0])[:, 2]
    vectors = qed.transverse_polarisations(k)
    np.testing.assert_allclose(dot(vectors, k[:, None]), 0.0, atol=1e-14)
    np.testing.assert_allclose(dot(vectors, vectors), -1.0)
    np.testing.assert_allclose(dot(vectors[:, 0], vectors[:, 1]), 0.0, atol=1e-15)
