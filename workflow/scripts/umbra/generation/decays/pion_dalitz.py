"""pi0 -> gamma e+e- in events whose pi0 have decayed to two photons: the internal conversion of one photon.

The mass q of the pair follows Kroll and Wada, Phys. Rev. 98 (1955) 1355, without the form factor, whose effect
on the rate is 3 % at the upper end:

    d ln(Gamma) / dq^2 = 2 alpha/(3 pi) / q^2 (1 + 2 m^2/q^2) sqrt(1 - 4 m^2/q^2) (1 - q^2/M^2)^3,

with m of the electron and M of the pi0. The virtual photon is transverse, so that the electron's angle to it
follows 2 - beta^2 sin^2 in the frame of the pair.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ALPHA, ELECTRON, ELECTRON_MASS_GEV, PHOTON
from umbra.core.errors import UmbraError
from umbra.core.events import FINAL, Events
from umbra.core.kinematics import Array, mass_squared
from umbra.core.pdg import mass_gev
from umbra.generation.decays import chain, two_body

#: Two photons next to each other whose mass is within this of the pi0's come from one.
_TOLERANCE_GEV = 1e-4
#: Points at which the spectrum is tabulated, evenly in the logarithm of the mass.
_POINTS = 4000


def convert_one(events: Events, lowest_gev: float, rng: np.random.Generator) -> Events:
    """Let one pi0 of each event decay to gamma e+e-, and weight the events with the probability of that.

    Parameters
    ----------
    events
        With the photons of each pi0 in neighbouring slots.
    lowest_gev
        Lighter pairs are left out: the probability counts heavier ones only.
    rng
        Random generator.

    Returns
    -------
    Events
        Those with a pi0 only. Their weights are multiplied by the number of pi0 times the probability for a
        pair, to first order: no event has two pairs.

    Raises
    ------
    UmbraError
        If `lowest_gev` is not between twice the electron mass and the mass of the pi0.
    """
    first = _first_photons(events)
    number = first.sum(axis=1)
    rows = np.flatnonzero(number)
    # The k-th pi0 of an event, k drawn evenly.
    chosen = rng.integers(0, number[rows])
    slot = np.argmax(np.cumsum(first[rows], axis=1) == chosen[:, None] + 1, axis=1)
    alone = events.select(rows)
    swap = rng.random(len(rows)) < 0.5
    virtual, real = np.where(swap, slot + 1, slot), np.where(swap, slot, slot + 1)

    here = np.arange(len(rows))
    parent = alone.p4[here, virtual] + alone.p4[here, real]
    q, probability = _pair_masses(len(rows), lowest_gev, rng)
    p4 = alone.p4.copy()
    photon, p4[here, real] = two_body.momenta(parent, (q, 0.0), rng)
    p4[here, virtual] = photon
    pair = np.stack(two_body.momenta(photon, (ELECTRON_MASS_GEV, ELECTRON_MASS_GEV), rng, _Angle(q)), axis=1)
    ids = np.tile(np.array([ELECTRON, -ELECTRON], np.int32), (len(rows), 1))
    products = chain.Products(virtual, ids, pair, np.zeros((len(rows), 3)))
    out = chain.replace_by(alone.with_p4(p4), [products])
    return replace(out, weight=out.weight * number[rows] * probability)


def _first_photons(events: Events) -> NDArray[np.bool_]:
    """Slots of the first photon of each pi0, shape (n, k)."""
    photon = (events.pdg_id == PHOTON) & (events.status == FINAL)
    first = np.zeros(photon.shape, np.bool_)
    event, slot = np.nonzero(photon[:, :-1] & photon[:, 1:])
    mass2 = mass_squared(events.p4[event, slot] + events.p4[event, slot + 1])
    pion = mass_gev(111)
    first[event, slot] = np.abs(mass2 - pion**2) < 2.0 * pion * _TOLERANCE_GEV
    return first


def spectrum(q_gev: Array) -> Array:
    """Logarithmic density of pair masses, d ln(Gamma) / d ln(q): pairs per pi0 -> gamma gamma, and unit of ln q."""
    ratio = np.minimum((2.0 * ELECTRON_MASS_GEV / q_gev) ** 2, 1.0)
    rest = np.maximum(1.0 - (q_gev / mass_gev(111)) ** 2, 0.0)
    # dq^2/q^2 = 2 dln(q).
    result: Array = 4.0 * ALPHA / (3.0 * np.pi) * (1.0 + 0.5 * ratio) * np.sqrt(1.0 - ratio) * rest**3
    return result


def _pair_masses(n: int, lowest_gev: float, rng: np.random.Generator) -> tuple[Array, float]:
    """Masses of n pairs, and the probability of a pair per pi0."""
    if not 2.0 * ELECTRON_MASS_GEV <= lowest_gev < mass_gev(111):
        raise UmbraError(f"pi0 -> gamma e+e-: no pair has a mass of {lowest_gev:g} GeV")
    log_q = np.linspace(np.log(lowest_gev), np.log(mass_gev(111)), _POINTS)
    density = spectrum(np.exp(log_q))
    cumulative = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(log_q))])
    q = np.exp(np.interp(rng.random(n) * cumulative[-1], cumulative, log_q))
    return q, float(cumulative[-1])


class _Angle:
    """Cosines of the electron's angle to the virtual photon: 2 - beta^2 sin^2, by acceptance."""

    def __init__(self, q_gev: Array) -> None:
        self._beta2 = 1.0 - (2.0 * ELECTRON_MASS_GEV / q_gev) ** 2

    def __call__(self, n: int, rng: np.random.Generator) -> Array:
        cosine = np.empty(n)
        missing = np.arange(n)
        while len(missing) > 0:
            trial = rng.uniform(-1.0, 1.0, len(missing))
            good = 2.0 * rng.random(len(missing)) < 2.0 - self._beta2[missing] * (1.0 - trial**2)
            cosine[missing[good]] = trial[good]
            missing = missing[~good]
        return cosine
