"""Branching fractions of mesons into a known meson and a new particle, vectorised in the mass.

Inputs are parameters of these decays, from the papers named at each function; PDG 2024 otherwise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.constants import FERMI_CONSTANT, HIGGS_VEV_GEV, KAON_MASS_GEV, PION_MASS_GEV
from umbra.core.kinematics import Array, kallen
from umbra.core.pdg import mass_gev as known_mass_gev
from umbra.core.pdg import width_gev as known_width_gev

B_PLUS_MASS_GEV = known_mass_gev(521)
B_PLUS_WIDTH_GEV = known_width_gev(521)
B_ZERO_MASS_GEV = known_mass_gev(511)
B_ZERO_WIDTH_GEV = known_width_gev(511)
K_STAR_MASS_GEV = known_mass_gev(313)
JPSI_MASS_GEV = known_mass_gev(443)
ETA_MASS_GEV = known_mass_gev(221)
ETA_PRIME_MASS_GEV = known_mass_gev(331)
W_MASS_GEV = known_mass_gev(24)
K_PLUS_WIDTH_GEV = known_width_gev(321)
K_STAR_890_GEV = known_mass_gev(323)

#: |V_tb V_ts*| (PDG 2024 global fit) and the top mass in the MSbar scheme, which the electroweak loops want.
VTB_VTS = 0.0405
#: |V_td V_ts*|, likewise.
VTD_VTS = 3.56e-4
TOP_MASS_GEV = 165.0

#: Strength of b -> s S divided by sin(theta), in GeV^-1.
_LOOP = 3.0 * TOP_MASS_GEV**2 * VTB_VTS / (16.0 * np.pi**2 * HIGGS_VEV_GEV**3)


def form_factor_b_to_k(q2: ArrayLike) -> Array:
    """Scalar form factor f0 of B -> K; P. Ball, R. Zwicky, Phys. Rev. D 71 (2005) 014015, hep-ph/0406232."""
    return 0.330 / (1.0 - np.asarray(q2, float) / 37.46)


def b_to_k_scalar(mass_gev: ArrayLike, sin_theta: ArrayLike) -> Array:
    """BR(B+ -> K+ S) of a scalar that mixes with the Higgs boson (top loop); zero above threshold.

    R. S. Willey, H. L. Yu, Phys. Rev. D 26 (1982) 3086; M. W. Winkler, arXiv:1809.01876.
    """
    mass = np.asarray(mass_gev, float)
    amplitude2 = np.square(_LOOP * np.asarray(sin_theta, float)) * form_factor_b_to_k(mass**2) ** 2
    m_b, m_k = B_PLUS_MASS_GEV, KAON_MASS_GEV
    width: Array = (
        amplitude2 / (64.0 * np.pi * m_b**3) * (m_b**2 - m_k**2) ** 2 * _root_kallen(m_b, m_k, mass)
    )
    return width / B_PLUS_WIDTH_GEV


def k_to_pi_scalar(mass_gev: ArrayLike, sin_theta: ArrayLike) -> Array:
    """BR(K+ -> pi+ S) of a scalar that mixes with the Higgs boson (top loop, f0 = 1); zero above threshold.

    As `b_to_k_scalar`, with s -> d S. Charm and the change of the light Higgs coupling add some ten per cent:
    M. W. Winkler, arXiv:1809.01876.
    """
    mass = np.asarray(mass_gev, float)
    m_k, m_pi = KAON_MASS_GEV, PION_MASS_GEV
    amplitude2 = np.square(_LOOP * VTD_VTS / VTB_VTS * np.asarray(sin_theta, float)) * (m_k**2 - m_pi**2) ** 2
    width: Array = amplitude2 / (64.0 * np.pi * m_k**3) * _root_kallen(m_k, m_pi, mass)
    return width / K_PLUS_WIDTH_GEV


#: BR(K+ -> pi+ nu nubar) of the Standard Model: A. J. Buras et al., JHEP 11 (2015) 033, arXiv:1503.02693.
K_TO_PI_NUNU = 8.4e-11


def k_to_pi_nunu_rate(q2: ArrayLike) -> Array:
    """Shape of K+ -> pi+ nu nubar in the squared mass of the pair: lambda^(3/2) f_+^2, f_+ with the pole of the K*."""
    q2 = np.asarray(q2, float)
    root = _root_kallen(KAON_MASS_GEV, PION_MASS_GEV, np.sqrt(q2))
    rate: Array = root**3 / (1.0 - q2 / K_STAR_890_GEV**2) ** 2
    return rate


def form_factor_b_to_k_star(q2: ArrayLike) -> Array:
    """Form factor A0 of B -> K*; P. Ball, R. Zwicky, Phys. Rev. D 71 (2005) 014029, hep-ph/0412079."""
    q2 = np.asarray(q2, float)
    return 1.364 / (1.0 - q2 / 5.28**2) - 0.990 / (1.0 - q2 / 36.78)


def b_to_k_star_scalar(mass_gev: ArrayLike, sin_theta: ArrayLike) -> Array:
    """BR(B0 -> K*0 S), as `b_to_k_scalar`: a P wave, with f0 (m_B^2 - m_K^2) replaced by A0 lambda^(1/2)."""
    mass = np.asarray(mass_gev, float)
    amplitude2 = np.square(_LOOP * np.asarray(sin_theta, float)) * form_factor_b_to_k_star(mass**2) ** 2
    m_b = B_ZERO_MASS_GEV
    width: Array = amplitude2 / (64.0 * np.pi * m_b**3) * _root_kallen(m_b, K_STAR_MASS_GEV, mass) ** 3
    return width / B_ZERO_WIDTH_GEV


def b_to_k_weak_alp(mass_gev: ArrayLike, coupling_per_gev: ArrayLike) -> Array:
    """BR(B+ -> K+ a) of an ALP that couples to W bosons with g_aW in GeV^-1; zero above threshold.

    E. Izaguirre, T. Lin, B. Shuve, Phys. Rev. Lett. 118 (2017) 111802, arXiv:1611.09355.
    """
    x = (TOP_MASS_GEV / W_MASS_GEV) ** 2
    loop = x * (1.0 + x * (np.log(x) - 1.0)) / (1.0 - x) ** 2
    strength = 3.0 * np.sqrt(2.0) * FERMI_CONSTANT * W_MASS_GEV**2 / (16.0 * np.pi**2) * VTB_VTS * loop
    g_sb = strength * np.asarray(coupling_per_gev, float)
    mass = np.asarray(mass_gev, float)
    m_b, m_k = B_PLUS_MASS_GEV, KAON_MASS_GEV
    phase_space = _root_kallen(m_b, m_k, mass) / m_b**2
    width = m_b**3 / (64.0 * np.pi) * g_sb**2 * (1.0 - (m_k / m_b) ** 2) ** 2
    fraction: Array = width * form_factor_b_to_k(mass**2) ** 2 * phase_space / B_PLUS_WIDTH_GEV
    return fraction


@dataclass(frozen=True)
class DalitzDecay:
    """J/psi -> P A' through the transition form factor 1/(1 - q^2/Lambda^2) of J/psi -> P gamma*.

    Parameters
    ----------
    pseudoscalar_gev
        Mass of P.
    photon_fraction
        BR(J/psi -> P gamma).
    pole_gev
        Lambda.
    """

    pseudoscalar_gev: float
    photon_fraction: float
    pole_gev: float

    def branching_fraction(self, mass_gev: ArrayLike, epsilon: ArrayLike) -> Array:
        """BR(J/psi -> P A'), P-wave; zero above threshold.

        J. Fu, H.-B. Li, X. Qin, M.-Z. Yang, Mod. Phys. Lett. A 27 (2012) 1250223, arXiv:1111.4055.
        """
        mass = np.asarray(mass_gev, float)
        free = JPSI_MASS_GEV**2 - self.pseudoscalar_gev**2
        p_wave = (_root_kallen(JPSI_MASS_GEV, self.pseudoscalar_gev, mass) / free) ** 3
        form_factor = 1.0 / (1.0 - np.square(mass / self.pole_gev))
        fraction: Array = np.square(epsilon) * self.photon_fraction * form_factor**2 * p_wave
        return fraction


#: J/psi -> eta gamma*: BR(J/psi -> eta gamma) of PDG 2024; the pole of BESIII, Phys. Rev. D 99 (2019) 012006.
JPSI_TO_ETA = DalitzDecay(ETA_MASS_GEV, 1.085e-3, 2.84)
#: J/psi -> eta' gamma*: BR(J/psi -> eta' gamma) of PDG 2024; the pole is that of BESIII, arXiv:1809.00635, from memory.
JPSI_TO_ETA_PRIME = DalitzDecay(ETA_PRIME_MASS_GEV, 5.25e-3, 3.1)


def _root_kallen(parent_gev: float, daughter_gev: float, mass: Array) -> Array:
    """Square root of the Kallen function of the squared masses, zero where the decay is closed."""
    open_decay = mass < parent_gev - daughter_gev
    value = kallen(parent_gev**2, daughter_gev**2, mass**2)
    result: Array = np.sqrt(np.where(open_decay, value, 0.0))
    return result
