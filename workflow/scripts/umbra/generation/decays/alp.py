"""Decays of axion-like particles."""

import numpy as np

from umbra.core.constants import PHOTON
from umbra.core.events import Events
from umbra.core.kinematics import mass_squared, momentum, two_body_decay
from umbra.core.machines import Machine
from umbra.core.particles import ALP
from umbra.generation.decays import chain
from umbra.generation.decays.displaced import ESCAPE_COLUMN


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


def escape(events: Events, _machine: Machine, _rng: np.random.Generator, *, beyond_mm: float) -> Events:
    """Let the axion-like particle of each event leave the detector whole.

    Parameters
    ----------
    events
        Each with one undecayed axion-like particle, in the laboratory.
    beyond_mm
        Flight after which a decay goes unnoticed.

    Returns
    -------
    Events
        With the proper length of that flight, `beyond_mm` m/p, in the column
        `umbra.generation.decays.displaced.ESCAPE_COLUMN`, for `escape_weights`.
    """
    p4 = chain.momenta(events, chain.slot_of(events, ALP))
    mass = np.sqrt(np.maximum(mass_squared(p4), 0.0))
    return events.with_extra(**{ESCAPE_COLUMN: beyond_mm * mass / momentum(p4)})
