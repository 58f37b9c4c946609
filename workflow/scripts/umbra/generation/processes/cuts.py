"""Kinematic cuts of generated final states, by the names that configuration and calculator share.

A cut holds for every particle, or pair of particles, of its kind; `nearest_beam_angle` and
`second_beam_angle` are those of the photons that are nearest and second nearest to a beam, `largest_photon_pt` is the
largest transverse momentum of a photon. Angles are in degrees and energies in GeV,
in the centre of mass of the collision; an end that is `None` is open.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ELECTRON, MUON, PHOTON, TAU
from umbra.core.kinematics import Array, mass_squared, opening_angle, polar_angle, transverse
from umbra.core.particles import FREE
from umbra.generation.processes.entry import Bounds, Cuts

__all__ = ["QUANTITIES", "Bounds", "Cuts", "passes"]

_PION = 211
_LEPTONS = (ELECTRON, MUON, TAU)


def _each(*kinds: int) -> Callable[[Array, Sequence[int]], Array]:
    def pick(p4: Array, pdg_ids: Sequence[int]) -> Array:
        picked: Array = p4[:, [i for i, pdg_id in enumerate(pdg_ids) if abs(pdg_id) in kinds]]
        return picked

    return pick


def _theta(*kinds: int) -> Callable[[Array, Sequence[int]], Array]:
    pick = _each(*kinds)

    def theta(p4: Array, pdg_ids: Sequence[int]) -> Array:
        degrees: Array = np.degrees(polar_angle(pick(p4, pdg_ids)))
        return degrees

    return theta


def _beam_angle(p4: Array, pdg_ids: Sequence[int]) -> Array:
    theta = np.degrees(polar_angle(_each(ELECTRON)(p4, pdg_ids)))
    nearer: Array = np.minimum(theta, 180.0 - theta)
    return nearer


def _photon_beam_angle(rank: int) -> Callable[[Array, Sequence[int]], Array]:
    def angle(p4: Array, pdg_ids: Sequence[int]) -> Array:
        theta = np.degrees(polar_angle(_each(PHOTON)(p4, pdg_ids)))
        ranked: Array = np.sort(np.minimum(theta, 180.0 - theta), axis=1)[:, rank : rank + 1]
        return ranked

    return angle


def _largest_photon_pt(p4: Array, pdg_ids: Sequence[int]) -> Array:
    largest: Array = transverse(_each(PHOTON)(p4, pdg_ids)).max(axis=1, keepdims=True)
    return largest


def _photon_energy(p4: Array, pdg_ids: Sequence[int]) -> Array:
    return _each(PHOTON)(p4, pdg_ids)[..., 3]


def _cos_theta(p4: Array, pdg_ids: Sequence[int]) -> Array:
    photon = _each(PHOTON)(p4, pdg_ids)
    return np.cos(polar_angle(photon))


def _pair_angle(p4: Array, pdg_ids: Sequence[int]) -> Array:
    photons = _each(PHOTON)(p4, pdg_ids)
    pairs = list(combinations(range(photons.shape[1]), 2))
    return np.stack([np.degrees(opening_angle(photons[:, i], photons[:, j])) for i, j in pairs], axis=1)


def _pair_mass(kind: int) -> Callable[[Array, Sequence[int]], Array]:
    def mass(p4: Array, pdg_ids: Sequence[int]) -> Array:
        minus = [i for i, pdg_id in enumerate(pdg_ids) if pdg_id == kind]
        plus = [i for i, pdg_id in enumerate(pdg_ids) if pdg_id == -kind]
        squares = [mass_squared(p4[:, i] + p4[:, j]) for i in minus for j in plus]
        masses: Array = np.sqrt(np.maximum(np.stack(squares, axis=1), 0.0))
        return masses

    return mass


def _hadron_mass(p4: Array, pdg_ids: Sequence[int]) -> Array:
    whole = [i for i, pdg_id in enumerate(pdg_ids) if pdg_id in FREE]
    masses: Array = np.sqrt(np.maximum(mass_squared(p4[:, whole]), 0.0))
    return masses


def _dimuon_pt(p4: Array, pdg_ids: Sequence[int]) -> Array:
    pair = _each(MUON)(p4, pdg_ids).sum(axis=1)
    across: Array = np.hypot(pair[:, :1], pair[:, 1:2])
    return across


#: The quantity that each cut bounds, shape (n, number of particles or pairs).
QUANTITIES: dict[str, Callable[[Array, Sequence[int]], Array]] = {
    "photon_energy": _photon_energy,
    "photon_theta": _theta(PHOTON),
    "lepton_theta": _theta(*_LEPTONS),
    "muon_theta": _theta(MUON),
    "electron_theta": _theta(ELECTRON),
    "pion_theta": _theta(_PION),
    "electron_beam_angle": _beam_angle,
    "nearest_beam_angle": _photon_beam_angle(0),
    "second_beam_angle": _photon_beam_angle(1),
    "largest_photon_pt": _largest_photon_pt,
    "cos_theta": _cos_theta,
    "pair_angle": _pair_angle,
    "dimuon_mass": _pair_mass(MUON),
    "dimuon_pt": _dimuon_pt,
    "dielectron_mass": _pair_mass(ELECTRON),
    "dipion_mass": _pair_mass(_PION),
    "hadron_mass": _hadron_mass,
}


def passes(p4: Array, pdg_ids: Sequence[int], cuts: Cuts) -> NDArray[np.bool_]:
    """Tell which events pass all cuts; `p4` has shape (n, k, 4), in the centre of mass."""
    accepted = np.ones(len(p4), dtype=bool)
    for name, (low, high) in cuts.items():
        value = QUANTITIES[name](p4, pdg_ids)
        if low is not None:
            accepted &= (value >= low).all(axis=1)
        if high is not None:
            accepted &= (value <= high).all(axis=1)
    return accepted
