"""Lepton pair with a radiated particle: traces against Dirac matrices, cross-sections against other generators."""

import numpy as np
import pytest
from scipy.integrate import dblquad

from dirac_matrices import GAMMA, GAMMA5, METRIC, UNIT, bar, slash
from umbra.core.constants import ALPHA, GEV2_PB, HIGGS_VEV_GEV, LEPTON_MASS_GEV, MUON, TAU
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, dot, from_spherical, mass_squared, two_body_decay
from umbra.core.seeds import generator
from umbra.generation.estimate import Estimate
from umbra.generation.integration import cross_section
from umbra.generation.processes import lepton_pair_x as pair
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.registry import find

SQRT_S = 10.58


def numerical_trace(
    k1: Array, k2: Array, k3: Array, m: float, vertices: np.ndarray | list[np.ndarray], signs: list[float]
) -> float:
    """Sum over the transverse photon and the polarisations of X of the squared amplitude, from matrices."""
    d1, d2 = dot(k1 + k3, k1 + k3) - m**2, dot(k2 + k3, k2 + k3) - m**2
    total = 0.0
    for gamma in GAMMA[:2]:
        for vertex, sign in zip(vertices, signs, strict=True):
            amplitude = vertex @ (slash(k1 + k3) + m * UNIT) @ gamma / d1
            amplitude = amplitude - gamma @ (slash(k2 + k3) - m * UNIT) @ vertex / d2
            product = (slash(k1) + m * UNIT) @ amplitude @ (slash(k2) - m * UNIT) @ bar(amplitude)
            total += sign * np.trace(product).real
    return total


def random_event(seed: int, m: float, x_mass: float) -> tuple[Array, Array, Array]:
    """Three momenta, not drawn by the code under test."""
    rng = generator("event", seed)
    pair_mass = rng.uniform(2.0 * m, SQRT_S - x_mass)
    k = np.sqrt((SQRT_S**2 - (pair_mass + x_mass) ** 2) * (SQRT_S**2 - (pair_mass - x_mass) ** 2)) / (
        2 * SQRT_S
    )
    c, phi = rng.uniform(-1, 1), rng.uniform(0, 2 * np.pi)
    x = from_spherical(np.array(k), np.array(c), np.array(phi), x_mass)
    both = from_spherical(np.array(-k), np.array(c), np.array(phi), pair_mass)
    k1, k2 = two_body_decay(both, m, m, np.array(rng.uniform(-1, 1)), np.array(rng.uniform(0, 2 * np.pi)))
    return k1, k2, x


@pytest.mark.parametrize("lepton", [MUON, TAU])
@pytest.mark.parametrize("x_mass", [0.05, 1.0, 5.0])
@pytest.mark.parametrize("seed", range(5))
def test_traces_agree_with_dirac_matrices(lepton: int, x_mass: float, seed: int) -> None:
    m = LEPTON_MASS_GEV[lepton]
    k1, k2, k3 = random_event(seed, m, x_mass)
    d1, d2 = dot(k1 + k3, k1 + k3) - m**2, dot(k2 + k3, k2 + k3) - m**2
    across = [float(a[:2] @ b[:2]) for a, b in ((k1, k1), (k2, k2), (k1, k2))]
    point = pair.Point(np.array(SQRT_S**2), d1, d2, *map(np.array, across), m**2, x_mass**2)
    vector = numerical_trace(k1, k2, k3, m, GAMMA, list(-METRIC))
    assert pair.vector_trace(point) == pytest.approx(vector, rel=1e-9)
    assert pair.scalar_trace(point) == pytest.approx(numerical_trace(k1, k2, k3, m, [UNIT], [1.0]), rel=1e-9)
    assert pair.pseudoscalar_trace(point) == pytest.approx(
        numerical_trace(k1, k2, k3, m, [1j * GAMMA5], [1.0]), rel=1e-9
    )


def test_vector_current_is_conserved() -> None:
    """The amplitude with the polarisation replaced by the momentum of X vanishes (Ward identity)."""
    m = LEPTON_MASS_GEV[MUON]
    k1, k2, k3 = random_event(0, m, 1.0)
    longitudinal = numerical_trace(k1, k2, k3, m, [slash(k3)], [1.0])
    assert abs(longitudinal) < 1e-12 * numerical_trace(k1, k2, k3, m, GAMMA, list(-METRIC))


def sigma(name: str, mass: float, coupling: float = 1.0, cuts: Cuts | None = None) -> Estimate:
    parameters = {"mass_gev": mass, "coupling": coupling}
    rng = generator("lepton pair", name, mass)
    return cross_section(find(name), SQRT_S, parameters, cuts or {}, rng=rng, relative_error=1.5e-3)


