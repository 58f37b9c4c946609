"""The three dark photons of e+e- -> A' h', h' -> A' A', decayed to fermions with all their correlations.

The A' that is made with the h' inherits the polarisation of the beams' current; the two from the h' are
correlated with each other, not with anything else, because the h' has no spin. Every current is conserved,
so that each rate is the contraction of the tensors of two pairs of fermions.
"""

from collections.abc import Sequence

import numpy as np

from umbra.core.constants import ELECTRON
from umbra.core.errors import UmbraError
from umbra.core.events import Events, concatenate
from umbra.core.kinematics import Array, dot, mass_squared
from umbra.core.machines import Machine
from umbra.core.particles import DARK_HIGGS, DARK_PHOTON
from umbra.generation.decays import chain, two_body
from umbra.generation.decays.final_states import draw_pairs
from umbra.generation.decays.pairs import PAIRS, PION, Kind

#: Something that is not simulated: the dark photon stays in the record, where detectors do not see it.
ANYTHING = (DARK_PHOTON, 0.0)


def beside_higgs(events: Events, machine: Machine, rng: np.random.Generator, *, pair: str) -> Events:
    """Decay the A' to a pair, with its polarisation, and leave the h', which lives long and is not seen."""
    prompt = chain.slot_of(events, DARK_PHOTON)
    fermions = _with_beams(chain.momenta(events, prompt), _beams(machine, len(events)), PAIRS[pair], rng)
    nowhere = np.zeros((len(events), 3))
    return chain.replace_by(
        events, [chain.Products(prompt, _ids(len(events), PAIRS[pair]), fermions, nowhere)]
    )


def to_leptons_and(
    events: Events, machine: Machine, rng: np.random.Generator, *, others: Sequence[str]
) -> Events:
    """Decay the A' of each event to pairs of leptons but for those that decay otherwise, in random order.

    Parameters
    ----------
    events, machine, rng
        See `decay`.
    others
        What A' that do not decay to electrons or muons, with the shares of their widths, decay to: pairs of
        `umbra.generation.decays.pairs.PAIRS`, or `anything` (`ANYTHING`).
    """
    prompt = chain.momenta(events, chain.slot_of(events, DARK_PHOTON))
    mass2 = float(np.maximum(mass_squared(prompt), 0.0).mean())
    pairs, chosen = draw_pairs(len(events), mass2, others, rng)
    kinds = PAIRS | {"anything": ANYTHING}
    parts = []
    for drawn in np.unique(chosen, axis=0):
        mine = np.flatnonzero((chosen == drawn).all(axis=1))
        first, second, third = (kinds[pairs[number]] for number in drawn)
        parts.append(decay(events.select(mine), machine, rng, (first, second, third)))
    return concatenate(parts) if parts else events


def decay(
    events: Events,
    machine: Machine,
    rng: np.random.Generator,
    fermions: tuple[Kind, Kind, Kind],
) -> Events:
    """Decay A' and h' of each event, at their production point.

    Parameters
    ----------
    events
        Each with one undecayed A' and one undecayed h', in the laboratory.
    machine
        Whose beams made them, at their nominal energy: radiation from the initial state is not unfolded.
    rng
        Random generator.
    fermions
        What the A' of the beams and the two of the h' decay to. The order matters where they differ: for a
        final state of unlike pairs, generate each assignment with its share.

    Returns
    -------
    Events
        Six particles appended; the two A' of the h' are in the record as well. An A' that decays to `ANYTHING` is
        left as it is.
    """
    n = len(events)
    prompt, higgs = chain.slot_of(events, DARK_PHOTON), chain.slot_of(events, DARK_HIGGS)
    first = chain.momenta(events, prompt)
    mass = float(np.sqrt(np.maximum(mass_squared(first), 0.0)).mean())
    nowhere = np.zeros((n, 3))

    primary = _with_beams(first, _beams(machine, n), fermions[0], rng)
    second, third = two_body.momenta(chain.momenta(events, higgs), (mass, mass), rng)
    pairs = _from_scalar((second, third), (fermions[1], fermions[2]), rng)

    two = np.full((n, 2), DARK_PHOTON, np.int32)
    products = [chain.Products(higgs, two, np.stack([second, third], axis=1), nowhere)]
    if fermions[0] != ANYTHING:
        products.insert(0, chain.Products(prompt, _ids(n, fermions[0]), primary, nowhere))
    slot = events.pdg_id.shape[1] + 2 * (len(products) - 1)
    with_higgs = chain.replace_by(events, products)
    last = [
        chain.Products(np.full(n, slot + k), _ids(n, fermion), pair, nowhere)
        for k, (fermion, pair) in enumerate(zip(fermions[1:], pairs, strict=True))
        if fermion != ANYTHING
    ]
    return chain.replace_by(with_higgs, last)


