"""Inelastic dark matter: chi2 -> chi1 + (off-shell A') -> chi1 + Standard Model.

L = i g_D chibar1 gamma^mu chi2 A'_mu between Majorana states, a vector current. The width in M. Duerr et
al., JHEP 02 (2020) 039, arXiv:1911.03176, is the small-splitting limit of what is integrated here without
approximation.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.constants import ALPHA, HBARC_GEV_MM, PION_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, two_body_momentum
from umbra.theory.hadronic_ratio import HadronicRatio
from umbra.theory.model import Model
from umbra.theory.widths import LEPTONS, vector_to_fermions

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(400)


#: Mass ratios (m_A'/m_1, (m_2 - m_1)/m_1) of the benchmarks of arXiv:1911.03176, by name (from memory).
BENCHMARKS: Mapping[str, tuple[float, float]] = {"narrow": (3.0, 0.1), "wide": (2.5, 0.4)}


class InelasticDarkMatter(Model):
    """chi2 of a dark photon that decays to chi1 chi2, with all masses in fixed ratios; the coupling is epsilon.

    Masses are those of the dark photon, widths and lifetimes those of the chi2.

    Parameters
    ----------
    ratio
        R(m).
    mass_ratios
        m_A'/m_1 and (m_2 - m_1)/m_1.
    alpha_d
        g_D^2/(4 pi).
    """

    name = "inelastic dark matter"
    coupling_name = "epsilon"
    final_states = (*LEPTONS, "hadrons")

    def __init__(self, ratio: HadronicRatio, mass_ratios: tuple[float, float], alpha_d: float) -> None:
        self._ratio, self._mass_ratios, self._alpha_d = ratio, mass_ratios, alpha_d

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """Partial width of chi2 -> chi1 + `final_state`; `mass_gev` is that of the dark photon."""
        self.check(final_state)
        dark_photon = np.asarray(mass_gev, float)
        chi1 = dark_photon / self._mass_ratios[0]
        split = chi1 * self._mass_ratios[1]
        return chi2_width_gev(chi1, split, dark_photon, coupling, self._alpha_d, final_state, self._ratio)


def matrix_element(q2: ArrayLike, chi1_gev: ArrayLike, chi2_gev: ArrayLike, alpha_d: ArrayLike) -> Array:
    """|M(chi2 -> chi1 A'*)|^2 for a vector of mass^2 `q2` in GeV^2, averaged over initial spins.

    It vanishes at the end point q2 = (m2 - m1)^2, where the vector current between equal spins has nothing
    to carry.
    """
    q2, m1, m2 = np.asarray(q2, float), np.asarray(chi1_gev, float), np.asarray(chi2_gev, float)
    split2, total2 = (m2 - m1) ** 2, (m1 + m2) ** 2
    bracket = split2 - q2 - 2.0 * m1 * m2 + split2 * (total2 - q2) / (2.0 * q2)
    result: Array = 2.0 * 4.0 * np.pi * np.asarray(alpha_d, float) * bracket
    return result


def chi2_width_gev(
    chi1_gev: ArrayLike,
    splitting_gev: ArrayLike,
    dark_photon_gev: ArrayLike,
    epsilon: ArrayLike,
    alpha_d: ArrayLike,
    final_state: str,
    ratio: HadronicRatio | None = None,
) -> Array:
    """Partial width of chi2 -> chi1 + `final_state` in GeV; zero below threshold. Everything broadcasts.

    Parameters
    ----------
    chi1_gev, splitting_gev, dark_photon_gev
        m1, m2 - m1 and m_A'; the splitting must be below m_A', else the A' is on shell.
    epsilon, alpha_d
        Kinetic mixing and g_D^2/(4 pi).
    final_state
        `ee`, `mumu`, `tautau` or `hadrons`.
    ratio
        R(m), needed for `hadrons`.

    Raises
    ------
    UmbraError
        For a splitting above the dark photon's mass, or an unknown final state.
    """
    arrays = (np.asarray(a, float)[..., None] for a in (chi1_gev, splitting_gev, dark_photon_gev, alpha_d))
    m1, split, dark_photon, alpha_dark = np.broadcast_arrays(*arrays)
    if np.any(split >= dark_photon):
        raise UmbraError(
            "chi2 decay: the mass splitting is not below the dark photon's mass, which would be on shell"
        )
    threshold = 2.0 * (PION_MASS_GEV if final_state == "hadrons" else _lepton_mass_gev(final_state))
    # Gauss-Legendre in log q^2, which is where a light pair likes to be.
    low, high = np.log(threshold**2), np.log(np.maximum(split, threshold) ** 2)
    q2 = np.exp(low + 0.5 * (_NODES + 1.0) * (high - low))
    q = np.sqrt(q2)
    if final_state == "hadrons":
        if ratio is None:
            raise UmbraError("chi2 decay to hadrons: the hadronic ratio is missing")
        strength = ratio(q) * q / (12.0 * np.pi)
    else:
        strength = vector_to_fermions(q, _lepton_mass_gev(final_state))
    pair_width = 4.0 * np.pi * ALPHA * strength
    m2 = m1 + split
    flux = two_body_momentum(m2, m1, q) / (8.0 * np.pi * m2**2)
    propagator = q * pair_width / (np.pi * (q2 - dark_photon**2) ** 2)
    integrand = flux * matrix_element(q2, m1, m2, alpha_dark) * propagator * q2
    width: Array = np.square(epsilon) * (integrand * 0.5 * _WEIGHTS * (high - low)).sum(axis=-1)
    return width


def chi2_ctau_mm(
    chi1_gev: ArrayLike,
    splitting_gev: ArrayLike,
    dark_photon_gev: ArrayLike,
    epsilon: ArrayLike,
    alpha_d: ArrayLike,
    ratio: HadronicRatio,
) -> Array:
    """Mean proper decay length of chi2 in mm, all final states; arguments as for `chi2_width_gev`."""
    arguments = (chi1_gev, splitting_gev, dark_photon_gev, epsilon, alpha_d)
    total = sum(chi2_width_gev(*arguments, final_state, ratio) for final_state in (*LEPTONS, "hadrons"))
    with np.errstate(divide="ignore"):
        length: Array = HBARC_GEV_MM / np.asarray(total, float)
    return length


def _lepton_mass_gev(final_state: str) -> float:
    if final_state not in LEPTONS:
        raise UmbraError(
            f"chi2 decay: unknown final state '{final_state}'; known: {', '.join(LEPTONS)}, hadrons"
        )
    return LEPTONS[final_state]
