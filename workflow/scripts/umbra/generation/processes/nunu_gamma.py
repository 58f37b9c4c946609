"""e+e- → νν̄γ for the three flavours, with the weak interaction as a contact interaction.

L = -√2 G_F ν̄γ^μ(1-γ5)ν ēγ_μ[c_L (1-γ5) + c_R (1+γ5)]e / 2 holds for s ≪ M_W²; it leaves out the propagators
of Z and W and radiation from the W, of relative order s/M_W² = 2% at 10.58 GeV. c_L = ±1/2 + sin²θ_W, c_R =
sin²θ_W, with the upper sign for the electron neutrino, to which W exchange contributes (PDG, review of the
electroweak model). Then σ(e+e- → νν̄) = G_F² s (c_L² + c_R²)/6π.

The photon is radiated by the beams, whose mass is kept: the amplitude is the initial state radiation of μ+μ-γ
with massless muons, times the ratio of couplings and propagators.
"""

import numpy as np

from umbra.core.constants import ELECTRON_MASS_GEV, FERMI_CONSTANT, GEV2_PB, PHOTON
from umbra.core.kinematics import Array, dot, from_spherical, two_body_decay
from umbra.generation.processes.catalogue.nunu_gamma import NUNU_GAMMA
from umbra.generation.processes.cuts import Cuts, passes
from umbra.generation.processes.process import Parameters, Process
from umbra.generation.processes.qed_amplitudes import ANNIHILATION, CHARGE2, radiative
from umbra.generation.processes.two_body import cos_range

#: sin²θ_W, MS-bar at the Z mass (PDG 2024).
SIN2_WEINBERG = 0.23122
_LEFT2 = (0.5 + SIN2_WEINBERG) ** 2 + 2.0 * (0.5 - SIN2_WEINBERG) ** 2
_RIGHT2 = 3.0 * SIN2_WEINBERG**2
_NEUTRINO = 12
_INITIAL = np.array([[True, False, False]])


class NuNuGamma(Process):
    """e+e- → νν̄γ, the sum of the three flavours, all written with the identifier of the electron neutrino."""

    entry = NUNU_GAMMA
    photon_is_radiated = True
    dimensions = 5

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Neutrino, antineutrino, photon."""
        return (_NEUTRINO, -_NEUTRINO, PHOTON)

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`; the photon's energy follows 1/E and its angle 1/(1 - β² cos²θ)."""
        lowest, highest = cuts["photon_energy"]
        assert lowest is not None
        edge = 0.5 * sqrt_s_gev if highest is None else np.minimum(0.5 * sqrt_s_gev, highest)
        # Where there is no room for the photon, the arithmetic is kept finite and the weight set to zero.
        log_range = np.log(np.maximum(edge / lowest, 1.0))
        energy = np.minimum(lowest, 0.4 * sqrt_s_gev) * np.exp(x[:, 0] * log_range)
        beta = np.sqrt(1.0 - 4.0 * ELECTRON_MASS_GEV**2 / sqrt_s_gev**2)
        low, high = cos_range(cuts, self.name, cosine=["cos_theta"], theta=["photon_theta"])
        reach_low, reach_high = np.arctanh(beta * low), np.arctanh(beta * high)
        cos_theta = np.tanh(reach_low + x[:, 1] * (reach_high - reach_low)) / beta
        photon = from_spherical(energy, cos_theta, 2.0 * np.pi * x[:, 2], 0.0)
        pair = -photon
        pair[:, 3] = sqrt_s_gev - energy
        neutrino, antineutrino = two_body_decay(pair, 0.0, 0.0, 2.0 * x[:, 3] - 1.0, 2.0 * np.pi * x[:, 4])
        p4 = np.stack([neutrino, antineutrino, photon], axis=1)
        # dΦ3 = E dE dcosθ / (2 (2π)²) × 1/8π, averaged over the angles of the pair.
        volume = energy / (8.0 * np.pi**2) / (8.0 * np.pi)
        volume *= energy * log_range * (1.0 - (beta * cos_theta) ** 2) * (reach_high - reach_low) / beta
        kept = np.flatnonzero((log_range > 0.0) & passes(p4, self.final_state(parameters), cuts))
        weight_pb = np.zeros(len(x))
        flux = 2.0 * sqrt_s_gev**2 * beta
        weight_pb[kept] = GEV2_PB * volume[kept] / flux[kept] * _squared(p4[kept], sqrt_s_gev[kept])
        return p4, weight_pb


def _squared(p4: Array, sqrt_s_gev: Array) -> Array:
    """Amplitude squared, averaged over the beams' spins and summed over flavours."""
    vector = radiative(p4, sqrt_s_gev, (ELECTRON_MASS_GEV, 0.0), ANNIHILATION, _INITIAL)
    s_pair = sqrt_s_gev**2 - 2.0 * sqrt_s_gev * p4[:, 2, 3]
    p1 = np.zeros((len(p4), 4))
    p1[:, 2] = p1[:, 3] = 0.5 * sqrt_s_gev
    p2 = p1 * [1.0, 1.0, -1.0, 1.0]
    t2 = dot(p1, p4[:, 0]) ** 2 + dot(p2, p4[:, 1]) ** 2
    u2 = dot(p1, p4[:, 1]) ** 2 + dot(p2, p4[:, 0]) ** 2
    chiral = (_LEFT2 * u2 + _RIGHT2 * t2) / (t2 + u2)
    return np.asarray(vector * 4.0 * FERMI_CONSTANT**2 * s_pair**2 / CHARGE2**2 * chiral)
