"""Amplitude of a bound pair of dark fermions with spin 1 that annihilates into three dark photons.

The fermions meet at rest, each with half the mass of the bound state (the leading order in the binding): ortho-
positronium of A. Ore and J. L. Powell, Phys. Rev. 75 (1949) 1696, with massive vectors in the place of photons.
The current of the fermions is conserved, so that the sum over the polarisations of a dark photon is that over
three vectors across its momentum. All amplitudes are real up to a common factor.
"""

from functools import lru_cache

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.interpolate import RectBivariateSpline

from umbra.core.kinematics import Array, boost_from_rest, dot, two_body_momentum

_IDENTITY = np.eye(2)
_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
#: Dirac matrices with the indices below, in the order of momenta (x, y, z, energy): slashed p is p times these.
_GAMMA_BELOW = np.stack(
    [
        *(-np.kron(np.array([[0, 1], [-1, 0]]), pauli) for pauli in _PAULI),
        np.kron(np.diag([1, -1]), _IDENTITY),
    ]
)
#: Points of the quadrature over the Dalitz plot, and of the table of it, in each direction.
_NODES, _TABLE = 32, 64
#: Distance of the table's first and last point from the ends of phase space, where momenta vanish.
_EDGE = 1e-6
#: Components of a symmetric tensor in the plane of the decay, x and z, and across it.
_COMPONENTS = ((0, 0), (0, 2), (2, 2), (1, 1))


def polarisations(p4: Array) -> Array:
    """Three unit vectors across momenta with mass: the axes of the rest frame, boosted.

    Parameters
    ----------
    p4
        Shape (..., 4).

    Returns
    -------
    numpy.ndarray
        Shape (..., 3, 4).
    """
    axes = np.eye(3, 4)
    return boost_from_rest(np.broadcast_to(axes, (*p4.shape[:-1], 3, 4)), p4[..., None, :])


def amplitude(photons: Array) -> Array:
    """Amplitude for each polarisation of the bound state and of the dark photons, up to a common factor.

    Parameters
    ----------
    photons
        Momenta of the dark photons in the rest frame of the bound state, shape (n, 3, 4).

    Returns
    -------
    numpy.ndarray
        Shape (n, 3, 3, 3, 3): axis along which the bound state is polarised, and `polarisations` of the first, second
        and third dark photon.
    """
    n = len(photons)
    mass = photons[..., 3].sum(axis=1)
    fermion = np.zeros((n, 4))
    fermion[:, 3] = 0.5 * mass
    vectors = _slashed(polarisations(photons))
    unit = 0.5 * mass[:, None, None] * np.eye(4)
    # Sum of u vbar over a pair with spin 1 along an axis: (p + m) gamma, up to a factor.
    pair = (_slashed(fermion) + unit)[:, None] @ _slashed(np.eye(3, 4))
    off_shell = mass_squared_of(photons) - mass[:, None] * photons[..., 3]
    total = np.zeros((n, 3, 3, 3, 3))
    # The three photons along the line of the fermion; the reversed order gives the same.
    for first, middle, last in ((0, 1, 2), (1, 0, 2), (0, 2, 1)):
        before = (_slashed(fermion - photons[:, first]) + unit) / off_shell[:, first, None, None]
        after = (_slashed(photons[:, last] - fermion) + unit) / off_shell[:, last, None, None]
        right = vectors[:, middle, :, None] @ (before[:, None] @ vectors[:, first])[:, None]
        left = pair[:, :, None] @ (vectors[:, last] @ after[:, None])[:, None]
        # Trace of left[axis, last] right[middle, first].
        traced = left.reshape(n, 9, 16) @ right.swapaxes(-1, -2).reshape(n, 9, 16).swapaxes(-1, -2)
        by_order = traced.real.reshape(n, 3, 3, 3, 3)
        order = {last: 2, middle: 3, first: 4}
        total += by_order.transpose(0, 1, *(order[photon] for photon in range(3)))
    return total


def spin_tensor(found: Array) -> Array:
    """Rate by polarisation of the bound state, summed over those of the photons: `amplitude` to shape (n, 3, 3)."""
    flat = found.reshape(len(found), 3, 27)
    tensor: Array = flat @ flat.swapaxes(-1, -2)
    return tensor


