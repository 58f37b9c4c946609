"""Polarisation of a vector that the beams make beside a photon, as a tensor in its rest frame."""

import numpy as np

from umbra.core.kinematics import Array, boost_to_rest, dot
from umbra.core.machines import Machine
from umbra.generation.decays.dark_photon import beam_tensor, beams_of


def spin_tensor(s: Array, q2: Array | float, k: tuple[Array, Array], beams: tuple[Array, Array]) -> Array:
    """Spatial tensor of the beams' current, up to a factor, see `umbra.generation.decays.dark_photon.beam_tensor`.

    Parameters
    ----------
    s, q2
        Squared masses of beams and vector in GeV^2.
    k
        Products of the photon's momentum with those of electron and positron beam, in GeV^2, shape (n,) each.
    beams
        Momenta of both in the rest frame of the vector, shape (n, 4) each.

    Returns
    -------
    numpy.ndarray
        Shape (n, 3, 3), symmetric.
    """
    a00, a11, a22, a12 = beam_tensor(s, np.asarray(q2, float), *k)
    p1, p2 = (beam[:, :3] for beam in beams)
    one, two, mixed = (a[:, :, None] * b[:, None, :] for a, b in ((p1, p1), (p2, p2), (p1, p2)))
    tensor: Array = -a00[:, None, None] * np.eye(3)
    for scale, part in ((a11, one), (a22, two), (a12, mixed + mixed.swapaxes(1, 2))):
        tensor = tensor + scale[:, None, None] * part
    return tensor


def of_events(photon: Array, parent: Array, machine: Machine) -> Array:
    """Tensor of vectors `parent` that were made beside photons, both in the laboratory, shape (n, 4); see above."""
    s, beams = beams_of(photon + parent, machine)
    products = dot(photon, beams[0]), dot(photon, beams[1])
    at_rest = boost_to_rest(beams[0], parent), boost_to_rest(beams[1], parent)
    return spin_tensor(s, dot(parent, parent), products, at_rest)
