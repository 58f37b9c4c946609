"""Spin 0 radiated by the beams: against products of Dirac matrices, alone and with the pair's radiation."""

import numpy as np
import pytest

from dirac_matrices import GAMMA, GAMMA5, METRIC, UNIT, Matrix, bar, slash, trace
from umbra.core.constants import (
    ALPHA,
    ELECTRON_MASS_GEV,
    GEV2_PB,
    HIGGS_VEV_GEV,
    LEPTON_MASS_GEV,
    MUON,
    MUON_MASS_GEV,
    TAU,
)
from umbra.core.kinematics import Array, dot, from_spherical, mass_squared, two_body_decay, two_body_momentum
from umbra.core.seeds import generator
from umbra.generation.integration import cross_section
from umbra.generation.processes import beam_emission
from umbra.generation.processes.registry import find

SQRT_S = 10.58
VERTICES = {"scalar": UNIT.astype(complex), "pseudoscalar": 1j * GAMMA5}


def beams(mass_gev: float) -> tuple[Array, Array]:
    along = np.sqrt(0.25 * SQRT_S**2 - mass_gev**2)
    return np.array([0.0, 0.0, along, 0.5 * SQRT_S]), np.array([0.0, 0.0, -along, 0.5 * SQRT_S])


def events(rng: np.random.Generator, n: int, lepton_gev: float, x_gev: float) -> Array:
    """(l, l̄, X) that reach into the collinear corners, not drawn by the code under test."""
    pair_gev = np.exp(rng.uniform(np.log(2.0 * lepton_gev), np.log(SQRT_S - x_gev), n))
    cosine, phi = np.tanh(rng.uniform(-6.0, 6.0, n)), rng.uniform(-np.pi, np.pi, n)
    k = from_spherical(two_body_momentum(SQRT_S, pair_gev, x_gev), cosine, phi, x_gev)
    pair = np.array([0.0, 0.0, 0.0, SQRT_S]) - k
    angles = rng.uniform(-1.0, 1.0, n), rng.uniform(-np.pi, np.pi, n)
    return np.stack([*two_body_decay(pair, lepton_gev, lepton_gev, *angles), k], axis=1)


def beam_line(k: Array, electron_gev: float, vertex: Matrix) -> Matrix:
    """Matrices between v̄(p2) and u(p1) where X leaves one of the beams, shape (4, n, 4, 4)."""
    p1, p2 = beams(electron_gev)
    d1, d2 = (mass_squared(p - k)[:, None, None] - electron_gev**2 for p in (p1, p2))
    before = (slash(p1 - k) + electron_gev * UNIT) @ vertex / d1
    after = vertex @ (slash(k - p2) + electron_gev * UNIT) / d2
    return np.stack([gamma @ before + after @ gamma for gamma in GAMMA])


def pair_line(p4: Array, lepton_gev: float, vertex: Matrix) -> Matrix:
    """Matrices between ū(k1) and v(k2) where X leaves one of the leptons, shape (4, n, 4, 4)."""
    to1, to2 = p4[:, 0] + p4[:, 2], p4[:, 1] + p4[:, 2]
    d1, d2 = (mass_squared(p)[:, None, None] - lepton_gev**2 for p in (to1, to2))
    last = vertex @ (slash(to1) + lepton_gev * UNIT) / d1
    first = (slash(to2) - lepton_gev * UNIT) @ vertex / d2
    return np.stack([last @ gamma - gamma @ first for gamma in GAMMA])


def contraction(
    p4: Array,
    electron_gev: float,
    lepton_gev: float,
    one: tuple[Matrix, Matrix],
    other: tuple[Matrix, Matrix],
) -> Array:
    """Sum over spins of two amplitudes' product, each a current of the beams times one of the pair."""
    p1, p2 = beams(electron_gev)
    u1, v2 = slash(p1) + electron_gev * UNIT, slash(p2) - electron_gev * UNIT
    u, v = slash(p4[:, 0]) + lepton_gev * UNIT, slash(p4[:, 1]) - lepton_gev * UNIT
    total = np.zeros(len(p4))
    for a in range(4):
        for b in range(4):
            in_beams = np.trace(v2 @ one[0][a] @ u1 @ bar(other[0][b]), axis1=-2, axis2=-1)
            in_pair = np.trace(u @ one[1][a] @ v @ bar(other[1][b]), axis1=-2, axis2=-1)
            total += METRIC[a] * METRIC[b] * (in_beams * in_pair).real
    return total


