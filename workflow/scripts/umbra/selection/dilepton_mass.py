"""Mass of two leptons: from measured tracks, or as a fit to the energy of the beams would find it."""

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import MUON_MASS_GEV
from umbra.core.kinematics import Array
from umbra.detector.detector import Reconstructed
from umbra.selection.records import MassResolution


def pair_mass_squared(a: Array, b: Array, mass_gev: float) -> Array:
    """Mass squared of two particles of one mass, without the cancellation of E^2 - p^2."""
    # m^2 (x + 1/x) + 2 p p' (1 - cos) with x = E/E', rewritten so that no large terms cancel.
    pa, pb = np.sqrt((a[:, :3] ** 2).sum(axis=1)), np.sqrt((b[:, :3] ** 2).sum(axis=1))
    difference = a[:, :3] / pa[:, None] - b[:, :3] / pb[:, None]
    angular = pa * pb * (difference**2).sum(axis=1)
    energies = np.hypot(pa, mass_gev) * np.hypot(pb, mass_gev)
    # E E' - p p' = m^2 (m^2 + p^2 + p'^2) / (E E' + p p')
    mass2 = mass_gev**2
    longitudinal = mass2 * (mass2 + pa**2 + pb**2) / (energies + pa * pb)
    result: Array = 2.0 * mass2 + 2.0 * longitudinal + angular
    return result


def track_mass(a: Array, b: Array, sqrt_s_gev: float) -> Array:
    """Mass that two particles have if both have the same one and a photon is all that is missing.

    Their energies add up to W, what the photon leaves, and differ by (p_a^2 - p_b^2)/W.

    Parameters
    ----------
    a, b
        Momenta in the centre of mass, of which the energies are not used, shape (n, 4).
    sqrt_s_gev
        Energy there.

    Returns
    -------
    numpy.ndarray
        In GeV, with the sign of the mass squared, shape (n,).
    """
    squared_a, squared_b = ((each[:, :3] ** 2).sum(axis=1) for each in (a, b))
    left = sqrt_s_gev - np.sqrt(((a + b)[:, :3] ** 2).sum(axis=1))
    squared = 0.25 * (left + (squared_a - squared_b) / left) ** 2 - squared_a
    result: Array = np.copysign(np.sqrt(np.abs(squared)), squared)
    return result


def fitted_mass(
    reco: Reconstructed,
    plus: NDArray[np.intp],
    minus: NDArray[np.intp],
    mass_gev: float,
    width_mev: MassResolution,
) -> Array:
    """Mass that a fit to the energy of the beams would give: the true one, smeared.

    Parameters
    ----------
    reco
        The events, one candidate each.
    plus, minus
        Slots of the leptons, shape (n,).
    mass_gev
        Of a lepton.
    width_mev
        Of the measured mass.
    """
    rows = np.arange(len(reco))
    true = reco.truth.p4
    mass = np.sqrt(pair_mass_squared(true[rows, plus], true[rows, minus], mass_gev))
    return smeared(mass, width_mev, reco.rng)


def smeared(mass_gev: Array, width_mev: MassResolution, rng: np.random.Generator) -> Array:
    """Masses, smeared by a Gaussian whose width depends on them, of the same shape."""
    at_gev, width = np.array(width_mev).T
    sigma = 1e-3 * np.interp(mass_gev, at_gev, width)
    result: Array = mass_gev + sigma * rng.standard_normal(mass_gev.shape)
    return result


def reduced_mass(mass_gev: Array) -> Array:
    """Root of m^2 - 4 m_mu^2 with the sign of its argument, which smearing makes negative near threshold."""
    squared = mass_gev**2 - 4.0 * MUON_MASS_GEV**2
    result: Array = np.copysign(np.sqrt(np.abs(squared)), squared)
    return result
