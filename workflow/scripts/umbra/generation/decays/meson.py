"""Two-body decays of mesons to a new particle, and the transitions that tag an Upsilon(1S).

Everything starts from the mesons' momenta in the laboratory. Decays of a meson without spin to two
particles, such as B -> K X, K -> pi X and K -> mu N, are isotropic: `umbra.generation.decays.two_body.momenta`.
"""

from functools import cache

import numpy as np

from umbra.core.constants import PION_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, boost_from_rest, from_spherical, mass_squared, two_body_momentum
from umbra.core.machines import AnyMachine
from umbra.core.pdg import mass_gev
from umbra.generation.decays import two_body
from umbra.generation.decays.directions import isotropic
from umbra.theory import tables


def b_pairs(n: int, machine: AnyMachine, b_meson: int, rng: np.random.Generator) -> Array:
    """Draw pairs B, Bbar from e+e- -> Upsilon(4S): sin^2 of the angle to the beams.

    Parameters
    ----------
    n
        Number of pairs.
    machine
        Its energy must be above the threshold.
    b_meson
        511 or 521.
    rng
        Random generator.

    Returns
    -------
    numpy.ndarray
        Momenta in the laboratory, shape (n, 2, 4).
    """
    energy, mass = 0.5 * machine.sqrt_s_gev, mass_gev(b_meson)
    if energy <= mass:
        raise UmbraError(
            f"machine {machine.name}: sqrt(s) = {machine.sqrt_s_gev:g} GeV is below the B Bbar threshold"
        )
    k = np.full(n, np.sqrt(energy**2 - mass**2))
    first = from_spherical(k, two_body.sin2(n, rng), rng.uniform(-np.pi, np.pi, n), mass)
    second = first * np.array([-1.0, -1.0, -1.0, 1.0])
    return machine.to_lab(np.stack([first, second], axis=1))


def dipion_transition(
    parent: Array, pdg_ids: tuple[int, int], rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Decay Upsilon(nS) -> pi+ pi- Upsilon(mS) with the matrix element measured by CLEO.

    M = A (q^2 - 2 m_pi^2) + B E_1 E_2, q the pions' momentum and E their energies in the frame of the
    parent, which gives Upsilon(3S) -> Upsilon(1S) its two humps in the dipion mass. Isotropic as a whole:
    the daughter keeps the parent's spin and the pions are an S wave but for the term in B.

    Parameters
    ----------
    parent
        Momenta, shape (n, 4).
    pdg_ids
        Of parent and daughter.
    rng
        Random generator.

    Returns
    -------
    plus, minus, daughter
        Momenta, shape (n, 4), in the frame of `parent`.
    """
    heavy, light = (mass_gev(pdg_id) for pdg_id in pdg_ids)
    ratio = _ratio(*pdg_ids)
    masses = np.sqrt(mass_squared(parent))
    reach = heavy - light
    kept = np.empty((len(parent), 3, 4))
    _, weight = _dipion_trial(np.full(20_000, heavy), light, ratio, rng)
    highest = 1.2 * float(weight.max())
    missing = np.arange(len(parent))
    if np.any(np.abs(masses - heavy) > 0.01 * reach):
        raise UmbraError(
            f"dipion transition: the parent has {masses[0]:g} GeV, not the {heavy:g} GeV of {pdg_ids[0]}"
        )
    while len(missing) > 0:
        trial, weight = _dipion_trial(masses[missing], light, ratio, rng)
        good = rng.random(len(missing)) * highest < weight
        kept[missing[good]] = trial[good]
        missing = missing[~good]
    lab = boost_from_rest(kept, parent[:, None, :])
    return lab[:, 0], lab[:, 1], lab[:, 2]


def _dipion_trial(
    heavy: Array, light: float, ratio: complex, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Decays at rest, flat in the dipion mass, and their weight."""
    n = len(heavy)
    low, high = 2.0 * PION_MASS_GEV, heavy - light
    q = low + rng.random(n) * (high - low)
    k = two_body_momentum(heavy, light, q)
    axis = isotropic(rng, n)
    pair, daughter = np.empty((n, 4)), np.empty((n, 4))
    pair[:, :3], pair[:, 3] = k[:, None] * axis, np.sqrt(k**2 + q**2)
    daughter[:, :3], daughter[:, 3] = -pair[:, :3], np.sqrt(k**2 + light**2)
    plus, minus = two_body.momenta(pair, (PION_MASS_GEV, PION_MASS_GEV), rng)
    amplitude = q**2 - 2.0 * PION_MASS_GEV**2 + ratio * plus[:, 3] * minus[:, 3]
    weight = k * two_body_momentum(q, PION_MASS_GEV, PION_MASS_GEV) * np.abs(amplitude) ** 2
    return np.stack([plus, minus, daughter], axis=1), weight


@cache
def _ratio(parent: int, daughter: int) -> complex:
    for row in tables.load("dipion")["ratio_b_over_a"]:
        if (row["parent"], row["daughter"]) == (parent, daughter):
            return complex(row["real"], row["imaginary"])
    raise UmbraError(f"dipion transition: no matrix element for {parent} -> {daughter}")
