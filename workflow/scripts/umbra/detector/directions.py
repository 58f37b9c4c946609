"""Turning momenta by small angles, as the finite resolution of a detector does."""

import numpy as np

from umbra.core.kinematics import Array, circle


def deflect(p4: Array, length: Array, polar: Array, azimuthal: Array) -> None:
    """Turn three-momenta by small angles and give them a length, in place, without trigonometry.

    Parameters
    ----------
    p4
        Momenta, shape (m, 4); only the first three components change. None may lie along the z axis.
    length
        New |p| of each, shape (m,).
    polar, azimuthal
        Angles in radians along theta and along phi, the latter times sin(theta), shape (m,). The turn is the
        tangent of the angle, a difference of 1e-7 for 10 mrad.
    """
    x, y, z = np.ascontiguousarray(p4[:, :3].T)
    inverse = 1.0 / np.sqrt(x * x + y * y)
    cotangent = z * inverse
    # |p| = pT/sin(theta).
    per_sine2 = 1.0 + cotangent * cotangent
    factor = length * inverse / np.sqrt(per_sine2 * (1.0 + polar * polar + azimuthal * azimuthal))
    stretch = factor * (1.0 + polar * cotangent)
    swing = factor * azimuthal * np.sqrt(per_sine2)
    p4[:, 0] = x * stretch - y * swing
    p4[:, 1] = y * stretch + x * swing
    p4[:, 2] = factor * (cotangent - polar) / inverse


def normal_pair(rng: np.random.Generator, size: int) -> tuple[Array, Array]:
    """Draw two sets of standard normal numbers (Box and Muller), in half of the time that the generator takes."""
    radius = np.sqrt(-2.0 * np.log(1.0 - rng.random(size)))
    cos, sin = circle(2.0 * np.pi * rng.random(size))
    return radius * cos, radius * sin
