"""Initial-state radiation by leading-log structure functions, and the vacuum polarisation that goes with it.

σ(s) = ∫ dx₁ dx₂ D(x₁,s) D(x₂,s) σ̂(x₁x₂s), each beam radiating collinearly (Kuraev and Fadin, Sov. J. Nucl.
Phys. 41 (1985) 466). D is exponentiated to all orders in the soft limit and exact to second order in the
leading logarithm for hard photons (Nicrosini and Trentadue, Phys. Lett. B 196 (1987) 551; Skrzypek and
Jadach, Z. Phys. C 49 (1991) 577):

    D(x) = exp(η(3/4-γ_E))/Γ(1+η) η (1-x)^(η-1) - η(1+x)/2
           + η²/8 [-4(1+x) ln(1-x) - (1+3x²)/(1-x) ln x - 5 - x],   η = (α/π)(ln(s/m_e²) - 1).

The photons of a leg are one photon along its beam: their transverse momentum and the pairs are left out.
"""

import numpy as np
from scipy.special import gamma

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, LEPTON_MASS_GEV
from umbra.core.kinematics import Array

#: Hadronic vacuum polarisation A + B ln(1 + C|s|) up to each energy in GeV: Burkhardt and Pietrzyk,
#: Phys. Lett. B 513 (2001) 46, table 3 (real part, resonances smoothed over).
_HADRONIC = (
    (0.7, 0.0, 0.0023092, 3.9925370),
    (2.0, 0.0, 0.0022333, 4.2191779),
    (4.0, 0.0, 0.0024402, 3.2496684),
    (10.0, 0.0, 0.0027340, 2.0995092),
    (91.1876, 0.0010485, 0.0029431, 1.0),
)


def eta(s: Array | float) -> Array:
    """Radiation exponent of one leg, half of the usual β."""
    return np.asarray(ALPHA / np.pi * (np.log(np.divide(s, ELECTRON_MASS_GEV**2)) - 1.0))


def structure_function(lost: Array, exponent: Array | float) -> Array:
    """Probability density of the energy fraction that one leg loses.

    Parameters
    ----------
    lost
        Fraction 1 - x in (0, 1), given itself because it is often far below the rounding of x.
    exponent
        η of the leg, see `eta`.
    """
    return exponent * lost ** (exponent - 1.0) * _over_soft_power(lost, exponent)


def _over_soft_power(lost: Array, exponent: Array | float) -> Array:
    """Structure function divided by η (1-x)^(η-1): finite everywhere."""
    x = 1.0 - lost
    log_lost = np.log(np.maximum(lost, 1e-300))
    soft = np.exp(exponent * (0.75 - np.euler_gamma)) / gamma(1.0 + exponent)
    # ln(x)/(1-x) tends to -1 where no energy is lost.
    log_ratio = np.where(lost > 1e-12, np.log1p(-lost) / np.maximum(lost, 1e-12), -1.0)
    second = -4.0 * (1.0 + x) * log_lost - (1.0 + 3.0 * x**2) * log_ratio - 5.0 - x
    hard = -0.5 * (1.0 + x) + exponent / 8.0 * second
    return np.asarray(soft + np.exp((1.0 - exponent) * log_lost) * hard)


def draw_lost_fraction(uniform: Array, exponent: Array, largest: Array) -> tuple[Array, Array]:
    """Draw the lost fraction of one leg up to `largest` and return it with its weight.

    The density η y^(η-1), which holds the soft peak, is inverted exactly; the weight is the structure
    function over it.
    """
    lost = largest * uniform ** (1.0 / exponent)
    return lost, largest**exponent * _over_soft_power(lost, exponent)


def radiate(uniform: Array, sqrt_s_gev: Array, threshold_gev: float) -> tuple[Array, Array, Array]:
    """Let both legs radiate.

    Parameters
    ----------
    uniform
        Shape (n, 2).
    sqrt_s_gev
        Energy of the beams, shape (n,).
    threshold_gev
        The hard process keeps at least this energy.

    Returns
    -------
    lost, hard_gev, weight
        Fractions that electron and positron lose, shape (n, 2); centre-of-mass energy of the hard process and
        the weight of D D, shape (n,), zero below threshold.
    """
    exponent = eta(sqrt_s_gev**2)
    least = np.minimum((threshold_gev / sqrt_s_gev) ** 2, 1.0)
    first, weight1 = draw_lost_fraction(uniform[:, 0], exponent, 1.0 - least)
    left = np.maximum(1.0 - least / (1.0 - first), 0.0)
    second, weight2 = draw_lost_fraction(uniform[:, 1], exponent, left)
    hard_gev = sqrt_s_gev * np.sqrt((1.0 - first) * (1.0 - second))
    return np.stack([first, second], axis=1), hard_gev, weight1 * weight2


