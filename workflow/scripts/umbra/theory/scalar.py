"""Light scalars: leptophilic, muonphilic, and mixed with the Higgs boson."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from umbra.core.constants import (
    HBARC_GEV_MM,
    HIGGS_VEV_GEV,
    KAON_MASS_GEV,
    MUON_MASS_GEV,
    PION_MASS_GEV,
)
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.theory.model import Model
from umbra.theory.widths import LEPTONS, scalar_to_fermions, velocity


class LeptophilicScalar(Model):
    """L = -xi sum_l (m_l/v) S lbar l. Final states: `ee`, `mumu`, `tautau` (the photon loop is neglected).

    Source: B. Batell et al., Phys. Rev. D 95 (2017) 075003, arXiv:1606.04943.
    """

    name = "leptophilic scalar"
    coupling_name = "xi"
    final_states = ("ee", "mumu", "tautau")

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """(xi m_l/v)^2 m beta^3/(8 pi)."""
        self.check(final_state)
        lepton = LEPTONS[final_state]
        yukawa = np.asarray(coupling, float) * lepton / HIGGS_VEV_GEV
        return yukawa**2 * scalar_to_fermions(mass_gev, lepton)


class MuonphilicScalar(Model):
    """L = -g_S S mubar mu. Final state: `mumu`; the photon loop below its threshold is left out."""

    name = "muonphilic scalar"
    coupling_name = "g_s"
    final_states = ("mumu",)

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """g_S^2 m beta^3/(8 pi)."""
        self.check(final_state)
        return np.square(coupling) * scalar_to_fermions(mass_gev, MUON_MASS_GEV)


class HiggsPortalScalar(Model):
    """Scalar that mixes with the Higgs boson: L = -sin(theta) (m_f/v) S fbar f.

    Leptons are exact. Pion and kaon widths come from tabulated lifetime and branching fractions
    (`theory/data/higgs_portal_scalar.yaml`), interpolated in their logarithm; they are known to a factor
    of ten at best between 1 and 2 GeV. Beyond the table there is no prediction, and asking for one is an
    error. Final states: `ee`, `mumu`, `hadrons` and, as parts of the hadrons, `pipi` and `kk` (charged
    pairs).

    Parameters
    ----------
    table
        Content of the file.
    """

    name = "Higgs-portal scalar"
    coupling_name = "sin_theta"
    final_states = ("ee", "mumu", "hadrons")
    parts = ("pipi", "kk")

    def __init__(self, table: Mapping[str, Any]) -> None:
        rows = table["rows"]
        mass = np.array([row["mass_gev"] for row in rows], float)
        total = HBARC_GEV_MM / (np.array([row["ctau_mm"] for row in rows]) * float(table["sin_theta"]) ** 2)
        leptons = self._lepton_width(mass, "ee") + self._lepton_width(mass, "mumu")
        self._last_gev = float(mass[-1])
        self._curves = {"hadrons": _LogCurve(mass, total - leptons, PION_MASS_GEV)}
        for state, daughter in (("pipi", PION_MASS_GEV), ("kk", KAON_MASS_GEV)):
            known = np.array([row.get(state, 0.0) > 0.0 for row in rows])
            fraction = np.array([row.get(state, 0.0) for row in rows])
            self._curves[state] = _LogCurve(mass[known], (fraction * total)[known], daughter)

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """Partial width; `coupling` is sin(theta).

        Raises
        ------
        UmbraError
            For hadrons at masses above the table.
        """
        self.check(final_state)
        mass = np.asarray(mass_gev, float)
        if final_state in LEPTONS:
            return np.square(coupling) * self._lepton_width(mass, final_state)
        if np.any(mass > self._last_gev):
            beyond = f"{mass.max():g} GeV, the table ends at {self._last_gev:g} GeV"
            raise UmbraError(f"model {self.name}: hadronic width unknown at {beyond}")
        return np.square(coupling) * self._curves[final_state](mass)

    @staticmethod
    def _lepton_width(mass: Array, state: str) -> Array:
        lepton = LEPTONS[state]
        return (lepton / HIGGS_VEV_GEV) ** 2 * scalar_to_fermions(mass, lepton)


class _LogCurve:
    """Monotone cubic through the logarithm of width/beta of the daughters; zero below their threshold."""

    def __init__(self, mass: Array, width: Array, daughter_gev: float) -> None:
        self._threshold_gev = 2.0 * daughter_gev
        self._range = float(mass[0]), float(mass[-1])
        self._curve = PchipInterpolator(mass, np.log(width / self._velocity(mass)))

    def __call__(self, mass: Array) -> Array:
        result: Array = np.exp(self._curve(np.clip(mass, *self._range))) * self._velocity(mass)
        return result

    def _velocity(self, mass: Array) -> Array:
        return velocity(mass, 0.5 * self._threshold_gev)
