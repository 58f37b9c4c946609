"""Inelastic dark matter: e+e- -> gamma A', A' -> chi1 chi2, chi2 -> chi1 f fbar through an off-shell A'.

The first decay has the exact polarisation of the A' (`umbra.generation.decays.dark_photon`), the second the exact
matrix element of unpolarised chi2, for vector currents of both pairs. What the spin of the chi2 would add is
left out.
"""

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import Array, boost_from_rest, dot, mass_squared, two_body_momentum
from umbra.core.machines import Machine
from umbra.core.particles import CHI1, CHI2, DARK_PHOTON
from umbra.generation.decays import chain, dark_photon
from umbra.generation.decays.directions import isotropic, split
from umbra.generation.decays.displaced import COLUMN, DEFAULT_RANGE_MM, draw_proper_lengths
from umbra.generation.decays.pairs import PAIRS
from umbra.theory.inelastic import BENCHMARKS


def decay(
    events: Events,
    machine: Machine,
    rng: np.random.Generator,
    mass_ratios: tuple[float, float],
    fermion: tuple[int, float],
    range_mm: tuple[float, float] = DEFAULT_RANGE_MM,
) -> Events:
    """Decay the A' of each event to chi1 chi2 and the chi2 to chi1 and a pair of fermions.

    Parameters
    ----------
    events
        Each with one undecayed A', all of one mass, and its photon, in the laboratory.
    machine
        Whose beams made them.
    rng
        Random generator.
    mass_ratios
        m_A'/m_1 and (m_2 - m_1)/m_1.
    fermion
        PDG identifier and mass in GeV.
    range_mm
        Of the proper decay lengths of the chi2, drawn uniformly in their logarithm and kept in the column
        `umbra.generation.decays.displaced.COLUMN`, for `lifetime_weights`.
    """
    parent = chain.momenta(events, chain.slot_of(events, DARK_PHOTON))
    mass = float(np.sqrt(mass_squared(parent)).mean())
    chi1_gev = mass / mass_ratios[0]
    chi2_gev = chi1_gev * (1.0 + mass_ratios[1])
    pairs = dark_photon.decay(events, machine, rng, (CHI1, CHI2), (chi1_gev, chi2_gev))
    proper = draw_proper_lengths(len(events), range_mm, rng)
    decayed = decay_chi2(pairs, chi1_gev, chi2_gev, mass, fermion, proper, rng)
    return decayed.with_extra(**{COLUMN: proper})


def decay_chi2(
    events: Events,
    chi1_gev: float,
    chi2_gev: float,
    dark_photon_gev: float,
    fermion: tuple[int, float],
    proper_mm: Array,
    rng: np.random.Generator,
) -> Events:
    """Decay the chi2 of each event to chi1 and a pair of fermions.

    Parameters
    ----------
    events
        Each with one undecayed chi2, in the laboratory.
    chi1_gev, chi2_gev, dark_photon_gev
        Masses.
    fermion
        PDG identifier and mass in GeV.
    proper_mm
        Proper decay lengths, shape (n,): exponential, or wide with weights (`umbra.generation.decays.displaced`).
    rng
        Random generator.

    Raises
    ------
    UmbraError
        If the splitting is below the pair's mass or above the mass of the A'.
    """
    slot = chain.slot_of(events, CHI2)
    parent = chain.momenta(events, slot)
    products = at_rest(len(events), chi1_gev, chi2_gev, dark_photon_gev, fermion[1], rng)
    p4 = boost_from_rest(products, parent[:, None, :])
    ids = np.tile(np.array([CHI1, fermion[0], -fermion[0]], np.int32), (len(events), 1))
    return chain.replace_by(events, [chain.Products(slot, ids, p4, chain.displacement(parent, proper_mm))])


def at_rest(
    n: int,
    chi1_gev: float,
    chi2_gev: float,
    dark_photon_gev: float,
    fermion_gev: float,
    rng: np.random.Generator,
) -> Array:
    """Draw decays of a chi2 at rest.

    The pair's mass is drawn flat in log q^2, and kept by phase space, propagator and matrix element together.

    Returns
    -------
    numpy.ndarray
        Momenta of chi1, fermion and antifermion, shape (n, 3, 4).
    """
    split_gev = chi2_gev - chi1_gev
    if not 2.0 * fermion_gev < split_gev < dark_photon_gev:
        allowed = f"{2 * fermion_gev:g} and {dark_photon_gev:g} GeV"
        raise UmbraError(
            f"chi2 decay: a splitting of {split_gev:g} GeV is not between {allowed}, pair and dark photon"
        )
    masses = (chi1_gev, chi2_gev, dark_photon_gev, fermion_gev)
    highest = 1.2 * float(_trial(20_000, masses, rng)[1].max())
    kept: list[Array] = []
    missing = n
    while missing > 0 or not kept:
        products, weight = _trial(4 * missing + 1000, masses, rng)
        good = products[rng.random(len(weight)) * highest < weight][:missing]
        kept.append(good)
        missing -= len(good)
    return np.concatenate(kept)


def _trial(
    n: int, masses: tuple[float, float, float, float], rng: np.random.Generator
) -> tuple[Array, Array]:
    m1, m2, mediator, fermion = masses
    low, high = np.log(4.0 * fermion**2), np.log((m2 - m1) ** 2)
    q2 = np.exp(rng.uniform(low, high, n))
    q = np.sqrt(q2)
    k = two_body_momentum(m2, m1, q)
    axis = isotropic(rng, n)
    pair = split(axis, q, k, (fermion, fermion), (rng.uniform(-1.0, 1.0, n), rng.uniform(-np.pi, np.pi, n)))
    chi1 = np.empty((n, 4))
    chi1[:, :3] = -k[:, None] * axis
    chi1[:, 3] = np.sqrt(k**2 + m1**2)
    products = np.stack([chi1, *pair], axis=1)
    inner = two_body_momentum(q, fermion, fermion) / q
    weight = q2 * k * inner * _current_product(products, m1, m2, fermion) / (q2 - mediator**2) ** 2
    return products, weight


def _current_product(products: Array, m1: float, m2: float, fermion_gev: float) -> Array:
    """Product of the vector currents chi2 -> chi1 and vacuum -> f fbar, summed over spins, up to a factor."""
    chi1, first, second = products[:, 0], products[:, 1], products[:, 2]
    chi2 = products.sum(axis=1)
    f2, pair = fermion_gev**2, dot(first, second)
    crossed = dot(chi1, first) * dot(chi2, second) + dot(chi1, second) * dot(chi2, first)
    product: Array = crossed + f2 * dot(chi1, chi2) - m1 * m2 * (pair + 2.0 * f2)
    return product


def decay_benchmark(
    events: Events, machine: Machine, rng: np.random.Generator, *, benchmark: str, pair: str
) -> Events:
    """Decay with the mass ratios of a benchmark, `narrow` or `wide`, to a pair, see `decay`."""
    return decay(events, machine, rng, BENCHMARKS[benchmark], PAIRS[pair])
