"""Photons of muon pairs: momentum is kept, and as many are soft as the closed form says."""

import numpy as np
import pytest

from umbra.core.constants import ALPHA, MUON_MASS_GEV, PHOTON
from umbra.core.events import FINAL, Events
from umbra.core.kinematics import Array, boost_from_rest, mass_squared
from umbra.core.seeds import generator
from umbra.generation.decays import muon_photons

N, MASS_GEV = 40_000, 3.0


def pairs(n: int = N) -> Array:
    """Pairs of one mass along one axis, in flight."""
    momentum = np.sqrt(0.25 * MASS_GEV**2 - MUON_MASS_GEV**2)
    at_rest = np.array(
        [[0.0, 0.6 * momentum, 0.8 * momentum, 1.5], [0.0, -0.6 * momentum, -0.8 * momentum, 1.5]]
    )
    total = np.array([0.3, -1.0, 2.0, np.sqrt(0.09 + 1.0 + 4.0 + MASS_GEV**2)])
    return np.broadcast_to(boost_from_rest(at_rest, np.stack([total, total])), (n, 2, 4)).copy()


def test_the_exponent_is_the_logarithm_at_high_mass_and_vanishes_at_threshold() -> None:
    high = 2.0 * ALPHA / np.pi * (np.log((100.0 / MUON_MASS_GEV) ** 2) - 1.0)
    assert muon_photons.exponent(np.array([100.0])) == pytest.approx(high, rel=1e-5)
    near = 2.0 * MUON_MASS_GEV * np.sqrt(1.0 / (1.0 - 0.01**2))
    assert muon_photons.exponent(np.array([near])) == pytest.approx(
        2 * ALPHA / np.pi * 4 / 3 * 1e-4, rel=1e-3
    )
    assert muon_photons.exponent(np.array([2.0 * MUON_MASS_GEV, 0.1])).tolist() == [0.0, 0.0]


def test_momentum_is_kept_and_all_are_on_their_shells() -> None:
    before = pairs()
    muons, photon = muon_photons.radiated(before, generator("muon photons"))
    assert muons.sum(axis=1) + photon == pytest.approx(before.sum(axis=1), abs=1e-11)
    assert mass_squared(muons) == pytest.approx(MUON_MASS_GEV**2, abs=1e-11)
    assert mass_squared(photon) == pytest.approx(0.0, abs=1e-11)


@pytest.mark.parametrize("cut", [1e-4, 0.01, 0.2])
def test_soft_photons_are_as_many_as_the_integral_says(cut: float) -> None:
    muons, _ = muon_photons.radiated(pairs(), generator("muon photons", cut))
    fraction = 1.0 - mass_squared(muons.sum(axis=1)) / MASS_GEV**2
    beta = float(muon_photons.exponent(np.array([MASS_GEV]))[0])

    def below(z: float) -> float:
        return z**beta * (1.0 - beta * z / (1.0 + beta) + 0.5 * beta * z**2 / (2.0 + beta))

    expected = below(cut) / below(1.0 - 4.0 * MUON_MASS_GEV**2 / MASS_GEV**2)
    found = float((fraction < cut).mean())
    assert found == pytest.approx(expected, abs=4.0 * np.sqrt(expected * (1.0 - expected) / N))


def test_each_pair_of_an_event_gets_a_photon_of_its_own() -> None:
    p4 = np.concatenate([pairs(500), 1.1 * pairs(500)], axis=1)
    p4[..., 3] = np.sqrt((p4[..., :3] ** 2).sum(axis=-1) + MUON_MASS_GEV**2)
    events = Events.from_momenta((13, -13, 13, -13), p4)
    first, second = ((np.full(500, i), np.full(500, i + 1)) for i in (0, 2))
    made = muon_photons.radiate(events, [first, second], generator("two pairs"))
    assert made.pdg_id[:, 4:].tolist() == [[PHOTON, PHOTON]] * 500
    assert np.all(made.status == FINAL)
    for i, photon in ((0, 4), (2, 5)):
        after = made.p4[:, i] + made.p4[:, i + 1] + made.p4[:, photon]
        assert after == pytest.approx(p4[:, i : i + 2].sum(axis=1), abs=1e-11)


def test_a_photon_has_an_energy_whose_square_is_a_number_or_none() -> None:
    _, photon = muon_photons.radiated(pairs(), generator("soft muon photons"))
    energy = photon[:, 3]
    assert 0.3 < (energy == 0.0).mean() < 0.6
    assert energy[energy > 0.0].min() > 1e-13
