"""Decays of the dark photon of e+e- -> gamma A', with its polarisation exact in all masses.

The A' is made by the current of the beams after one of them has radiated the photon. The tensor of that
current, summed over the photon's polarisation and averaged over the beams', contracted with the tensor of
the current to which the A' decays is the rate, which is the part of e+e- -> gamma mu+ mu- with radiation
from the initial state.
"""

from dataclasses import dataclass

import numpy as np

from umbra.core.constants import ELECTRON_MASS_GEV, PHOTON
from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import (
    Array,
    boost_from_rest,
    boost_to_rest,
    dot,
    mass_squared,
    momentum,
    two_body_momentum,
)
from umbra.core.machines import Machine
from umbra.core.particles import DARK_PHOTON
from umbra.generation.decays import chain
from umbra.generation.decays.directions import isotropic
from umbra.generation.decays.pairs import SCALARS, both

_BEAM2 = ELECTRON_MASS_GEV**2


def to_pair(events: Events, machine: Machine, rng: np.random.Generator, *, pair: str) -> Events:
    """Decay the A' at its production point to a pair of `umbra.generation.decays.pairs.PAIRS`, see `decay`."""
    (first, first_gev), (second, second_gev) = both(pair)
    return decay(events, machine, rng, (first, second), (first_gev, second_gev), spinless=pair in SCALARS)


def decay(
    events: Events,
    machine: Machine,
    rng: np.random.Generator,
    pdg_ids: tuple[int, int],
    masses_gev: tuple[float, float],
    ctau_mm: float = 0.0,
    *,
    spinless: bool = False,
) -> Events:
    """Decay the A' of each event to two fermions, or two scalars, through a vector current.

    Parameters
    ----------
    events
        Each with one undecayed A' and, as the first of its photons, the one that it was made with, in the
        laboratory. Other photons are taken to be radiation along the beams.
    machine
        Whose beams made them.
    rng
        Random generator.
    pdg_ids, masses_gev
        Daughters; their masses may differ (chi1 chi2).
    ctau_mm
        Mean proper decay length.
    spinless
        Whether the daughters are scalars of one mass.

    Raises
    ------
    UmbraError
        For an event without the photon or with an A' too light for the daughters.
    """
    slot = chain.slot_of(events, DARK_PHOTON)
    parent = chain.momenta(events, slot)
    mass = np.sqrt(np.maximum(mass_squared(parent), 0.0))
    if np.any(mass <= sum(masses_gev)):
        daughters = f"{masses_gev[0]:g} and {masses_gev[1]:g} GeV"
        raise UmbraError(f"a dark photon of {mass.min():g} GeV cannot decay to masses of {daughters}")
    photon = chain.momenta(events, _first_photon(events))
    rate = _Rate.of(photon, parent, mass, machine, masses_gev, spinless=spinless)
    unit = np.empty((len(events), 3))
    missing = np.arange(len(events))
    while len(missing) > 0:
        trial = isotropic(rng, len(missing))
        good = rng.random(len(missing)) * rate.bound[missing] < rate(trial, missing)
        unit[missing[good]] = trial[good]
        missing = missing[~good]

    k = two_body_momentum(mass, *masses_gev)
    first = np.empty((len(events), 4))
    first[:, :3] = k[:, None] * unit
    first[:, 3] = np.sqrt(k**2 + masses_gev[0] ** 2)
    first = boost_from_rest(first, parent)
    ids = np.tile(np.array(pdg_ids, np.int32), (len(events), 1))
    displacement = chain.flight(parent, ctau_mm, rng)
    return chain.replace_by(
        events, [chain.Products(slot, ids, np.stack([first, parent - first], axis=1), displacement)]
    )


def _first_photon(events: Events) -> chain.Slots:
    photons = events.pdg_id == PHOTON
    if not np.all(photons.any(axis=1)):
        event = int(np.flatnonzero(~photons.any(axis=1))[0])
        raise UmbraError(
            f"decay of a dark photon: event {event} of the batch has no photon that recoils against it"
        )
    slot: chain.Slots = np.argmax(photons, axis=1)
    return slot