def plain(n: int) -> Matrix:
    return np.broadcast_to(GAMMA[:, None], (4, n, 4, 4))


@pytest.mark.parametrize("parity", VERTICES)
@pytest.mark.parametrize("lepton", [MUON, TAU])
@pytest.mark.parametrize("x_gev", [0.05, 1.0, 5.0, 6.9])
def test_amplitude_agrees_with_dirac_matrices(parity: str, lepton: int, x_gev: float) -> None:
    m = LEPTON_MASS_GEV[lepton]
    p4 = events(generator("beam emission", parity, lepton, x_gev), 50, m, x_gev)
    currents = (beam_line(p4[:, 2], 0.0, VERTICES[parity]), plain(50))
    q2 = mass_squared(p4[:, 0] + p4[:, 1])
    expected = (4.0 * np.pi * ALPHA) ** 2 / (4.0 * q2**2) * contraction(p4, 0.0, m, currents, currents)
    ours = beam_emission.squared(p4, np.full(50, SQRT_S), m, x_gev)
    np.testing.assert_allclose(ours, expected, rtol=1e-7)


def test_current_of_the_beams_is_conserved() -> None:
    """The photon's momentum in the place of its polarisation gives nothing (Ward identity)."""
    p4 = events(generator("conserved"), 20, MUON_MASS_GEV, 1.0)
    line = beam_line(p4[:, 2], 0.0, VERTICES["scalar"])
    q = p4[:, 0] + p4[:, 1]
    along = np.einsum("ni,i,injk->njk", q, METRIC, line)
    p1, p2 = beams(0.0)
    size = sum(abs(trace([slash(p2), part, slash(p1), bar(part)])) for part in line)
    assert (abs(trace([slash(p2), along, slash(p1), bar(along)])) < 1e-9 * size * q[:, 3] ** 2).all()


@pytest.mark.parametrize(("name", "parity"), [("mumu_scalar", "scalar"), ("mumu_alp", "pseudoscalar")])
@pytest.mark.parametrize("x_gev", [1.0, 7.0, 8.0])
def test_nothing_is_lost_without_the_electron_mass(name: str, parity: str, x_gev: float) -> None:
    """All four diagrams with their interference and an exact electron mass, averaged over the process's events."""
    n, process = 400, find(name)
    x = generator("all diagrams", name, x_gev).random((n, process.dimensions))
    p4, weight = process.evaluate(x, np.full(n, SQRT_S), {"mass_gev": x_gev, "coupling": 1.0}, {})
    m, electron, vertex = MUON_MASS_GEV, ELECTRON_MASS_GEV, VERTICES[parity]
    by_pair = (plain(n), pair_line(p4, m, vertex) * m / SQRT_S**2)
    q2 = mass_squared(p4[:, 0] + p4[:, 1])[:, None, None]
    by_beams = (beam_line(p4[:, 2], electron, vertex) * electron / q2, plain(n))
    alone = [contraction(p4, electron, m, each, each) for each in (by_pair, by_beams)]
    both = 2.0 * contraction(p4, electron, m, by_pair, by_beams)
    assert abs(np.average(both / (alone[0] + alone[1]), weights=weight)) < 1e-4
    # And what the beams radiate is that of massless ones.
    massless = beam_emission.squared(p4, np.full(n, SQRT_S), m, x_gev) * electron**2
    exact = (4.0 * np.pi * ALPHA) ** 2 / 4.0 * alone[1]
    assert np.average(massless / exact, weights=weight) == pytest.approx(1.0, abs=1e-3)


