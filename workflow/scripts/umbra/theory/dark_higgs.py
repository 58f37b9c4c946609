"""Dark Higgs boson h' that gives the dark photon its mass, and decays to two of them.

Source: B. Batell, M. Pospelov, A. Ritz, Phys. Rev. D 79 (2009) 115008, arXiv:0903.0363.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.theory.dark_photon import DarkPhoton
from umbra.theory.model import Model


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


class ThreeDarkPhotons(Model):
    """Final states of the three dark photons of e+e- -> A'h', h' -> A'A', against the mass of the A'.

    `six_leptons` (electrons or muons), `four_leptons_pions`, `two_leptons_pions`, `six_pions` and `four_leptons_x`,
    where x is neither electrons, muons nor two pions; they do not exhaust the width.

    Parameters
    ----------
    photon
        One of the three.
    """

    name = "three dark photons"
    coupling_name = "epsilon2_alpha_d"
    final_states = ("six_leptons", "four_leptons_pions", "two_leptons_pions", "six_pions", "four_leptons_x")

    def __init__(self, photon: DarkPhoton) -> None:
        self._photon = photon

    def branching_fraction(self, mass_gev: ArrayLike, final_state: str) -> Array:
        """Binomial probability of the final state, shape of `mass_gev`."""
        self.check(final_state)
        leptons = sum(self._photon.branching_fraction(mass_gev, name) for name in ("ee", "mumu"))
        pions = self._photon.branching_fraction(mass_gev, "pipi")
        found: dict[str, Callable[[Array, Array], Array]] = {
            "six_leptons": lambda b, p: b**3,
            "four_leptons_pions": lambda b, p: 3.0 * b**2 * p,
            "two_leptons_pions": lambda b, p: 3.0 * b * p**2,
            "six_pions": lambda b, p: p**3,
            "four_leptons_x": lambda b, p: 3.0 * b**2 * np.maximum(1.0 - b - p, 0.0),
        }
        return found[final_state](np.asarray(leptons), pions)

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """Not a width of one particle.

        Raises
        ------
        UmbraError
            Always.
        """
        raise UmbraError(f"model {self.name}: a final state of three particles has no width")
