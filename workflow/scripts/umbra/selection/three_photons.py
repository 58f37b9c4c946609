"""e+e- -> gamma a, a -> gamma gamma: three photons that share the energy of the beams.

The search of Belle II, arXiv:2007.13071. The energy threshold of its photons depends on the mass; it is a
requirement of the regions on `min_photon_energy_gev`, and the selection keeps everything above the lowest.
There is no kinematic fit: after one, the pair mass and the recoil mass would be the same variable, and the
paper changes from one to the other where their resolutions cross.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.detector.detector import PHOTON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import best_of_event, energy_cm, product, within_theta
from umbra.selection.options.three_photons import Options

#: The three ways to choose a pair among three photons, with the one that recoils.
_PAIRS = ((0, 1, 2), (0, 2, 1), (1, 2, 0))


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select triplets of photons; each gives three rows, one for every pair.

    Returns
    -------
    dict
        `weight`, `event`; `m2_pair_gev2`; `m2_recoil_gev2`, from the energy of the third photon;
        `min_photon_energy_gev` of the three, in the laboratory; `helicity_cosine`, the absolute cosine
        between a photon of the pair, in its rest frame, and the direction of the pair; `max_helicity_cosine`, the
        largest of the triplet; `separation_deg`: of any two of the three photons, the larger of the differences in
        theta and in phi, the smallest of them (laboratory); `recoil_slot`, the number of the third photon in the
        event, to tell true pairs from wrong ones.
    """
    cutflow.count("all", reco.weight)
    photons = (reco.kind == PHOTON) & within_theta(reco.p4, cut.theta_deg, massless=True)
    kept = np.flatnonzero(sum(photons.T.astype(np.int8)) >= 3)
    photons, efficiency = photons.take(kept, axis=0), reco.efficiency.take(kept, axis=0)
    weight = reco.weight[kept]
    cutflow.count("three photons in the range of theta", weight * _of_three(photons, efficiency))
    energy = energy_cm(reco.p4, machine).take(kept, axis=0)
    photons &= reco.p4[..., 3].take(kept, axis=0) > cut.minimum_energy_gev
    cutflow.count("photon energies", weight * _of_three(photons, efficiency))

    triplets = _triplets(photons)
    row, slots = triplets[:, 0], triplets[:, 1:]
    # Flat indices are much faster than pairs of them.
    where = row[:, None] * photons.shape[1] + slots
    energy, weight = energy.take(where), weight[row] * product(efficiency.take(where))
    where = kept[row][:, None] * photons.shape[1] + slots
    p4 = reco.p4.reshape(-1, 4).take(where, axis=0)
    m2_pair = np.stack([_massless_mass_squared(p4[:, i], p4[:, j]) for i, j, _ in _PAIRS], axis=1)

    low, high = np.square(cut.mass_over_sqrt_s) * machine.sqrt_s_gev**2
    total = m2_pair[:, 0] + m2_pair[:, 1] + m2_pair[:, 2]
    passed = (total > low) & (total < high)
    cutflow.count("mass of three photons", best_of_event(weight * passed, row, len(kept)))
    passed &= _separated(p4, m2_pair, cut)
    cutflow.count("separation of photons", best_of_event(weight * passed, row, len(kept)))
    return _columns(
        kept[row[passed]], slots[passed], energy[passed], p4[passed], m2_pair[passed], weight[passed], machine
    )


def _of_three(photons: NDArray[np.bool_], efficiency: Array) -> Array:
    """Probability to see three photons: of the best choice, where there are several."""
    slots = photons.shape[1]
    if slots < 3:
        return np.zeros(len(photons))
    seen = np.where(photons, efficiency, 0.0)
    if slots > 3:
        seen = np.partition(seen, slots - 3, axis=1)[:, slots - 3 :]
    return product(seen)


def _triplets(photons: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return rows (event, slot, slot, slot) of all triplets of photons, ordered by event."""
    found = [np.empty((0, 4), np.intp)]
    for choice in combinations(range(photons.shape[1]), 3):
        i, j, k = choice
        events = np.flatnonzero(photons[:, i] & photons[:, j] & photons[:, k])
        rows = np.empty((len(events), 4), np.intp)
        rows[:, 0], rows[:, 1:] = events, choice
        found.append(rows)
    triplets = np.concatenate(found)
    return triplets[np.argsort(triplets[:, 0], kind="stable")]


def _massless_mass_squared(a: Array, b: Array) -> Array:
    """Mass squared of two photons, 2 (E E' - p p')."""
    result: Array = 2.0 * (a[:, 3] * b[:, 3] - a[:, 0] * b[:, 0] - a[:, 1] * b[:, 1] - a[:, 2] * b[:, 2])
    return result


def _separated(p4: Array, m2_pair: Array, cut: Options) -> NDArray[np.bool_]:
    """Tell which triplets have no two photons near each other in theta and phi at once."""
    separated = np.ones(len(p4), bool)
    # Largest possible 1 - cos of the angle between two photons that are together.
    nearest = 0.5 * (cut.minimum_delta_theta_rad**2 + cut.minimum_delta_phi_rad**2)
    for pair, (i, j, _) in enumerate(_PAIRS):
        # It is m^2/(2 E E'), so that only pairs at small angles need the angles themselves.
        near = np.flatnonzero(m2_pair[:, pair] <= 2.0 * nearest * p4[:, i, 3] * p4[:, j, 3])
        theta, phi = _differences(p4[near, i], p4[near, j])
        together = (theta <= cut.minimum_delta_theta_rad) & (phi <= cut.minimum_delta_phi_rad)
        separated[near[together]] = False
    return separated


def _differences(a: Array, b: Array) -> tuple[Array, Array]:
    """Absolute differences of two photons in theta and phi, in rad."""
    theta = np.arctan2(np.hypot(a[:, 0], a[:, 1]), a[:, 2]) - np.arctan2(np.hypot(b[:, 0], b[:, 1]), b[:, 2])
    phi = np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1])
    return np.abs(theta), np.abs(phi)


def _separation_deg(p4: Array) -> Array:
    """How far the two nearest of three photons are from each other, the larger of both differences, shape (n,)."""
    pairs = [np.maximum(*_differences(p4[:, i], p4[:, j])) for i, j, _ in _PAIRS]
    nearest: Array = np.degrees(np.min(pairs, axis=0))
    return nearest


def _columns(
    event: NDArray[np.intp],
    slots: NDArray[np.intp],
    energies: Array,
    p4: Array,
    m2_pair: Array,
    weight: Array,
    machine: Machine,
) -> dict[str, Array]:
    """One row for each pair, pairs of one triplet next to each other."""
    first, second, third = (energies[:, list(column)] for column in zip(*_PAIRS, strict=True))
    momentum2 = (first + second) ** 2 - m2_pair
    sqrt_s = machine.sqrt_s_gev
    helicity = np.abs(first - second) / np.sqrt(momentum2)
    return {
        "weight": np.repeat(weight, 3),
        "event": np.repeat(event, 3),
        "m2_pair_gev2": m2_pair.ravel(),
        "m2_recoil_gev2": (sqrt_s**2 - 2.0 * sqrt_s * third).ravel(),
        "min_photon_energy_gev": np.repeat(p4[:, :, 3].min(axis=1), 3),
        "helicity_cosine": helicity.ravel(),
        "max_helicity_cosine": np.repeat(helicity.max(axis=1), 3),
        "separation_deg": np.repeat(_separation_deg(p4), 3),
        "recoil_slot": slots[:, [recoil for _, _, recoil in _PAIRS]].ravel(),
    }
