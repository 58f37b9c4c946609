"""Three photons: matrix element against spinors and the soft limit, cross-sections against Sherpa."""

from itertools import permutations, product

import numpy as np
import pytest

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, mass_squared, opening_angle
from umbra.core.seeds import generator
from umbra.generation.integration import cross_section
from umbra.generation.processes import three_gamma
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.registry import find

SQRT_S = 10.58
WIDE: Cuts = {"photon_energy": (0.25, None), "photon_theta": (10.0, 170.0)}
E2 = 4.0 * np.pi * ALPHA

_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def events(n: int, cuts: Cuts, *names: str) -> tuple[Array, Array]:
    return find("three_gamma").evaluate(
        generator("three_gamma", *names).random((n, 5)), np.full(n, SQRT_S), {}, cuts
    )


def chiral_slash(p: Array, sign: float) -> np.ndarray:
    """Two-component p·σ (sign -1) or p·σ̄ (sign +1)."""
    return p[3] * np.eye(2) + sign * np.einsum("i,ijk->jk", p[:3].astype(complex), _PAULI)


def amplitude_squared(photons: Array) -> float:
    """Spin-averaged |M|² from two-component spinors: massless electrons, transverse polarisations."""
    p1 = np.array([0.0, 0.0, 0.5 * SQRT_S, 0.5 * SQRT_S])
    p2 = np.array([0.0, 0.0, -0.5 * SQRT_S, 0.5 * SQRT_S])
    bases = []
    for k in photons:
        n = k[:3] / k[3]
        first = np.cross(n, [0.3, 0.5, 0.8])
        first /= np.linalg.norm(first)
        bases.append([np.append(first, 0.0), np.append(np.cross(n, first), 0.0)])
    total = 0.0
    for polarisations in product(*bases):
        amplitude = np.zeros((2, 2), complex)
        for order in permutations(range(3)):
            i, j, k = order
            q1, q2 = p1 - photons[i], photons[k] - p2
            chain = chiral_slash(polarisations[k], -1.0) @ chiral_slash(q2, 1.0)
            chain = chain @ chiral_slash(polarisations[j], -1.0) @ chiral_slash(q1, 1.0)
            chain = chain @ chiral_slash(polarisations[i], -1.0)
            amplitude += chain / (_square(q1) * _square(q2))
        # Trace over one chirality; the other gives the same.
        product_ = chiral_slash(p2, 1.0) @ amplitude @ chiral_slash(p1, 1.0) @ amplitude.conj().T
        total += 2.0 * np.trace(product_).real
    return float(E2**3 * total / 4.0)


def _square(p: Array) -> float:
    return float(p[3] ** 2 - p[0] ** 2 - p[1] ** 2 - p[2] ** 2)


def test_matrix_element_agrees_with_spinors() -> None:
    p4, _ = events(20, WIDE, "spinors")
    ours = three_gamma._squared(p4, np.full(20, SQRT_S))
    np.testing.assert_allclose(ours, [amplitude_squared(event) for event in p4], rtol=1e-8)


def test_a_soft_photon_factorises() -> None:
    """|M(γγγ)|² → |M(γγ)|² e² s/((p₋k)(p₊k)) as one photon loses its energy."""
    cosine, soft = 0.4, 1e-6
    sine = np.sqrt(1.0 - cosine**2)
    p4 = three_gamma._momenta(*(np.array([v]) for v in (SQRT_S, soft, 0.3, cosine, 0.2, 1.0)))
    two = 2.0 * E2**2 * ((1.0 - cosine) / (1.0 + cosine) + (1.0 + cosine) / (1.0 - cosine))
    eikonal = 4.0 * E2 / (soft**2 * (1.0 - 0.3**2))
    assert three_gamma._squared(p4, np.array([SQRT_S]))[0] == pytest.approx(two * eikonal, rel=1e-5)
    assert np.hypot(p4[0, 1, 0], p4[0, 1, 1]) == pytest.approx(0.5 * SQRT_S * sine, rel=1e-5)


