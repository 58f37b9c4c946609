"""Photon fusion: amplitude against explicit tensors, phase space, and equivalent photons at small angles."""

from itertools import permutations

import numpy as np
import pytest
from scipy.integrate import quad

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB
from umbra.core.kinematics import Array, mass_squared
from umbra.core.seeds import generator
from umbra.generation.integration import cross_section
from umbra.generation.processes import alp_fusion
from umbra.generation.processes.registry import find

SQRT_S = 10.58
E2 = 4.0 * np.pi * ALPHA
METRIC = np.diag([-1.0, -1.0, -1.0, 1.0])


def levi_civita() -> Array:
    tensor = np.zeros((4, 4, 4, 4))
    for order in permutations(range(4)):
        tensor[order] = np.linalg.det(np.eye(4)[list(order)])
    return tensor


def events(n: int, mass: float, *names: str) -> tuple[Array, Array]:
    parameters = {"mass_gev": mass, "coupling": 1.0}
    rng = generator("fusion", *names)
    return find("alp_fusion").evaluate(rng.random((n, 5)), np.full(n, SQRT_S), parameters, {})


def current(p: Array, q: Array) -> Array:
    """Σ_spins J^μ J^ν* of an electron that goes from p to q."""
    product = np.outer(p, q)
    return 4.0 * (product + product.T - METRIC * (p @ METRIC @ q - ELECTRON_MASS_GEV**2))


def test_matrix_element_agrees_with_tensors() -> None:
    """Contract the currents with the vertex g ε_{μναβ} q1^α q2^β by brute force, where nothing is small."""
    mass, epsilon = 3.0, levi_civita()
    p4, _ = events(20_000, mass, "tensors")
    angle = np.abs(p4[:, :2, 2]) / p4[:, :2, 3]
    beam = np.sqrt(SQRT_S**2 / 4.0 - ELECTRON_MASS_GEV**2)
    p1, p2 = np.array([0, 0, beam, SQRT_S / 2.0]), np.array([0, 0, -beam, SQRT_S / 2.0])
    wide = p4[(angle < 0.99).all(axis=1)][:20]
    assert len(wide) == 20
    for event in wide:
        q1, q2 = p1 - event[0], p2 - event[1]
        t1, t2 = q1 @ METRIC @ q1, q2 @ METRIC @ q2
        vertex = np.einsum("mnab,a,b->mn", epsilon, q1, q2)
        squared = np.einsum("mr,ns,mn,rs->", current(p1, event[0]), current(p2, event[1]), vertex, vertex)
        expected = E2**2 / (t1 * t2) ** 2 * squared / 4.0
        s2 = mass_squared(event[1] + event[2])
        arrays = (np.array([v]) for v in (SQRT_S, beam, s2 - ELECTRON_MASS_GEV**2, t1, t2))
        ours = alp_fusion._squared(event[None], *arrays, mass)
        assert ours[0] == pytest.approx(expected, rel=1e-7)


def test_momenta_are_conserved_on_shell_and_carry_the_transfers() -> None:
    p4, weight = events(20_000, 1.0, "momenta")
    assert (weight > 0.0).all()
    np.testing.assert_allclose(p4.sum(axis=1), np.tile([0.0, 0.0, 0.0, SQRT_S], (20_000, 1)), atol=1e-12)
    np.testing.assert_allclose(mass_squared(p4[:, 0]), ELECTRON_MASS_GEV**2, atol=1e-12)
    np.testing.assert_allclose(mass_squared(p4[:, 1]), ELECTRON_MASS_GEV**2, atol=1e-11)
    np.testing.assert_allclose(mass_squared(p4[:, 2]), 1.0, atol=1e-11)


def test_phase_space_has_the_volume_of_three_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a constant matrix element the integral is that of three bodies, here from nested two-body decays."""
    mass, n = 3.0, 400_000
    monkeypatch.setattr(alp_fusion, "_squared", lambda p4, *_: np.ones(len(p4)))
    _, weight = events(n, mass, "volume")
    volume = weight * 2.0 * SQRT_S**2 / GEV2_PB

    def density(s2: float) -> float:
        first = (1.0 - s2 / SQRT_S**2) / (8.0 * np.pi)
        return first * (1.0 - mass**2 / s2) / (8.0 * np.pi) / (2.0 * np.pi)

    expected, _ = quad(density, mass**2, SQRT_S**2)
    assert volume.mean() == pytest.approx(expected, abs=4.0 * volume.std() / np.sqrt(n) + 1e-4 * expected)


@pytest.mark.parametrize("mass", [0.5, 2.0])
def test_small_angles_are_equivalent_photons(mass: float) -> None:
    """Both electrons within 0.1 degrees: the photons are nearly real and their flux is known in closed form."""
    largest_angle = np.radians(0.1)
    tau = mass**2 / SQRT_S**2

    def flux(x: float) -> float:
        q_min = ELECTRON_MASS_GEV**2 * x**2 / (1.0 - x)
        q_max = q_min + SQRT_S**2 * (1.0 - x) * np.sin(largest_angle / 2.0) ** 2
        log = (1.0 + (1.0 - x) ** 2) / x * np.log(q_max / q_min)
        mass_term = 2.0 * ELECTRON_MASS_GEV**2 * x * (1.0 / q_min - 1.0 / q_max)
        return ALPHA / (2.0 * np.pi) * (log - mass_term)

    integral, _ = quad(lambda y: flux(np.exp(y)) * flux(tau / np.exp(y)), np.log(tau) + 1e-9, -1e-9)
    expected = GEV2_PB * np.pi / 8.0 * 1e-6 * tau * integral
    cuts = {"electron_beam_angle": (0.0, 0.1)}
    parameters = {"mass_gev": mass, "coupling": 1e-3}
    ours = cross_section(find("alp_fusion"), SQRT_S, parameters, cuts, rng=generator("equivalent", mass))
    assert ours.value_pb == pytest.approx(expected, rel=0.01)


def test_total_lies_below_photons_without_form_factor_of_virtuality() -> None:
    """The EPA with all kinematically allowed virtualities is an overestimate that closes at high mass."""
    for mass, leading_log, lower in ((1.0, 1.410, 0.6), (5.0, 0.173, 0.8), (9.0, 0.0167, 0.95)):
        parameters = {"mass_gev": mass, "coupling": 1e-3}
        ours = cross_section(find("alp_fusion"), SQRT_S, parameters, {}, rng=generator("total", mass))
        assert ours.relative_error < 3e-3
        assert lower < ours.value_pb / leading_log < 1.0


def test_the_two_electrons_are_mirror_images() -> None:
    p4, weight = events(400_000, 1.0, "mirror")
    # The share of the cross-section in which each keeps less than half of its momentum along its beam.
    electron, positron = weight * (p4[:, 0, 2] < SQRT_S / 4.0), weight * (-p4[:, 1, 2] < SQRT_S / 4.0)
    assert electron.mean() > 0.0
    error = np.hypot(electron.std(), positron.std()) / np.sqrt(len(weight))
    assert electron.mean() == pytest.approx(positron.mean(), abs=5.0 * error)
