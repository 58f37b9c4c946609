"""Decays to tau pairs of a particle that a muon pair has radiated, and decays of taus to few prongs.

The taus of a Z' follow its polarisation exactly (`umbra.generation.decays.dimuon`); a scalar and a pseudoscalar decay
isotropically. The spins of the taus are correlated as the source makes them (`umbra.generation.decays.tau_spin`).
"""

import numpy as np

from umbra.core.constants import TAU, TAU_MASS_GEV
from umbra.core.events import Events
from umbra.core.machines import Machine
from umbra.generation.decays import muon_photons, tau_spin
from umbra.generation.decays.dimuon import decay_zprime, prompt_muons
from umbra.generation.decays.tau import OTHER, decay_taus, decay_taus_apart
from umbra.generation.decays.two_body import decay_new_particle

#: Decays to one charged particle, with neutral pions or without (`theory/data/tau.yaml`); rarer ones are left out.
ONE_PRONG = ("enunu", "mununu", "pinu", "knu", "rhonu", "pipi0pi0nu")
#: Decays to three charged particles; `other` holds those with neutral pions, but also some with one.
THREE_PRONG = ("pipipinu", OTHER)

_TAUS = ((TAU, TAU_MASS_GEV), (-TAU, TAU_MASS_GEV))


def zprime_to_taus(
    events: Events, machine: Machine, rng: np.random.Generator, *, photons: bool = False
) -> Events:
    """Decay the Z' of each event to taus, and these to one prong each; the weights carry the probability of that.

    With `photons` the muons that were made with it radiate in the final state (`umbra.generation.decays.muon_photons`).
    """
    muons = prompt_muons(events)
    decayed = decay_zprime(events, machine, _TAUS[0], rng)
    made = muon_photons.radiate(decayed, [muons], rng) if photons else decayed
    return decay_taus(made, machine, rng, ONE_PRONG, "vector")


def spinless_to_taus(
    events: Events,
    machine: Machine,
    rng: np.random.Generator,
    *,
    new: int,
    source: tau_spin.Source,
    photons: bool = False,
) -> Events:
    """Decay a scalar or an ALP (identifier `new`) of each event to taus, as `zprime_to_taus` does a Z'."""
    muons = prompt_muons(events)
    decayed = decay_new_particle(events, new, _TAUS, rng)
    made = muon_photons.radiate(decayed, [muons], rng) if photons else decayed
    return decay_taus(made, machine, rng, ONE_PRONG, source)


def one_prongs(events: Events, machine: Machine, rng: np.random.Generator) -> Events:
    """Decay taus of virtual photons of any direction to one prong each; the weights carry the probability."""
    return decay_taus(events, machine, rng, ONE_PRONG, "vector")


def one_and_three_prongs(events: Events, machine: Machine, rng: np.random.Generator) -> Events:
    """Decay one tau of each event, of either charge, to one prong and the other to three or more."""
    return decay_taus_apart(events, machine, rng, (ONE_PRONG, THREE_PRONG))
