"""Dark photon A' with kinetic mixing: L = -epsilon e A'_mu J_em^mu.

Hadronic widths come from R = sigma(e+e- -> hadrons)/sigma(e+e- -> mu+mu-, massless), as in M. Ilten et al.,
arXiv:1801.04847: Gamma(hadrons) = (alpha epsilon^2 m/3) R(m).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV, TAU_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, kallen
from umbra.theory.model import InvisibleModel, Model
from umbra.theory.widths import vector_to_fermions, vector_to_scalars, velocity

#: Neutral rho(770) as in PDG 2024 (e+e- average); a reference shape only, so its precision is irrelevant.
RHO_MASS_GEV, RHO_WIDTH_GEV = 0.77526, 0.1474

#: Leptonic final states and the mass of the lepton in GeV.
LEPTONS = {"ee": ELECTRON_MASS_GEV, "mumu": MUON_MASS_GEV, "tautau": TAU_MASS_GEV}


class HadronicRatio:
    """R(m) and its pi+pi- part from a table of branching fractions.

    Narrow resonances are taken out, the rest is divided by a reference shape, (beta_pi^3/4)(1 + |rho
    Breit-Wigner|^2), its logarithm is interpolated with monotone cubics (PCHIP) in the mass and everything
    is put back, so that the table's own values are reproduced and R vanishes at the two-pion threshold.
    Outside of the table the nearest value of the divided ratio is kept. The uncertainty of R that
    `theory/data/dark_photon.yaml` states includes the interpolation.

    Parameters
    ----------
    table
        Content of `theory/data/dark_photon.yaml`.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        rows = table["branching_fractions"]
        mass = np.array([row["mass_gev"] for row in rows], float)
        ee: Array = np.array([row["ee"] for row in rows], float)
        leptons = np.sum([_lepton_weight(mass, name) for name in LEPTONS], axis=0)
        total = _lepton_weight(mass, "ee") / ee - leptons
        pion_rows = np.array(["pipi" in row for row in rows])
        pions = np.array([row["pipi"] / row["ee"] for row in rows if "pipi" in row])

        self._resonances = [(row["mass_gev"], row["width_gev"]) for row in table["narrow_resonances"]]
        peaks = np.array([np.flatnonzero(mass == row["at_gev"])[0] for row in table["narrow_resonances"]])
        divided = total / _reference(mass)
        self._heights: Array = np.zeros(len(peaks))
        # The heights and the smooth part depend on each other through the resonances' tails, which are small
        # at the other nodes: the iteration contracts by more than a factor ten a step.
        for _ in range(20):
            rest = np.delete(divided - self._peaks(mass), peaks)
            self._smooth = _LogPchip(np.delete(mass, peaks), rest)
            excess = divided[peaks] - self._smooth(mass[peaks])
            self._heights = np.linalg.solve(self._shapes(mass[peaks]).T, excess).astype(np.float64)
        self._pions = _LogPchip(mass[pion_rows], pions / _reference(mass[pion_rows]))
        self._last_pion_node_gev = float(mass[pion_rows][-1])

    def __call__(self, mass_gev: ArrayLike) -> Array:
        """R at a mass in GeV; zero below the two-pion threshold."""
        mass = np.asarray(mass_gev, float)
        return _reference(mass) * (self._smooth(mass) + self._peaks(mass))

    def pions(self, mass_gev: ArrayLike) -> Array:
        """Return the pi+pi- part of R; zero above the last mass for which the table has it."""
        mass = np.asarray(mass_gev, float)
        return np.where(mass > self._last_pion_node_gev, 0.0, _reference(mass) * self._pions(mass))

    def _shapes(self, mass: Array) -> Array:
        shapes = [(m0 * w) ** 2 / ((mass**2 - m0**2) ** 2 + (m0 * w) ** 2) for m0, w in self._resonances]
        return np.array(shapes)

    def _peaks(self, mass: Array) -> Array:
        total: Array = np.einsum("i,i...->...", self._heights, self._shapes(mass))
        return total


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
            strength = _lepton_weight(mass, final_state)
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


def _lepton_weight(mass: Array, name: str) -> Array:
    """Width into a lepton pair relative to massless leptons: (1 + 2r) sqrt(1 - 4r)."""
    return vector_to_fermions(mass, LEPTONS[name]) * 12.0 * np.pi / mass


def _reference(mass: Array) -> Array:
    """Shape of e+e- -> pi+pi- with an energy-dependent rho width, plus the same without form factor."""
    m0, width0 = RHO_MASS_GEV, RHO_WIDTH_GEV
    beta = velocity(mass, PION_MASS_GEV)
    beta0 = velocity(m0, PION_MASS_GEV)
    width = width0 * (beta / beta0) ** 3 * (mass / m0) ** 2
    rho = m0**4 / ((m0**2 - mass**2) ** 2 + (mass * width) ** 2)
    shape: Array = 0.25 * beta**3 * (1.0 + rho)
    return shape


class _LogPchip:
    """Monotone cubic through the logarithm of positive values, constant outside of the nodes."""

    def __init__(self, x: Array, y: Array) -> None:
        self._low, self._high = float(x[0]), float(x[-1])
        self._curve = PchipInterpolator(x, np.log(y))

    def __call__(self, x: Array) -> Array:
        result: Array = np.exp(self._curve(np.clip(x, self._low, self._high)))
        return result