# MadGraph5_aMC@NLO and Sherpa 3.0.3b2 at lowest order, with their errors.
@pytest.mark.parametrize(
    ("name", "mass", "coupling", "expected", "error"),
    [
        ("mumu_zprime", 1.0, 0.1, 0.9956, 0.0015),
        ("mumu_zprime", 5.0, 0.1, 0.02025, 3e-5),
        ("mumu_scalar", 1.0, 1.0, 2.4737e-6, 2e-9),
        ("mumu_alp", 1.0, 1.0, 2.4286e-6, 2e-9),
        ("tautau_scalar", 1.0, 1.0, 0.0013833, 1e-6),
        ("tautau_alp", 1.0, 1.0, 0.0002965, 6e-7),
    ],
)
def test_cross_sections_of_other_generators(
    name: str, mass: float, coupling: float, expected: float, error: float
) -> None:
    ours = sigma(name, mass, coupling)
    assert ours.value_pb == pytest.approx(expected, abs=4.0 * np.hypot(ours.error_pb, error))


# Deterministic integrals of traces taken independently, at unit coupling of the vertex; what the beams radiate is no
# more than 1e-3 of the pseudoscalar's here (`test_beam_emission.py` has the rest).
@pytest.mark.parametrize(
    ("name", "mass", "expected"),
    [
        *(
            ("mumu_zprime", m, v)
            for m, v in ((0.01, 1256.37), (0.1, 567.76), (3.0, 13.7109), (9.0, 2.37986e-3))
        ),
        *(
            ("mumu_muonphilic_scalar", m, v)
            for m, v in ((0.01, 98.93), (0.5, 20.57), (5.0, 0.705263), (10.0, 6.541e-6))
        ),
        *(("mumu_alp", m, v) for m, v in ((0.01, 37.57), (0.5, 19.75))),
    ],
)
def test_cross_sections_from_threshold_to_low_mass(name: str, mass: float, expected: float) -> None:
    vertex = LEPTON_MASS_GEV[MUON] / HIGGS_VEV_GEV if name == "mumu_alp" else 1.0
    ours = sigma(name, mass, 1.0 / vertex)
    assert ours.value_pb == pytest.approx(expected, abs=4.0 * ours.error_pb + 3e-4 * expected)


def test_vector_has_the_massless_limit() -> None:
    """Emission of a massive gluon by massless quarks, as known from jets, within the muon mass squared."""
    ratio = 3.0**2 / SQRT_S**2

    def density(y2: float, y1: float) -> float:
        x1, x2 = 1.0 - y1, 1.0 - y2
        return ((x1 + ratio) ** 2 + (x2 + ratio) ** 2) / (y1 * y2) - ratio / y1**2 - ratio / y2**2

    area, _ = dblquad(density, ratio, 1.0, lambda y1: ratio / y1, lambda y1: 1.0 + ratio - y1, epsrel=1e-8)
    massless = 4.0 * np.pi * ALPHA**2 / (3.0 * SQRT_S**2) * GEV2_PB * area / (8.0 * np.pi**2)
    ours = sigma("mumu_zprime", 3.0)
    assert ours.value_pb == pytest.approx(massless, rel=0.006)


@pytest.mark.parametrize(
    ("name", "lepton"), [("mumu_zprime", MUON), ("tautau_scalar", TAU), ("tautau_zprime", TAU)]
)
def test_momenta_are_conserved_and_on_shell(name: str, lepton: int) -> None:
    process = find(name)
    p4, weight = process.evaluate(
        generator(name).random((5000, process.dimensions)),
        np.full(5000, SQRT_S),
        {"mass_gev": 0.3, "coupling": 1.0},
        {},
    )
    assert (weight > 0.0).all()
    np.testing.assert_allclose(p4.sum(axis=1), np.tile([0.0, 0.0, 0.0, SQRT_S], (5000, 1)), atol=1e-12)
    for i, mass in enumerate((LEPTON_MASS_GEV[lepton], LEPTON_MASS_GEV[lepton], 0.3)):
        np.testing.assert_allclose(mass_squared(p4[:, i]), mass**2, atol=1e-10)


