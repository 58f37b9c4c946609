"""Energy and entropy of the plasma of the early universe below 0.15 GeV, as effective degrees of freedom.

Ideal gases of photons, leptons and the lightest hadrons; neutrinos have the temperature of the plasma until
electrons and positrons annihilate, and keep their entropy then. Source: E. W. Kolb, M. S. Turner, The Early
Universe (1990), chapter 3.
"""

from functools import cache

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike

from umbra.core.constants import ELECTRON_MASS_GEV, KAON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.kinematics import Array

#: Mass in GeV, degrees of freedom, +1 for fermions and -1 for bosons. Hadrons: Particle Data Group 2024.
_HEAVY = (
    (MUON_MASS_GEV, 4.0, 1.0),
    (PION_MASS_GEV, 2.0, -1.0),
    (0.1349768, 1.0, -1.0),
    (KAON_MASS_GEV, 2.0, -1.0),
    (0.497611, 2.0, -1.0),
    (0.547862, 1.0, -1.0),
    (0.77526, 9.0, -1.0),
    (0.78266, 3.0, -1.0),
    (0.8936, 12.0, -1.0),
    (0.938918, 8.0, 1.0),
)
_PHOTON, _NEUTRINOS = 2.0, 6.0 * 7.0 / 8.0
#: Photons and electrons without mass.
_ELECTROMAGNETIC = _PHOTON + 4.0 * 7.0 / 8.0
#: Largest energy of the integrals, in units of the temperature above the mass.
_REACH = 40.0
_NODES = 120


def degrees_of_freedom(temperature_gev: ArrayLike) -> tuple[Array, Array]:
    """Effective degrees of freedom of the energy and of the entropy, shape of `temperature_gev` each.

    Interpolated between temperatures from 10 eV to 1 GeV, constant beyond.
    """
    place = np.log(np.asarray(temperature_gev, float))
    known, energy, entropy = _table()
    return np.interp(place, known, energy), np.interp(place, known, entropy)


@cache
def _table() -> tuple[Array, Array, Array]:
    temperature = np.geomspace(1e-8, 1.0, 400)
    points, weights = leggauss(_NODES)
    # p^2 = e (e + 2m) with e = E - m = t^2 takes the root out of the integrand.
    t = 0.5 * np.sqrt(_REACH) * (points + 1.0)
    rule = t**2, 0.5 * np.sqrt(_REACH) * weights * 2.0 * t
    energy, entropy = _gas(temperature, ELECTRON_MASS_GEV, 4.0, 1.0, rule)
    energy, entropy = energy + _PHOTON, entropy + _PHOTON
    cooler = np.cbrt(entropy / _ELECTROMAGNETIC)
    energy, entropy = energy + _NEUTRINOS * cooler**4, entropy + _NEUTRINOS * cooler**3
    for mass_gev, degrees, sign in _HEAVY:
        more = _gas(temperature, mass_gev, degrees, sign, rule)
        energy, entropy = energy + more[0], entropy + more[1]
    return np.log(temperature), energy, entropy


def _gas(
    temperature: Array, mass_gev: float, degrees: float, sign: float, rule: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Degrees of freedom of an ideal gas: 15 g/pi^4 times the integral of E^2 p dE/(exp(E) + sign), in temperatures."""
    kinetic, measure = rule
    x = (mass_gev / temperature)[:, None]
    energy = kinetic + x
    momentum2 = kinetic * (kinetic + 2.0 * x)
    # exp(-x) in front, lest heavy gases overflow.
    occupation = np.exp(-kinetic) / (1.0 + sign * np.exp(-np.minimum(energy, 700.0)))
    common = measure * occupation * np.sqrt(momentum2)
    scale = 15.0 * degrees / np.pi**4 * np.exp(-np.minimum(x[:, 0], 700.0))
    density = scale * (common * energy**2).sum(axis=1)
    pressure = scale * (common * momentum2).sum(axis=1) / 3.0
    return density, 0.75 * (density + pressure)
