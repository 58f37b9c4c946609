"""e+e- pairs from pi0, and decays of taus with a scalar."""

import numpy as np
import pytest
from scipy.integrate import quad

from umbra.core.constants import ELECTRON_MASS_GEV, PHOTON, TAU, TAU_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL, Events
from umbra.core.kinematics import Array, dot, from_spherical, mass_squared, momentum
from umbra.core.machines import Machine
from umbra.core.particles import SCALAR
from umbra.core.pdg import mass_gev
from umbra.generation.decays import two_body
from umbra.generation.decays.pion_dalitz import convert_one, spectrum
from umbra.generation.decays.registry import find

PION = mass_gev(111)
PEP2 = Machine("pep2", 9.028, 3.1)


def pions(n: int, number: int, seed: int = 1) -> Events:
    """Events with a muon, then the photons of some moving pi0."""
    rng = np.random.default_rng(seed)
    slots = [np.tile([0.3, 0.1, 1.0, 1.1], (n, 1))]
    for _ in range(number):
        unit = rng.uniform(-1.0, 1.0, n), rng.uniform(-np.pi, np.pi, n)
        slots += two_body.momenta(from_spherical(rng.uniform(0.2, 2.0, n), *unit, PION), (0.0, 0.0), rng)
    return Events.from_momenta((13, *[PHOTON] * (2 * number)), np.stack(slots, axis=1))


def pair_of(events: Events) -> Array:
    here = [np.argmax((events.pdg_id == pdg_id) & (events.status == FINAL), axis=1) for pdg_id in (11, -11)]
    rows = np.arange(len(events))
    return np.stack([events.p4[rows, slot] for slot in here], axis=1)


def test_rate_of_all_pairs_is_that_of_the_decay() -> None:
    """Kroll and Wada: Gamma(gamma e e)/Gamma(gamma gamma) = 1.185 % (N. M. Kroll, W. Wada, Phys. Rev. 98, 1355)."""
    total, _ = quad(
        lambda x: float(spectrum(np.exp(x))), np.log(2 * ELECTRON_MASS_GEV), np.log(PION), limit=200
    )
    assert total == pytest.approx(0.01185, rel=2e-3)
    events = convert_one(pions(1000, 1), 2.0 * ELECTRON_MASS_GEV, np.random.default_rng(2))
    assert events.weight == pytest.approx(np.full(1000, total), rel=1e-3)


def test_momenta_add_up_and_masses_follow_the_spectrum() -> None:
    before = pions(20_000, 1)
    after = convert_one(before, 0.02, np.random.default_rng(3))
    assert (after.pdg_id[after.status == FINAL] == PHOTON).sum() == 20_000
    assert ((after.status == DECAYED).sum(axis=1) == 1).all()
    final = np.where((after.status == FINAL)[..., None], after.p4, 0.0).sum(axis=1)
    assert final == pytest.approx(before.p4.sum(axis=1), abs=1e-9)
    mass = np.sqrt(mass_squared(pair_of(after).sum(axis=1)))
    assert mass.min() >= 0.02 - 1e-9
    expected, _ = quad(lambda x: float(spectrum(np.exp(x))), np.log(0.05), np.log(PION))
    total, _ = quad(lambda x: float(spectrum(np.exp(x))), np.log(0.02), np.log(PION))
    fraction = expected / total
    assert np.mean(mass > 0.05) == pytest.approx(
        fraction, abs=4.0 * np.sqrt(fraction * (1 - fraction) / 20_000)
    )


def test_electrons_remember_that_the_photon_is_transverse() -> None:
    """The mean of cos^2 over 1 + cos^2 (massless electrons) is 2/5; the pi0 are at rest."""
    at_rest = Events.from_momenta((13, 22, 22), np.zeros((20_000, 3, 4)))
    at_rest.p4[:, 0] = [0.3, 0.1, 1.0, 1.1]
    photons = two_body.momenta(
        np.tile([0.0, 0.0, 0.0, PION], (20_000, 1)), (0.0, 0.0), np.random.default_rng(5)
    )
    at_rest.p4[:, 1], at_rest.p4[:, 2] = photons
    pair = pair_of(convert_one(at_rest, 0.05, np.random.default_rng(6)))
    total = pair.sum(axis=1)
    cosine = (pair[:, 0, 3] - pair[:, 1, 3]) / momentum(total)
    # The energies in the frame of the pi0 differ by the cosine times the momentum of the pair.
    assert np.mean(cosine**2) == pytest.approx(0.4, abs=0.01)


def test_events_without_a_pion_are_left_out_and_several_pions_add_up() -> None:
    none = Events.from_momenta(
        (13, 22, 22), np.array([[[0.0, 0.0, 1.0, 1.01], [0, 1, 0, 1], [1, 0, 0, 1.0]]])
    )
    assert len(convert_one(none, 0.02, np.random.default_rng(1))) == 0
    one, two = (convert_one(pions(500, k), 0.02, np.random.default_rng(1)) for k in (1, 2))
    assert two.weight == pytest.approx(2.0 * one.weight[0] * np.ones(500))
    # Either of the two pions is taken about as often.
    first = (two.status[:, 1:3] == DECAYED).any(axis=1)
    assert 180 < first.sum() < 320


@pytest.mark.parametrize("lowest", [0.0005, 0.14])
def test_impossible_pairs_are_refused(lowest: float) -> None:
    with pytest.raises(UmbraError, match="no pair has a mass"):
        convert_one(pions(3, 1), lowest, np.random.default_rng(1))


@pytest.mark.parametrize(("name", "lepton"), [("tautau_scalar_to_ee", 11), ("tautau_scalar_to_mumu", 13)])
def test_scalar_and_taus_decay(name: str, lepton: int) -> None:
    n, mass = 200, 0.5
    rng = np.random.default_rng(8)
    energy = 0.5 * (PEP2.sqrt_s_gev - mass)
    k = np.sqrt(energy**2 - TAU_MASS_GEV**2)
    unit = rng.uniform(-1.0, 1.0, n), rng.uniform(-np.pi, np.pi, n)
    minus = from_spherical(np.full(n, k), *unit, TAU_MASS_GEV)
    plus = minus * np.array([-1.0, -1.0, -1.0, 1.0])
    scalar = np.tile([0.0, 0.0, 0.0, mass], (n, 1))
    made = Events.from_momenta((TAU, -TAU, SCALAR), PEP2.to_lab(np.stack([minus, plus, scalar], axis=1)))
    out = find(name)(made, PEP2, rng)
    slots = [np.argmax(out.pdg_id == sign * lepton, axis=1) for sign in (1, -1)]
    rows = np.arange(n)
    pair = out.p4[rows, slots[0]] + out.p4[rows, slots[1]]
    assert pair == pytest.approx(made.p4[:, 2], abs=1e-9)
    final = np.where((out.status == FINAL)[..., None], out.p4, 0.0).sum(axis=1)
    assert final == pytest.approx(made.p4.sum(axis=1), abs=1e-6)
    assert dot(pair, pair) == pytest.approx(mass**2)
