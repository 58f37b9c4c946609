r"""Phase space of e+e- → e+e-γ with both electrons near the beams and the photon away from them.

The transverse momenta balance, so that they are the variables to draw: the photon first, within its cuts, then the
transverse momentum of one of the electrons around its beam. With the pair's W² = (√s-k)² - k_z² and transverse
masses, the longitudinal momenta are those of a two-body decay along the beams, and

    dΦ3 = (2π)⁻⁵ d³k/2k d²q₁ᵀ 1/(4 p* W),

for each of the two ways to send electron and positron. Both peaks are exact: the momentum transfer of an electron
is -t = (qᵀ² + m²x²)/(1-x), x being the light-cone fraction that its virtual photon carries, and qᵀ² follows
1/(qᵀ² + m²x²) with the x of an electron at zero angle.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ELECTRON_MASS_GEV
from umbra.core.kinematics import Array, circle

#: Random numbers: channel, photon's energy and angle, transverse momentum, azimuths of photon and electron.
DIMENSIONS = 6
#: Share of the trials that send the electron along the positron's beam; it has no peak, and few events.
_EXCHANGED = 0.02


class SmallAngle(NamedTuple):
    """Bounds: photon energy in GeV, cosine of its angle, and largest angle of the electrons to a beam, radian."""

    k_gev: tuple[float, float]
    cosine: tuple[float, float]
    lost: float


def points(x: Array, sqrt_s_gev: Array, bounds: SmallAngle) -> tuple[Array, Array]:
    """Turn random numbers into momenta and the phase-space volume that each event stands for.

    Parameters
    ----------
    x
        Uniform random numbers, shape (n, 6).
    sqrt_s_gev
        Shape (n,).
    bounds
        The photon must stay off the beams, and the angle below 90 degrees.

    Returns
    -------
    p4, volume
        (e-, e+, γ) in the centre of mass, shape (n, 3, 4), and GeV², shape (n,): zero where no event is possible.
    """
    around_electron = x[:, 0] < 0.5
    k, energy_density, angle_densities = _photon(x, sqrt_s_gev, bounds, around_electron)
    transverse, densities = _transverse(x, sqrt_s_gev, k, np.sin(bounds.lost), around_electron)
    density = 0.5 * energy_density * (angle_densities * densities).sum(axis=0)
    exchanged = x[:, 0] % 0.5 < 0.5 * _EXCHANGED
    p4 = np.zeros((len(x), 3, 4))
    p4[:, 2] = k
    p4[:, :2, :2] = transverse
    mass2 = ELECTRON_MASS_GEV**2 + (transverse**2).sum(axis=2)
    energy = sqrt_s_gev - k[:, 3]
    w = np.sqrt(np.maximum(energy**2 - k[:, 2] ** 2, 1e-300))
    high, low = (w**2 - (np.sqrt(mass2[:, 0]) + sign * np.sqrt(mass2[:, 1])) ** 2 for sign in (1.0, -1.0))
    momentum = np.sqrt(np.maximum(high * low, 0.0)) / (2.0 * w)
    along = np.where(exchanged, -momentum, momentum)
    first = np.sqrt(momentum**2 + mass2[:, 0])
    p4[:, 0, 2] = (along * energy - first * k[:, 2]) / w
    p4[:, 1, 2] = -k[:, 2] - p4[:, 0, 2]
    p4[:, :2, 3] = np.sqrt(mass2 + p4[:, :2, 2] ** 2)
    possible = (momentum > 0.0) & (density > 0.0)
    density = density * np.where(exchanged, _EXCHANGED, 1.0 - _EXCHANGED)
    phase_space = 0.5 * k[:, 3] / (2.0 * np.pi) ** 5 / (4.0 * np.where(possible, momentum, 1.0) * w)
    return p4, np.where(possible, phase_space / np.where(possible, density, 1.0), 0.0)


def _photon(
    x: Array, sqrt_s: Array, bounds: SmallAngle, around_electron: NDArray[np.bool_]
) -> tuple[Array, Array, Array]:
    """Draw a photon; return its density in energy, and in cosine and azimuth for either electron at zero angle.

    The virtual photon of an electron at zero angle has a flux of 1/x², x being k (1 + cosθ)/√s nearly, so that half of
    the trials follow exp(-2 rapidity) and half the rapidity alone; the energy follows 1/k².
    """
    low, high = np.arctanh(bounds.cosine)
    # The electron that is seen has the photon in its own hemisphere: the positron's is that of negative rapidity.
    ends = np.where(around_electron, low, -high), np.where(around_electron, high, -low)
    steep = x[:, 2] < 0.5
    u = 2.0 * x[:, 2] - np.where(steep, 0.0, 1.0)
    fall = -np.expm1(-2.0 * (high - low))
    rapidity = ends[0] + np.where(steep, -0.5 * np.log1p(-u * fall), u * (high - low))
    cosine = np.tanh(np.where(around_electron, rapidity, -rapidity))
    sine2 = (1.0 - cosine) * (1.0 + cosine)
    # The electrons must balance its transverse momentum: k sinθ < (√s - k) sin(lost).
    reach = np.sin(bounds.lost)
    k_low, k_high = bounds.k_gev[0], np.minimum(bounds.k_gev[1], sqrt_s * reach / (np.sqrt(sine2) + reach))
    span = np.maximum(1.0 / k_low - 1.0 / np.maximum(k_high, k_low), 0.0)
    energy = 1.0 / (1.0 / k_low - span * x[:, 1])
    cos_phi, sin_phi = circle(2.0 * np.pi * x[:, 4])
    side = energy * np.sqrt(sine2)
    momentum = np.stack([side * cos_phi, side * sin_phi, energy * cosine, energy], axis=1)
    energy_density = np.where(span > 0.0, 1.0 / (energy**2 * np.where(span > 0.0, span, 1.0)), 0.0)
    y = np.arctanh(cosine)
    falls = np.stack([np.exp(2.0 * (low - y)), np.exp(2.0 * (y - high))]) * 2.0 / fall
    return momentum, energy_density, 0.5 * (falls + 1.0 / (high - low)) / (2.0 * np.pi * sine2)


def _transverse(
    x: Array, sqrt_s: Array, k: Array, reach: float, around_electron: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Draw the transverse momenta of electron and positron around one of the beams; return the density of either."""
    side2 = k[:, 0] ** 2 + k[:, 1] ** 2
    plus, minus = k[:, 3] + k[:, 2], k[:, 3] - k[:, 2]
    fractions = np.stack([plus + side2 / (sqrt_s - minus), minus + side2 / (sqrt_s - plus)]) / sqrt_s
    peaks = (ELECTRON_MASS_GEV * fractions) ** 2
    largest = (0.5 * sqrt_s * reach) ** 2
    peak = np.where(around_electron, *peaks)
    size = np.sqrt(peak * np.expm1(x[:, 3] * np.log1p(largest / peak)))
    drawn = size[:, None] * np.stack(circle(2.0 * np.pi * x[:, 5]), axis=1)
    other = -k[:, :2] - drawn
    chosen = around_electron[:, None]
    transverse = np.stack([np.where(chosen, drawn, other), np.where(chosen, other, drawn)], axis=1)
    squares = (transverse**2).sum(axis=2).T
    inside = 1.0 / (np.pi * np.log1p(largest / peaks) * (squares + peaks))
    return transverse, np.where(squares <= largest * (1.0 + 1e-12), inside, 0.0)
