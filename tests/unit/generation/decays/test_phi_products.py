"""What a phi leaves: kaons that decay to muons near the beams, and the pi0."""

import numpy as np
import pytest

from umbra.core.constants import MUON_MASS_GEV
from umbra.core.events import FINAL, Events
from umbra.core.kinematics import Array, from_spherical, mass_squared, momentum
from umbra.core.machines import Machine
from umbra.core.pdg import ctau_mm, mass_gev
from umbra.generation.decays.phi_products import TO_MUON, TO_PHOTONS, kaons_to_muons, pi0_to_photons

DAPHNE = Machine("daphne", 0.50979, 0.50979, 25.0)
MOMENTUM_GEV = 0.127


def kaons(n: int, sine: float = 1.0) -> Events:
    cosine = np.full(n, np.sqrt(1.0 - sine**2))
    plus = from_spherical(np.full(n, MOMENTUM_GEV), cosine, np.full(n, 0.3), mass_gev(321))
    minus = plus * np.array([-1.0, -1.0, -1.0, 1.0])
    return Events.from_momenta((321, -321), np.stack([plus, minus], axis=1))


def decayed(n: int, radius_mm: float, sine: float = 1.0) -> tuple[Events, Array]:
    made = kaons_to_muons(kaons(n, sine), DAPHNE, np.random.default_rng(3), radius_mm=radius_mm)
    muons = (np.abs(made.pdg_id) == 13) & (made.status == FINAL)
    assert (muons.sum(axis=1) == 2).all()
    return made, muons


@pytest.mark.parametrize("sine", [1.0, 0.5])
def test_weights_are_the_fraction_and_the_chance_to_decay_within(sine: float) -> None:
    made, muons = decayed(4000, 40.0, sine)
    length = MOMENTUM_GEV / mass_gev(321) * ctau_mm(321)
    inside = 1.0 - np.exp(-40.0 / (length * sine))
    assert made.weight == pytest.approx(np.full(4000, (TO_MUON * inside) ** 2))
    radius = np.hypot(made.vertex_mm[..., 0], made.vertex_mm[..., 1])[muons]
    assert radius.max() < 40.0
    # Nearly evenly where the cylinder is much shorter than the flight.
    assert radius.mean() == pytest.approx(20.0, abs=0.7)


def test_few_kaons_live_longer_than_all_lives_of_a_large_cylinder() -> None:
    made, muons = decayed(20_000, 1e6)
    length = MOMENTUM_GEV / mass_gev(321) * ctau_mm(321)
    radius = np.hypot(made.vertex_mm[..., 0], made.vertex_mm[..., 1])[muons]
    assert radius.mean() == pytest.approx(length, rel=0.02)


def test_the_muon_has_the_charge_of_its_kaon_and_236_mev_in_its_frame() -> None:
    made, _ = decayed(500, 40.0)
    for kaon, muon, neutrino in ((321, -13, 14), (-321, 13, -14)):
        slots = [int(np.argmax(made.pdg_id[0] == each)) for each in (kaon, muon, neutrino)]
        parent, *products = (made.p4[:, slot] for slot in slots)
        assert products[0] + products[1] == pytest.approx(parent, abs=1e-12)
        assert mass_squared(products[0]) == pytest.approx(np.full(500, MUON_MASS_GEV**2), abs=1e-9)
        energy = (
            products[0][:, 3] * parent[:, 3] - (products[0][:, :3] * parent[:, :3]).sum(axis=1)
        ) / mass_gev(321)
        assert np.sqrt(energy**2 - MUON_MASS_GEV**2) == pytest.approx(np.full(500, 0.2355), abs=2e-4)


def test_a_pi0_becomes_two_photons() -> None:
    pion = from_spherical(np.full(200, 0.2), np.zeros(200), np.zeros(200), mass_gev(111))
    made = pi0_to_photons(Events.from_momenta((111,), pion[:, None]), DAPHNE, np.random.default_rng(1))
    photons = made.p4[:, 1:]
    assert (made.pdg_id[:, 1:] == 22).all()
    assert photons.sum(axis=1) == pytest.approx(pion, abs=1e-12)
    assert photons[..., 3] == pytest.approx(momentum(photons), abs=1e-12)
    assert made.weight == pytest.approx(np.full(200, TO_PHOTONS))
