"""The three dark photons of e+e- -> A' h', h' -> A' A', decayed to fermions with all their correlations.

The A' that is made with the h' inherits the polarisation of the beams' current; the two from the h' are
correlated with each other, not with anything else, because the h' has no spin. Every current is conserved,
so that each rate is the contraction of the tensors of two pairs of fermions.
"""

import numpy as np

from umbra.constants import LEPTON_MASS_GEV, MUON
from umbra.decays import chain, two_body
from umbra.events import Events
from umbra.kinematics import Array, dot, mass_squared
from umbra.machines import Machine
from umbra.particles import DARK_HIGGS, DARK_PHOTON

#: A pair of fermions: PDG identifier of the particle and mass in GeV.
Fermion = tuple[int, float]


def to_mumu(events: Events, machine: Machine, rng: np.random.Generator) -> Events:
    """Decay the A' to two muons, with its polarisation, and leave the h', which lives long and is not seen."""
    prompt = chain.slot_of(events, DARK_PHOTON)
    muon = (MUON, LEPTON_MASS_GEV[MUON])
    pair = _with_beams(chain.momenta(events, prompt), _beams(machine, len(events)), muon[1], rng)
    nowhere = np.zeros((len(events), 3))
    return chain.replace_by(events, [chain.Products(prompt, _ids(len(events), muon), pair, nowhere)])


def decay(
    events: Events,
    machine: Machine,
    rng: np.random.Generator,
    fermions: tuple[Fermion, Fermion, Fermion],
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
        Six fermions appended; the two A' of the h' are in the record as well.
    """
    n = len(events)
    prompt, higgs = chain.slot_of(events, DARK_PHOTON), chain.slot_of(events, DARK_HIGGS)
    first = chain.momenta(events, prompt)
    mass = float(np.sqrt(np.maximum(mass_squared(first), 0.0)).mean())
    nowhere = np.zeros((n, 3))

    primary = _with_beams(first, _beams(machine, n), fermions[0][1], rng)
    second, third = two_body.momenta(chain.momenta(events, higgs), (mass, mass), rng)
    pairs = _from_scalar((second, third), (fermions[1][1], fermions[2][1]), rng)

    with_pair = chain.replace_by(
        events,
        [
            chain.Products(prompt, _ids(n, fermions[0]), primary, nowhere),
            chain.Products(
                higgs, np.full((n, 2), DARK_PHOTON, np.int32), np.stack([second, third], axis=1), nowhere
            ),
        ],
    )
    slot = events.pdg_id.shape[1] + 2
    return chain.replace_by(
        with_pair,
        [
            chain.Products(np.full(n, slot), _ids(n, fermions[1]), pairs[0], nowhere),
            chain.Products(np.full(n, slot + 1), _ids(n, fermions[2]), pairs[1], nowhere),
        ],
    )


def _beams(machine: Machine, n: int) -> Array:
    """Momenta of the beams in the laboratory, shape (n, 2, 4)."""
    units = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, -1.0, 1.0]])
    return np.tile(machine.to_lab(units) * 0.5 * machine.sqrt_s_gev, (n, 1, 1))


def _with_beams(parent: Array, beams: Array, fermion_gev: float, rng: np.random.Generator) -> Array:
    """Decay vectors that come from the current of two massless beams, shape (n, 2, 4), to fermions."""
    total = beams.sum(axis=1)
    bound = 0.5 * dot(total, parent) ** 2 + fermion_gev**2 * mass_squared(total)
    pair = np.empty_like(beams)
    missing = np.arange(len(parent))
    while len(missing) > 0:
        trial = _isotropic(parent[missing], fermion_gev, rng)
        rate = contraction(beams[missing], trial, 0.0, fermion_gev)
        good = rng.random(len(missing)) * bound[missing] < rate
        pair[missing[good]] = trial[good]
        missing = missing[~good]
    return pair


def _from_scalar(
    parents: tuple[Array, Array], fermions_gev: tuple[float, float], rng: np.random.Generator
) -> tuple[Array, Array]:
    """Decay two vectors that come from a scalar."""
    n = len(parents[0])
    mass2 = [mass_squared(parent) for parent in parents]
    squares = [fermion**2 for fermion in fermions_gev]
    bound = (
        0.5 * dot(*parents) ** 2
        + squares[0] * mass2[1]
        + squares[1] * mass2[0]
        + 4.0 * squares[0] * squares[1]
    )
    pairs = (np.empty((n, 2, 4)), np.empty((n, 2, 4)))
    missing = np.arange(n)
    while len(missing) > 0:
        trial = [_isotropic(p[missing], m, rng) for p, m in zip(parents, fermions_gev, strict=True)]
        rate = contraction(trial[0], trial[1], *fermions_gev)
        good = rng.random(len(missing)) * bound[missing] < rate
        for pair, drawn in zip(pairs, trial, strict=True):
            pair[missing[good]] = drawn[good]
        missing = missing[~good]
    return pairs


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


def _ids(n: int, fermion: Fermion) -> chain.Ids:
    return np.tile(np.array([fermion[0], -fermion[0]], np.int32), (n, 1))