def test_all_orientations_average_to_the_trace_of_the_tensor() -> None:
    """Over the orientation the transverse part of a conserved current is two thirds of it: no angle is lost."""
    rng = generator("orientation")
    n = 200_000
    u = rng.random((n, 5))
    u[:, :2] = 0.4, 0.6
    process = find("mumu_zprime")
    p4, weight = process.evaluate(u, np.full(n, SQRT_S), {"mass_gev": 1.0, "coupling": 1.0}, {})
    k1, k2, k3 = p4[0]
    m = LEPTON_MASS_GEV[MUON]
    d1, d2 = dot(k1 + k3, k1 + k3) - m**2, dot(k2 + k3, k2 + k3) - m**2
    # -g_{μν}H^{μν} = H^xx + H^yy + H^zz, by turning the beam along each axis.
    rotations = [np.eye(3), np.roll(np.eye(3), 1, axis=1), np.roll(np.eye(3), 2, axis=1)]
    traces = []
    for rotation in rotations:
        a, b = rotation @ k1[:3], rotation @ k2[:3]
        across = (a[:2] @ a[:2], b[:2] @ b[:2], a[:2] @ b[:2])
        traces.append(pair.vector_trace(pair.Point(np.array(SQRT_S**2), d1, d2, *across, m**2, 1.0)))
    # Each trace holds two of the three diagonal elements, so their mean is two thirds of the sum.
    first = pair.vector_trace(
        pair.Point(np.array(SQRT_S**2), d1, d2, k1[:2] @ k1[:2], k2[:2] @ k2[:2], k1[:2] @ k2[:2], m**2, 1.0)
    )
    expected = np.mean(traces) / first * weight[0]
    assert weight.mean() == pytest.approx(expected, abs=4.0 * weight.std() / np.sqrt(n))


def test_cuts_bound_every_lepton_and_the_pair() -> None:
    cuts = {"muon_theta": (30.0, 150.0), "dimuon_mass": (1.0, 5.0)}
    process = find("mumu_zprime")
    p4, weight = process.evaluate(
        generator("cuts").random((20_000, 5)),
        np.full(20_000, SQRT_S),
        {"mass_gev": 1.0, "coupling": 1.0},
        cuts,
    )
    theta = np.degrees(np.arctan2(np.hypot(p4[:, :2, 0], p4[:, :2, 1]), p4[:, :2, 2]))
    mass = np.sqrt(mass_squared(p4[:, 0] + p4[:, 1]))
    inside = ((theta > 30.0) & (theta < 150.0)).all(axis=1) & (mass > 1.0) & (mass < 5.0)
    np.testing.assert_array_equal(weight > 0.0, inside)


def test_refuses_what_diverges_and_what_is_closed() -> None:
    with pytest.raises(UmbraError, match="mumu_scalar: mass_gev = 0"):
        sigma("mumu_scalar", 0.0)
    with pytest.raises(UmbraError, match=r"kinematic limit of 7\.026"):
        sigma("tautau_scalar", 7.1)


def test_closed_channels_have_no_weight() -> None:
    process = find("tautau_scalar")
    energies = np.array([3.0, 4.5, 4.6])
    _, weight = process.evaluate(
        np.full((3, process.dimensions), 0.5), energies, {"mass_gev": 1.0, "coupling": 1.0}, {}
    )
    assert (weight[:2] == 0.0).all()
    assert weight[2] > 0.0
    assert np.isfinite(weight).all()


@pytest.mark.parametrize("x_mass", [0.5, 1.0, 5.0])
def test_electron_and_muon_are_the_massless_limit_for_both_charges(x_mass: float) -> None:
    """A massive gluon radiated by massless quarks, with couplings of electrodynamics: twice its integral."""
    ratio = x_mass**2 / SQRT_S**2

    nodes, weights = np.polynomial.legendre.leggauss(80)
    first = 0.5 * np.log(ratio) * (1.0 - nodes)[:, None]
    low, high = np.log(ratio) - first, np.log(1.0 + ratio - np.exp(first))
    second = 0.5 * (low + high) + 0.5 * (high - low) * nodes
    y1, y2 = np.exp(first), np.exp(second)
    squares = ((1.0 - y1 + ratio) ** 2 + (1.0 - y2 + ratio) ** 2) / (y1 * y2)
    density = (squares - ratio / y1**2 - ratio / y2**2) * y1 * y2
    steps = -0.5 * np.log(ratio) * weights[:, None] * 0.5 * (high - low) * weights
    integral = float((density * steps).sum())
    muons_pb = GEV2_PB * 4.0 * np.pi * ALPHA**2 / (3.0 * SQRT_S**2)
    process = find("emu_zprime")
    x = generator("emu").random((60_000, 5))
    p4, weight = process.evaluate(x, np.full(len(x), SQRT_S), {"mass_gev": x_mass, "coupling": 1.0}, {})
    assert weight.mean() == pytest.approx(2.0 * muons_pb * integral / (8.0 * np.pi**2), rel=0.01)
    assert process.final_state({}) == (11, -13, 9900023)
    assert p4.sum(axis=1) == pytest.approx(np.tile([0.0, 0.0, 0.0, SQRT_S], (len(x), 1)), abs=1e-9)
    on_shell = np.tile([0.0, 0.0, x_mass**2], (len(x), 1))
    assert mass_squared(p4) == pytest.approx(on_shell, abs=1e-7)
