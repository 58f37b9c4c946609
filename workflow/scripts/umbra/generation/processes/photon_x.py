"""One photon recoiling against a new particle: e+e- → γA', γa and γΥ_D.

The new particle comes out on its mass shell and undecayed; `umbra.generation.decays` decays it, with the polarisation
that the beams give a dark photon.
"""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB, PHOTON
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.particles import ALP, DARK_PHOTON, DARKONIUM
from umbra.generation.processes.catalogue.photon_x import DARKONIUM_GAMMA, GAMMA_ALP, GAMMA_APRIME
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process
from umbra.generation.processes.two_body import back_to_back, cos_range, draw_one_plus


class _PhotonX(Process):
    """What the three have in common: two random numbers, and a polar angle that is drawn within its cuts."""

    dimensions = 2
    pdg_id: ClassVar[int]

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Photon, then the new particle."""
        return (PHOTON, self.pdg_id)

    def _range(self, cuts: Cuts) -> tuple[float, float]:
        return cos_range(cuts, self.name, cosine=["cos_theta"], theta=["photon_theta"])

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        mass = parameters["mass_gev"]
        s = sqrt_s_gev**2
        low, high = self._range(cuts)
        # Below threshold the ratio is held at 1/2 to keep the arithmetic finite; the weight is zero there.
        ratio = np.where(s > mass**2, mass**2 / s, 0.5)
        cos_theta, weight_pb = self._draw(x[:, 0], s, ratio, parameters, low, high)
        p4 = back_to_back(sqrt_s_gev, 0.0, mass, cos_theta, 2.0 * np.pi * x[:, 1])
        accepted = (s > mass**2) & self._energy_passes(sqrt_s_gev, mass, cuts)
        return p4, np.where(accepted, weight_pb, 0.0)

    def threshold_gev(self, parameters: Parameters, cuts: Cuts) -> float:
        """Energy at which the photon reaches the lower end of its cut."""
        least = cuts.get("photon_energy", (None, None))[0] or 0.0
        return float(least + np.hypot(least, parameters["mass_gev"]))

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Integrate the angular distribution between the cuts."""
        if not self._energy_passes(np.asarray(sqrt_s_gev), parameters["mass_gev"], cuts):
            return 0.0
        return self._integral_pb(sqrt_s_gev**2, parameters, *self._range(cuts))

    @staticmethod
    def _energy_passes(sqrt_s_gev: Array, mass_gev: float, cuts: Cuts) -> NDArray[np.bool_]:
        low, high = cuts.get("photon_energy", (None, None))
        energy = (sqrt_s_gev**2 - mass_gev**2) / (2.0 * sqrt_s_gev)
        return (energy >= (0.0 if low is None else low)) & (energy <= (np.inf if high is None else high))

    @abstractmethod
    def _integral_pb(self, s: float, parameters: Parameters, low: float, high: float) -> float:
        """Return the cross-section with the cosine of the photon between two bounds."""

    @abstractmethod
    def _draw(
        self, uniform: Array, s: Array, ratio: Array, parameters: Parameters, low: float, high: float
    ) -> tuple[Array, Array]:
        """Return the cosine of the photon and the weight in pb; `ratio` is m²/s."""


class GammaALP(_PhotonX):
    """e+e- → γa: σ = α g²/24 (1 - m²/s)³, dσ/dcosθ ∝ 1 + cos²θ (Dolan et al., arXiv:1709.00009)."""

    entry = GAMMA_ALP
    pdg_id = ALP

    def _draw(
        self, uniform: Array, s: Array, ratio: Array, parameters: Parameters, low: float, high: float
    ) -> tuple[Array, Array]:
        cos_theta, integral = draw_one_plus(1.0, 1.0, low, high, uniform)
        return cos_theta, 0.375 * integral * _alp_total_pb(ratio, parameters["coupling"])

    def _integral_pb(self, s: float, parameters: Parameters, low: float, high: float) -> float:
        angular = 0.375 * ((high - low) + (high**3 - low**3) / 3.0)
        total = _alp_total_pb(parameters["mass_gev"] ** 2 / s, parameters["coupling"])
        return float(angular * total)


def _alp_total_pb(ratio: Array | float, coupling: float) -> Array | float:
    return GEV2_PB * ALPHA * coupling**2 / 24.0 * (1.0 - ratio) ** 3


