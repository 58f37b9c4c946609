"""How likely two muons and missing momentum are as e+e-mu+mu- with both electrons along the beams, unseen.

Equivalent photons (Budnev, Ginzburg, Meledin and Serbo, Phys. Rept. 15 (1975) 181): one electron keeps the direction of
its beam, the other has all of the transverse momentum that the muons lack, up to the angle at which it is seen. The
photon of either takes the fraction x of the beam's energy. Emission with the transverse momentum q is
d2N/(dx d2q) = alpha/(2 pi^2) [1 + (1-x)^2]/(x q^2), that along the beam its integral up to the same q.
"""

import numpy as np

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB, MUON_MASS_GEV
from umbra.core.kinematics import Array, mass_squared
from umbra.core.machines import Machine
from umbra.detector.calorimeter import Calorimeter

#: Directions around the electron at which the probability to miss it is averaged, degrees.
_DIRECTION_DEG = 0.5


def two_photon_density(in_cm: Array, machine: Machine, calorimeter: Calorimeter) -> Array:
    """Density of e+e-mu+mu- in pb/GeV^4, d sigma / (d3p+/E+ d3p-/E-), with both electrons unseen, shape (n,).

    Parameters
    ----------
    in_cm
        Momenta of mu+ and mu- in the centre of mass, shape (n, 2, 4).
    machine
        Whose beams collided.
    calorimeter
        Whose outer edges bound the angles at which electrons are unseen.
    """
    root = machine.sqrt_s_gev
    pair = in_cm.sum(axis=1)
    missing: Array = -pair
    missing[:, 3] += root
    w2 = np.maximum(mass_squared(pair), 4.0 * MUON_MASS_GEV**2 * (1.0 + 1e-9))
    beta = np.sqrt(1.0 - 4.0 * MUON_MASS_GEV**2 / w2)
    q2 = np.maximum(pair[:, 0] ** 2 + pair[:, 1] ** 2, 1e-8)
    total = np.zeros(len(in_cm))
    for side in (1.0, -1.0):
        # The electron along the beam keeps the fraction y: the other one is massless, as a missed photon would be.
        light = np.maximum(missing[:, 3] - side * missing[:, 2], 1e-6)
        kept = np.clip(mass_squared(missing) / (root * light), 0.0, 1.0 - 1e-6)
        along = 0.5 * root * kept[:, None] * np.array([0.0, 0.0, side, 1.0])
        scattered = missing - along
        given = np.clip(1.0 - (scattered[:, 3] - side * scattered[:, 2]) / root, 1e-6, 1.0)
        lost = 1.0 - kept
        photon = 0.5 * root * lost[:, None] * np.array([0.0, 0.0, side, 1.0])
        cosine = (1.0 - 2.0 * _product(photon, in_cm[:, 0]) / _product(photon, pair)) / beta
        hard = ALPHA**2 * beta / w2 * _annihilation(beta, np.clip(cosine, -1.0, 1.0))
        emitted = ALPHA / (2.0 * np.pi**2) * (1.0 + (1.0 - given) ** 2) / (given * q2)
        collinear = ALPHA / (2.0 * np.pi) * (1.0 + kept**2) / lost
        collinear = collinear * np.log1p(q2 / (lost * ELECTRON_MASS_GEV) ** 2)
        total += emitted * collinear * hard * _unseen(machine.to_lab(scattered), calorimeter)
    # d3p+/E+ d3p-/E- = beta/2 d4P dOmega, and dP0 dPz = s/2 dx dx'.
    return np.asarray(GEV2_PB * 4.0 / (root**2 * beta) * total)


def _product(a: Array, b: Array) -> Array:
    """Scalar product of four-vectors of positive energy, away from zero."""
    result: Array = np.maximum(a[:, 3] * b[:, 3] - (a[:, :3] * b[:, :3]).sum(axis=1), 1e-12)
    return result


def _annihilation(beta: Array, cosine: Array) -> Array:
    """Angular part of photons into muons: d sigma/d Omega = alpha^2 beta/W^2 times this."""
    numerator = 1.0 + 2.0 * beta**2 * (1.0 - beta**2) * (1.0 - cosine**2) - beta**4 * cosine**4
    result: Array = numerator / (1.0 - beta**2 * cosine**2) ** 2
    return result


def _unseen(electron: Array, calorimeter: Calorimeter) -> Array:
    """Fraction of directions around electrons of the laboratory that lie beyond the edges of the calorimeter."""
    low = min(region.cos_low for region in calorimeter.regions)
    high = max(region.cos_high for region in calorimeter.regions)
    theta = np.arctan2(np.hypot(electron[:, 0], electron[:, 1]), electron[:, 2])
    shifts = np.radians([-_DIRECTION_DEG, 0.0, _DIRECTION_DEG])
    cosines = np.cos(np.clip(theta[:, None] + shifts, 0.0, np.pi))
    return np.asarray(((cosines > high) | (cosines < low)).mean(axis=1))
