"""Darkonium: the 1S vector bound state of dark fermions, which mixes with the dark photon.

Wave function in the Coulomb limit. Source: H. An, B. Echenard, M. Pospelov, Y. Zhang, Phys. Rev. Lett. 116
(2016) 151801, arXiv:1510.05020; the decay constant is normalised as in Gamma(quarkonium -> ee) = 4 N_c
alpha^2 e_q^2 |R(0)|^2 /(3 M^2).
"""

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array

#: A Yukawa potential binds its ground state for alpha_D m_chi > 1.68 m_A'.
YUKAWA_BINDING = 1.68


def effective_mixing(
    darkonium_gev: ArrayLike, photon_gev: ArrayLike, epsilon: ArrayLike, alpha_d: ArrayLike
) -> Array:
    """Kinetic mixing that gives e+e- -> gamma A' the cross-section of the darkonium; all broadcast.

    epsilon_eff = epsilon sqrt(4 pi alpha_D) f m/(m^2 - m_A'^2) with the decay constant f^2 = |R(0)|^2/(pi m)
    and |R(0)|^2 = alpha_D^3 m_chi^3/2, m_chi = m/2; it tends to epsilon alpha_D^2/2 for a light dark photon.

    Raises
    ------
    UmbraError
        Where the dark photon is too heavy for a bound state.
    """
    mass, photon = np.asarray(darkonium_gev, float), np.asarray(photon_gev, float)
    alpha_dark = np.asarray(alpha_d, float)
    bound = alpha_dark * mass / 2.0 > YUKAWA_BINDING * photon
    if not np.all(bound):
        m, a = (np.broadcast_to(array, bound.shape)[~bound][0] for array in (mass, photon))
        raise UmbraError(f"darkonium: no bound state of {m:g} GeV with a dark photon as heavy as {a:g} GeV")
    radial2 = 0.5 * alpha_dark**3 * (0.5 * mass) ** 3
    decay_constant = np.sqrt(radial2 / (np.pi * mass))
    mixing: Array = (
        epsilon * np.sqrt(4.0 * np.pi * alpha_dark) * decay_constant * mass / (mass**2 - photon**2)
    )
    return mixing