def radiated_by_beams_pb(x_gev: float, lepton_gev: float, parity: str) -> float:
    """Integrate σ(e+e- → Xγ*) over the mass of γ* → l+l-, from Dirac matrices, with the electron mass, at ξ = 1.

    A conserved current sees of the pair only (α/3π) β (3-β²)/2 dq²/q².
    """
    nodes, weights = np.polynomial.legendre.leggauss(48)
    low, high = np.log(4.0 * lepton_gev**2), 2.0 * np.log(SQRT_S - x_gev)
    log_q2, rapidity = np.meshgrid(low + (high - low) * (nodes + 1.0) / 2.0, 12.0 * nodes, indexing="ij")
    measure = np.outer(weights * (high - low) / 2.0, weights * 12.0).ravel()
    q2, cosine = np.exp(log_q2).ravel(), np.tanh(rapidity).ravel()
    k = two_body_momentum(SQRT_S, np.sqrt(q2), x_gev)
    line = beam_line(from_spherical(k, cosine, np.zeros_like(k), x_gev), ELECTRON_MASS_GEV, VERTICES[parity])
    p1, p2 = beams(ELECTRON_MASS_GEV)
    u1, v2 = slash(p1) + ELECTRON_MASS_GEV * UNIT, slash(p2) - ELECTRON_MASS_GEV * UNIT
    squared = -sum(METRIC[a] * trace([v2, line[a], u1, bar(line[a])]) for a in range(4)) / 4.0
    squared = squared * 4.0 * np.pi * ALPHA * (ELECTRON_MASS_GEV / HIGGS_VEV_GEV) ** 2
    virtual = squared * k / (8.0 * np.pi * SQRT_S) / (2.0 * SQRT_S**2) * GEV2_PB
    beta = np.sqrt(1.0 - 4.0 * lepton_gev**2 / q2)
    pair = ALPHA / (3.0 * np.pi) * beta * (3.0 - beta**2) / 2.0
    return float(measure @ ((1.0 - cosine**2) * virtual * pair))


@pytest.mark.parametrize("parity", VERTICES)
@pytest.mark.parametrize(
    ("lepton", "x_gev"), [(MUON, 1.0), (MUON, 7.0), (MUON, 8.0), (MUON, 9.0), (MUON, 10.3), (TAU, 6.5)]
)
def test_cross_section_is_that_of_dirac_matrices(lepton: int, x_gev: float, parity: str) -> None:
    m, n = LEPTON_MASS_GEV[lepton], 200_000
    u = generator("beams' cross-section", lepton, x_gev, parity).random((n, beam_emission.DIMENSIONS))
    vertex = ELECTRON_MASS_GEV / HIGGS_VEV_GEV
    p4, weight = beam_emission.radiated(u, np.full(n, SQRT_S), m, x_gev, vertex)
    expected = radiated_by_beams_pb(x_gev, m, parity)
    assert weight.mean() == pytest.approx(expected, abs=4.0 * weight.std() / np.sqrt(n) + 2e-4 * expected)
    np.testing.assert_allclose(p4.sum(axis=1), np.tile([0.0, 0.0, 0.0, SQRT_S], (n, 1)), atol=1e-12)
    for i, mass in enumerate((m, m, x_gev)):
        np.testing.assert_allclose(mass_squared(p4[:, i]), mass**2, atol=1e-9)


# Radiation by the muons alone, at unit coupling of the vertex: deterministic integrals of traces taken independently.
@pytest.mark.parametrize(
    ("name", "parity", "x_gev", "by_muons"),
    [
        ("mumu_scalar", "scalar", 1.0, 13.428),
        ("mumu_scalar", "scalar", 7.0, 0.0739255),
        ("mumu_scalar", "scalar", 8.0, 0.0140997),
        ("mumu_scalar", "scalar", 9.0, 1.18117e-3),
        ("mumu_scalar", "scalar", 10.0, 6.541e-6),
        ("mumu_alp", "pseudoscalar", 5.0, 0.699135),
        ("mumu_alp", "pseudoscalar", 8.0, 0.0137735),
        ("mumu_alp", "pseudoscalar", 9.0, 1.12030e-3),
        ("mumu_alp", "pseudoscalar", 10.0, 4.769e-6),
    ],
)
def test_both_radiate(name: str, parity: str, x_gev: float, by_muons: float) -> None:
    muons_pb = by_muons * (MUON_MASS_GEV / HIGGS_VEV_GEV) ** 2
    expected = muons_pb + radiated_by_beams_pb(x_gev, MUON_MASS_GEV, parity)
    parameters = {"mass_gev": x_gev, "coupling": 1.0}
    rng = generator("both radiate", name, x_gev)
    ours = cross_section(find(name), SQRT_S, parameters, {}, rng=rng, relative_error=1e-3)
    assert ours.value_pb == pytest.approx(expected, abs=4.0 * ours.error_pb + 3e-4 * expected)