class GammaDarkPhoton(_PhotonX):
    r"""e+e- → γA', lowest order, the small-angle photon regulated by the electron mass.

    With r = m²/s, β² = 1 - 4m_e²/s and c the cosine of the photon,

        dσ/dc = 2πα²ε²/(s(1-r)) [2(1+r²)/(1-β²c²) - (1-r)² - 4r(1-β²)/(1-β²c²)²],

    whose integral is 4πα²ε²/s (1+r²)/(1-r) (ln(s/m_e²) - 1) up to m_e²/s: the radiator function of
    initial-state radiation (Bonneau and Martin, Nucl. Phys. B27 (1971) 381) with the photon at mass m.

    With radiation on top the photon must keep some energy: at r → 1 it is the soft photon that the structure
    functions hold already.
    """

    entry = GAMMA_APRIME
    photon_is_radiated = True
    pdg_id = DARK_PHOTON

    def _coupling(self, parameters: Parameters) -> float:
        return parameters["coupling"]

    def _draw(
        self, uniform: Array, s: Array, ratio: Array, parameters: Parameters, low: float, high: float
    ) -> tuple[Array, Array]:
        beta2_gap = 4.0 * ELECTRON_MASS_GEV**2 / s  # 1 - β²
        beta = np.sqrt(1.0 - beta2_gap)
        # c = tanh(y)/β with y uniform takes out the peak 1/(1-β²c²).
        y_low, y_high = np.arctanh(beta * low), np.arctanh(beta * high)
        y = y_low + (y_high - y_low) * uniform
        tanh = np.tanh(y)
        sech2 = 1.0 / np.cosh(y) ** 2
        shape = 2.0 * (1.0 + ratio**2) - (1.0 - ratio) ** 2 * sech2 - 4.0 * ratio * beta2_gap / sech2
        weight = _vector_prefactor_pb(s, ratio, self._coupling(parameters)) * (y_high - y_low) / beta * shape
        return np.clip(tanh / beta, low, high), weight

    def _integral_pb(self, s: float, parameters: Parameters, low: float, high: float) -> float:
        ratio = parameters["mass_gev"] ** 2 / s
        beta2_gap = 4.0 * ELECTRON_MASS_GEV**2 / s
        beta = np.sqrt(1.0 - beta2_gap)

        def primitive(c: float) -> float:
            u = beta * c
            y = np.arctanh(u)
            pole = 0.5 * (u / ((1.0 - u) * (1.0 + u)) + y)
            return float(
                (2.0 * (1.0 + ratio**2) * y - 4.0 * ratio * beta2_gap * pole) / beta - (1.0 - ratio) ** 2 * c
            )

        prefactor = _vector_prefactor_pb(s, ratio, self._coupling(parameters))
        return float(prefactor * (primitive(high) - primitive(low)))


def _vector_prefactor_pb(s: Array | float, ratio: Array | float, coupling: float) -> Array | float:
    return GEV2_PB * 2.0 * np.pi * ALPHA**2 * coupling**2 / (s * (1.0 - ratio))


class GammaDarkonium(GammaDarkPhoton):
    """e+e- → γΥ_D through Υ_D-A' mixing, Υ_D a Coulombic bound state of two dark fermions.

    ε_eff = ε √(4πα_D) f m_Υ/(m_Υ² - m_A'²), f² = |R(0)|²/(π m_Υ), |R(0)|² = α_D³ m_χ³/2, m_χ = m_Υ/2
    (An, Echenard, Pospelov and Zhang, arXiv:1510.05020, whose normalisation is fixed here by the quarkonium
    width Γ_ee = (4/3) N_c α² e_q² |R(0)|²/M²).
    """

    entry = DARKONIUM_GAMMA
    pdg_id = DARKONIUM

    def complete(self, given: Parameters) -> dict[str, float]:
        """Refuse a mediator that is not lighter than the bound state, where the mixing has its pole."""
        parameters = super().complete(given)
        if parameters["mass2_gev"] >= parameters["mass_gev"]:
            raise UmbraError(
                f"process {self.name}: mass2_gev = {parameters['mass2_gev']:g} of the A' is not below "
                f"mass_gev = {parameters['mass_gev']:g} of the bound state"
            )
        return parameters

    def masses_gev(self, parameters: Parameters) -> float:
        """Only the bound state is produced; the dark photon is a virtual mediator here."""
        return parameters["mass_gev"]

    def _coupling(self, parameters: Parameters) -> float:
        mass, mediator, alpha_d = parameters["mass_gev"], parameters["mass2_gev"], parameters["alpha_d"]
        radial2 = 0.5 * alpha_d**3 * (0.5 * mass) ** 3
        decay_constant = np.sqrt(radial2 / (np.pi * mass))
        mixing = np.sqrt(4.0 * np.pi * alpha_d) * decay_constant * mass / (mass**2 - mediator**2)
        return float(parameters["coupling"] * mixing)
