"""What makes displaced pairs in detectors: photons that convert in the gas of a drift chamber, and K_S.

Both point back to the collision: the momentum of the pair lies along the way to its vertex.
"""

import numpy as np

from umbra.core.constants import ELECTRON, ELECTRON_MASS_GEV, PION_MASS_GEV
from umbra.core.constants import PHOTON as PHOTON_ID
from umbra.core.events import FINAL, Events
from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.core.particles import DARK_PHOTON
from umbra.core.pdg import ctau_mm, mass_gev
from umbra.generation.decays import chain, two_body
from umbra.generation.decays.directions import transverse_basis

K_SHORT, K_LONG = 310, 130
#: Pairs per radiation length of a hard photon.
PAIRS_PER_LENGTH = 7.0 / 9.0
#: Transverse momenta of electrons in units of their mass, whose logarithm is drawn evenly.
_SIDEWAYS = (1e-2, 1e4)


def convert_in_gas(
    events: Events,
    _machine: Machine,
    rng: np.random.Generator,
    *,
    radiation_length_mm: float,
    radius_mm: tuple[float, float],
) -> Events:
    """Let one photon of each event convert in a gas, and weight the event with the probability of that.

    The electrons share the energy as 1 - 4/3 x (1 - x) (complete screening; B. Rossi, High-Energy Particles, 1952), and
    their momentum u m across the photon follows d(u^2)/(1 + u^2)^2, equal and opposite: the nucleus takes none of it.
    Values of u are drawn evenly in their logarithm and weighted, so that wide pairs are there.

    Parameters
    ----------
    events
        In the laboratory, with photons.
    rng
        Random generator.
    radiation_length_mm
        Of the gas.
    radius_mm
        Where it begins and ends across the beams.

    Returns
    -------
    Events
        Those with a photon. Weights are multiplied by the number of photons times the probability for a pair, to first
        order, and zero where the photon is too soft for the momentum across it.
    """
    photons = (events.pdg_id == PHOTON_ID) & (events.status == FINAL)
    some = photons.any(axis=1)
    events, photons = events.select(some), photons[some]
    number = photons.sum(axis=1)
    chosen = rng.integers(0, number)
    slot = np.argmax(np.cumsum(photons, axis=1) == chosen[:, None] + 1, axis=1)
    photon = chain.momenta(events, slot)
    n, (inner, outer) = len(events), radius_mm
    energy = photon[:, 3]
    across = np.hypot(photon[:, 0], photon[:, 1])
    radius = rng.uniform(inner, outer, n)
    path = (outer - inner) * energy / across
    weight = number * PAIRS_PER_LENGTH * path / radiation_length_mm
    low, high = np.log(_SIDEWAYS)
    u = np.exp(rng.uniform(low, high, n))
    # d(u^2)/(1 + u^2)^2 = 2 u^2 dln(u)/(1 + u^2)^2.
    weight *= 2.0 * u**2 / (1.0 + u**2) ** 2 * (high - low)
    sideways = ELECTRON_MASS_GEV * u
    share = draw_shares(n, rng)
    possible = np.minimum(share, 1.0 - share) * energy > np.hypot(sideways, ELECTRON_MASS_GEV)
    ids = np.tile(np.array([ELECTRON, -ELECTRON], np.int32), (n, 1))
    pair = pair_momenta(photon, share, np.where(possible, sideways, 0.0), rng.uniform(-np.pi, np.pi, n))
    way = photon[:, :3] * (radius / across)[:, None]
    out = chain.replace_by(events, [chain.Products(slot, ids, pair, way)])
    return out.with_weight(events.weight * np.where(possible, weight, 0.0))


def draw_shares(n: int, rng: np.random.Generator) -> Array:
    """Draw fractions x of the energy from 1 - 4/3 x (1 - x), by acceptance."""
    x = np.empty(n)
    missing = np.arange(n)
    while len(missing) > 0:
        trial = rng.random(len(missing))
        good = rng.random(len(missing)) < 1.0 - 4.0 / 3.0 * trial * (1.0 - trial)
        x[missing[good]] = trial[good]
        missing = missing[~good]
    return x


def pair_momenta(photon: Array, share: Array, sideways_gev: Array, phi: Array) -> Array:
    """Momenta of both electrons, shape (n, 2, 4)."""
    axis = photon[:, :3] / photon[:, 3:]
    first, second = transverse_basis(axis)
    across = sideways_gev[:, None] * (np.cos(phi)[:, None] * first + np.sin(phi)[:, None] * second)
    pair = np.empty((len(photon), 2, 4))
    for place, (fraction, sign) in enumerate(((share, 1.0), (1.0 - share, -1.0))):
        energy = fraction * photon[:, 3]
        along = np.sqrt(np.maximum(energy**2 - sideways_gev**2 - ELECTRON_MASS_GEV**2, 0.0))
        pair[:, place, :3] = along[:, None] * axis + sign * across
        pair[:, place, 3] = energy
    return pair


def phi_to_kaons(events: Events, _machine: Machine, rng: np.random.Generator) -> Events:
    """Let a phi, which stands in the place of a dark photon of its mass, decay to K_S K_L, and the K_S to pi+ pi-.

    Weights are multiplied by the branching fractions of the Particle Data Group 2024. The K_L is left.
    """
    slot = chain.slot_of(events, DARK_PHOTON)
    short, long = two_body.momenta(chain.momenta(events, slot), (mass_gev(K_SHORT), mass_gev(K_LONG)), rng)
    ids = np.tile(np.array([K_SHORT, K_LONG], np.int32), (len(events), 1))
    made = chain.replace_by(
        events, [chain.Products(slot, ids, np.stack([short, long], axis=1), np.zeros((len(events), 3)))]
    )
    pions = np.stack(two_body.momenta(short, (PION_MASS_GEV, PION_MASS_GEV), rng), axis=1)
    kaon = chain.slot_of(made, K_SHORT)
    ids = np.tile(np.array([211, -211], np.int32), (len(events), 1))
    way = chain.flight(short, ctau_mm(K_SHORT), rng)
    out = chain.replace_by(made, [chain.Products(kaon, ids, pions, way)])
    return out.with_weight(out.weight * PHI_TO_KAONS * K_SHORT_TO_PIONS)


#: B(phi -> K_S K_L) and B(K_S -> pi+ pi-), Particle Data Group 2024.
PHI_TO_KAONS, K_SHORT_TO_PIONS = 0.339, 0.692
