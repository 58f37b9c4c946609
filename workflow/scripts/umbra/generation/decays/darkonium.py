"""The three dark photons of a bound state of dark fermions, decayed to pairs with all their correlations.

The bound state has the polarisation that the beams give a vector beside a photon; the amplitude of its decay
(`umbra.generation.processes.darkonium_amplitude`) is a matrix in the polarisations of all four vectors. The
pairs are drawn one after the other: given the directions of the former, the next one follows the density matrix
that they leave, which is exact.
"""

from collections.abc import Sequence

import numpy as np

from umbra.core.constants import PHOTON
from umbra.core.errors import UmbraError
from umbra.core.events import FINAL, Events, concatenate
from umbra.core.kinematics import Array, boost_from_rest, boost_to_rest, mass_squared
from umbra.core.machines import Machine
from umbra.core.particles import DARK_PHOTON
from umbra.generation import beam_current
from umbra.generation.decays import chain
from umbra.generation.decays.directions import isotropic
from umbra.generation.decays.final_states import draw_pairs
from umbra.generation.decays.pairs import PAIRS, PION, Kind
from umbra.generation.processes import darkonium_amplitude

_THREE = 3


def to_leptons_and(
    events: Events, machine: Machine, rng: np.random.Generator, *, others: Sequence[str], ctau_mm: float = 0.0
) -> Events:
    """Decay the dark photons of each event to pairs of leptons but for those that decay otherwise, in random order.

    Parameters
    ----------
    events, machine, rng, ctau_mm
        See `decay`.
    others
        What dark photons that do not decay to electrons or muons, with the shares of their widths, decay to: pairs of
        `umbra.generation.decays.pairs.PAIRS`.
    """
    first = events.p4[np.arange(len(events)), _slots(events)[:, 0]]
    mass2 = float(np.maximum(mass_squared(first), 0.0).mean())
    pairs, chosen = draw_pairs(len(events), mass2, others, rng)
    parts = []
    for drawn in np.unique(chosen, axis=0):
        mine = np.flatnonzero((chosen == drawn).all(axis=1))
        one, two, three = (PAIRS[pairs[number]] for number in drawn)
        parts.append(decay(events.select(mine), machine, rng, (one, two, three), ctau_mm))
    return concatenate(parts) if parts else events


def decay(
    events: Events,
    machine: Machine,
    rng: np.random.Generator,
    kinds: tuple[Kind, Kind, Kind],
    ctau_mm: float = 0.0,
) -> Events:
    """Decay the three dark photons of each event.

    Parameters
    ----------
    events
        Each with three undecayed dark photons and, as the first of its photons, the one that their bound state was made
        with, in the laboratory.
    machine
        Whose beams made them.
    rng
        Random generator.
    kinds
        What the three decay to, in the order of the events' slots.
    ctau_mm
        Mean proper decay length of a dark photon.

    Returns
    -------
    Events
        Six particles appended.

    Raises
    ------
    UmbraError
        For an event without three dark photons, or with some too light for their pairs.
    """
    slots = _slots(events)
    parents = np.stack([chain.momenta(events, slots[:, k]) for k in range(_THREE)], axis=1)
    bound = parents.sum(axis=1)
    photon = chain.momenta(events, np.argmax(events.pdg_id == PHOTON, axis=1))
    dark = boost_to_rest(parents, bound[:, None, :])
    amplitude = darkonium_amplitude.amplitude(dark)
    # The bound state's polarisation as a square root, so that what is summed are squares.
    amplitude = np.einsum(
        "nij,njabc->niabc", _root(beam_current.of_events(photon, bound, machine)), amplitude
    )
    vectors = darkonium_amplitude.polarisations(dark)
    products = []
    for k, kind in enumerate(kinds):
        others = np.moveaxis(amplitude, 2 + k, -1).reshape(len(events), -1, _THREE)
        density = others.swapaxes(-1, -2) @ others
        momentum, speed = _pair_momentum(dark[:, k], kind)
        unit = _direction(density, kind, speed, rng)
        amplitude = _after(amplitude, k, unit, kind, speed)
        halves = momentum[:, None] * np.einsum("na,nai->ni", unit, vectors[:, k])
        pair = np.stack([0.5 * dark[:, k] + halves, 0.5 * dark[:, k] - halves], axis=1)
        ids = np.tile(np.array([kind[0], -kind[0]], np.int32), (len(events), 1))
        way = chain.flight(parents[:, k], ctau_mm, rng)
        products.append(chain.Products(slots[:, k], ids, boost_from_rest(pair, bound[:, None, :]), way))
    return chain.replace_by(events, products)


def _slots(events: Events) -> chain.Slots:
    """Slots of the three undecayed dark photons of each event, shape (n, 3)."""
    here = (events.pdg_id == DARK_PHOTON) & (events.status == FINAL)
    if not np.all(here.sum(axis=1) == _THREE):
        raise UmbraError("decay of a darkonium: an event has not three undecayed dark photons")
    slots: chain.Slots = np.nonzero(here)[1].reshape(-1, _THREE)
    return slots


def _root(tensor: Array) -> Array:
    """Symmetric square root of symmetric tensors, which rounding may leave slightly negative."""
    values, vectors = np.linalg.eigh(tensor)
    root: Array = (vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]) @ vectors.swapaxes(-1, -2)
    return root


def _pair_momentum(parent: Array, kind: Kind) -> tuple[Array, Array]:
    """Momentum and speed of either particle in the rest frame of its parent."""
    energy2 = 0.25 * mass_squared(parent)
    if not np.all(energy2 > kind[1] ** 2):
        mass = 2.0 * float(np.sqrt(np.maximum(energy2, 0.0).min()))
        raise UmbraError(f"a dark photon of {mass:g} GeV cannot decay to two of {kind[1]:g} GeV")
    momentum = np.sqrt(energy2 - kind[1] ** 2)
    return momentum, momentum / np.sqrt(energy2)


def _direction(density: Array, kind: Kind, speed: Array, rng: np.random.Generator) -> Array:
    """Draw directions in the rest frame: pions along the polarisation, fermions as trace minus speed^2 times that."""
    trace = np.trace(density, axis1=1, axis2=2)
    unit = np.empty((len(density), 3))
    missing = np.arange(len(density))
    while len(missing) > 0:
        trial = isotropic(rng, len(missing))
        along = np.einsum("ni,nij,nj->n", trial, density[missing], trial)
        rate = along if kind[0] == PION else trace[missing] - speed[missing] ** 2 * along
        good = rng.random(len(missing)) * trace[missing] < rate
        unit[missing[good]] = trial[good]
        missing = missing[~good]
    return unit


def _after(amplitude: Array, k: int, unit: Array, kind: Kind, speed: Array) -> Array:
    """Amplitude with the decay tensor of dark photon k put in, as its square root along that polarisation."""
    along = unit[:, :, None] * unit[:, None, :]
    fermions = np.eye(3) - (1.0 - np.sqrt(1.0 - speed**2))[:, None, None] * along
    root = along if kind[0] == PION else fermions
    moved = np.moveaxis(amplitude, 2 + k, -1)
    result: Array = np.moveaxis(np.einsum("n...a,nab->n...b", moved, root), -1, 2 + k)
    return result
