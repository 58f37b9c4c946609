"""e+e- → π+π-γ, the photon from the beams or from the pions.

From the beams: with the form factor of the pion at the mass of the pair. From the pions: as from point-like scalars,
with the form factor at the energy of the collision; φ → f0γ and other resonances there are left out. The interference
of the two changes its sign when the pions are exchanged: left out, too, and nothing that treats both alike can tell.
"""

from typing import ClassVar

import numpy as np

from umbra.core.constants import ELECTRON_MASS_GEV, PION_MASS_GEV
from umbra.core.kinematics import Array, dot
from umbra.generation.decays.dark_photon import beam_tensor
from umbra.generation.processes.catalogue.pion_pair import PIPIGAMMA
from umbra.generation.processes.qed_amplitudes import CHARGE2, transverse_polarisations
from umbra.generation.processes.qed_radiative import Radiative
from umbra.theory.pion import form_factor

_PION = 211


class PiPiGamma(Radiative):
    """e+e- → π+π-γ with initial and final state radiation, see the module."""

    entry = PIPIGAMMA
    particle = _PION
    mass_gev: ClassVar[float] = PION_MASS_GEV
    mass_cut = "dipion_mass"
    theta_cuts = ("pion_theta",)

    def squared_amplitude(self, p4: Array, sqrt_s_gev: Array) -> Array:
        """See `Radiative.squared_amplitude`."""
        return from_beams(p4, sqrt_s_gev) + from_pions(p4, sqrt_s_gev)


def from_beams(p4: Array, sqrt_s_gev: Array) -> Array:
    """Squared amplitude of radiation from the beams, averaged and summed over spins, in GeV^-2.

    The tensor of the beams (`umbra.generation.decays.dark_photon.beam_tensor`) with the current q1 - q2 of the pions.

    Parameters
    ----------
    p4
        (π+, π-, γ) in the centre of mass with the electron beam along +z, shape (n, 3, 4).
    sqrt_s_gev
        Shape (n,).
    """
    s = sqrt_s_gev**2
    photon, current = p4[:, 2], p4[:, 0] - p4[:, 1]
    pair2 = s - 2.0 * sqrt_s_gev * photon[:, 3]
    a00, a11, a22, a12 = beam_tensor(s, pair2, *_beam_products(photon, sqrt_s_gev))
    x1, x2 = (dot(beam, current) for beam in _beams(sqrt_s_gev))
    tensor = a00 * (4.0 * PION_MASS_GEV**2 - pair2) + a11 * x1**2 + a22 * x2**2 + 2.0 * a12 * x1 * x2
    result: Array = CHARGE2**3 * np.abs(form_factor(np.sqrt(pair2))) ** 2 / pair2**2 * tensor
    return result


def from_pions(p4: Array, sqrt_s_gev: Array) -> Array:
    """Squared amplitude of radiation from the pions in scalar electrodynamics; arguments as of `from_beams`."""
    s = sqrt_s_gev**2
    plus, minus, photon = p4[:, 0], p4[:, 1], p4[:, 2]
    beams = _beams(sqrt_s_gev)
    tensor = np.zeros(len(p4))
    for polarisation in np.moveaxis(transverse_polarisations(photon), 1, 0):
        first = (dot(plus, polarisation) / dot(plus, photon))[:, None]
        second = (dot(minus, polarisation) / dot(minus, photon))[:, None]
        current = first * (plus + photon - minus) - second * (plus - minus - photon) - 2.0 * polarisation
        x1, x2 = (dot(beam, current) for beam in beams)
        tensor += 2.0 * x1 * x2 - 0.5 * s * dot(current, current)
    result: Array = CHARGE2**3 * np.abs(form_factor(sqrt_s_gev)) ** 2 / s**2 * tensor
    return result


def _beams(sqrt_s_gev: Array) -> tuple[Array, Array]:
    """Momenta of electron and positron, shape (n, 4) each."""
    half = 0.5 * sqrt_s_gev
    zero, size = np.zeros_like(half), np.sqrt(half**2 - ELECTRON_MASS_GEV**2)
    return np.stack([zero, zero, size, half], axis=1), np.stack([zero, zero, -size, half], axis=1)


def _beam_products(photon: Array, sqrt_s_gev: Array) -> tuple[Array, Array]:
    """Products of the photon's momentum with those of electron and positron, exact where it is collinear with one."""
    half = 0.5 * sqrt_s_gev
    size = np.sqrt(half**2 - ELECTRON_MASS_GEV**2)
    energy, along = photon[:, 3], photon[:, 2]
    across2 = photon[:, 0] ** 2 + photon[:, 1] ** 2
    # E (E - p) for the nearer beam, and what its angle adds.
    near = energy * ELECTRON_MASS_GEV**2 / (half + size) + size * across2 / (energy + np.abs(along))
    far = energy * half + size * np.abs(along)
    return np.where(along > 0.0, near, far), np.where(along > 0.0, far, near)
