"""Decays to two muons of a particle that a muon pair has radiated: e+e- -> mu+mu-X, X -> mu+mu-.

A scalar decays isotropically. A Z' remembers its polarisation: the amplitude of production and decay is the
four-muon amplitude with the radiating line in the middle, and its square, with the propagator fixed, is the
distribution of the decay.
"""

import numpy as np

from umbra.core.constants import ELECTRON_MASS_GEV, MUON, MUON_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import Array, boost_from_rest, boost_to_rest, mass_squared, two_body_momentum
from umbra.core.machines import Machine
from umbra.core.particles import SCALAR, Z_PRIME
from umbra.generation.decays import chain, muon_photons
from umbra.generation.decays.directions import isotropic
from umbra.generation.decays.two_body import decay_new_particle
from umbra.generation.processes.qed_amplitudes import ANNIHILATION, four_lepton

#: The diagrams in which the first pair of muons radiates the second.
_RADIATED = np.array([[False, True, False]])
#: Directions whose rates fix a quadratic form: the axes, then the diagonals of the planes xy, xz and yz.
_DIAGONALS = ((0, 1), (0, 2), (1, 2))


def scalar_to_mumu(
    events: Events, _machine: Machine, rng: np.random.Generator, *, photons: bool = False
) -> Events:
    """Decay the scalar of each event to mu- mu+, isotropically, where it was made; `photons`: see `zprime_to_mumu`."""
    before = prompt_muons(events)
    decayed = decay_new_particle(events, SCALAR, ((MUON, MUON_MASS_GEV), (-MUON, MUON_MASS_GEV)), rng)
    return _with_photons(decayed, before, rng) if photons else decayed


def zprime_to_mumu(
    events: Events, machine: Machine, rng: np.random.Generator, *, photons: bool = False
) -> Events:
    """Decay the Z' of each event to mu- mu+ where it was made, with its polarisation exact in all masses.

    Interference with the exchange of equal muons is left out, as for any narrow particle. See `decay_zprime`. With
    `photons` both pairs of muons radiate in the final state (`umbra.generation.decays.muon_photons`).
    """
    before = prompt_muons(events)
    decayed = decay_zprime(events, machine, (MUON, MUON_MASS_GEV), rng)
    return _with_photons(decayed, before, rng) if photons else decayed


def prompt_muons(events: Events) -> tuple[chain.Slots, chain.Slots]:
    """Slots of the muons that were made with the new particle, before it decays."""
    return chain.slot_of(events, MUON), chain.slot_of(events, -MUON)


def _with_photons(
    decayed: Events, before: tuple[chain.Slots, chain.Slots], rng: np.random.Generator
) -> Events:
    """Let the muons of a new particle, which are the last two of each event, and those made with it radiate."""
    n, k = decayed.pdg_id.shape
    last = np.full(n, k - 2), np.full(n, k - 1)
    return muon_photons.radiate(decayed, [before, last], rng)


def decay_zprime(
    events: Events, machine: Machine, lepton: tuple[int, float], rng: np.random.Generator
) -> Events:
    """Decay the Z' of each event to a lepton pair where it was made.

    Parameters
    ----------
    events
        In the laboratory, each with one undecayed Z' and the two muons that radiated it. Photons are taken to
        be radiation along the beams.
    machine
        Whose beams made them.
    lepton
        PDG identifier and mass in GeV of what it decays to.
    rng
        Random generator.

    Raises
    ------
    UmbraError
        For an event without these particles, or with a Z' below the threshold of its decay.
    """
    slot = chain.slot_of(events, Z_PRIME)
    made = [chain.momenta(events, chain.slot_of(events, sign * MUON)) for sign in (1, -1)]
    in_cm = machine.to_cm(np.stack([*made, chain.momenta(events, slot)], axis=1))
    total = in_cm.sum(axis=1)
    hard = boost_to_rest(in_cm, total[:, None])
    parent = hard[:, 2]
    mass = np.sqrt(np.maximum(mass_squared(parent), 0.0))
    if np.any(mass <= 2.0 * lepton[1]):
        raise UmbraError(f"a Z' of {mass.min():g} GeV cannot decay to two leptons of {lepton[1]:g} GeV")

    form = _quadratic_form(hard, mass, lepton[1])
    unit = _drawn(form, mass, lepton[1], rng)
    pair = machine.to_lab(boost_from_rest(_daughters(parent, mass, lepton[1], unit), total[:, None]))
    ids = np.tile(np.array([lepton[0], -lepton[0]], np.int32), (len(events), 1))
    return chain.replace_by(events, [chain.Products(slot, ids, pair, np.zeros((len(events), 3)))])


def _daughters(parent: Array, mass: Array, lepton_gev: float, unit: Array) -> Array:
    """Leptons that leave along +-unit in the rest frame of the parent, in the frame of `parent`, (n, 2, 4)."""
    k = two_body_momentum(mass, lepton_gev, lepton_gev)
    at_rest = np.empty((len(parent), 2, 4))
    at_rest[:, 0, :3] = k[:, None] * unit
    at_rest[:, 1, :3] = -at_rest[:, 0, :3]
    at_rest[..., 3] = 0.5 * mass[:, None]
    return boost_from_rest(at_rest, parent[:, None])


def _quadratic_form(hard: Array, mass: Array, lepton_gev: float) -> Array:
    """Rate as a quadratic form of the direction n of the negative lepton, shape (n, 3, 3).

    With the tensor H of production, spatial in the rest frame of the Z', the rate is T tr(H) - 2 k^2 n.H.n,
    where T = m^2/2: a quadratic form in n, which six directions determine.
    """
    sqrt_s = np.sqrt(mass_squared(hard.sum(axis=1)))
    masses = (ELECTRON_MASS_GEV, MUON_MASS_GEV, lepton_gev)

    def rate(direction: Array) -> Array:
        pair = _daughters(hard[:, 2], mass, lepton_gev, np.broadcast_to(direction, (len(hard), 3)))
        p4 = np.concatenate([hard[:, :2], pair], axis=1)
        return four_lepton(p4, sqrt_s, masses, ANNIHILATION, _RADIATED, beam_helicity_flip=False)

    axes = np.eye(3)
    form = np.zeros((len(hard), 3, 3))
    for i in range(3):
        form[:, i, i] = rate(axes[i])
    for i, j in _DIAGONALS:
        form[:, i, j] = rate(np.sqrt(0.5) * (axes[i] + axes[j])) - 0.5 * (form[:, i, i] + form[:, j, j])
        form[:, j, i] = form[:, i, j]
    return form


def _drawn(form: Array, mass: Array, lepton_gev: float, rng: np.random.Generator) -> Array:
    """Draw directions from their rate, shape (n, 3), by acceptance; two in three are accepted at high mass."""
    # H is positive: no direction exceeds T tr(H), and the trace of the form is (3 T - 2 k^2) tr(H).
    t, k2 = 0.5 * mass**2, two_body_momentum(mass, lepton_gev, lepton_gev) ** 2
    bound = np.trace(form, axis1=1, axis2=2) * t / (3.0 * t - 2.0 * k2)
    unit = np.empty((len(form), 3))
    missing = np.arange(len(form))
    while len(missing) > 0:
        trial = isotropic(rng, len(missing))
        rate = np.einsum("ni,nij,nj->n", trial, form[missing], trial)
        good = rng.random(len(missing)) * bound[missing] < rate
        unit[missing[good]] = trial[good]
        missing = missing[~good]
    return unit