@dataclass(frozen=True)
class _Rate:
    """Decay rate as a function of the direction n of the first daughter in the rest frame of the A'.

    There both tensors are spatial: the beams' is conserved, and -a00 delta + a_ij p_i p_j; that of the
    daughters is T delta - 2 k^2 n n, T = q1.q2 + m1 m2. With x_i = p_i.n their product is constant - 2 k^2
    (a11 x1^2 + a22 x2^2 + 2 a12 x1 x2). That of scalars is n n up to a factor.
    """

    beams: tuple[Array, Array]
    constant: Array
    square: tuple[Array, Array]
    cross: Array
    bound: Array

    def __call__(self, unit: Array, rows: chain.Slots) -> Array:
        x1, x2 = (np.einsum("ni,ni->n", beam[rows], unit) for beam in self.beams)
        first, second = (square[rows] for square in self.square)
        rate: Array = self.constant[rows] + first * x1**2 + second * x2**2 + self.cross[rows] * x1 * x2
        return rate

    @classmethod
    def of(
        cls,
        photon: Array,
        parent: Array,
        mass: Array,
        machine: Machine,
        masses_gev: tuple[float, float],
        *,
        spinless: bool = False,
    ) -> "_Rate":
        s, beams = beams_of(photon + parent, machine)
        a00, a11, a22, a12 = beam_tensor(s, mass**2, dot(photon, beams[0]), dot(photon, beams[1]))
        p1, p2 = (boost_to_rest(beam, parent)[:, :3] for beam in beams)
        size1, size2, product = (np.einsum("ni,ni->n", a, b) for a, b in ((p1, p1), (p2, p2), (p1, p2)))

        k2 = two_body_momentum(mass, *masses_gev) ** 2
        difference = masses_gev[0] - masses_gev[1]
        trace = 0.5 * (mass**2 - difference**2)
        constant = a00 * (2.0 * k2 - 3.0 * trace) + trace * (a11 * size1 + a22 * size2 + 2.0 * a12 * product)
        scale = -2.0 * k2
        if spinless:
            constant, scale = -a00, np.ones_like(k2)
        square = (a11 * scale, a22 * scale)
        cross = 2.0 * a12 * scale
        bound = constant + np.abs(cross) * np.sqrt(size1 * size2)
        bound += np.maximum(square[0], 0.0) * size1 + np.maximum(square[1], 0.0) * size2
        return cls((p1, p2), constant, square, cross, bound)


def beam_tensor(s: Array, q2: Array, k1: Array, k2: Array) -> tuple[Array, Array, Array, Array]:
    """Tensor of e-(p1) e+(p2) -> gamma(k) + vector(q), summed over the photon's polarisations.

    a00 g + a11 p1 p1 + a22 p2 p2 + a12 (p1 p2 + p2 p1), up to terms in q and a common factor; exact in the
    electron mass but for terms of the order m_e^2/s. G. Rodrigo, H. Czyz, J. H. Kuhn, M. Szopa, Eur. Phys.
    J. C 24 (2002) 71, hep-ph/0112184.

    Parameters
    ----------
    s, q2
        Squared masses of beams and vector in GeV^2.
    k1, k2
        k.p1 and k.p2 in GeV^2.

    Returns
    -------
    a00, a11, a22, a12
        The first without unit, the others in GeV^-2.
    """
    y1, y2 = 2.0 * k1 / s, 2.0 * k2 / s
    z, electron = q2 / s, _BEAM2 / s
    a00 = 2.0 * electron * z * (1.0 - z) ** 2 / (y1 * y2) ** 2 - (2.0 * z + y1**2 + y2**2) / (y1 * y2)
    a11 = (8.0 * electron / y2**2 - 4.0 * z / (y1 * y2)) / s
    a22 = (8.0 * electron / y1**2 - 4.0 * z / (y1 * y2)) / s
    a12 = -8.0 * electron / (y1 * y2) / s
    return a00, a11, a22, a12


def beams_of(total: Array, machine: Machine) -> tuple[Array, tuple[Array, Array]]:
    """Squared mass and beams of the hard process with the total momentum `total` in the laboratory.

    In its rest frame the beams are back to back along the bisector of the machine's beams, which is the beam
    axis itself where the remaining energy went into radiation along the beams.
    """
    s = mass_squared(total)
    ends = machine.to_lab(np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, -1.0, 1.0]]))
    units = []
    for end in ends:
        seen = boost_to_rest(end[None, :], total)
        units.append(seen[:, :3] / seen[:, 3:])
    axis = units[0] - units[1]
    axis /= momentum(axis)[:, None]
    half = 0.5 * np.sqrt(s)
    beams = []
    for sign in (1.0, -1.0):
        at_rest = np.empty_like(total)
        at_rest[:, :3] = (sign * np.sqrt(half**2 - _BEAM2))[:, None] * axis
        at_rest[:, 3] = half
        beams.append(boost_from_rest(at_rest, total))
    return s, (beams[0], beams[1])
