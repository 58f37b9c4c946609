"""Couplings of any new particle at a coupling of one, and the decays that follow from them.

L = g sum_f v_f V_mu fbar gamma^mu f for a vector, -g sum_f v_f S fbar f for a scalar, and for a pseudoscalar
(g/2) sum_f c_f d_mu a fbar gamma^mu gamma5 f, whose Yukawa coupling is v_f = c_f m_f, with -(g/4) (photon a F Ftilde +
weak a W Wtilde). What loops add is left out: they would make photons from leptons, for instance.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.constants import ALPHA, HIGGS_VEV_GEV
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.theory.alp import SIN2_THETA_W
from umbra.theory.currents import QUARK_CHARGES, HadronicCurrents
from umbra.theory.model import Model
from umbra.theory.scalar import HiggsPortalScalar
from umbra.theory.widths import (
    LEPTONS,
    axion_to_photons,
    pseudoscalar_to_fermions,
    scalar_to_fermions,
    vector_to_fermions,
    vector_to_scalars,
)

Spin = Literal["vector", "scalar", "pseudoscalar"]

#: Charged leptons by the final state that they make.
CHARGED: Mapping[str, str] = {"ee": "electron", "mumu": "muon", "tautau": "tau"}
LEPTON_MASSES_GEV: Mapping[str, float] = {CHARGED[state]: mass for state, mass in LEPTONS.items()}
NEUTRINOS = ("electron_neutrino", "muon_neutrino", "tau_neutrino")
#: Charge of every fermion in units of e.
CHARGES: Mapping[str, float] = {
    **dict.fromkeys(CHARGED.values(), -1.0),
    **dict.fromkeys(NEUTRINOS, 0.0),
    **QUARK_CHARGES,
}
ELEMENTARY_CHARGE = float(np.sqrt(4.0 * np.pi * ALPHA))


@dataclass(frozen=True)
class Vertices:
    """What a new particle couples to.

    Parameters
    ----------
    spin
        Of the particle, with its parity.
    fermions
        Fermion -> v_f; what is missing is zero.
    photon_per_gev, weak_per_gev
        Couplings of a pseudoscalar to photons and to W bosons, of a scalar (-(g/4) S F F) to photons.
    higgs_like
        v_f = m_f/v for every fermion, quarks included: a scalar that mixes with the Higgs boson.
    """

    spin: Spin
    fermions: Mapping[str, float] = field(default_factory=dict)
    photon_per_gev: float = 0.0
    weak_per_gev: float = 0.0
    higgs_like: bool = False

    def of(self, fermion: str) -> float:
        """Return v_f."""
        return self.fermions.get(fermion, 0.0)

    @property
    def photons_per_gev(self) -> float:
        """Coupling to two photons, with what the W bosons of a pseudoscalar add."""
        return self.photon_per_gev + SIN2_THETA_W * self.weak_per_gev


def proportional_to_mass() -> dict[str, float]:
    """Yukawa couplings m_l/v of the charged leptons."""
    return {name: mass / HIGGS_VEV_GEV for name, mass in LEPTON_MASSES_GEV.items()}


class VectorDecays(Model):
    """Decays of a vector to the Standard Model. A left-handed neutrino counts half of a massless Dirac fermion.

    Parameters
    ----------
    vertices
        Its couplings.
    currents
        That make the hadrons.
    """

    name = "vector"
    coupling_name = "coupling"
    final_states = ("ee", "mumu", "tautau", "hadrons", "invisible")
    parts = ("pipi",)

    def __init__(self, vertices: Vertices, currents: HadronicCurrents) -> None:
        self._vertices, self._currents = vertices, currents

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """Partial width, proportional to the square of the coupling."""
        self.check(final_state)
        mass, vertices = np.asarray(mass_gev, float), self._vertices
        if final_state in CHARGED:
            width = vertices.of(CHARGED[final_state]) ** 2 * vector_to_fermions(mass, LEPTONS[final_state])
        elif final_state == "invisible":
            width = 0.5 * sum(vertices.of(name) ** 2 for name in NEUTRINOS) * vector_to_fermions(mass, 0.0)
        else:
            strength = self._currents.pions if final_state == "pipi" else self._currents
            width = mass / (12.0 * np.pi) * strength(mass, vertices.fermions)
        return np.square(coupling) * width


class SpinlessDecays(Model):
    """Decays of a scalar or a pseudoscalar to leptons and photons.

    Parameters
    ----------
    vertices
        Its couplings.
    """

    name = "spinless particle"
    coupling_name = "coupling"
    final_states: tuple[str, ...] = ("ee", "mumu", "tautau", "gammagamma", "invisible")

    def __init__(self, vertices: Vertices) -> None:
        self._vertices = vertices
        self._to_fermions = scalar_to_fermions if vertices.spin == "scalar" else pseudoscalar_to_fermions

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """Partial width, proportional to the square of the coupling; nothing of the Standard Model is invisible."""
        self.check(final_state)
        if final_state == "gammagamma":
            width = self._vertices.photons_per_gev**2 * axion_to_photons(mass_gev)
        elif final_state == "invisible":
            width = np.zeros_like(np.asarray(mass_gev, float))
        else:
            strength = self._vertices.of(CHARGED[final_state]) ** 2
            width = strength * self._to_fermions(mass_gev, LEPTONS[final_state])
        return np.square(coupling) * width


class HiggsLikeDecays(SpinlessDecays):
    """Decays of a scalar whose couplings are proportional to the masses of all fermions, with their hadrons.

    Parameters
    ----------
    vertices
        Its couplings.
    portal
        That knows the hadrons.
    """

    final_states = (*SpinlessDecays.final_states, "hadrons")
    parts = ("pipi", "kk")

    def __init__(self, vertices: Vertices, portal: HiggsPortalScalar) -> None:
        super().__init__(vertices)
        self._portal = portal

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """Partial width; above the table of the hadrons there is none, see `umbra.theory.scalar`."""
        if final_state in ("hadrons", *self.parts):
            return self._portal.partial_width_gev(mass_gev, final_state, coupling)
        return super().partial_width_gev(mass_gev, final_state, coupling)


class TabulatedDecays(Model):
    """Decays that a table of width and branching fractions against mass tells, interpolated linearly in the mass.

    Parameters
    ----------
    mass_gev, width_gev
        Rows, and the total width at a coupling of one, interpolated in its logarithm; shape (n,) each.
    fractions
        Final state -> branching fractions, shape (n,).
    """

    name = "table of decays"
    coupling_name = "coupling"

    def __init__(self, mass_gev: ArrayLike, width_gev: ArrayLike, fractions: Mapping[str, ArrayLike]) -> None:
        self._mass = np.asarray(mass_gev, float)
        self._log_width = np.log(np.asarray(width_gev, float))
        self._fractions = {name: np.asarray(values, float) for name, values in fractions.items()}
        self.final_states = tuple(self._fractions)

    def width_gev(self, mass_gev: ArrayLike, coupling: ArrayLike) -> Array:
        """Total width, which the listed final states need not exhaust."""
        mass = self._inside(mass_gev)
        total: Array = np.square(coupling) * np.exp(np.interp(mass, self._mass, self._log_width))
        return total

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """Partial width; zero into a final state that the table does not list.

        Raises
        ------
        UmbraError
            Beyond the masses of the table.
        """
        fraction = np.interp(
            self._inside(mass_gev), self._mass, self._fractions.get(final_state, np.zeros_like(self._mass))
        )
        width: Array = fraction * self.width_gev(mass_gev, coupling)
        return width

    def _inside(self, mass_gev: ArrayLike) -> Array:
        mass = np.asarray(mass_gev, float)
        low, high = float(self._mass[0]), float(self._mass[-1])
        if np.any((mass < low) | (mass > high)):
            raise UmbraError(f"table of decays: it reaches from {low:g} to {high:g} GeV")
        return mass


#: Spin -> width of the particle to a pair of dark Dirac fermions at a coupling of one.
_TO_DARK_FERMIONS = {
    "vector": vector_to_fermions,
    "scalar": scalar_to_fermions,
    "pseudoscalar": pseudoscalar_to_fermions,
}


def dark_width_gev(spin: Spin, mass_gev: ArrayLike, matter_gev: float, matter: str, coupling: float) -> Array:
    """Width to a pair of dark particles; `matter` is `dirac`, or `scalar` (complex) from a vector.

    Raises
    ------
    UmbraError
        For another pair.
    """
    if matter == "dirac":
        return coupling**2 * _TO_DARK_FERMIONS[spin](mass_gev, matter_gev)
    if matter == "scalar" and spin == "vector":
        return coupling**2 * vector_to_scalars(mass_gev, matter_gev)
    raise UmbraError(
        f"a {spin} does not decay to dark matter '{matter}' here; dirac, or scalar from a vector"
    )
