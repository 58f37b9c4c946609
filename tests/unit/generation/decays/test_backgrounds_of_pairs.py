"""Displaced pairs that backgrounds make: conversions in a gas, and K_S of a phi."""

import numpy as np
import pytest

from umbra.core.constants import ELECTRON_MASS_GEV, PION_MASS_GEV
from umbra.core.events import FINAL, Events
from umbra.core.kinematics import from_spherical, mass_squared, opening_angle
from umbra.core.machines import Machine
from umbra.core.particles import DARK_PHOTON
from umbra.core.pdg import ctau_mm, mass_gev
from umbra.generation.decays.backgrounds_of_pairs import K_SHORT_TO_PIONS, PHI_TO_KAONS, convert_in_gas
from umbra.generation.decays.registry import find

SUPERKEKB = Machine("superkekb", 7.004, 4.002, 83.0)
GAS = {"radiation_length_mm": 1e5, "radius_mm": (200.0, 300.0)}


def photons(n: int, cosine: float, energies: tuple[float, ...] = (3.0, 5.0)) -> Events:
    p4 = [from_spherical(np.full(n, energy), cosine, np.full(n, 0.7), 0.0) for energy in energies]
    return Events.from_momenta((22,) * len(energies), np.stack(p4, axis=1), np.full(n, 2.0))


@pytest.mark.parametrize("cosine", [0.0, 0.8])
def test_conversions_are_as_many_as_the_gas_makes(cosine: float) -> None:
    """Two photons, each 7/9 of a path of 100 mm/sin(theta) in radiation lengths."""
    events = photons(200_000, cosine)
    made = convert_in_gas(events, SUPERKEKB, np.random.default_rng(5), **GAS)
    sine = np.sqrt(1.0 - cosine**2)
    expected = 2.0 * 7.0 / 9.0 * 100.0 / sine / 1e5
    assert made.weight.sum() / events.weight.sum() == pytest.approx(expected, rel=0.03)


def test_a_pair_has_the_energy_of_its_photon_and_points_back() -> None:
    events = photons(2000, 0.3)
    made = convert_in_gas(events, SUPERKEKB, np.random.default_rng(6), **GAS)
    made = made.select(made.weight > 0.0)
    pair = made.p4[:, -2:]
    gone = (made.pdg_id[:, :2] == 22) & (made.status[:, :2] != FINAL)
    assert np.all(gone.sum(axis=1) == 1)
    photon = made.p4[:, :2][gone]
    assert pair[..., 3].sum(axis=1) == pytest.approx(photon[:, 3])
    assert np.sqrt(mass_squared(pair)) == pytest.approx(np.full((len(made), 2), ELECTRON_MASS_GEV), rel=1e-2)
    vertex = made.vertex_mm[:, -1]
    assert np.all(
        (np.hypot(vertex[:, 0], vertex[:, 1]) > 200.0) & (np.hypot(vertex[:, 0], vertex[:, 1]) < 300.0)
    )
    assert opening_angle(vertex, pair.sum(axis=1)).max() < 1e-6


def test_wide_pairs_are_rare() -> None:
    """Momenta u m across the photon: 1/(1 + u^2) of the pairs have a larger u, where both electrons are hard."""
    events = photons(400_000, 0.0, (50.0,))
    made = convert_in_gas(events, SUPERKEKB, np.random.default_rng(7), **GAS)
    photon = made.p4[:, 0, :3] / 50.0
    across = np.linalg.norm(np.cross(made.p4[:, -1, :3], photon), axis=1)
    for u in (1.0, 30.0):
        above = made.weight[across > u * ELECTRON_MASS_GEV].sum() / made.weight.sum()
        assert above == pytest.approx(1.0 / (1.0 + u**2), rel=0.1)


def test_a_phi_makes_pions_that_fly_as_a_k_short() -> None:
    n = 5000
    phi = from_spherical(np.full(n, 5.2), np.linspace(-0.9, 0.9, n), np.zeros(n), 1.019461)
    events = Events.from_momenta((DARK_PHOTON,), phi[:, None])
    made = find("phi_to_kshort_klong")(events, SUPERKEKB, np.random.default_rng(8))
    assert np.all(made.weight == PHI_TO_KAONS * K_SHORT_TO_PIONS)
    final = np.where(made.status == FINAL, made.pdg_id, 0)
    assert sorted(set(final.ravel())) == [-211, 0, 130, 211]
    pions = made.p4[:, -2:]
    kaon = pions.sum(axis=1)
    assert np.sqrt(mass_squared(pions)) == pytest.approx(np.full((n, 2), PION_MASS_GEV), rel=1e-3)
    assert np.sqrt(mass_squared(kaon)) == pytest.approx(np.full(n, mass_gev(310)), rel=1e-6)
    vertex = made.vertex_mm[:, -1]
    proper = np.linalg.norm(vertex, axis=1) * mass_gev(310) / np.linalg.norm(kaon[:, :3], axis=1)
    assert proper.mean() == pytest.approx(ctau_mm(310), rel=0.06)
    assert opening_angle(vertex, kaon).max() < 1e-6
