"""Photons that pairs of muons radiate in the final state, one for each pair, along one of its muons.

The pair keeps its total momentum. The photon takes z = 2k/M of the mass M of the pair, in whose rest frame k is its
energy; what is left has the mass M √(1 - z). Soft photons add up to

    dP/dz = β z^(β-1),   β = (2α/π) [(1 + v²)/(2v) ln((1 + v)/(1 - v)) - 1],

v the velocity of a muon in that frame (D. R. Yennie, S. C. Frautschi, H. Suura, Ann. Phys. 13 (1961) 379), which hard
ones along the muons multiply with 1 - z + z²/2. The rate stays what it was, as by the theorem of Kinoshita, Lee and
Nauenberg but for 3α/4π. The muons of a new particle without charge and those made with it radiate independently.
"""

from collections.abc import Sequence

import numpy as np

from umbra.core.constants import ALPHA, MUON_MASS_GEV, PHOTON
from umbra.core.events import FINAL, Events
from umbra.core.kinematics import Array, boost_from_rest, boost_to_rest, mass_squared, momentum
from umbra.generation.decays import chain

#: Below this velocity a pair radiates nothing worth a photon: β = 4 v²/3 · 2α/π.
_SLOWEST = 1e-3
#: Softer photons have no energy at all: most are, and squares of what is left would underflow.
_SOFTEST = 1e-12


def exponent(mass_gev: Array) -> Array:
    """β of a pair of muons of mass M, shape (n,); zero at their threshold."""
    v = np.sqrt(np.maximum(1.0 - 4.0 * MUON_MASS_GEV**2 / np.square(mass_gev), 0.0))
    fast = np.maximum(v, _SLOWEST)
    # ln((1 + v)/(1 - v)) without the cancellation of 1 - v.
    logarithm = 2.0 * np.arctanh(np.minimum(fast, 1.0 - 1e-15))
    beta = 2.0 * ALPHA / np.pi * ((1.0 + fast**2) / (2.0 * fast) * logarithm - 1.0)
    return np.where(v > _SLOWEST, beta, 0.0)


def energy_fractions(mass_gev: Array, rng: np.random.Generator) -> Array:
    """Draw z of pairs of mass M, shape (n,), up to where the muons are at rest."""
    beta, largest = exponent(mass_gev), 1.0 - 4.0 * MUON_MASS_GEV**2 / np.square(mass_gev)
    fraction = np.zeros(len(mass_gev))
    missing = np.flatnonzero(beta > 0.0)
    while len(missing) > 0:
        trial = largest[missing] * rng.random(len(missing)) ** (1.0 / beta[missing])
        good = rng.random(len(missing)) < 1.0 - trial + 0.5 * trial**2
        fraction[missing[good]] = trial[good]
        missing = missing[~good]
    return np.where(fraction > _SOFTEST, fraction, 0.0)


def radiated(pair: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Let pairs of muons radiate.

    Parameters
    ----------
    pair
        Momenta, shape (n, 2, 4).
    rng
        Random generator.

    Returns
    -------
    pair, photon
        Shapes (n, 2, 4) and (n, 4); together they have the momentum of the pair before.
    """
    total = pair.sum(axis=1)
    mass = np.sqrt(mass_squared(total))
    fraction = energy_fractions(mass, rng)
    along = boost_to_rest(pair[:, 0], total)[:, :3]
    along /= np.maximum(momentum(along), 1e-300)[:, None]
    side = np.where(rng.random(len(pair)) < 0.5, 1.0, -1.0)
    photon = np.empty((len(pair), 4))
    photon[:, 3] = 0.5 * fraction * mass
    photon[:, :3] = (side * photon[:, 3])[:, None] * along
    rest = np.concatenate([-photon[:, :3], (mass - photon[:, 3])[:, None]], axis=1)
    half2 = 0.25 * np.square(mass) * (1.0 - fraction)
    muons = np.empty_like(pair)
    muons[:, 0, :3] = np.sqrt(np.maximum(half2 - MUON_MASS_GEV**2, 0.0))[:, None] * along
    muons[:, 1, :3] = -muons[:, 0, :3]
    muons[..., 3] = np.sqrt(half2)[:, None]
    in_rest = boost_from_rest(muons, rest[:, None])
    return boost_from_rest(in_rest, total[:, None]), boost_from_rest(photon, total)


def radiate(
    events: Events, pairs: Sequence[tuple[chain.Slots, chain.Slots]], rng: np.random.Generator
) -> Events:
    """Let pairs of muons of each event radiate, and append their photons.

    Parameters
    ----------
    events
        Any frame.
    pairs
        Slots of both muons of each pair.
    rng
        Random generator.
    """
    n, k = events.pdg_id.shape
    wide = events.padded(k + len(pairs))
    rows = np.arange(n)
    for i, slots in enumerate(pairs):
        pair = np.stack([wide.p4[rows, slot] for slot in slots], axis=1)
        muons, photon = radiated(pair, rng)
        for side, slot in enumerate(slots):
            wide.p4[rows, slot] = muons[:, side]
        wide.p4[:, k + i] = photon
        wide.pdg_id[:, k + i] = PHOTON
        wide.status[:, k + i] = FINAL
        wide.vertex_mm[:, k + i] = wide.vertex_mm[rows, slots[0]]
    return wide
