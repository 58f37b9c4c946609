"""Decays of what a φ leaves: charged kaons to muons near the beams, and the π0 to two photons."""

import numpy as np

from umbra.core.constants import MUON, PHOTON
from umbra.core.events import Events
from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.core.pdg import ctau_mm, mass_gev
from umbra.generation.decays import chain, two_body

_KAON, _PI0, _NEUTRINO = 321, 111, 14
#: B(K+ -> mu+ nu) and B(pi0 -> gamma gamma), Particle Data Group 2024.
TO_MUON, TO_PHOTONS = 0.6356, 0.98823


def kaons_to_muons(
    events: Events, _machine: Machine, rng: np.random.Generator, *, radius_mm: float
) -> Events:
    """Let both kaons of each event decay to muon and neutrino within a distance from the beams.

    Parameters
    ----------
    events
        Each with one K+ and one K-, in the laboratory.
    rng
        Random generator.
    radius_mm
        Across the beams; weights are multiplied by the probability that both decay so, and within it.
    """
    products, weight = [], events.weight
    for sign in (1, -1):
        slot = chain.slot_of(events, sign * _KAON)
        kaon = chain.momenta(events, slot)
        # Proper length at which the kaon leaves the cylinder, in mean lives.
        longest = radius_mm * mass_gev(_KAON) / np.hypot(kaon[:, 0], kaon[:, 1]) / ctau_mm(_KAON)
        inside = -np.expm1(-longest)
        lived = -np.log1p(-rng.random(len(events)) * inside)
        way = chain.displacement(kaon, lived * ctau_mm(_KAON))
        pair = two_body.momenta(kaon, (mass_gev(MUON), 0.0), rng)
        # The muon of a K+ is an antiparticle.
        ids = np.tile(np.array([-sign * MUON, sign * _NEUTRINO], np.int32), (len(events), 1))
        products.append(chain.Products(slot, ids, np.stack(pair, axis=1), way))
        weight = weight * TO_MUON * inside
    return chain.replace_by(events, products).with_weight(weight)


def pi0_to_photons(events: Events, _machine: Machine, rng: np.random.Generator) -> Events:
    """Let the π0 of each event decay to two photons where it is; the weights carry the fraction of that."""
    slot = chain.slot_of(events, _PI0)
    photons: tuple[Array, Array] = two_body.momenta(chain.momenta(events, slot), (0.0, 0.0), rng)
    ids = np.full((len(events), 2), PHOTON, np.int32)
    made = chain.Products(slot, ids, np.stack(photons, axis=1), np.zeros((len(events), 3)))
    return chain.replace_by(events, [made]).with_weight(events.weight * TO_PHOTONS)
