"""Decay chains of events B -> K X (`umbra.generation.processes.b_to_kaon`): flight of the B, charge, and decay of X.

Only the signal B is followed: what a search does with the other B (and with continuum) needs Pythia,
`umbra.generation.pythia_samples`. X flies a proper length that is drawn uniformly in its logarithm and kept in the
column `umbra.generation.decays.displaced.COLUMN`, so that the same events serve for all lifetimes.
"""

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, Events
from umbra.core.machines import Machine
from umbra.core.particles import NAMES
from umbra.core.pdg import ctau_mm
from umbra.generation.decays import chain, two_body
from umbra.generation.decays.displaced import COLUMN, DEFAULT_RANGE_MM, draw_proper_lengths
from umbra.generation.decays.pairs import both

_B_MESONS = (-521, -511)


def signal_b(events: Events, rng: np.random.Generator) -> Events:
    """Let the signal B fly, draw its charge, and lay the other B aside.

    Parameters
    ----------
    events
        In the laboratory: products of the signal B, then the other B undecayed in the last slot, as the process
        made them.
    rng
        Random generator.

    Returns
    -------
    Events
        Half of them charge conjugate, all products at the decay of the signal B, the other B marked as decayed.

    Raises
    ------
    UmbraError
        If the last particle is not a B.
    """
    other = events.pdg_id[:, -1]
    if not np.isin(other, _B_MESONS).all():
        raise UmbraError(
            f"decay: the last particle of B -> K X is of PDG identifier {other[0]}, not a B meson"
        )
    parent = events.p4[:, :-1].sum(axis=1)
    vertex = np.zeros_like(events.vertex_mm)
    vertex[:, :-1] = chain.flight(parent, ctau_mm(int(-other[0])), rng)[:, None]
    status = events.status.copy()
    status[:, -1] = DECAYED
    sign = rng.choice(np.array([1, -1], np.int32), (len(events), 1))
    # A new particle is its own antiparticle.
    known = ~np.isin(events.pdg_id, list(NAMES))
    return Events(
        np.where(known, sign * events.pdg_id, events.pdg_id),
        events.p4,
        events.weight,
        vertex,
        status,
        events.extra,
    )


def unseen(events: Events, _machine: Machine, rng: np.random.Generator) -> Events:
    """B -> K X, where X leaves the detector whole; see `signal_b`."""
    return signal_b(events, rng)


def displaced_pair(
    events: Events, _machine: Machine, rng: np.random.Generator, *, new: int, pair: str
) -> Events:
    """B -> K X, X -> a pair.

    Parameters
    ----------
    events, rng
        See `signal_b`.
    new
        PDG identifier of X.
    pair
        What it decays to, one of `umbra.generation.decays.pairs.PAIRS`.
    """
    flown = signal_b(events, rng)
    proper = draw_proper_lengths(len(events), DEFAULT_RANGE_MM, rng)
    decayed = two_body.decay_new_particle(flown, new, both(pair), rng, proper)
    return decayed.with_extra(**{COLUMN: proper})
