"""Decays of e+e- -> tau+tau-S, S -> l+l-, and of taus of which one makes an e+e- pair on its own.

The spins of the taus are correlated as those of a pair from the beams, which is exact where S is soft. S flies a
proper length that is drawn uniformly in its logarithm and kept in the column
`umbra.generation.decays.displaced.COLUMN`, so that the same events serve for all lifetimes.
"""

import numpy as np

from umbra.core.events import Events
from umbra.core.machines import Machine
from umbra.core.particles import SCALAR
from umbra.generation.decays.displaced import COLUMN, DEFAULT_RANGE_MM, draw_proper_lengths
from umbra.generation.decays.pairs import both
from umbra.generation.decays.pion_dalitz import convert_one
from umbra.generation.decays.tau import decay_taus
from umbra.generation.decays.two_body import decay_new_particle

#: Pairs from pi0 that are made: below the lowest mass that a search looks at by several resolutions.
_LOWEST_PAIR_GEV = 0.02


def to_pair(events: Events, machine: Machine, rng: np.random.Generator, *, pair: str) -> Events:
    """Decay S to a pair of `umbra.generation.decays.pairs.PAIRS`, and both taus."""
    proper = draw_proper_lengths(len(events), DEFAULT_RANGE_MM, rng)
    decayed = decay_new_particle(events, SCALAR, both(pair), rng, proper).with_extra(**{COLUMN: proper})
    return decay_taus(decayed, machine, rng)


def with_pion_pair(events: Events, machine: Machine, rng: np.random.Generator) -> Events:
    """Decay both taus, and one of their pi0 to gamma e+e- with a pair of at least 20 MeV."""
    return convert_one(decay_taus(events, machine, rng), _LOWEST_PAIR_GEV, rng)