def _beams(machine: Machine, n: int) -> Array:
    """Momenta of the beams in the laboratory, shape (n, 2, 4)."""
    units = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, -1.0, 1.0]])
    return np.tile(machine.to_lab(units) * 0.5 * machine.sqrt_s_gev, (n, 1, 1))


def _with_beams(parent: Array, beams: Array, fermion: Kind, rng: np.random.Generator) -> Array:
    """Decay vectors that come from the current of two massless beams, shape (n, 2, 4)."""
    if fermion == ANYTHING:
        return np.zeros_like(beams)
    massless = (ELECTRON, 0.0)
    bound = _bound(beams.sum(axis=1), parent, massless, fermion)
    pair = np.empty_like(beams)
    missing = np.arange(len(parent))
    while len(missing) > 0:
        trial = _isotropic(parent[missing], fermion[1], rng)
        good = rng.random(len(missing)) * bound[missing] < _rate(beams[missing], trial, massless, fermion)
        pair[missing[good]] = trial[good]
        missing = missing[~good]
    return pair


def _from_scalar(
    parents: tuple[Array, Array], fermions: tuple[Kind, Kind], rng: np.random.Generator
) -> tuple[Array, Array]:
    """Decay two vectors that come from a scalar."""
    n = len(parents[0])
    bound = _bound(*parents, *fermions)
    pairs = (np.empty((n, 2, 4)), np.empty((n, 2, 4)))
    missing = np.arange(n)
    while len(missing) > 0:
        # A vector that is not decayed is a pair of its two halves: their sum is all that its rate takes.
        trial = [
            np.stack([0.5 * p[missing]] * 2, axis=1) if f == ANYTHING else _isotropic(p[missing], f[1], rng)
            for p, f in zip(parents, fermions, strict=True)
        ]
        rate = _rate(trial[0], trial[1], *fermions)
        good = rng.random(len(missing)) * bound[missing] < rate
        for pair, drawn in zip(pairs, trial, strict=True):
            pair[missing[good]] = drawn[good]
        missing = missing[~good]
    return pairs


def _bound(first: Array, second: Array, kind1: Kind, kind2: Kind) -> Array:
    """Largest contraction of the tensors of two pairs of the given total momenta, or somewhat more.

    The spatial tensor of a pair in its rest frame has no eigenvalue above M^2/2 (fermions of mass m: and 2 m^2), M^2 -
    4 m^2 (pions, one direction), or 1 (no decay, all directions). A trace of two such tensors with a boost between
    them is at most the product of the two and of 2 + (p.q)^2/(M_p^2 M_q^2), the sum over all polarisations.
    """
    product = dot(first, second)
    if PION not in (kind1[0], kind2[0]) and ANYTHING not in (kind1, kind2):
        p2, q2 = kind1[1] ** 2, kind2[1] ** 2
        exact: Array = 0.5 * product**2 + p2 * mass_squared(second) + q2 * mass_squared(first) + 4.0 * p2 * q2
        return exact
    mass2 = mass_squared(first), mass_squared(second)
    largest = [_largest(m2, kind) for m2, kind in zip(mass2, (kind1, kind2), strict=True)]
    bound: Array = largest[0] * largest[1] * (2.0 + product**2 / (mass2[0] * mass2[1]))
    return bound