@pytest.mark.parametrize(
    ("x_gev", "published"), [(6.0, 1.0), (7.0, 1.15), (7.5, 1.39), (8.0, 2.08), (8.5, 4.5), (9.0, 15.0)]
)
def test_rise_above_the_muons_radiation_is_that_of_the_experiment(x_gev: float, published: float) -> None:
    """Limits of Belle II, arXiv:2306.12294: σB over ξ², both digitised (figures 3 and 4), over the muons' alone."""
    alone, both = (
        cross_section(
            find(name),
            SQRT_S,
            {"mass_gev": x_gev, "coupling": coupling},
            {},
            rng=generator("rise", name, x_gev),
            relative_error=3e-3,
        ).value_pb
        for name, coupling in (
            ("mumu_muonphilic_scalar", MUON_MASS_GEV / HIGGS_VEV_GEV),
            ("mumu_scalar", 1.0),
        )
    )
    assert both / alone == pytest.approx(published, rel=0.15)


def test_events_of_each_come_in_proportion() -> None:
    """Spectra of the pair's mass add up: what the beams radiate has light pairs, what the muons do heavy ones."""
    n, mass = 200_000, {"mass_gev": 8.0, "coupling": 1.0}
    x = generator("proportion").random((n, 6))
    energy, vertex = np.full(n, SQRT_S), MUON_MASS_GEV / HIGGS_VEV_GEV
    both, both_pb = find("mumu_scalar").evaluate(x, energy, mass, {})
    parts = (
        find("mumu_muonphilic_scalar").evaluate(x[:, :5], energy, {**mass, "coupling": vertex}, {}),
        beam_emission.radiated(x[:, :5], energy, MUON_MASS_GEV, 8.0, ELECTRON_MASS_GEV / HIGGS_VEV_GEV),
    )
    edges = [0.2, 0.3, 0.6, 1.2, 1.8, 2.3, 2.6]

    def spectrum(p4: Array, weight: Array) -> Array:
        pair_gev = np.sqrt(2.0 * (MUON_MASS_GEV**2 + dot(p4[:, 0], p4[:, 1])))
        return np.histogram(pair_gev, edges, weights=weight)[0] / n

    by_muons, by_beams = (spectrum(*part) for part in parts)
    assert by_beams[0] > 5.0 * by_muons[0]
    assert by_muons[-1] > 5.0 * by_beams[-1]
    np.testing.assert_allclose(spectrum(both, both_pb), by_muons + by_beams, rtol=0.02)


def test_cuts_keep_what_passes_of_either() -> None:
    """The cross-section within cuts is the sum of both within them."""
    cuts = {"muon_theta": (30.0, 150.0), "dimuon_mass": (0.5, 2.0)}
    n, mass, process = 200_000, {"mass_gev": 8.0, "coupling": 1.0}, find("mumu_scalar")
    x = generator("cuts of both").random((n, 6))
    free, all_pb = process.evaluate(x, np.full(n, SQRT_S), mass, {})
    inside, within_pb = process.evaluate(x, np.full(n, SQRT_S), mass, cuts)
    theta = np.degrees(np.arctan2(np.hypot(free[:, :2, 0], free[:, :2, 1]), free[:, :2, 2]))
    pair_gev = np.sqrt(mass_squared(free[:, 0] + free[:, 1]))
    passes = ((theta > 30.0) & (theta < 150.0)).all(axis=1) & (pair_gev > 0.5) & (pair_gev < 2.0)
    expected = np.where(passes, all_pb, 0.0)
    error = np.hypot(expected.std(), within_pb.std()) / np.sqrt(n)
    assert within_pb.mean() == pytest.approx(expected.mean(), abs=4.0 * error)
    kept = inside[within_pb > 0.0]
    assert (np.sqrt(mass_squared(kept[:, 0] + kept[:, 1])) > 0.5).all()
