"""Two soft pions and nothing else that is seen: the mass that recoils against them.

The searches for Υ(1S) -> nothing in Υ(3S) -> π⁺π⁻Υ(1S) of BaBar, arXiv:0908.2840, and Belle, hep-ex/0611041. Pions of
some hundred MeV are too slow for a muon system, so that muons count as pions here.
"""

import numpy as np

from umbra.core.constants import PION_MASS_GEV
from umbra.core.kinematics import Array, mass_squared, transverse
from umbra.core.machines import Machine
from umbra.detector.detector import HADRON, MUON, PHOTON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import best_of_event, choices, in_tracker, is_track, unseen, with_mass
from umbra.selection.options.dipion_recoil import Options


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select pairs of opposite tracks with nothing else seen; each pair of an event is a candidate.

    Returns
    -------
    dict
        `weight`, `event`; `m_recoil_gev`, with the nominal momentum of the beams; `dipion_mass_gev`;
        `dipion_pt_cm_gev`, the momentum of the pair across the beams in the centre of mass, which is small where
        photons that the beams radiate made the pair.
    """
    cutflow.count("all", reco.weight)
    soft = (reco.kind == HADRON) | (reco.kind == MUON)
    good = soft & in_tracker(reco.p4, cut.track_theta_deg, cut.track_minimum_pt_gev)
    event, plus, minus = choices(good & (reco.charge > 0), good & (reco.charge < 0)).T

    # From here on, one row is one candidate.
    pair = with_mass(reco.p4[event, plus], PION_MASS_GEV) + with_mass(reco.p4[event, minus], PION_MASS_GEV)
    weight = reco.weight[event] * reco.efficiency[event, plus] * reco.efficiency[event, minus]
    cutflow.count("two opposite pions", best_of_event(weight, event, len(reco)))
    alone = reco.select(event)
    largest = np.maximum(alone.p4[..., 3], alone.truth.p4[..., 3])
    disturbing = is_track(alone.kind) | ((alone.kind == PHOTON) & (largest > cut.veto_photon_energy_gev))
    weight = weight * unseen(alone, disturbing, [plus, minus])
    cutflow.count("nothing else seen", best_of_event(weight, event, len(reco)))
    recoil2 = mass_squared(machine.total - pair)
    kept = np.flatnonzero((weight > 0.0) & (recoil2 > 0.0))
    return {
        "weight": weight[kept],
        "event": event[kept],
        "m_recoil_gev": np.sqrt(recoil2[kept]),
        "dipion_mass_gev": np.sqrt(mass_squared(pair[kept])),
        "dipion_pt_cm_gev": transverse(machine.to_cm(pair[kept])),
    }
