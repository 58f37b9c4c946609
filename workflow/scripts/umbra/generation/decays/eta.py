"""Decays of the eta to gamma gamma and pi+ pi- pi0, pi0 -> gamma gamma; of the eta' to gamma pi+ pi- and pi+ pi- eta.

Each event gets the sum of both fractions as weight, so that the other decays count as lost: no selection here looks for
them, and what they leave has other particles. The eta of the eta' goes to two photons.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from umbra.core.constants import PHOTON, PION_MASS_GEV
from umbra.core.events import Events
from umbra.core.kinematics import Array, boost_from_rest, two_body_momentum
from umbra.core.machines import Machine
from umbra.core.pdg import mass_gev
from umbra.generation.decays import chain, two_body
from umbra.generation.decays.directions import isotropic
from umbra.theory import tables
from umbra.theory.meson import ETA_MASS_GEV, ETA_PRIME_MASS_GEV
from umbra.theory.pion import form_factor

_ETA, _ETA_PRIME, _PION = 221, 331, 211
_PI0_MASS_GEV = mass_gev(111)

#: Density in mass and cosine of a pion pair, of: mass, momentum of the pair, of the pions in its frame, cosine.
_Density = Callable[[Array, Array, Array, Array], Array]


def to_photons_or_pions(events: Events, _machine: Machine, rng: np.random.Generator) -> Events:
    """Decay the eta of each event, at its production point; the weight becomes the sum of both fractions.

    Parameters
    ----------
    events
        Each with one undecayed eta, in the laboratory.
    rng
        Random numbers of the decays.
    """
    table = tables.load("eta")
    photons, pions = float(table["fractions"]["gamma_gamma"]), float(table["fractions"]["pi_pi_pi0"])
    slot = chain.slot_of(events, _ETA)
    parent = chain.momenta(events, slot)
    n = len(events)
    ids, p4 = np.zeros((n, 4), np.int32), np.zeros((n, 4, 4))
    is_photons = rng.random(n) * (photons + pions) < photons
    first, second = two_body.momenta(parent[is_photons], (0.0, 0.0), rng)
    ids[is_photons, :2] = PHOTON
    p4[is_photons, :2] = np.stack([first, second], axis=1)
    ids[~is_photons] = (_PION, -_PION, PHOTON, PHOTON)
    p4[~is_photons] = to_pions(parent[~is_photons], rng)
    weighted = events.with_weight(events.weight * (photons + pions))
    return chain.replace_by(weighted, [chain.Products(slot, ids, p4, np.zeros((n, 3)))])


def to_pions(parent: Array, rng: np.random.Generator) -> Array:
    """Decay eta -> pi+ pi- pi0, pi0 -> gamma gamma with the measured Dalitz plot.

    Parameters
    ----------
    parent
        Momenta of etas, shape (n, 4).
    rng
        Random generator.

    Returns
    -------
    numpy.ndarray
        Momenta of pi+, pi- and the two photons in the frame of `parent`, shape (n, 4, 4).
    """
    slopes, n = _Slopes.load(), len(parent)
    q, cosine = np.empty(n), np.empty(n)
    missing = np.arange(n)
    while len(missing) > 0:
        trial_q = 2.0 * PION_MASS_GEV + rng.random(len(missing)) * _REACH_GEV
        trial_cos = rng.uniform(-1.0, 1.0, len(missing))
        good = rng.random(len(missing)) * slopes.highest < slopes.density(trial_q, trial_cos)
        q[missing[good]], cosine[missing[good]] = trial_q[good], trial_cos[good]
        missing = missing[~good]
    k = two_body_momentum(ETA_MASS_GEV, q, _PI0_MASS_GEV)
    axis = isotropic(rng, n)
    pair, neutral = np.empty((n, 4)), np.empty((n, 4))
    pair[:, :3], pair[:, 3] = k[:, None] * axis, np.hypot(k, q)
    neutral[:, :3], neutral[:, 3] = -pair[:, :3], np.hypot(k, _PI0_MASS_GEV)
    plus, minus = two_body.momenta(pair, (PION_MASS_GEV, PION_MASS_GEV), rng, lambda _n, _rng: cosine)
    photons = two_body.momenta(neutral, (0.0, 0.0), rng)
    return boost_from_rest(np.stack([plus, minus, *photons], axis=1), parent[:, None, :])


def prime_to_pions(events: Events, _machine: Machine, rng: np.random.Generator) -> Events:
    """Decay the eta' of each event, at its production point; the weight becomes the sum of both fractions.

    Parameters
    ----------
    events
        Each with one undecayed eta', in the laboratory.
    rng
        Random numbers of the decays.
    """
    table = tables.load("eta")
    radiative = float(table["prime_fractions"]["gamma_pi_pi"])
    hadronic = float(table["prime_fractions"]["pi_pi_eta"]) * float(table["fractions"]["gamma_gamma"])
    slot = chain.slot_of(events, _ETA_PRIME)
    parent = chain.momenta(events, slot)
    n = len(events)
    ids, p4 = np.zeros((n, 4), np.int32), np.zeros((n, 4, 4))
    is_radiative = rng.random(n) * (radiative + hadronic) < radiative
    ids[:, :3] = (_PION, -_PION, PHOTON)
    p4[is_radiative, :3] = _pair_and_third(parent[is_radiative], 0.0, _from_rho, rng)
    ids[~is_radiative, 3] = PHOTON
    with_eta = _pair_and_third(parent[~is_radiative], ETA_MASS_GEV, _flat, rng)
    p4[~is_radiative, :2] = with_eta[:, :2]
    p4[~is_radiative, 2:] = np.stack(two_body.momenta(with_eta[:, 2], (0.0, 0.0), rng), axis=1)
    weighted = events.with_weight(events.weight * (radiative + hadronic))
    return chain.replace_by(weighted, [chain.Products(slot, ids, p4, np.zeros((n, 3)))])


def _flat(q_gev: Array, outer: Array, inner: Array, cosine: Array) -> Array:
    """Phase space of the pion pair in its mass: both momenta."""
    result: Array = outer * inner * np.ones_like(cosine)
    return result


def _from_rho(q_gev: Array, outer: Array, inner: Array, cosine: Array) -> Array:
    """Eta' -> gamma rho0, with the form factor of the pion: P waves at both vertices, the rho transverse.

    dGamma/dq = |F(q)|^2 outer^3 inner^3 sin^2, up to a constant: F. Stollenwerk et al., Phys. Lett. B 707 (2012) 184,
    arXiv:1108.2419, without the polynomial that corrects it.
    """
    result: Array = np.abs(form_factor(q_gev)) ** 2 * (outer * inner) ** 3 * (1.0 - cosine**2)
    return result


def _pair_and_third(parent: Array, third_gev: float, density: _Density, rng: np.random.Generator) -> Array:
    """Decay an eta' to pi+ pi- and a third particle; momenta in the frame of `parent`, shape (n, 3, 4)."""
    n, low, high = len(parent), 2.0 * PION_MASS_GEV, ETA_PRIME_MASS_GEV - third_gev

    def value(q_gev: Array, cosine: Array) -> Array:
        outer = two_body_momentum(ETA_PRIME_MASS_GEV, q_gev, third_gev)
        inner = two_body_momentum(q_gev, PION_MASS_GEV, PION_MASS_GEV)
        return density(q_gev, outer, inner, cosine)

    highest = 1.02 * float(value(np.linspace(low, high, 2000)[1:-1], np.zeros(1998)).max())
    q, cosine = np.empty(n), np.empty(n)
    missing = np.arange(n)
    while len(missing) > 0:
        trial_q, trial_cos = rng.uniform(low, high, len(missing)), rng.uniform(-1.0, 1.0, len(missing))
        good = rng.random(len(missing)) * highest < value(trial_q, trial_cos)
        q[missing[good]], cosine[missing[good]] = trial_q[good], trial_cos[good]
        missing = missing[~good]
    at_rest = np.tile([0.0, 0.0, 0.0, ETA_PRIME_MASS_GEV], (n, 1))
    pair, third = two_body.momenta(at_rest, (q, third_gev), rng)
    plus, minus = two_body.momenta(pair, (PION_MASS_GEV, PION_MASS_GEV), rng, lambda _n, _rng: cosine)
    return boost_from_rest(np.stack([plus, minus, third], axis=1), parent[:, None, :])


