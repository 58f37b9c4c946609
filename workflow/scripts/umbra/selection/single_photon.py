"""e+e- -> gamma and nothing else that is seen: the mass that recoils against one photon.

The searches for invisible dark photons of BaBar, arXiv:1702.03327, and of Belle II (projection in
arXiv:1808.10567). Backgrounds get here by what the detector misses, so that every candidate carries the probability
that everything else in its event went unnoticed. The values of the papers that are named below are from memory
(unverified), also where a channel repeats them.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array, mass_squared
from umbra.core.machines import Machine
from umbra.detector.detector import PHOTON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import best_of_event, energy_cm, is_track, unseen, within_theta
from umbra.selection.options.single_photon import AngleWindow, Options


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select one photon with nothing else seen; each photon of an event is a candidate.

    Returns
    -------
    dict
        `weight`, `event`; `m2_recoil_gev2` = s - 2 sqrt(s) E*; `photon_energy_cm_gev`; `photon_theta_deg`, of the
        laboratory; `photon_cosine_cm`; `recoil_theta_deg`, the direction of the missing momentum in the laboratory;
        `partner_theta_forward_deg` and `partner_theta_backward_deg`, where a second photon would point to if a third
        one were lost along the electrons or along the positrons: the two make a curve in the plane of energy and
        angle, on one side of which a second photon cannot hide in a gap of the calorimeter. What the options add is
        explained there.
    """
    cutflow.count("all", reco.weight)
    event, slot = np.nonzero((reco.kind == PHOTON) & within_theta(reco.p4, cut.photon_theta_deg))

    # From here on, one row is one candidate.
    p4 = reco.p4[event, slot]
    weight = reco.weight[event] * reco.efficiency[event, slot]
    root_s = machine.sqrt_s_gev
    true_m2 = root_s**2 - 2.0 * root_s * energy_cm(reco.truth.p4[event, slot], machine)
    m2 = root_s**2 - 2.0 * root_s * energy_cm(p4, machine)
    if cut.recoil_resolution is not None:
        width = cut.recoil_resolution.constant_gev2 + cut.recoil_resolution.slope * true_m2
        m2 = true_m2 + width * reco.rng.standard_normal(len(event))
    energy = 0.5 * (root_s - m2 / root_s)
    direction = machine.to_cm(p4)
    cosine = direction[:, 2] / direction[:, 3]
    passed = np.ones(len(event), bool)
    if cut.true_m2_recoil_gev2 is not None:
        passed &= (true_m2 >= cut.true_m2_recoil_gev2[0]) & (true_m2 < cut.true_m2_recoil_gev2[1])

    def count(name: str) -> None:
        cutflow.count(name, best_of_event(weight * passed, event, len(reco)))

    count("photon in the calorimeter")
    passed &= (cosine > cut.photon_cosine_cm[0]) & (cosine < cut.photon_cosine_cm[1])
    count("photon direction")
    passed &= energy > cut.photon_minimum_energy_cm_gev
    count("photon energy")
    weight = weight * reco.detector.triggers["single_photon"](energy)
    count("trigger")

    kept = np.flatnonzero(passed & (weight > 0.0))
    event, slot, p4 = event[kept], slot[kept], p4[kept]
    alone = reco.select(event)
    largest = np.maximum(alone.p4[..., 3], alone.truth.p4[..., 3])
    disturbing = is_track(alone.kind) | ((alone.kind == PHOTON) & (largest > cut.veto_photon_energy_gev))
    weight = weight[kept] * unseen(alone, disturbing, [slot])
    passed = weight > 0.0
    count("nothing else seen")

    missing = machine.total - p4
    columns: dict[str, NDArray[Any]] = {
        "weight": weight,
        "event": event,
        "m2_recoil_gev2": m2[kept],
        "photon_energy_cm_gev": energy[kept],
        "photon_theta_deg": _theta_deg(p4),
        "photon_cosine_cm": cosine[kept],
        "recoil_theta_deg": _theta_deg(missing),
        "partner_theta_forward_deg": _theta_deg(_partner(missing, machine, 1.0)),
        "partner_theta_backward_deg": _theta_deg(_partner(missing, machine, -1.0)),
    }
    for name, window in cut.windows.items():
        columns[f"inside_{name}_deg"] = _inside(window, energy[kept], columns["photon_theta_deg"])
    if cut.gaps_theta_deg:
        gaps = np.array(cut.gaps_theta_deg)
        columns["recoil_from_gap_deg"] = np.abs(columns["recoil_theta_deg"][:, None] - gaps).min(axis=1)
    return {name: column[passed] for name, column in columns.items()}


def _inside(window: AngleWindow, energy_gev: Array, theta_deg: Array) -> Array:
    """Distance to the nearer curve of a window in degrees, positive between the two."""
    low, high = (np.polyval(each, energy_gev) for each in (window.lowest_deg, window.highest_deg))
    distance: Array = np.minimum(theta_deg - low, high - theta_deg)
    return distance


def _partner(missing: Array, machine: Machine, side: float) -> Array:
    """Second of two massless particles of this sum, in the laboratory, the first along a beam (electrons: +1)."""
    in_cm = machine.to_cm(missing)
    energy = 0.5 * mass_squared(in_cm) / (in_cm[:, 3] - side * in_cm[:, 2])
    in_cm[:, 2] -= side * energy
    in_cm[:, 3] -= energy
    return machine.to_lab(in_cm)


def _theta_deg(p4: Array) -> Array:
    """Polar angle in degrees."""
    theta: Array = np.degrees(np.arctan2(np.hypot(p4[:, 0], p4[:, 1]), p4[:, 2]))
    return theta
