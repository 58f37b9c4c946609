"""Axion-like particles: photon coupling, lepton coupling, W coupling."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV, TAU_MASS_GEV
from umbra.core.kinematics import Array
from umbra.theory.model import Model
from umbra.theory.widths import axion_to_photons, pseudoscalar_to_fermions

#: sin^2 of the weak mixing angle, MSbar at the Z mass (PDG 2024); the electroweak ALP literature uses it.
SIN2_THETA_W = 0.23122


class PhotonAlp(Model):
    """L = -(g/4) a F Ftilde, the only coupling; g in GeV^-1. Final state: `gammagamma`."""

    name = "ALP with photon coupling"
    coupling_name = "g_agammagamma_per_gev"
    final_states = ("gammagamma",)

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """g^2 m^3/(64 pi)."""
        self.check(final_state)
        return np.square(coupling) * axion_to_photons(mass_gev)


class WeakAlp(PhotonAlp):
    """L = -(g_aW/4) a W^b Wtilde^b, whence g_agammagamma = g_aW sin^2(theta_W); arXiv:1611.09355."""

    name = "ALP with W coupling"
    coupling_name = "g_aw_per_gev"

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """(g_aW sin^2(theta_W))^2 m^3/(64 pi)."""
        return super().partial_width_gev(mass_gev, final_state, SIN2_THETA_W * np.asarray(coupling, float))


class LeptonAlp(Model):
    """L = (C/2 Lambda) d_mu a sum_l lbar gamma^mu gamma5 l, equal for the leptons, no photon coupling.

    The equations of motion make it a Yukawa coupling C m_l/Lambda. `coupling` is C/Lambda in TeV^-1. Final
    states: `ee`, `mumu`, `tautau`. Source: M. Bauer, M. Neubert, A. Thamm, JHEP 12 (2017) 044,
    arXiv:1708.00443.
    """

    name = "ALP with lepton coupling"
    coupling_name = "c_l_over_lambda_per_tev"
    final_states = ("ee", "mumu", "tautau")

    _lepton_mass_gev: Mapping[str, float] = {
        "ee": ELECTRON_MASS_GEV,
        "mumu": MUON_MASS_GEV,
        "tautau": TAU_MASS_GEV,
    }

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """(C m_l/Lambda)^2 m beta/(8 pi)."""
        self.check(final_state)
        lepton = self._lepton_mass_gev[final_state]
        yukawa = np.asarray(coupling, float) * lepton / 1000.0
        return yukawa**2 * pseudoscalar_to_fermions(mass_gev, lepton)