def dalitz_momenta(mass_gev: Array, photon_gev: float, pair_gev: Array, cosine: Array) -> Array:
    """Momenta of the dark photons in the x-z plane of the rest frame, the third along z.

    Parameters
    ----------
    mass_gev
        Of the bound state, shape (n,).
    photon_gev
        Of the dark photon.
    pair_gev, cosine
        Mass of the first two, and cosine between the first and the third backwards in their rest frame, shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (n, 3, 4).
    """
    n = len(pair_gev)
    away = two_body_momentum(mass_gev, pair_gev, photon_gev)
    within = two_body_momentum(pair_gev, photon_gev, photon_gev)
    pair = np.zeros((n, 4))
    pair[:, 2], pair[:, 3] = -away, np.sqrt(away**2 + pair_gev**2)
    first = np.zeros((n, 4))
    first[:, 0] = within * np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
    first[:, 2] = -within * cosine
    first[:, 3] = np.sqrt(within**2 + photon_gev**2)
    first = boost_from_rest(first, pair)
    third = -pair
    third[:, 3] = np.sqrt(away**2 + photon_gev**2)
    return np.stack([first, pair - first, third], axis=1)


def phase_space(mass_gev: Array, photon_gev: float, pair_gev: Array) -> Array:
    """Three-body phase space at a mass of the first two, evenly in that and in `cosine`, up to a factor."""
    away = two_body_momentum(mass_gev, pair_gev, photon_gev)
    density: Array = away * two_body_momentum(pair_gev, photon_gev, photon_gev)
    return density


@lru_cache(maxsize=256)
def norm(mass_gev: float, photon_gev: float) -> float:
    """Mean over the Dalitz plot, even in the mass of the first two and in `cosine`, of phase space times rate."""
    points, weights = leggauss(_NODES)
    place = 0.5 * (points + 1.0)
    pair = pair_mass(mass_gev, photon_gev, place)
    jacobian = 0.25 * np.pi * weights * np.sin(np.pi * place)
    pairs, cosines = (each.ravel() for each in np.meshgrid(pair, points, indexing="ij"))
    over = np.full(len(pairs), mass_gev)
    rate = np.trace(
        spin_tensor(amplitude(dalitz_momenta(over, photon_gev, pairs, cosines))), axis1=1, axis2=2
    )
    height = phase_space(over, photon_gev, pairs) * rate
    return float(np.outer(jacobian, 0.5 * weights).ravel() @ height)


class PlaneTensor:
    """`spin_tensor` of `dalitz_momenta` over the Dalitz plot, from splines through a table: 1e-6 of the exact one.

    Parameters
    ----------
    mass_gev, photon_gev
        Of the bound state and of the dark photon.
    """

    def __init__(self, mass_gev: float, photon_gev: float) -> None:
        place = np.linspace(0.0, 1.0, _TABLE)
        inside = np.clip(place, _EDGE, 1.0 - _EDGE)
        pair = pair_mass(mass_gev, photon_gev, inside)
        pairs, cosines = (each.ravel() for each in np.meshgrid(pair, -np.cos(np.pi * place), indexing="ij"))
        momenta = dalitz_momenta(np.full(len(pairs), mass_gev), photon_gev, pairs, cosines)
        table = spin_tensor(amplitude(momenta)).reshape(_TABLE, _TABLE, 3, 3)
        self._splines = [RectBivariateSpline(place, place, table[..., i, j]) for i, j in _COMPONENTS]

    def __call__(self, place: Array, cosine: Array) -> Array:
        """Tensor at `place` of `pair_mass` and at a cosine, shape (n,) to (n, 3, 3)."""
        angle = np.arccos(-cosine) / np.pi
        tensor = np.zeros((len(place), 3, 3))
        for spline, (i, j) in zip(self._splines, _COMPONENTS, strict=True):
            tensor[:, i, j] = tensor[:, j, i] = spline.ev(place, angle)
        return tensor


@lru_cache(maxsize=64)
def plane_tensor(mass_gev: float, photon_gev: float) -> PlaneTensor:
    """Return the table of two masses, which is made once."""
    return PlaneTensor(mass_gev, photon_gev)


def pair_mass(mass_gev: float, photon_gev: float, place: Array) -> Array:
    """Mass of the first two for `place` in (0, 1), dense towards both ends, where momenta open like roots."""
    low, high = 2.0 * photon_gev, mass_gev - photon_gev
    pair: Array = low + (high - low) * np.sin(0.5 * np.pi * place) ** 2
    return pair


def mass_squared_of(photons: Array) -> Array:
    """Squared masses, shape (n, 3)."""
    return dot(photons, photons)


def _slashed(p: Array) -> Array:
    """Momenta times Dirac matrices, shape (..., 4) to (..., 4, 4)."""
    slashed: Array = np.tensordot(p, _GAMMA_BELOW, axes=(-1, 0))
    return slashed