# Sherpa 3.0.3b2 (first row), MadGraph5_aMC@NLO (row with an angle between photons), and an independent
# integration of the same formula; each with its error in pb.
@pytest.mark.parametrize(
    ("cuts", "expected", "error"),
    [
        (WIDE, 254.4, 0.5),
        ({**WIDE, "pair_angle": (10.0, None)}, 245.7, 0.5),
        ({"photon_energy": (0.5, None), "photon_theta": (10.0, 170.0)}, 185.6, 0.4),
        ({"photon_energy": (1.0, None), "photon_theta": (10.0, 170.0)}, 117.44, 0.11),
        ({"photon_energy": (0.25, None), "photon_theta": (22.0, 158.0)}, 101.74, 0.09),
    ],
)
def test_cross_sections(cuts: Cuts, expected: float, error: float) -> None:
    ours = cross_section(find("three_gamma"), SQRT_S, {}, cuts, rng=generator("three_gamma", expected))
    assert ours.relative_error < 2e-3
    assert ours.value_pb == pytest.approx(expected, abs=4.0 * np.hypot(ours.error_pb, error))


def test_density_integrates_to_the_massless_phase_space() -> None:
    """The mean of 1/density is the volume s/(256 π³) of three massless particles, less the corners cut off."""
    n = 400_000
    cuts: Cuts = {"photon_energy": (0.01, None), "photon_theta": (1.0, 179.0)}
    p4, weight = events(n, cuts, "volume")
    root = np.full(n, SQRT_S)
    inside = weight > 0.0
    volume = np.zeros(n)
    volume[inside] = weight[inside] / three_gamma._squared(p4[inside], root[inside])
    # Take out flux, identity and units again.
    volume *= 12.0 * SQRT_S**2 / 0.3893793721e9
    error = volume.std() / np.sqrt(n)
    lost_energy = 3.0 * 4.0 * 0.01**2 / SQRT_S**2 + 3.0 * 2.0 * 0.01 / SQRT_S * 0.01  # far below the error
    lost_angle = 3.0 * (1.0 - np.cos(np.radians(1.0)))
    expected = SQRT_S**2 / (256.0 * np.pi**3) * (1.0 - lost_angle - lost_energy)
    assert volume.mean() == pytest.approx(expected, abs=4.0 * error)


def test_every_photon_and_pair_is_within_cuts_and_momentum_conserved() -> None:
    cuts: Cuts = {"photon_energy": (0.5, 4.5), "photon_theta": (30.0, 120.0), "pair_angle": (20.0, None)}
    p4, weight = events(20_000, cuts, "cuts")
    np.testing.assert_allclose(p4.sum(axis=1), np.tile([0.0, 0.0, 0.0, SQRT_S], (20_000, 1)), atol=1e-12)
    assert abs(mass_squared(p4)).max() < 1e-10
    kept = p4[weight > 0.0]
    assert len(kept) > 1000
    assert kept[..., 3].min() >= 0.5
    assert kept[..., 3].max() <= 4.5
    theta = np.degrees(np.arccos(kept[..., 2] / kept[..., 3]))
    assert theta.min() >= 30.0
    assert theta.max() <= 120.0
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert np.degrees(opening_angle(kept[:, i], kept[:, j])).min() >= 20.0


@pytest.mark.parametrize(
    ("cuts", "message"),
    [
        ({"photon_theta": (10.0, 170.0)}, "needs the cut 'photon_energy'"),
        ({"photon_energy": (None, 4.0), "photon_theta": (10.0, 170.0)}, "lower end above 0"),
        ({"photon_energy": (0.25, None), "photon_theta": (10.0, None)}, "two ends between 0 and 180"),
    ],
)
def test_cuts_that_leave_it_divergent_are_refused(cuts: Cuts, message: str) -> None:
    with pytest.raises(UmbraError, match=message):
        find("three_gamma").check_cuts(cuts)


NEAR: Cuts = {
    "photon_energy": (0.5, None),
    "largest_photon_pt": (1.78, None),
    "nearest_beam_angle": (None, 19.5),
}


def near_beam(n: int, cuts: Cuts, *names: str) -> tuple[Array, Array]:
    return find("three_gamma_near_beam").evaluate(
        generator("near_beam", *names).random((n, 6)), np.full(n, SQRT_S), {}, cuts
    )


def beam_angles(p4: Array) -> Array:
    """Angles of photons to the nearer beam in degrees, increasing, shape (n, 3)."""
    theta = np.degrees(np.arccos(p4[..., 2] / p4[..., 3]))
    return np.sort(np.minimum(theta, 180.0 - theta), axis=1)


def sums_agree(one: Array, other: Array) -> bool:
    """Whether the means of two sets of weights agree within three and a half standard deviations."""
    error = np.hypot(one.std() / np.sqrt(len(one)), other.std() / np.sqrt(len(other)))
    return bool(abs(one.mean() - other.mean()) < 3.5 * error)


