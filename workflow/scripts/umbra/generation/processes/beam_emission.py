r"""A spin-0 particle that the beams radiate: e+e- → X γ*, γ* → l+l-.

X couples to the electron as a scalar g or a pseudoscalar i g γ5. The electron mass is dropped. Then both give the
same, and nothing interferes with X that the outgoing leptons radiate: a spin-0 vertex turns the chirality of its
line, so that the beams have equal helicities here and opposite ones there. With D_i = (p_i - k_X)², half of the
difference of the leptons' momenta r = (k₁ - k₂)/2, their mass m, the pair's mass squared q² and Σ = 1/D1 + 1/D2,

    avg |M|² = e⁴ g²/q⁴ { Σ² [(q² + 4m²) s k_T² + 4s m_X² (r₀² - r_z²)] + 4s (q² m_X² + 4s r₀²)/(D1 D2)
               + 16s r₀ Σ [r₀ - ½ m_X² (r₀ Σ + r_z (1/D1 - 1/D2))] },   D1 D2 = m_X² q² + s k_T²,

the momenta in the centre of mass with the electron along +z. Averaged over the leptons' directions the braces are
⅔ (q² + 2m²) [2 s k_T² Σ² + 4s m_X²/(D1 D2)]. The tests compare with products of Dirac matrices.
"""

import numpy as np

from umbra.core.constants import ALPHA, GEV2_PB
from umbra.core.kinematics import Array, dot, from_spherical, two_body_decay, two_body_momentum

#: Random numbers: the pair's mass, polar angle and azimuth of X, and of the lepton in the rest frame of the pair.
DIMENSIONS = 5


def radiated(
    x: Array, sqrt_s_gev: Array, lepton_gev: float, x_gev: float, coupling: float
) -> tuple[Array, Array]:
    """Turn random numbers into weighted events.

    Parameters
    ----------
    x
        Uniform random numbers in [0, 1), shape (n, 5).
    sqrt_s_gev
        Above threshold, shape (n,).
    lepton_gev, x_gev
        Masses of the outgoing leptons and of X.
    coupling
        Of X to the electron, at the vertex.

    Returns
    -------
    p4, weight_pb
        Lepton, antilepton and X in the centre of mass, electron beam along +z, shape (n, 3, 4); weights whose
        mean is the cross-section, shape (n,).
    """
    p4, volume = _points(x, sqrt_s_gev, lepton_gev, x_gev)
    flux = 2.0 * sqrt_s_gev**2
    return p4, GEV2_PB * coupling**2 * squared(p4, sqrt_s_gev, lepton_gev, x_gev) * volume / flux


def squared(p4: Array, sqrt_s_gev: Array, lepton_gev: float, x_gev: float) -> Array:
    """Squared amplitude at unit coupling, averaged over beam spins and summed over final ones, in GeV^-2.

    Parameters
    ----------
    p4
        Lepton, antilepton and X in the centre of mass, shape (n, 3, 4).
    sqrt_s_gev, lepton_gev, x_gev
        As for `radiated`.
    """
    s, x2, m2 = sqrt_s_gev**2, x_gev**2, lepton_gev**2
    k = p4[:, 2]
    q2 = 2.0 * (m2 + dot(p4[:, 0], p4[:, 1]))
    across = s * (k[:, 0] ** 2 + k[:, 1] ** 2)
    product = x2 * q2 + across
    # The propagator of the beam that X follows, of the order of m_X² q²/s, from the other one and the product.
    far = x2 - sqrt_s_gev * (k[:, 3] + np.abs(k[:, 2]))
    near = product / far
    total = (near + far) / product
    difference = np.sign(k[:, 2]) * (far - near) / product
    r0, rz = 0.5 * (p4[:, 0, 3] - p4[:, 1, 3]), 0.5 * (p4[:, 0, 2] - p4[:, 1, 2])
    braces = total**2 * ((q2 + 4.0 * m2) * across + 4.0 * s * x2 * (r0 - rz) * (r0 + rz))
    braces += 4.0 * s * (q2 * x2 + 4.0 * s * r0**2) / product
    braces += 16.0 * s * r0 * total * (r0 - 0.5 * x2 * (r0 * total + rz * difference))
    return np.asarray((4.0 * np.pi * ALPHA) ** 2 * braces / q2**2)


def _points(x: Array, sqrt_s: Array, lepton_gev: float, x_gev: float) -> tuple[Array, Array]:
    """Momenta and the phase-space volume of each: q² and both propagators are drawn logarithmically."""
    low, high = 4.0 * lepton_gev**2, (sqrt_s - x_gev) ** 2
    log_range = np.log(high / low)
    q2 = low * np.exp(x[:, 0] * log_range)
    k = two_body_momentum(sqrt_s, np.sqrt(q2), x_gev)
    # D1 D2 ∝ a² - c² in the cosine c of X: c = a tanh(y) with y uniform.
    excess = x_gev**2 * q2 / np.maximum(sqrt_s * k, 1e-12 * sqrt_s**2) ** 2
    a = np.sqrt(1.0 + excess)
    reach = 0.5 * np.log((a + 1.0) ** 2 / excess)
    y = reach * (2.0 * x[:, 1] - 1.0)
    cosine = np.clip(a * np.tanh(y), -1.0, 1.0)
    p4 = np.empty((len(x), 3, 4))
    p4[:, 2] = from_spherical(k, cosine, 2.0 * np.pi * x[:, 2], x_gev)
    pair = -p4[:, 2]
    pair[:, 3] += sqrt_s
    p4[:, 0], p4[:, 1] = two_body_decay(
        pair, lepton_gev, lepton_gev, 2.0 * x[:, 3] - 1.0, 2.0 * np.pi * x[:, 4]
    )
    beta = np.sqrt(np.maximum(1.0 - low / q2, 0.0))
    angle = reach * a / np.cosh(y) ** 2
    return p4, q2 * log_range / (2.0 * np.pi) * angle * k / (4.0 * np.pi * sqrt_s) * beta / (8.0 * np.pi)
