"""Two bodies back to back: the momenta, and the range of the polar angle that cuts leave open."""

from collections.abc import Sequence

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, circle, two_body_momentum
from umbra.generation.processes.cuts import Cuts


def back_to_back(
    sqrt_s_gev: Array, mass1_gev: float, mass2_gev: float, cos_theta: Array, phi: Array
) -> Array:
    """Momenta of two particles in their centre of mass, the first in the given direction.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2, 4), in GeV.
    """
    k = two_body_momentum(sqrt_s_gev, mass1_gev, mass2_gev)
    transverse = k * np.sqrt(np.maximum(0.0, (1.0 - cos_theta) * (1.0 + cos_theta)))
    p4 = np.empty((len(k), 2, 4))
    cos_phi, sin_phi = circle(phi)
    p4[:, 0, 0] = transverse * cos_phi
    p4[:, 0, 1] = transverse * sin_phi
    p4[:, 0, 2] = k * cos_theta
    p4[:, 1, :3] = -p4[:, 0, :3]
    for particle, mass_gev in enumerate((mass1_gev, mass2_gev)):
        p4[:, particle, 3] = np.hypot(k, mass_gev) if mass_gev else k
    return p4


def cos_range(
    cuts: Cuts, process: str, cosine: Sequence[str] = (), theta: Sequence[str] = ()
) -> tuple[float, float]:
    """Range of the cosine of the first particle's polar angle.

    Parameters
    ----------
    cuts
        Checked already.
    process
        Its name, for the error.
    cosine, theta
        The cuts that bound the cosine itself, and those that bound the angle in degrees.

    Raises
    ------
    UmbraError
        If the cuts leave nothing.
    """
    low, high = -1.0, 1.0
    for name in cosine:
        lower, upper = cuts.get(name, (None, None))
        low = max(low, -1.0 if lower is None else lower)
        high = min(high, 1.0 if upper is None else upper)
    for name in theta:
        lower, upper = cuts.get(name, (None, None))
        low = max(low, -1.0 if upper is None else _cos_degrees(upper))
        high = min(high, 1.0 if lower is None else _cos_degrees(lower))
    if low >= high:
        raise UmbraError(f"process {process}: the cuts on the polar angle leave nothing: {dict(cuts)}")
    return low, high


def symmetric_cos_range(cuts: Cuts, process: str, theta: Sequence[str]) -> tuple[float, float]:
    """Range of the cosine when both particles, back to back, have to pass the cuts on the angle."""
    low, high = cos_range(cuts, process, theta=theta)
    bound = min(-low, high)
    if bound <= 0.0:
        raise UmbraError(f"process {process}: the cuts on the polar angle leave nothing: {dict(cuts)}")
    return -bound, bound


def _cos_degrees(angle: float) -> float:
    return float(np.cos(np.radians(np.clip(angle, 0.0, 180.0))))


def draw_one_plus(
    a: Array | float, b: Array | float, low: float, high: float, uniform: Array
) -> tuple[Array, Array]:
    """Draw the cosine from the density a + b c² between two bounds, by inverting its integral.

    Parameters
    ----------
    a, b
        With a > 0 and a + b >= 0.
    low, high
        Bounds.
    uniform
        Random numbers in [0, 1), shape (n,).

    Returns
    -------
    cos_theta, integral
        The cosines, shape (n,), and the integral of the density between the bounds.
    """

    def primitive(c: float) -> Array:
        return np.asarray(a * c + b * c**3 / 3.0)

    lower = primitive(low)
    integral = primitive(high) - lower
    # Depressed cubic c³ + 3 r² c = 2 r³ h (b > 0) or c³ - 3 r² c = -2 r³ h (b < 0); b -> 0 is the limit of
    # both.
    steep = np.where(np.abs(b) < 1e-9 * a, 1e-9 * a, b)
    r = np.sqrt(a / np.abs(steep))
    h = 1.5 * (lower + uniform * integral) / (a * r)
    cos_theta = np.where(steep > 0.0, 2.0 * r * np.sinh(np.arcsinh(h) / 3.0), 0.0)
    if np.any(steep < 0.0):
        folded = 2.0 * r * np.sin(np.arcsin(np.clip(h, -1.0, 1.0)) / 3.0)
        cos_theta = np.where(steep < 0.0, folded, cos_theta)
    return np.clip(cos_theta, low, high), integral
