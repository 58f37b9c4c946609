"""e+e- → φ → K+K- and π+π-π0 around the resonance.

With the width of the beams' channel and that of the final state at the energy of the collision,

    σ(s) = 12π (m²/s) Γ_ee Γ_f(s) / ((s - m²)² + m²Γ²),

whose maximum is 12π B_ee B_f/m². Γ_f grows as the phase space of its waves: as (p/p₀)³ m²/s for two kaons, and as the
integral of the Dalitz plot for three pions. What else makes the same pions or kaons (ω, the continuum) is left out; it
is a few per cent of the maximum.
"""

from functools import cache

import numpy as np

from umbra.core.constants import GEV2_PB, KAON_MASS_GEV, PION_MASS_GEV
from umbra.core.kinematics import Array, boost_from_rest, from_spherical, two_body_momentum
from umbra.core.pdg import mass_gev, width_gev
from umbra.generation.processes.catalogue.phi_meson import PHI_TO_KAONS, PHI_TO_THREE_PIONS
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process
from umbra.generation.processes.two_body import back_to_back, draw_one_plus

_KAON, _PION, _PION0 = 321, 211, 111
_PHI_MASS_GEV, _PHI_WIDTH_GEV = mass_gev(333), width_gev(333)
_RHO_MASS_GEV, _RHO_WIDTH_GEV = mass_gev(113), width_gev(113)
_PION0_MASS_GEV = mass_gev(_PION0)
#: Branching fractions of the phi to e+e-, K+K- and π+π-π0 (ρπ among them), Particle Data Group 2024.
TO_ELECTRONS, TO_KAONS, TO_THREE_PIONS = 2.979e-4, 0.491, 0.154
#: Nodes in the mass of π+π- and in the angle of the π+ with which Dalitz plots are integrated.
_NODES = 40


def resonance_pb(sqrt_s_gev: Array, fraction: float, growth: Array) -> Array:
    """Cross-section of the module's formula.

    Parameters
    ----------
    sqrt_s_gev
        Energy, shape (n,).
    fraction
        Of the phi's decays.
    growth
        Width of the final state at that energy over that at the mass of the phi, shape (n,).
    """
    s, m2 = np.square(sqrt_s_gev), _PHI_MASS_GEV**2
    width2 = _PHI_WIDTH_GEV**2
    shape = m2 * width2 / ((s - m2) ** 2 + m2 * width2)
    return np.asarray(GEV2_PB * 12.0 * np.pi * TO_ELECTRONS * fraction * growth * shape / s)