def test_near_a_beam_momentum_is_conserved_and_cuts_hold() -> None:
    cuts: Cuts = {**NEAR, "second_beam_angle": (30.0, 50.0)}
    p4, weight = near_beam(20_000, cuts, "cuts")
    kept = p4[weight > 0.0]
    assert len(kept) > 5_000
    np.testing.assert_allclose(kept.sum(axis=1), np.tile([0.0, 0.0, 0.0, SQRT_S], (len(kept), 1)), atol=1e-9)
    angles = beam_angles(kept)
    assert kept[..., 3].min() >= 0.5
    assert np.hypot(kept[..., 0], kept[..., 1]).max(axis=1).min() >= 1.78
    assert angles[:, 0].max() <= 19.5
    assert angles[:, 1].min() >= 30.0
    assert angles[:, 1].max() <= 50.0


def test_off_the_beam_it_is_the_process_of_massless_electrons() -> None:
    p4, weight = near_beam(100_000, NEAR, "off the beam")
    wide, massless = events(
        100_000, {"photon_energy": (0.5, None), "photon_theta": (10.0, 170.0)}, "off the beam"
    )
    high = np.hypot(wide[..., 0], wide[..., 1]).max(axis=1) > 1.78
    assert sums_agree(
        weight * (beam_angles(p4)[:, 0] > 10.0), massless * high * (beam_angles(wide)[:, 0] < 19.5)
    )


def test_ranges_of_the_second_angle_add_up() -> None:
    _, whole = near_beam(100_000, NEAR, "whole")
    parts = [
        near_beam(100_000, {**NEAR, "second_beam_angle": ends}, f"part {ends}")[1]
        for ends in ((None, 36.5), (36.5, 43.5), (43.5, None))
    ]
    assert sums_agree(whole, np.sum(parts, axis=0))


def test_within_a_cone_it_is_the_radiator_of_massive_electrons() -> None:
    """Integrated over angles below θ0, with z = (E θ0 / m)²: the electron's mass takes away 9 % here.

    dσ/dx = (α/2π) [(1+(1-x)²)/x ln(1+z) - 2 (1-x)/x z/(1+z)] σ(γγ at (1-x)s) for either beam.
    """
    low, high, cone = 0.2, 0.4, np.radians(1.0)
    p4, weight = near_beam(200_000, NEAR, "cone")
    theta = np.arccos(np.abs(p4[..., 2]) / p4[..., 3])
    nearest = np.argmin(theta, axis=1)
    x = p4[np.arange(len(p4)), nearest, 3] / (0.5 * SQRT_S)
    ours = weight * ((theta.min(axis=1) < cone) & (x > low) & (x < high))
    node, share = np.polynomial.legendre.leggauss(20)
    node, share = 0.5 * (high - low) * node + 0.5 * (high + low), 0.5 * (high - low) * share
    z = (0.5 * SQRT_S * cone / ELECTRON_MASS_GEV) ** 2
    radiated = (1.0 + (1.0 - node) ** 2) / node * np.log(1.0 + z) - 2.0 * (1.0 - node) / node * z / (1.0 + z)
    s = SQRT_S**2 * (1.0 - node)
    c = np.sqrt(1.0 - (2.0 * 1.78) ** 2 / s)
    two = 2.0 * np.pi * ALPHA**2 / s * (np.log((1.0 + c) / (1.0 - c)) - c) * GEV2_PB
    expected = float((share * ALPHA / np.pi * radiated * two).sum())
    assert ours.mean() == pytest.approx(expected, rel=0.02)
    assert ours.std() / np.sqrt(len(ours)) < 0.01 * expected


def test_two_photons_in_the_holes_leave_the_third_below_an_edge() -> None:
    """E ≤ √s sin(hole) / (sin θ + sin(hole)): both lost photons at the rim, opposite to the third one."""
    hole = np.sin(np.radians(18.0))
    cuts: Cuts = {
        "photon_energy": (1.5, None),
        "largest_photon_pt": (1.7, None),
        "nearest_beam_angle": (None, 18.0),
        "second_beam_angle": (None, 18.0),
    }
    p4, weight = near_beam(200_000, cuts, "edge")
    kept = p4[weight > 0.0]
    theta = np.arccos(np.abs(kept[..., 2]) / kept[..., 3])
    seen = np.argmax(theta, axis=1)
    rows = np.arange(len(kept))
    edge = SQRT_S * hole / (np.sin(theta[rows, seen]) + hole)
    ratio = kept[rows, seen, 3] / edge
    assert 0.98 < ratio.max() < 1.0 + 1e-9
