"""Three photons: matrix element against spinors and the soft limit, cross-sections against Sherpa."""

from itertools import permutations, product

import numpy as np
import pytest

from umbra.core.constants import ALPHA
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