class PhiToKaons(Process):
    """Two kaons, whose direction follows 1 - c²."""

    entry = PHI_TO_KAONS
    dimensions = 2

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """K+, K-."""
        return (_KAON, -_KAON)

    def other_masses_gev(self) -> float:
        """Both kaons."""
        return 2.0 * KAON_MASS_GEV

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Evaluate the formula of the module."""
        return float(self._total_pb(np.array([sqrt_s_gev]))[0])

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        cos_theta, _ = draw_one_plus(1.0, -1.0, -1.0, 1.0, x[:, 0])
        p4 = back_to_back(sqrt_s_gev, KAON_MASS_GEV, KAON_MASS_GEV, cos_theta, 2.0 * np.pi * x[:, 1])
        return p4, self._total_pb(sqrt_s_gev)

    @staticmethod
    def _total_pb(sqrt_s_gev: Array) -> Array:
        momenta = [two_body_momentum(e, KAON_MASS_GEV, KAON_MASS_GEV) for e in (sqrt_s_gev, _PHI_MASS_GEV)]
        growth = (momenta[0] / momenta[1]) ** 3 * _PHI_MASS_GEV**2 / np.square(sqrt_s_gev)
        return resonance_pb(sqrt_s_gev, TO_KAONS, growth)


class PhiToThreePions(Process):
    """π+π-π0: the sum of the three ρπ, with the normal of the plane of the pions as 1 - c².

    The five random numbers are the mass of π+π-, the cosine of the π+ in its frame, and three angles of the plane.
    """

    entry = PHI_TO_THREE_PIONS
    dimensions = 5

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """π+, π-, π0."""
        return (_PION, -_PION, _PION0)

    def other_masses_gev(self) -> float:
        """All three."""
        return 2.0 * PION_MASS_GEV + _PION0_MASS_GEV

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        is_open = sqrt_s_gev > self.other_masses_gev()
        sqrt_s = np.where(is_open, sqrt_s_gev, _PHI_MASS_GEV)
        cosine = 2.0 * x[:, 1] - 1.0
        pair, density = _dalitz(sqrt_s, x[:, 0], cosine)
        growth = density / _integral(_PHI_MASS_GEV) * _PHI_MASS_GEV**2 / np.square(sqrt_s)
        plane = _plane(sqrt_s, pair, cosine, 2.0 * np.pi * x[:, 2])
        normal_cosine, _ = draw_one_plus(1.0, -1.0, -1.0, 1.0, x[:, 3])
        p4 = _turned(plane, normal_cosine, 2.0 * np.pi * x[:, 4])
        return p4, np.where(is_open, resonance_pb(sqrt_s, TO_THREE_PIONS, growth), 0.0)


def _dalitz(sqrt_s: Array, u: Array, cosine: Array) -> tuple[Array, Array]:
    """Mass of π+π-, evenly drawn by u, and the density of the Dalitz plot there in u and half the cosine."""
    least = 2.0 * PION_MASS_GEV
    reach = sqrt_s - _PION0_MASS_GEV - least
    pair = least + u * reach
    q = two_body_momentum(pair, PION_MASS_GEV, PION_MASS_GEV)
    k = two_body_momentum(sqrt_s, pair, _PION0_MASS_GEV)
    # Squared masses of π+π0 and π-π0.
    s = np.square(sqrt_s)
    middle = 0.5 * (s + 2.0 * PION_MASS_GEV**2 + _PION0_MASS_GEV**2 - pair**2)
    half = 2.0 * k * q * cosine * sqrt_s / pair
    amplitude = _rho(pair**2, PION_MASS_GEV) + sum(
        _rho(middle + sign * half, _PION0_MASS_GEV) for sign in (1.0, -1.0)
    )
    # |p+ x p-|² in the frame of the collision, in which the momentum across that of the π0 is the same; phase space.
    across2 = (k * q) ** 2 * (1.0 - cosine**2)
    return pair, np.asarray(across2 * k * q * reach * np.abs(amplitude) ** 2)


def _rho(s: Array, other_gev: float) -> Array:
    """Propagator of a ρ with the width of its p-wave decay to a π± and another pion."""
    mass = np.sqrt(np.maximum(s, (PION_MASS_GEV + other_gev) ** 2))
    momenta = [two_body_momentum(each, PION_MASS_GEV, other_gev) for each in (mass, _RHO_MASS_GEV)]
    width = _RHO_WIDTH_GEV * (momenta[0] / momenta[1]) ** 3 * _RHO_MASS_GEV / mass
    result: Array = _RHO_MASS_GEV**2 / (_RHO_MASS_GEV**2 - s - 1j * _RHO_MASS_GEV * width)
    return result


@cache
def _integral(sqrt_s_gev: float) -> float:
    """Mean of the density of `_dalitz` over its random numbers."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    u, cosine = (each.ravel() for each in np.meshgrid(0.5 * (nodes + 1.0), nodes))
    _, density = _dalitz(np.full(len(u), sqrt_s_gev), u, cosine)
    return float((np.outer(weights, weights).ravel() * density).sum() / 4.0)


def _plane(sqrt_s: Array, pair: Array, cosine: Array, phi: Array) -> Array:
    """Momenta in a plane whose normal is the z axis, the π0 at the azimuth phi, shape (n, 3, 4)."""
    k = two_body_momentum(sqrt_s, pair, _PION0_MASS_GEV)
    q = two_body_momentum(pair, PION_MASS_GEV, PION_MASS_GEV)
    flat = np.zeros_like(k)
    neutral = from_spherical(k, flat, phi, _PION0_MASS_GEV)
    both = -neutral
    both[:, 3] = np.hypot(k, pair)
    plus = from_spherical(q, flat, phi + np.pi + np.arccos(cosine), PION_MASS_GEV)
    plus = boost_from_rest(plus, both)
    return np.stack([plus, both - plus, neutral], axis=1)


def _turned(p4: Array, cosine: Array, phi: Array) -> Array:
    """Turn momenta so that the z axis comes to a polar angle and an azimuth."""
    sine = np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
    x, y, z = np.moveaxis(p4[..., :3], -1, 0)
    c, s = cosine[:, None], sine[:, None]
    tilted_x, tilted_z = c * x + s * z, c * z - s * x
    out = p4.copy()
    out[..., 0] = np.cos(phi)[:, None] * tilted_x - np.sin(phi)[:, None] * y
    out[..., 1] = np.sin(phi)[:, None] * tilted_x + np.cos(phi)[:, None] * y
    out[..., 2] = tilted_z
    return out
