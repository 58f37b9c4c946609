"""Decays of new particles to tau pairs, and of taus to few prongs."""

import numpy as np
import pytest

from umbra.core.constants import MUON_MASS_GEV, TAU_MASS_GEV
from umbra.core.events import FINAL, Events
from umbra.core.kinematics import boost_to_rest, mass_squared
from umbra.core.machines import Machine
from umbra.core.particles import ALP, SCALAR, Z_PRIME
from umbra.core.seeds import generator
from umbra.generation.decays import dimuon, ditau, tau
from umbra.generation.decays.registry import find as find_decay
from umbra.generation.processes.registry import find
from umbra.generation.sampling import Sampler

SUPERKEKB = Machine("superkekb", 7.004, 4.002, 83.0)
CHARGED = (11, 13, 211, 321)


def produced(process: str, mass_gev: float | None, n: int) -> Events:
    parameters = {} if mass_gev is None else {"mass_gev": mass_gev}
    sampler = Sampler(find(process), SUPERKEKB, parameters, {}, rng=generator("ditau", process))
    events = sampler.generate(n, generator("ditau", process, "events")).events
    return events.with_p4(SUPERKEKB.to_lab(events.p4))


def prongs(events: Events) -> np.ndarray:
    """Charged particles among the final ones of each event."""
    return (np.isin(np.abs(events.pdg_id), CHARGED) & (events.status == FINAL)).sum(axis=1)


@pytest.mark.parametrize(
    ("process", "decay", "parent"),
    [
        ("mumu_zprime", "zprime_to_taus", Z_PRIME),
        ("mumu_scalar", "scalar_to_taus", SCALAR),
        ("mumu_alp", "alp_to_taus", ALP),
    ],
)
def test_the_recoil_of_the_muons_is_the_particle_and_each_tau_has_one_prong(process, decay, parent) -> None:
    before = produced(process, 6.0, 400)
    after = find_decay(decay)(before, SUPERKEKB, generator("ditau", "decay"))
    taus = np.abs(after.pdg_id) == 15
    assert (taus.sum(axis=1) == 2).all()
    pair = np.where(taus[..., None], after.p4, 0.0).sum(axis=1)
    assert np.sqrt(mass_squared(pair)) == pytest.approx(np.full(400, 6.0))
    assert np.sqrt(mass_squared(SUPERKEKB.total - after.p4[:, 0] - after.p4[:, 1])) == pytest.approx(
        np.full(400, 6.0), rel=1e-6
    )
    assert (prongs(after) == 4).all()
    share = sum(tau.branching_fractions()[name] for name in ditau.ONE_PRONG)
    assert after.weight == pytest.approx(before.weight * share**2)


def test_at_high_mass_taus_fly_as_muons_do() -> None:
    """Masses far below that of the Z' do not matter: the same events and numbers give the same directions."""
    before = produced("mumu_zprime", 9.9, 3_000)
    cosines = []
    for lepton in ((13, MUON_MASS_GEV), (15, TAU_MASS_GEV)):
        after = dimuon.decay_zprime(before, SUPERKEKB, lepton, generator("ditau", "direction"))
        parent, daughter = (SUPERKEKB.to_cm(after.p4[:, slot]) for slot in (2, -2))
        at_rest = boost_to_rest(daughter, parent)
        cosines.append(at_rest[:, 2] / np.linalg.norm(at_rest[:, :3], axis=1))
    # The rate is (1 + 4 m^2/M^2 ...) away from that of massless leptons: 13 % in its angular part.
    assert np.mean(cosines[1] ** 2) == pytest.approx(np.mean(cosines[0] ** 2), abs=0.03)


def test_one_tau_has_one_prong_and_the_other_three() -> None:
    before = produced("tautau", None, 4_000)
    after = ditau.one_and_three_prongs(before, SUPERKEKB, generator("ditau", "prongs"))
    fractions = tau.branching_fractions()
    one, three = (sum(fractions[name] for name in names) for names in (ditau.ONE_PRONG, ditau.THREE_PRONG))
    assert after.weight == pytest.approx(before.weight * 2.0 * one * three)
    total = np.where((after.status == FINAL)[..., None], after.p4, 0.0).sum(axis=1)
    assert total == pytest.approx(np.tile(SUPERKEKB.total, (4_000, 1)), abs=1e-6)
    # All decays to three pions have four prongs in the event; `other` has mostly two or four.
    share = fractions["pipipinu"] / three
    assert (prongs(after) == 4).mean() > share
    # Either tau may be the one with three.
    negative = (after.pdg_id == -211).sum(axis=1) - (after.pdg_id == 211).sum(axis=1)
    assert abs(np.mean(negative)) < 0.1
