"""The Z' of gauged L_mu - L_tau, with charges -1 for muon flavour and +1 for tau flavour.

Source: B. Shuve, I. Yavin, Phys. Rev. D 89 (2014) 113004, arXiv:1403.2727.
"""

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.constants import MUON_MASS_GEV, TAU_MASS_GEV
from umbra.core.kinematics import Array
from umbra.theory.model import InvisibleModel, Model
from umbra.theory.widths import vector_to_fermions

#: Nodes and weights for the loop integral of the muon's magnetic moment.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


class ZPrime(Model):
    """L_mu - L_tau gauge boson. Final states: `mumu`, `tautau`, `invisible` (two left-handed neutrinos)."""

    name = "Z' (L_mu - L_tau)"
    coupling_name = "g_prime"
    final_states = ("mumu", "tautau", "invisible")

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """Partial width; `coupling` is g'. A left-handed neutrino counts half of a massless Dirac fermion."""
        self.check(final_state)
        if final_state == "invisible":
            unit = vector_to_fermions(mass_gev, 0.0)
        else:
            unit = vector_to_fermions(mass_gev, MUON_MASS_GEV if final_state == "mumu" else TAU_MASS_GEV)
        return np.square(coupling) * unit


class InvisibleZPrime(InvisibleModel):
    """The same Z' when it decays to dark matter ("fully invisible")."""

    name = "Z' (fully invisible)"
    coupling_name = "g_prime"


def magnetic_moment(mass_gev: ArrayLike, coupling: ArrayLike) -> Array:
    """Contribution of a vector to a_mu = (g-2)/2 of the muon; its coupling is e epsilon for a dark photon.

    a_mu = g^2/(4 pi^2) int_0^1 dx m_mu^2 x^2 (1-x) / (x^2 m_mu^2 + (1-x) m^2), for instance
    S. Baek et al., Phys. Rev. D 64 (2001) 055006. Masses and couplings broadcast.
    """
    mass = np.asarray(mass_gev, float)[..., None]
    # x = 1 - u^3 puts nodes where the integrand turns over for light and for heavy vectors.
    u = 0.5 * (_NODES + 1.0)
    x, jacobian = 1.0 - u**3, 3.0 * u**2
    mu2 = MUON_MASS_GEV**2
    integrand = mu2 * x**2 * (1.0 - x) / (x**2 * mu2 + (1.0 - x) * mass**2)
    integral: Array = (integrand * jacobian * 0.5 * _WEIGHTS).sum(axis=-1)
    return np.square(coupling) / (4.0 * np.pi**2) * integral


def preferred_coupling(mass_gev: ArrayLike, excess: float) -> Array:
    """Coupling at which the vector adds `excess` to a_mu, for instance the ends of a measured band."""
    coupling: Array = np.sqrt(excess / magnetic_moment(mass_gev, 1.0))
    return coupling
