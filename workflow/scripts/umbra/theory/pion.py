"""Electromagnetic form factor of the charged pion in the time-like region, and sigma(e+e- -> pi+pi-)."""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from umbra.core.constants import ALPHA, GEV2_PB, PION_MASS_GEV
from umbra.core.kinematics import Array
from umbra.theory import tables
from umbra.theory.widths import velocity

Complex = NDArray[np.complex128]


def form_factor(mass_gev: ArrayLike) -> Complex:
    """F(m^2), 1 at m = 0 up to the parametrisation: (rho (1 + omega) + c rho')/(1 + c).

    Parameters
    ----------
    mass_gev
        Mass of the pair, from the threshold on.
    """
    table = tables.load("pion")
    s = np.square(np.asarray(mass_gev, float))
    omega, prime = table["omega"], table["rho_prime"]
    m2 = omega["mass_gev"] ** 2
    mixing = omega["mixing"] * np.exp(1j * np.radians(omega["phase_deg"])) * s / m2
    plain = m2 / (m2 - s - 1j * omega["mass_gev"] * omega["width_gev"])
    rho = _gounaris_sakurai(s, **table["rho"]) * (1.0 + mixing * plain)
    other = prime["weight"] * _gounaris_sakurai(s, prime["mass_gev"], prime["width_gev"])
    result: Complex = (rho + other) / (1.0 + prime["weight"])
    return result


def ratio(mass_gev: ArrayLike) -> Array:
    """R of pi+pi-: the cross-section over that of massless muons, beta^3 |F|^2/4; zero below threshold."""
    mass = np.maximum(np.asarray(mass_gev, float), 2.0 * PION_MASS_GEV)
    result: Array = 0.25 * velocity(mass, PION_MASS_GEV) ** 3 * np.abs(form_factor(mass)) ** 2
    return result


def cross_section_pb(mass_gev: ArrayLike) -> Array:
    """Cross-section of e+e- -> pi+pi- at lowest order, pi alpha^2 beta^3 |F|^2/(3 s)."""
    muons: Array = GEV2_PB * 4.0 * np.pi * ALPHA**2 / (3.0 * np.square(np.asarray(mass_gev, float)))
    return muons * ratio(mass_gev)


def _momentum(s: Array) -> Array:
    result: Array = 0.5 * np.sqrt(np.maximum(s - 4.0 * PION_MASS_GEV**2, 0.0))
    return result


def _loop(s: Array) -> Array:
    """Return h(s) of Gounaris and Sakurai."""
    k, root = _momentum(s), np.sqrt(s)
    result: Array = 2.0 / np.pi * k / root * np.log((root + 2.0 * k) / (2.0 * PION_MASS_GEV))
    return result


@cache
def _constants(mass_gev: float) -> tuple[float, float, float, float]:
    """Return k, h and dh/ds at the mass, and d, which makes the amplitude 1 at s = 0."""
    m2, pion2 = mass_gev**2, PION_MASS_GEV**2
    k, h = float(_momentum(np.asarray(m2))), float(_loop(np.asarray(m2)))
    slope = h * (1.0 / (8.0 * k**2) - 0.5 / m2) + 0.5 / (np.pi * m2)
    log = np.log((mass_gev + 2.0 * k) / (2.0 * PION_MASS_GEV))
    d = 3.0 / np.pi * pion2 / k**2 * log + mass_gev / (2.0 * np.pi * k) - pion2 * mass_gev / (np.pi * k**3)
    return k, h, slope, float(d)


def _gounaris_sakurai(s: Array, mass_gev: float, width_gev: float) -> Complex:
    m2 = mass_gev**2
    k0, h0, slope, d = _constants(mass_gev)
    k = _momentum(s)
    shift = width_gev * m2 / k0**3 * (k**2 * (_loop(s) - h0) + (m2 - s) * k0**2 * slope)
    running = mass_gev * width_gev * (k / k0) ** 3 * mass_gev / np.sqrt(s)
    result: Complex = m2 * (1.0 + d * width_gev / mass_gev) / (m2 - s + shift - 1j * running)
    return result
