"""Υ(3S) → π⁺π⁻X with the mass of X near that of the Υ(1S), and what the Υ(1S) decays to.

Fractions and masses: PDG 2024, from memory where the package of particles has none.
"""

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.constants import PION_MASS_GEV
from umbra.core.kinematics import Array, two_body_momentum
from umbra.core.pdg import mass_gev

UPSILON_1S, UPSILON_3S = 553, 200553
UPSILON_1S_GEV, UPSILON_3S_GEV = mass_gev(UPSILON_1S), mass_gev(UPSILON_3S)

#: B(Υ(3S) → π⁺π⁻Υ(1S)).
TO_PIONS = 0.0437
#: B(Υ(1S) → ℓ⁺ℓ⁻), by the identifier of the lepton.
TO_LEPTONS = {11: 0.0238, 13: 0.0248, 15: 0.0260}

#: B/A of the amplitude A (q² - 2 m_π²) + B E₁E₂: CLEO, Phys. Rev. D 76 (2007) 072001, arXiv:0706.2317, from memory.
_RATIO = complex(-2.523, 1.189)


def largest_pair_gev(recoil_gev: float) -> float:
    """Largest mass of the pions beside an X of this mass."""
    return UPSILON_3S_GEV - recoil_gev


def dipion_rate(pair_gev: ArrayLike, cosine: ArrayLike, recoil_gev: float) -> Array:
    """Rate in the mass q of the pions and the cosine of one of them in the pair's rest frame, up to a constant.

    The amplitude squared times the momenta of the pair and of the pions, d²Γ/(dq dcos); L. S. Brown, R. N. Cahn, Phys.
    Rev. Lett. 35 (1975) 1.

    Parameters
    ----------
    pair_gev, cosine
        Shapes that go together.
    recoil_gev
        Mass of X.
    """
    q, cosine = np.asarray(pair_gev, float), np.asarray(cosine, float)
    pair = two_body_momentum(np.full_like(q, UPSILON_3S_GEV), q, recoil_gev)
    pion = np.sqrt(np.maximum(0.25 * q**2 - PION_MASS_GEV**2, 0.0))
    energy = np.sqrt(pair**2 + q**2)
    # Energies of the pions in the rest frame of the Υ(3S): half of the pair's, more and less this.
    difference = pair * pion * cosine / q
    product = 0.25 * energy**2 - difference**2
    amplitude = (q**2 - 2.0 * PION_MASS_GEV**2) + _RATIO * product
    rate: Array = np.abs(amplitude) ** 2 * pair * pion
    return rate
