"""Pairs of charged pions with a photon."""

import numpy as np
import pytest

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, PION_MASS_GEV
from umbra.core.kinematics import Array, dot
from umbra.generation.processes import pion_pair
from umbra.generation.processes.registry import find
from umbra.theory.pion import form_factor

SQRT_S = 1.0195


def points(energy_gev: float, n: int = 400) -> Array:
    """Events with a photon of about one energy at wide angles, from the process's own phase space."""
    process = find("pipigamma")
    cuts = {"photon_energy": (energy_gev, 1.05 * energy_gev), "photon_theta": (30.0, 150.0)}
    x = np.random.default_rng(5).random((40 * n, process.dimensions))
    p4, weight = process.evaluate(x, np.full(len(x), SQRT_S), {}, cuts)
    return p4[weight > 0.0][:n]


def without_photon(p4: Array) -> Array:
    """Squared amplitude of e+e- -> pi+pi- in the direction of the difference of the pions."""
    current = p4[:, 0, :3] - p4[:, 1, :3]
    cosine = current[:, 2] / np.linalg.norm(current, axis=1)
    beta2 = 1.0 - 4.0 * PION_MASS_GEV**2 / SQRT_S**2
    result: Array = (
        (4.0 * np.pi * ALPHA) ** 2 * abs(form_factor(SQRT_S)) ** 2 * 0.5 * beta2 * (1.0 - cosine**2)
    )
    return result


def eikonal(first: Array, second: Array, photon: Array) -> Array:
    """Minus the square of the soft current, times the squared charge."""
    current = first / dot(first, photon)[:, None] - second / dot(second, photon)[:, None]
    result: Array = -4.0 * np.pi * ALPHA * dot(current, current)
    return result


def test_soft_photons_factorise() -> None:
    p4 = points(1e-5)
    root = np.full(len(p4), SQRT_S)
    half = 0.5 * SQRT_S
    size = np.sqrt(half**2 - ELECTRON_MASS_GEV**2)
    electron, positron = (np.tile([0.0, 0.0, sign * size, half], (len(p4), 1)) for sign in (1.0, -1.0))
    soft = without_photon(p4)
    assert len(p4) > 100
    assert pion_pair.from_beams(p4, root) == pytest.approx(
        soft * eikonal(electron, positron, p4[:, 2]), rel=2e-3
    )
    assert pion_pair.from_pions(p4, root) == pytest.approx(
        soft * eikonal(p4[:, 0], p4[:, 1], p4[:, 2]), rel=2e-3
    )


def test_radiation_from_pions_does_not_depend_on_the_gauge(monkeypatch: pytest.MonkeyPatch) -> None:
    p4 = points(0.2)
    root = np.full(len(p4), SQRT_S)
    before = pion_pair.from_pions(p4, root)
    transverse = pion_pair.transverse_polarisations

    def shifted(photon: Array) -> Array:
        result: Array = transverse(photon) + 3.0 * photon[:, None, :]
        return result

    monkeypatch.setattr(pion_pair, "transverse_polarisations", shifted)
    assert pion_pair.from_pions(p4, root) == pytest.approx(before, rel=1e-9)


def test_exchanged_pions_are_as_likely() -> None:
    p4 = points(0.2)
    root = np.full(len(p4), SQRT_S)
    for part in (pion_pair.from_beams, pion_pair.from_pions):
        assert part(p4[:, [1, 0, 2]], root) == pytest.approx(part(p4, root), rel=1e-9)
        assert (part(p4, root) > 0.0).all()
