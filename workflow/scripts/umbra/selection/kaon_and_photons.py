"""B+ -> K+ a, a -> gamma gamma at the Upsilon(4S): a charged kaon and two photons with the energy of a beam.

The search of BaBar, arXiv:2111.01800, without its classifiers. The photons are taken to come from the collision:
those of an a that flies are seen where they meet the calorimeter, which is what smears their mass downwards.
"""

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import KAON_MASS_GEV
from umbra.core.kinematics import Array, mass_squared, momentum
from umbra.core.machines import Machine
from umbra.detector.detector import HADRON, PHOTON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import best_of_event, energy_cm, in_tracker, with_mass, within_theta
from umbra.selection.options.kaon_and_photons import Options, Surface

_KAON = 321


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select candidates of a B: every kaon with every pair of photons that fits.

    Returns
    -------
    dict
        `weight`, `event`, `diphoton_mass_gev`.
    """
    cutflow.count("all", reco.weight)
    passes = np.where(np.abs(reco.truth.pdg_id) == _KAON, cut.kaon_probability, cut.misidentified_probability)
    kaon = (reco.kind == HADRON) & in_tracker(reco.p4, cut.track_theta_deg, cut.track_minimum_pt_gev)
    kaon_weight = np.where(kaon, reco.efficiency * passes, 0.0)
    cutflow.count("kaon", reco.weight * kaon_weight.max(axis=1))

    p4 = np.where((reco.kind == PHOTON)[..., None], reco.p4, 0.0)
    seen = _seen_from_collision(p4, reco, cut.calorimeter)
    photon = within_theta(seen, cut.photon_theta_deg) & (seen[..., 3] > cut.photon_minimum_energy_gev)
    two = (photon.sum(axis=1) > 1) & (kaon_weight.max(axis=1) > 0.0)
    cutflow.count("two photons", reco.weight * kaon_weight.max(axis=1) * two)

    event, pair, track = _combinations(photon, kaon_weight > 0.0, energy_cm(seen, machine), machine, cut)
    photons = np.stack([seen[event, slot] for slot in pair], axis=1)
    kaons = with_mass(reco.p4[event, track], KAON_MASS_GEV)
    in_cm = machine.to_cm(np.concatenate([kaons[:, None], photons], axis=1))
    difference = in_cm[..., 3].sum(axis=1) - 0.5 * machine.sqrt_s_gev
    photons_cm = in_cm[:, 1:]
    if cut.constrained:
        width = photons_cm[..., 3] * reco.detector.calorimeter.relative_width(photons[..., 3])
        share = width**2 / (width**2).sum(axis=1)[:, None]
        scale = 1.0 - difference[:, None] * share / photons_cm[..., 3]
        photons_cm = photons_cm * np.maximum(scale, 0.0)[..., None]
    within = np.abs(difference) < cut.energy_difference_gev * cut.widened_energy
    total = in_cm[:, 0] + photons_cm.sum(axis=1)
    within &= momentum(total) < cut.b_momentum_below_gev * cut.widened_momentum

    event, photons_cm, pair = event[within], photons_cm[within], pair[:, within]
    weight = reco.weight[event] * kaon_weight[event, track[within]]
    for slot in pair:
        weight = weight * reco.efficiency[event, slot]
    weight = weight * cut.widened_density / (cut.widened_energy * cut.widened_momentum**3)
    cutflow.count("energy and momentum of the B", best_of_event(weight, event, len(reco)))
    mass = np.sqrt(np.maximum(mass_squared(photons_cm[:, 0] + photons_cm[:, 1]), 0.0))
    return {"weight": weight, "event": event, "diphoton_mass_gev": mass}


def _seen_from_collision(p4: Array, reco: Reconstructed, surface: Surface) -> Array:
    """Point measured photons at where they meet the calorimeter, from the origin; zero for what starts outside."""
    start = reco.truth.vertex_mm
    if start.shape[1] != p4.shape[1]:  # slots that the detector made up start at the origin
        start = np.pad(start, [(0, 0), (0, p4.shape[1] - start.shape[1]), (0, 0)])
    energy = p4[..., 3]
    unit = np.divide(
        p4[..., :3], energy[..., None], out=np.zeros_like(p4[..., :3]), where=energy[..., None] > 0.0
    )
    a = unit[..., 0] ** 2 + unit[..., 1] ** 2
    b = start[..., 0] * unit[..., 0] + start[..., 1] * unit[..., 1]
    c = surface.radius_mm**2 - start[..., 0] ** 2 - start[..., 1] ** 2
    inside = (c > 0.0) & (start[..., 2] < surface.forward_z_mm) & (energy > 0.0)
    root = np.sqrt(np.maximum(b**2 + a * c, 0.0))
    # A photon along the beams meets neither surface, unless it goes forward.
    far = 1e3 * surface.radius_mm
    length = np.divide(root - b, a, out=np.full_like(a, far), where=a > 0.0)
    forward = np.divide(
        surface.forward_z_mm - start[..., 2], unit[..., 2], out=np.full_like(a, far), where=unit[..., 2] > 0.0
    )
    point = start + np.minimum(length, forward)[..., None] * unit
    distance = np.sqrt((point**2).sum(axis=-1))
    good = inside & (distance > 0.0)
    out = np.zeros_like(p4)
    out[good, :3] = point[good] * (energy[good] / distance[good])[:, None]
    out[good, 3] = energy[good]
    return out


def _combinations(
    photon: NDArray[np.bool_], kaon: NDArray[np.bool_], energy: Array, machine: Machine, cut: Options
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Events, slots of two photons (2, m) and of the kaon (m,) of all candidates near enough in energy."""
    # The kaon takes half of the mass of a B at most.
    least = 0.5 * machine.sqrt_s_gev - 2.75 - cut.energy_difference_gev * cut.widened_energy
    events, firsts, seconds = [], [], []
    slots = np.flatnonzero(photon.any(axis=0))
    for number, i in enumerate(slots):
        for j in slots[number + 1 :]:
            rows = np.flatnonzero(photon[:, i] & photon[:, j] & (energy[:, i] + energy[:, j] > least))
            events.append(rows)
            firsts.append(np.full(len(rows), i))
            seconds.append(np.full(len(rows), j))
    if not events:
        nothing = np.zeros(0, np.intp)
        return nothing, np.zeros((2, 0), np.intp), nothing
    event, first, second = (np.concatenate(part) for part in (events, firsts, seconds))
    row, track = np.nonzero(kaon[event])
    return event[row], np.stack([first[row], second[row]]), track
