"""Turning momenta by small angles, as the finite resolution of a detector does."""

import numpy as np

from umbra.kinematics import Array


def deflect(p4: Array, magnitude: Array, scale: Array, polar: Array, azimuthal: Array) -> None:
    """Scale three-momenta and turn them by small angles, in place, without trigonometry.

    Parameters
    ----------
    p4
        Momenta, shape (m, 4); only the first three components change. None may lie along the z axis.
    magnitude
        |p| of each, shape (m,).
    scale
        Factor on |p|, shape (m,).
    polar, azimuthal
        Angles in radians along theta and along phi, the latter times sin(theta), shape (m,). The turn is the
        tangent of the angle, a difference of 1e-7 for 10 mrad.
    """
    transverse = np.sqrt(p4[:, 0] ** 2 + p4[:, 1] ** 2)
    factor = scale / np.sqrt(1.0 + polar**2 + azimuthal**2)
    stretch = factor * (1.0 + polar * p4[:, 2] / transverse)
    swing = factor * azimuthal * magnitude / transverse
    x = p4[:, 0] * stretch - p4[:, 1] * swing
    p4[:, 1] = p4[:, 1] * stretch + p4[:, 0] * swing
    p4[:, 0] = x
    p4[:, 2] = factor * (p4[:, 2] - transverse * polar)
