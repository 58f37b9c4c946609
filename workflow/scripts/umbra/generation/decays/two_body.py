"""Two-body decays of new particles: isotropic, or with a given distribution of the polar angle."""

from collections.abc import Callable

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import Array, boost_from_rest, mass_squared, momentum, two_body_momentum
from umbra.generation.decays import chain
from umbra.generation.decays.directions import around, isotropic

#: Draws n cosines of the polar angle in the rest frame of the parent.
Cosines = Callable[[int, np.random.Generator], Array]


def one_plus_cos2(n: int, rng: np.random.Generator) -> Array:
    """Draw from 1 + cos^2: two isotropic parts in three, one part cos^2, which is (3/4 + 1/4)."""
    squared = rng.random(n) < 0.25
    uniform = rng.uniform(-1.0, 1.0, n)
    return np.where(squared, np.cbrt(uniform), uniform)


def sin2(n: int, rng: np.random.Generator) -> Array:
    """Draw from sin^2, as a longitudinal vector decays to light fermions, or a transverse one to scalars."""
    return 2.0 * rng.beta(2.0, 2.0, n) - 1.0


def cos2(n: int, rng: np.random.Generator) -> Array:
    """Draw from cos^2, the decay of a longitudinal vector to two pseudoscalars (K* -> K pi in B -> K* S)."""
    return np.cbrt(rng.uniform(-1.0, 1.0, n))


def momenta(
    parent: Array,
    masses_gev: tuple[Array | float, Array | float],
    rng: np.random.Generator,
    cosines: Cosines | None = None,
) -> tuple[Array, Array]:
    """Decay four-momenta to two particles.

    Parameters
    ----------
    parent
        Shape (n, 4).
    masses_gev
        Of the daughters, numbers or shape (n,).
    rng
        Random generator.
    cosines
        Distribution of the angle between the first daughter in the parent's rest frame and the parent's
        flight (the helicity angle); isotropic by default.

    Returns
    -------
    first, second
        Shape (n, 4), in the frame of `parent`.

    Raises
    ------
    UmbraError
        If a parent is too light.
    """
    mass = np.sqrt(np.maximum(mass_squared(parent), 0.0))
    closed = mass < np.add(*masses_gev)
    if np.any(closed):
        raise UmbraError(f"two-body decay: a parent of {mass[closed][0]:g} GeV is lighter than its daughters")
    n = len(parent)
    if cosines is None:
        unit = isotropic(rng, n)
    else:
        axis = parent[:, :3] / momentum(parent)[:, None]
        unit = around(axis, cosines(n, rng), rng.uniform(-np.pi, np.pi, n))
    k = two_body_momentum(mass, *masses_gev)
    first = np.empty((n, 4))
    first[:, :3] = k[:, None] * unit
    first[:, 3] = np.sqrt(k**2 + np.square(masses_gev[0]))
    first = boost_from_rest(first, parent)
    return first, parent - first


def decay_new_particle(
    events: Events,
    pdg_id: int,
    daughters: tuple[tuple[int, float], tuple[int, float]],
    rng: np.random.Generator,
    proper_mm: Array | None = None,
    cosines: Cosines | None = None,
) -> Events:
    """Decay the one particle of identifier `pdg_id` in each event.

    Parameters
    ----------
    events
        Batch, in the frame in which the vertices are wanted.
    pdg_id
        The parent.
    daughters
        PDG identifier and mass in GeV of both daughters.
    rng
        Random generator.
    proper_mm
        Proper decay lengths, shape (n,): exponential (`rng.exponential(ctau_mm, n)`), or wide with weights
        (`umbra.generation.decays.displaced`). By default it decays where it is made.
    cosines
        As for `momenta`.
    """
    slot = chain.slot_of(events, pdg_id)
    parent = chain.momenta(events, slot)
    pair = momenta(parent, (daughters[0][1], daughters[1][1]), rng, cosines)
    ids = np.tile(np.array([daughters[0][0], daughters[1][0]], np.int32), (len(events), 1))
    displacement = chain.displacement(parent, np.zeros(len(events)) if proper_mm is None else proper_mm)
    return chain.replace_by(events, [chain.Products(slot, ids, np.stack(pair, axis=1), displacement)])