#: Range of the mass of the charged pair.
_REACH_GEV = ETA_MASS_GEV - _PI0_MASS_GEV - 2.0 * PION_MASS_GEV


@dataclass(frozen=True)
class _Slopes:
    """|A|^2 = 1 + a Y + b Y^2 + d X^2 + f Y^3, X = 3^(1/2) (T+ - T-)/Q and Y = 3 T0/Q - 1."""

    a: float
    b: float
    d: float
    f: float

    @classmethod
    @cache
    def load(cls) -> "_Slopes":
        return cls(**tables.load("eta")["dalitz_slopes"])

    def density(self, q_gev: Array, cosine: Array) -> Array:
        """Density in the mass of the charged pair and the cosine of pi+ in its rest frame, phase space included."""
        outer = two_body_momentum(ETA_MASS_GEV, q_gev, _PI0_MASS_GEV)
        inner = two_body_momentum(q_gev, PION_MASS_GEV, PION_MASS_GEV)
        # E+ - E- = 2 (P/q) k cos in the rest frame of the eta.
        x = np.sqrt(3.0) * 2.0 * outer * inner / q_gev * cosine / _REACH_GEV
        y = 3.0 * (np.hypot(outer, _PI0_MASS_GEV) - _PI0_MASS_GEV) / _REACH_GEV - 1.0
        result: Array = outer * inner * (1.0 + self.a * y + self.b * y**2 + self.d * x**2 + self.f * y**3)
        return result

    @property
    def highest(self) -> float:
        """Upper bound of the density, from a grid."""
        q = 2.0 * PION_MASS_GEV + np.linspace(0.0, 1.0, 400) * _REACH_GEV
        return 1.01 * float(self.density(*np.meshgrid(q, np.linspace(-1.0, 1.0, 41))).max())
