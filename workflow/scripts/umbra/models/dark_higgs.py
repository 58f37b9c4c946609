"""Dark Higgs boson h' that gives the dark photon its mass, and decays to two of them.

Source: B. Batell, M. Pospelov, A. Ritz, Phys. Rev. D 79 (2009) 115008, arXiv:0903.0363.
"""

import numpy as np
from numpy.typing import ArrayLike

from umbra.kinematics import Array


def width_to_dark_photons_gev(higgs_gev: ArrayLike, photon_gev: ArrayLike, alpha_d: ArrayLike) -> Array:
    """Width of h' -> A'A': alpha_D m_h^3/(8 m_A^2) sqrt(1-4r) (1 - 4r + 12r^2), r = (m_A/m_h)^2, in GeV.

    All arguments broadcast; zero below threshold.
    """
    higgs, photon = np.asarray(higgs_gev, float), np.asarray(photon_gev, float)
    r = np.square(photon / higgs)
    beta = np.sqrt(np.maximum(0.0, 1.0 - 4.0 * r))
    alpha_dark = np.asarray(alpha_d, float)
    width: Array = alpha_dark * higgs**3 / (8.0 * photon**2) * beta * (1.0 - 4.0 * r + 12.0 * r**2)
    return width
