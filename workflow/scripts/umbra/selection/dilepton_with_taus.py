"""e+e- -> tau+tau-S, S -> l+l-: two leptons that make a peak, two taus with one track each, missing energy.

The search of BaBar, arXiv:2005.01885, without its boosted decision trees. The cuts below are from memory or
plain kinematics of tau pairs (unverified); none is the working point of the paper.
"""

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV
from umbra.core.kinematics import Array, mass_squared, opening_angle, polar_angle
from umbra.core.machines import Machine
from umbra.detector.detector import ELECTRON, MUON, PHOTON, Reconstructed
from umbra.detector.helix import DriftChamber
from umbra.selection.cutflow import Cutflow
from umbra.selection.dilepton_mass import pair_mass_squared, reduced_mass
from umbra.selection.objects import best_of_event, in_tracker, is_track, two_of_each_charge, with_mass
from umbra.selection.options.dilepton_with_taus import Options

#: Kinds of leptons: PDG identifier (the value of the column `flavour`) and mass.
_FLAVOURS = {ELECTRON: (11.0, ELECTRON_MASS_GEV), MUON: (13.0, MUON_MASS_GEV)}
#: Slots of the two positive and two negative tracks: lepton, antilepton of the pair, then the tracks of the taus.
_CHOICES = ((0, 2, 1, 3), (0, 3, 1, 2), (1, 2, 0, 3), (1, 3, 0, 2))


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select events with two positive and two negative tracks; each pair of leptons in them is a candidate.

    Returns
    -------
    dict
        `weight`, `event`; `flavour`, 11 or 13 (an event may have a candidate of each, its weight is the
        probability that the two tracks are identified so and that not all four tracks are); `mass_gev` and
        `reduced_mass_gev` of the pair.
    """
    cutflow.count("all", reco.weight)
    good = is_track(reco.kind) & in_tracker(reco.p4, cut.track_theta_deg, cut.track_minimum_pt_gev)
    places = np.nonzero(good)
    chamber = DriftChamber(**dict(cut.chamber))
    good[places] = chamber.finds(reco.truth.vertex_mm[places], reco.truth.p4[places], reco.charge[places])
    kept, slots, weight = two_of_each_charge(reco, good)
    here = (kept[:, None], slots)
    cutflow.count("two tracks of each charge", weight)

    tracks = reco.p4[here]
    photon = (reco.kind[kept] == PHOTON) & (reco.p4[kept, :, 3] > cut.photon_minimum_energy_gev)
    photons = np.where(photon[..., None], reco.p4[kept], 0.0)
    visible = tracks.sum(axis=1) + photons.sum(axis=1)
    low, high = np.square(cut.visible_mass_gev)
    mass2 = mass_squared(visible)
    passed = (mass2 > low) & (mass2 < high)
    cutflow.count("visible mass", weight * passed)
    theta = np.degrees(polar_angle(machine.total - visible))
    passed &= (theta > cut.missing_theta_deg[0]) & (theta < cut.missing_theta_deg[1])
    cutflow.count("missing momentum in the detector", weight * passed)

    kept, slots, tracks = kept[passed], slots[passed], tracks[passed]
    weight, photon, photons = weight[passed], photon[passed], photons[passed]
    kind = reco.kind[kept[:, None], slots]
    identification = reco.detector.identification
    called = {flavour: identification[flavour].passing(kind, tracks) for flavour in _FLAVOURS}
    found: list[dict[str, Array]] = []
    for choice in _CHOICES:
        ordered = tracks[:, choice]
        light = _tau_masses_below(ordered[:, 2:], photon, photons, cut.tau_mass_below_gev)
        for flavour, (pdg_id, lepton_gev) in _FLAVOURS.items():
            probability = called[flavour][:, choice]
            # All four of one flavour are what quantum electrodynamics makes without taus.
            other = 1.0 - probability[:, 2] * probability[:, 3]
            each = weight * probability[:, 0] * probability[:, 1] * other * light
            rows = np.flatnonzero(each > 0.0)
            plus, minus = (with_mass(ordered[rows, i], lepton_gev) for i in (0, 1))
            mass = np.sqrt(pair_mass_squared(plus, minus, lepton_gev))
            found.append(
                {
                    "weight": each[rows],
                    "event": kept[rows],
                    "flavour": np.full(len(rows), pdg_id),
                    "mass_gev": mass,
                    "reduced_mass_gev": reduced_mass(mass),
                }
            )
    columns = {name: np.concatenate([part[name] for part in found]) for name in found[0]}
    cutflow.count("two leptons and two taus", best_of_event(columns["weight"], columns["event"], len(reco)))
    return columns


def _tau_masses_below(
    tracks: Array, photon: NDArray[np.bool_], photons: Array, limit_gev: float
) -> NDArray[np.bool_]:
    """Tell where two tracks, shape (n, 2, 4), with the photons nearer to each, are both light enough."""
    event, slot = np.nonzero(photon)
    p4 = photons[event, slot]
    angles = [opening_angle(p4, tracks[event, i]) for i in (0, 1)]
    nearest = (angles[1] < angles[0]).astype(np.intp)
    taus = tracks.copy()
    np.add.at(taus, (event, nearest), p4)
    return np.asarray((mass_squared(taus) < limit_gev**2).all(axis=1))
