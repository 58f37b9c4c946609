"""Directions and two-body splittings in a frame given by an axis, vectorised."""

import numpy as np

from umbra.core.kinematics import Array, circle, two_body_momentum


def isotropic(rng: np.random.Generator, n: int) -> Array:
    """Draw unit vectors, uniform over the sphere, shape (n, 3)."""
    return direction(rng.uniform(-1.0, 1.0, n), rng.uniform(-np.pi, np.pi, n))


def direction(cos_theta: Array, phi: Array) -> Array:
    """Return unit vectors of given polar angle and azimuth, shape (n, 3)."""
    sin_theta = np.sqrt(np.maximum(0.0, (1.0 - cos_theta) * (1.0 + cos_theta)))
    cos_phi, sin_phi = circle(phi)
    return np.stack([sin_theta * cos_phi, sin_theta * sin_phi, cos_theta], axis=-1)


def transverse_basis(axis: Array) -> tuple[Array, Array]:
    """Two unit vectors that make a right-handed frame with the unit vectors `axis`, shape (n, 3).

    T. Duff et al., J. Comput. Graph. Tech. 6 (2017) 1: smooth but at the south pole, no square root.
    """
    x, y, z = axis[..., 0], axis[..., 1], axis[..., 2]
    sign = np.copysign(1.0, z)
    a = -1.0 / (sign + z)
    b = x * y * a
    first = np.stack([1.0 + sign * x**2 * a, sign * b, -sign * x], axis=-1)
    second = np.stack([b, sign + y**2 * a, -y], axis=-1)
    return first, second


def around(axis: Array, cos_theta: Array, phi: Array) -> Array:
    """Return unit vectors at given angles to the unit vectors `axis`, shape (n, 3)."""
    first, second = transverse_basis(axis)
    local = direction(cos_theta, phi)
    return local[..., :1] * first + local[..., 1:2] * second + local[..., 2:] * axis


def split(
    axis: Array,
    parent_mass: Array,
    momentum: Array,
    masses: tuple[Array | float, Array | float],
    angles: tuple[Array, Array],
) -> tuple[Array, Array]:
    """Two-body decay of a parent that moves along `axis`.

    Parameters
    ----------
    axis
        Unit vectors, shape (n, 3).
    parent_mass, momentum
        Mass and momentum of the parent in GeV, shape (n,).
    masses
        Masses of the two daughters in GeV.
    angles
        Cosine of the polar angle to `axis` and azimuth of the first daughter in the rest frame of the parent.

    Returns
    -------
    first, second
        Four-momenta of the daughters in the frame in which the parent moves, shape (n, 4).
    """
    cos_theta, phi = angles
    k = two_body_momentum(parent_mass, *masses)
    first_axis, second_axis = transverse_basis(axis)
    sin_theta = np.sqrt(np.maximum(0.0, (1.0 - cos_theta) * (1.0 + cos_theta)))
    cos_phi, sin_phi = circle(phi)
    sideways = (k * sin_theta)[:, None] * (cos_phi[:, None] * first_axis + sin_phi[:, None] * second_axis)
    parent_energy = np.sqrt(parent_mass**2 + momentum**2)
    gamma, gamma_beta = parent_energy / parent_mass, momentum / parent_mass
    daughters = []
    for sign, mass in zip((1.0, -1.0), masses, strict=True):
        energy, along = np.sqrt(k**2 + np.square(mass)), sign * k * cos_theta
        p = np.empty((len(k), 4))
        p[:, :3] = sign * sideways + (gamma * along + gamma_beta * energy)[:, None] * axis
        p[:, 3] = gamma * energy + gamma_beta * along
        daughters.append(p)
    return daughters[0], daughters[1]


def turned_half(vectors: Array, axis: Array) -> Array:
    """Rotate spatial vectors of shape (n, k, 3) by 180 degrees about unit vectors of shape (n, 3)."""
    along = np.einsum("nki,ni->nk", vectors, axis)
    turned: Array = 2.0 * along[..., None] * axis[:, None, :] - vectors
    return turned
