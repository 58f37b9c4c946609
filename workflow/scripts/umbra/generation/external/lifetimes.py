"""Lifetimes of new particles that come with a file rather than with a model."""

from dataclasses import replace

import numpy as np

from umbra.core import particles
from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, Events
from umbra.core.kinematics import Array, mass_squared
from umbra.generation.external.ancestry import mothers


def fly(decayed: Events, proper_mm: Array) -> Events:
    """Move the decays of new particles, which a decay chain put at their origins, along their flights.

    Parameters
    ----------
    decayed
        Events after the chain, with momenta and production points in the same frame.
    proper_mm
        Proper decay length of the new particle of each event, shape (n,).

    Raises
    ------
    UmbraError
        If no new particle decayed, or it already decays away from its origin.
    """
    mother = mothers(decayed)
    rows = np.arange(len(decayed))
    shift = np.zeros_like(decayed.vertex_mm)
    new = np.isin(decayed.pdg_id, list(particles.NAMES)) & (decayed.status == DECAYED)
    if not new.any(axis=1).all():
        raise UmbraError("a new particle has a lifetime but does not decay: give the sample a decay chain")
    for slot in range(mother.shape[1]):
        has = mother[:, slot] >= 0
        event, parent = rows[has], mother[has, slot]
        flies = new[event, parent]
        if np.any(decayed.vertex_mm[event, slot][flies] != decayed.vertex_mm[event, parent][flies]):
            raise UmbraError("a new particle has a lifetime in the sample and another in its decay chain")
        p4 = decayed.p4[event, parent]
        mass = np.sqrt(np.maximum(mass_squared(p4), 0.0))
        per_gev = np.divide(proper_mm[event], mass, out=np.zeros(len(p4)), where=flies)
        shift[event, slot] = shift[event, parent] + p4[:, :3] * per_gev[:, None]
    return replace(decayed, vertex_mm=decayed.vertex_mm + shift)
