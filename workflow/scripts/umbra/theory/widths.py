"""Two-body partial widths at unit strength, vectorised, zero below threshold.

Each is Gamma = coupling^2 x the function here; masses in GeV, couplings dimensionless unless said otherwise.
"""

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV, TAU_MASS_GEV
from umbra.core.kinematics import Array

#: Leptonic final states and the mass of the lepton in GeV.
LEPTONS = {"ee": ELECTRON_MASS_GEV, "mumu": MUON_MASS_GEV, "tautau": TAU_MASS_GEV}


def velocity(mass_gev: ArrayLike, daughter_gev: float) -> Array:
    """Velocity of two equal daughters in the rest frame of their parent; zero below threshold."""
    mass = np.asarray(mass_gev, float)
    result: Array = np.sqrt(np.maximum(0.0, 1.0 - np.square(2.0 * daughter_gev / mass)))
    return result


def vector_to_fermions(mass_gev: ArrayLike, fermion_gev: float) -> Array:
    """V -> f fbar (Dirac) for L = g V_mu fbar gamma^mu f: m/(12 pi) (1 + 2 m_f^2/m^2) beta."""
    mass = np.asarray(mass_gev, float)
    threshold = 1.0 + 2.0 * np.square(fermion_gev / mass)
    return mass / (12.0 * np.pi) * threshold * velocity(mass, fermion_gev)


def lepton_weight(mass_gev: ArrayLike, final_state: str) -> Array:
    """Width of a vector into a pair of `LEPTONS` relative to massless leptons: (1 + 2r) sqrt(1 - 4r), r = m_l^2/m^2."""
    result: Array = (
        vector_to_fermions(mass_gev, LEPTONS[final_state]) * 12.0 * np.pi / np.asarray(mass_gev, float)
    )
    return result


def vector_to_scalars(mass_gev: ArrayLike, scalar_gev: float) -> Array:
    """V -> phi phi* (complex scalar) for the minimal coupling g: m/(48 pi) beta^3."""
    mass = np.asarray(mass_gev, float)
    return mass / (48.0 * np.pi) * velocity(mass, scalar_gev) ** 3


def scalar_to_fermions(mass_gev: ArrayLike, fermion_gev: float) -> Array:
    """S -> f fbar for L = -g S fbar f: m/(8 pi) beta^3."""
    mass = np.asarray(mass_gev, float)
    return mass / (8.0 * np.pi) * velocity(mass, fermion_gev) ** 3


def pseudoscalar_to_fermions(mass_gev: ArrayLike, fermion_gev: float) -> Array:
    """P -> f fbar for L = -i g P fbar gamma5 f: m/(8 pi) beta."""
    mass = np.asarray(mass_gev, float)
    return mass / (8.0 * np.pi) * velocity(mass, fermion_gev)


def axion_to_photons(mass_gev: ArrayLike) -> Array:
    """Partial width of a -> gamma gamma for L = -(g/4) a F Ftilde (g in GeV^-1): m^3/(64 pi)."""
    return np.asarray(mass_gev, float) ** 3 / (64.0 * np.pi)
