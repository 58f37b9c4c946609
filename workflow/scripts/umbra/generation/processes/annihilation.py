"""Annihilation into two bodies: e+e- → μ+μ-, τ+τ-, γγ and A'h'."""

from typing import ClassVar

import numpy as np

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB, LEPTON_MASS_GEV, MUON, PHOTON, TAU
from umbra.core.kinematics import Array, kallen
from umbra.core.particles import DARK_HIGGS, DARK_PHOTON
from umbra.generation.processes.catalogue.annihilation import APRIME_HIGGS, GAMMAGAMMA, MUMU, TAUTAU
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process
from umbra.generation.processes.two_body import back_to_back, draw_one_plus, symmetric_cos_range


class _LeptonPair(Process):
    """e+e- → l+l- through one photon, exact in the mass of l.

    dσ/dc = (πα²/2s) β [1 + c² + (1-β²)(1-c²)], whose integral is (4πα²/3s) β (3-β²)/2.
    """

    dimensions = 2
    one_photon_annihilation = True
    lepton: ClassVar[int]

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Lepton, antilepton."""
        return (self.lepton, -self.lepton)

    def other_masses_gev(self) -> float:
        """Both leptons."""
        return 2.0 * LEPTON_MASS_GEV[self.lepton]

    def _range(self, cuts: Cuts) -> tuple[float, float]:
        return symmetric_cos_range(cuts, self.name, self.entry.cuts)

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        mass = LEPTON_MASS_GEV[self.lepton]
        s = sqrt_s_gev**2
        beta2 = np.maximum(1.0 - 4.0 * mass**2 / s, 0.0)
        cos_theta, integral = draw_one_plus(2.0 - beta2, beta2, *self._range(cuts), x[:, 0])
        p4 = back_to_back(sqrt_s_gev, mass, mass, cos_theta, 2.0 * np.pi * x[:, 1])
        return p4, GEV2_PB * np.pi * ALPHA**2 / (2.0 * s) * np.sqrt(beta2) * integral

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Integrate the density of the class between the cuts."""
        s = sqrt_s_gev**2
        beta2 = 1.0 - 4.0 * LEPTON_MASS_GEV[self.lepton] ** 2 / s
        low, high = self._range(cuts)
        integral = (2.0 - beta2) * (high - low) + beta2 * (high**3 - low**3) / 3.0
        return float(GEV2_PB * np.pi * ALPHA**2 / (2.0 * s) * np.sqrt(beta2) * integral)


class MuMu(_LeptonPair):
    """e+e- → μ+μ-."""

    entry = MUMU
    lepton = MUON


class TauTau(_LeptonPair):
    """e+e- → τ+τ-."""

    entry = TAUTAU
    lepton = TAU


class GammaGamma(Process):
    """e+e- → γγ, exact in the electron mass (Peskin and Schroeder, eq. 5.107).

    With c the cosine of either photon, u = βc and g = 1-β² = 4m_e²/s,
    dσ/dc = (πα²/sβ) [(1 + u² + 2g)/(1-u²) - 2g²/(1-u²)²] over -1 < c < 1, each event counted once.
    """

    entry = GAMMAGAMMA
    dimensions = 2

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Two photons."""
        return (PHOTON, PHOTON)

    def _range(self, cuts: Cuts) -> tuple[float, float]:
        return symmetric_cos_range(cuts, self.name, ["photon_theta"])

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        s = sqrt_s_gev**2
        gap = 4.0 * ELECTRON_MASS_GEV**2 / s
        beta = np.sqrt(1.0 - gap)
        low, high = self._range(cuts)
        # c = tanh(y)/β with y uniform takes out the peak 1/(1-u²).
        y_low, y_high = np.arctanh(beta * low), np.arctanh(beta * high)
        y = y_low + (y_high - y_low) * x[:, 0]
        sech2 = 1.0 / np.cosh(y) ** 2
        shape = 2.0 + 2.0 * gap - sech2 - 2.0 * gap**2 / sech2
        cos_theta = np.clip(np.tanh(y) / beta, low, high)
        weight = GEV2_PB * np.pi * ALPHA**2 / (s * beta**2) * (y_high - y_low) * shape
        p4 = back_to_back(sqrt_s_gev, 0.0, 0.0, cos_theta, 2.0 * np.pi * x[:, 1])
        least, most = cuts.get("photon_energy", (None, None))
        accepted = (p4[:, 0, 3] >= (least or 0.0)) & (p4[:, 0, 3] <= (np.inf if most is None else most))
        return p4, np.where(accepted, weight, 0.0)

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Integrate the density of the class between the cuts."""
        least, most = cuts.get("photon_energy", (None, None))
        if not (least or 0.0) <= 0.5 * sqrt_s_gev <= (np.inf if most is None else most):
            return 0.0
        s = sqrt_s_gev**2
        gap = 4.0 * ELECTRON_MASS_GEV**2 / s
        beta = np.sqrt(1.0 - gap)
        u = beta * self._range(cuts)[1]
        y = np.arctanh(u)
        half = (2.0 + 2.0 * gap) * y - u - gap**2 * (u / ((1.0 - u) * (1.0 + u)) + y)
        return float(GEV2_PB * 2.0 * np.pi * ALPHA**2 / (s * beta**2) * half)


class DarkPhotonHiggs(Process):
    """e+e- → A'* → A'h' (Batell, Pospelov and Ritz, arXiv:0903.0363).

    With x = m_A'²/s and λ = λ(1, x, m_h'²/s), σ = (πα α_D ε²/3s) √λ (λ+12x)/(1-x)², and the A' has
    dσ/dc ∝ λ(1-c²) + 8x: (λ+4x)(1-c²) longitudinal, 4x(1+c²) transverse. The A' comes out undecayed;
    `umbra.generation.decays` decays it with that polarisation.
    """

    entry = APRIME_HIGGS
    dimensions = 2

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Dark photon, dark Higgs."""
        return (DARK_PHOTON, DARK_HIGGS)

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        vector, higgs = parameters["mass_gev"], parameters["mass2_gev"]
        is_open = sqrt_s_gev > vector + higgs
        s = np.where(is_open, sqrt_s_gev, 2.0 * (vector + higgs)) ** 2
        ratio = vector**2 / s
        lam = kallen(1.0, ratio, higgs**2 / s)
        cos_theta, _ = draw_one_plus(lam + 8.0 * ratio, -lam, -1.0, 1.0, x[:, 0])
        p4 = back_to_back(sqrt_s_gev, vector, higgs, cos_theta, 2.0 * np.pi * x[:, 1])
        return p4, np.where(is_open, self._total_pb(s, ratio, lam, parameters["coupling"]), 0.0)

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Evaluate the formula of the class."""
        s = sqrt_s_gev**2
        ratio = parameters["mass_gev"] ** 2 / s
        lam = kallen(1.0, ratio, parameters["mass2_gev"] ** 2 / s)
        return float(self._total_pb(np.asarray(s), np.asarray(ratio), lam, parameters["coupling"]))

    @staticmethod
    def _total_pb(s: Array, ratio: Array, lam: Array | float, coupling: float) -> Array:
        factor = GEV2_PB * np.pi * ALPHA * coupling / (3.0 * s)
        return np.asarray(factor * np.sqrt(lam) * (lam + 12.0 * ratio) / (1.0 - ratio) ** 2)
