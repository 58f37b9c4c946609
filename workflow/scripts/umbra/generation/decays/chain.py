"""Bookkeeping of decay chains: finding the parents in events, appending their products, flying them apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL, Events
from umbra.core.kinematics import Array, mass_squared

Slots = NDArray[np.intp]
Ids = NDArray[np.int32]


def slot_of(events: Events, pdg_id: int) -> Slots:
    """Slot of the one undecayed particle with this identifier in each event, shape (n,).

    Raises
    ------
    UmbraError
        If an event has none or several.
    """
    here = (events.pdg_id == pdg_id) & (events.status == FINAL)
    count = here.sum(axis=1)
    if np.any(count != 1):
        event = int(np.flatnonzero(count != 1)[0])
        found = f"{count[event]} undecayed particles of PDG identifier {pdg_id}, not 1"
        raise UmbraError(f"decay: event {event} of the batch has {found}")
    slot: Slots = np.argmax(here, axis=1)
    return slot


def momenta(events: Events, slot: Slots) -> Array:
    """Momenta in the given slots, shape (n, 4)."""
    chosen: Array = events.p4[np.arange(len(events)), slot]
    return chosen


def flight(p4: Array, ctau_mm: float, rng: np.random.Generator) -> Array:
    """Displacements in mm of decaying particles, exponential in the proper time.

    Parameters
    ----------
    p4
        Momenta in the frame in which the displacement is wanted, shape (n, 4).
    ctau_mm
        Mean proper decay length.
    rng
        Random generator.

    Returns
    -------
    numpy.ndarray
        Shape (n, 3): p/m times the proper length.
    """
    return displacement(p4, rng.exponential(size=len(p4)) * ctau_mm)


def displacement(p4: Array, proper_mm: Array) -> Array:
    """Displacement in mm after a proper length: p/m times it, shape (n, 3)."""
    mass = np.sqrt(np.maximum(mass_squared(p4), 0.0))
    result: Array = p4[:, :3] * (proper_mm / mass)[:, None]
    return result


@dataclass(frozen=True)
class Products:
    """What one particle in each of n events decays to.

    Parameters
    ----------
    slot
        Of the parent, shape (n,).
    pdg_id, p4
        Shapes (n, m) and (n, m, 4); 0 for an empty slot.
    displacement_mm
        From the parent's origin to the decay, shape (n, 3), in the frame of `Events.vertex_mm`.
    """

    slot: Slots
    pdg_id: NDArray[np.int32]
    p4: Array
    displacement_mm: Array


def replace_by(events: Events, decays: Sequence[Products]) -> Events:
    """Mark the parents as decayed and append their products."""
    n, k = events.pdg_id.shape
    wide = events.padded(k + sum(decay.pdg_id.shape[1] for decay in decays))
    rows = np.arange(n)
    # `wide` has more slots than `events`, so its arrays are new and ours to fill.
    ids, p4, status, vertex = wide.pdg_id, wide.p4, wide.status, wide.vertex_mm
    start = k
    for decay in decays:
        end = start + decay.pdg_id.shape[1]
        origin = vertex[rows, decay.slot] + decay.displacement_mm
        status[rows, decay.slot] = DECAYED
        ids[:, start:end] = decay.pdg_id
        p4[:, start:end] = decay.p4
        status[:, start:end] = FINAL
        vertex[:, start:end] = origin[:, None, :]
        empty = np.nonzero(decay.pdg_id == 0)
        status[:, start:end][empty] = 0
        vertex[:, start:end][empty] = 0.0
        start = end
    return wide