def _largest(mass2: Array, kind: Kind) -> Array:
    if kind == ANYTHING:
        return np.ones_like(mass2)
    if kind[0] == PION:
        return mass2 - 4.0 * kind[1] ** 2
    return np.maximum(0.5 * mass2, 2.0 * kind[1] ** 2)


def _rate(p: Array, q: Array, kind1: Kind, kind2: Kind) -> Array:
    """Contraction of the tensors of two pairs.

    They are p1 p2 + p2 p1 - g (p1.p2 + m^2) of fermions, d d of pions with d = p1 - p2, and -g + P P/M^2 of a vector
    that is not decayed.
    """
    if kind2 == ANYTHING:
        return _beside_anything(p, q.sum(axis=1), kind1)
    if kind1 == ANYTHING:
        return _beside_anything(q, p.sum(axis=1), kind2)
    if kind1[0] == PION and kind2[0] == PION:
        both: Array = dot(p[:, 0] - p[:, 1], q[:, 0] - q[:, 1]) ** 2
        return both
    if kind1[0] == PION:
        return _rate(q, p, kind2, kind1)
    if kind2[0] == PION:
        d = q[:, 0] - q[:, 1]
        mixed: Array = 2.0 * dot(p[:, 0], d) * dot(p[:, 1], d) - mass_squared(d) * (
            dot(p[:, 0], p[:, 1]) + kind1[1] ** 2
        )
        return mixed
    return contraction(p, q, kind1[1], kind2[1])


def _beside_anything(p: Array, vector: Array, kind: Kind) -> Array:
    """Contraction of the tensor of a pair with the sum over the polarisations of a vector."""
    if kind == ANYTHING:
        raise UmbraError("decay of a dark Higgs: one of its dark photons has to decay to something")
    along = dot(p[:, 0], vector) * dot(p[:, 1], vector) / mass_squared(vector)
    if kind[0] == PION:
        d = p[:, 0] - p[:, 1]
        pions: Array = dot(d, vector) ** 2 / mass_squared(vector) - mass_squared(d)
        return pions
    fermions: Array = 2.0 * along + dot(p[:, 0], p[:, 1]) + 3.0 * kind[1] ** 2
    return fermions


def contraction(p: Array, q: Array, p_gev: float, q_gev: float) -> Array:
    """Contraction of the tensors of two pairs of fermions, summed over spins, up to a factor.

    2 [(p1.q1)(p2.q2) + (p1.q2)(p2.q1)] + 2 m_q^2 p1.p2 + 2 m_p^2 q1.q2 + 4 m_p^2 m_q^2, at most (p.q)^2/2
    plus the rest.

    Parameters
    ----------
    p, q
        Momenta of the pairs, shape (n, 2, 4).
    p_gev, q_gev
        Masses of the fermions.
    """
    direct = dot(p[:, 0], q[:, 0]) * dot(p[:, 1], q[:, 1])
    crossed = dot(p[:, 0], q[:, 1]) * dot(p[:, 1], q[:, 0])
    p2, q2 = p_gev**2, q_gev**2
    rate: Array = 2.0 * (direct + crossed)
    rate += 2.0 * q2 * dot(p[:, 0], p[:, 1]) + 2.0 * p2 * dot(q[:, 0], q[:, 1]) + 4.0 * p2 * q2
    return rate


def _isotropic(parent: Array, fermion_gev: float, rng: np.random.Generator) -> Array:
    return np.stack(two_body.momenta(parent, (fermion_gev, fermion_gev), rng), axis=1)


def _ids(n: int, fermion: Kind) -> chain.Ids:
    return np.tile(np.array([fermion[0], -fermion[0]], np.int32), (n, 1))