def share_into(cos_range: tuple[float, float], sqrt_s_gev: float) -> Array:
    """Share of the collinear photons of each leg, electron's and positron's, that point into a range.

    Their angle follows dN/dcosθ ∝ 1/(1 ∓ β cosθ), whose integral is the logarithm in `eta`. A process with a
    radiated photon has no other photon in that photon's cuts: one that is emitted there, and is harder, is
    the photon of the matrix element (compare Montagna et al., Nucl. Phys. B541 (1999) 31, hep-ph/9807465).

    Parameters
    ----------
    cos_range
        Lowest and highest cosine of the angle to the electron beam.
    sqrt_s_gev
        Energy of the beams.

    Returns
    -------
    numpy.ndarray
        Shape (2,), each between 0 and 1.
    """
    gap = 2.0 * (ELECTRON_MASS_GEV / sqrt_s_gev) ** 2  # 1 - β
    low, high = cos_range
    legs = np.array([(low, high), (-high, -low)])
    logs = np.log((1.0 - legs) + gap * legs)
    return np.asarray((logs[:, 0] - logs[:, 1]) / np.log((2.0 - gap) / gap))


def with_photons(p4: Array, lost: Array, sqrt_s_gev: Array) -> Array:
    """Boost the hard process along the beams and append the photons of electron and positron.

    Parameters
    ----------
    p4
        Momenta in the centre of mass of the hard process, shape (n, k, 4).
    lost
        Shape (n, 2), from `radiate`.
    sqrt_s_gev
        Shape (n,).

    Returns
    -------
    numpy.ndarray
        Momenta in the centre of mass of the beams, shape (n, k + 2, 4); their sum is (0, 0, 0, √s).
    """
    n, k = p4.shape[:2]
    x1, x2 = 1.0 - lost[:, 0], 1.0 - lost[:, 1]
    norm = 0.5 / np.sqrt(x1 * x2)
    cosh, sinh = ((x1 + x2) * norm)[:, None], ((x1 - x2) * norm)[:, None]
    out = np.zeros((n, k + 2, 4))
    out[:, :k, :2] = p4[..., :2]
    out[:, :k, 2] = cosh * p4[..., 2] + sinh * p4[..., 3]
    out[:, :k, 3] = cosh * p4[..., 3] + sinh * p4[..., 2]
    photons = 0.5 * sqrt_s_gev[:, None] * lost
    out[:, k:, 3] = photons
    out[:, k, 2] = photons[:, 0]
    out[:, k + 1, 2] = -photons[:, 1]
    return out


def annihilation_factor(s: Array) -> Array:
    """Correction (1+K)/(1-Δα(s))² of annihilation into one virtual photon.

    K = (α/π)(π²/3 - 1/2) is what soft and virtual photons leave beside the leading logarithm (Kuraev and
    Fadin), Δα the vacuum polarisation by leptons (one loop, exact in the mass) and hadrons.
    """
    k_factor = 1.0 + ALPHA / np.pi * (np.pi**2 / 3.0 - 0.5)
    return np.asarray(k_factor / (1.0 - delta_alpha(s)) ** 2)


def delta_alpha(s: Array) -> Array:
    """Real part of the vacuum polarisation at time-like s in GeV², α(s) = α/(1-Δα), below the Z."""
    leptons = sum(_leptonic(s, mass) for mass in LEPTON_MASS_GEV.values())
    energy = np.sqrt(s)
    hadrons = np.zeros_like(energy)
    lower = 0.0
    for upper, a, b, c in _HADRONIC:
        hadrons = np.where((energy > lower) & (energy <= upper), a + b * np.log1p(c * s), hadrons)
        lower = upper
    return np.asarray(leptons + hadrons)


def _leptonic(s: Array, mass_gev: float) -> Array:
    """One-loop vacuum polarisation by one lepton: α/π [-5/9 - y/3 + (2+y)/6 F], y = 4m²/s."""
    y = 4.0 * mass_gev**2 / s
    root = np.sqrt(np.abs(1.0 - y))
    above = root * np.log((1.0 + np.minimum(root, 1.0 - 1e-15)) / np.maximum(np.abs(1.0 - root), 1e-15))
    # Below threshold the logarithm turns into an arc tangent.
    below = 2.0 * root * np.arctan2(1.0, root)
    loop = np.where(y < 1.0, above, below)
    return np.asarray(ALPHA / np.pi * (-5.0 / 9.0 - y / 3.0 + (2.0 + y) / 6.0 * loop))
