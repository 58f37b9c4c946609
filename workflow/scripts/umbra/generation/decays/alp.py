"""Decays of axion-like particles."""

import numpy as np

from umbra.core.constants import PHOTON
from umbra.core.events import Events
from umbra.core.kinematics import two_body_decay
from umbra.core.machines import Machine
from umbra.core.particles import ALP
from umbra.generation.decays import chain


def to_photons(events: Events, _machine: Machine, rng: np.random.Generator) -> Events:
    """Decay the axion-like particle of each event into two photons, at its production point.

    A particle without spin decays isotropically.

    Parameters
    ----------
    events
        Each with one undecayed axion-like particle, in any frame.
    rng
        Random numbers of the decays.
    """
    slot = chain.slot_of(events, ALP)
    cos_theta, phi = rng.uniform(-1.0, 1.0, len(events)), rng.uniform(-np.pi, np.pi, len(events))
    photons = np.stack(two_body_decay(chain.momenta(events, slot), 0.0, 0.0, cos_theta, phi), axis=1)
    pdg_id = np.full((len(events), 2), PHOTON, np.int32)
    return chain.replace_by(events, [chain.Products(slot, pdg_id, photons, np.zeros((len(events), 3)))])
