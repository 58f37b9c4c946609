"""Dark photon A' with kinetic mixing: L = -epsilon e A'_mu J_em^mu.

Hadronic widths come from R = sigma(e+e- -> hadrons)/sigma(e+e- -> mu+mu-, massless), as in M. Ilten et al.,
arXiv:1801.04847: Gamma(hadrons) = (alpha epsilon^2 m/3) R(m).
"""

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.constants import ALPHA
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, kallen
from umbra.theory.hadronic_ratio import HadronicRatio
from umbra.theory.model import InvisibleModel, Model
from umbra.theory.widths import LEPTONS, lepton_weight, vector_to_fermions, vector_to_scalars


class DarkPhoton(Model):
    """Dark photon that decays to Standard Model particles only.

    Final states: `ee`, `mumu`, `tautau`, `hadrons` and, as a part of the hadrons, `pipi`; `invisible` for
    the other.

    Parameters
    ----------
    ratio
        R(m).
    """

    name = "dark photon"
    coupling_name = "epsilon"
    final_states = ("ee", "mumu", "tautau", "hadrons")
    parts = ("pipi",)

    def __init__(self, ratio: HadronicRatio) -> None:
        self._ratio = ratio

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """Partial width; `coupling` is epsilon."""
        self.check(final_state)
        mass = np.asarray(mass_gev, float)
        if final_state in LEPTONS:
            strength = lepton_weight(mass, final_state)
        else:
            strength = self._ratio.pions(mass) if final_state == "pipi" else self._ratio(mass)
        width: Array = ALPHA * np.square(np.asarray(coupling, float)) * mass / 3.0 * strength
        return width


class InvisibleDarkPhoton(InvisibleModel):
    """Dark photon that decays to light dark matter."""

    name = "dark photon (invisible)"
    coupling_name = "epsilon"


def dark_matter_width_gev(mass_gev: ArrayLike, matter_gev: float, alpha_d: float, spin: str) -> Array:
    """Width of A' -> chi chibar (`spin="dirac"`) or A' -> phi phi* (`spin="scalar"`) in GeV.

    Raises
    ------
    UmbraError
        For another `spin`.
    """
    squared = 4.0 * np.pi * alpha_d
    if spin == "dirac":
        return squared * vector_to_fermions(mass_gev, matter_gev)
    if spin == "scalar":
        return squared * vector_to_scalars(mass_gev, matter_gev)
    raise UmbraError(f"dark matter of spin '{spin}' is not known; known: dirac, scalar")


def inelastic_width_gev(mass_gev: ArrayLike, chi1_gev: float, chi2_gev: float, alpha_d: float) -> Array:
    """Width of A' -> chi1 chi2 in GeV of a Majorana pair with vector coupling i g_D; zero below threshold."""
    mass = np.asarray(mass_gev, float)
    r1, r2 = np.square(chi1_gev / mass), np.square(chi2_gev / mass)
    phase_space = np.sqrt(np.where(mass > chi1_gev + chi2_gev, kallen(1.0, r1, r2), 0.0))
    spin_sum = 1.0 - 0.5 * (r1 + r2) - 0.5 * (r1 - r2) ** 2 + 3.0 * chi1_gev * chi2_gev / mass**2
    width: Array = 4.0 * np.pi * alpha_d * mass / (12.0 * np.pi) * phase_space * spin_sum
    return width


def thermal_variable(epsilon: ArrayLike, alpha_d: float, mass_ratio: float) -> Array:
    """Return y = epsilon^2 alpha_D (m_chi/m_A')^4, with `mass_ratio` = m_chi/m_A'."""
    y: Array = np.square(epsilon) * alpha_d * mass_ratio**4
    return y
