"""e+e- -> gamma hadrons: a photon, and the mass of all hadrons as a fit to the beams would find it.

No search like it has been published; which hadrons are found, and how well, is no part of this selection but a number
of the channel. Their sum has the direction and the mass of the one particle that stands for them.
"""

import numpy as np

from umbra.core.kinematics import Array, mass_squared
from umbra.core.machines import Machine
from umbra.core.particles import is_new
from umbra.detector.detector import PHOTON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import best_of_event, energy_cm, within_theta
from umbra.selection.options.radiative_hadrons import Options


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select a photon with hadrons in the detector; each photon is a candidate.

    Returns
    -------
    dict
        `weight`, `event`; `hadron_mass_gev`; `cos_theta_photon` in the centre of mass.
    """
    cutflow.count("all", reco.weight)
    bright = energy_cm(reco.p4, machine) > cut.photon_minimum_energy_cm_gev
    photons = (reco.kind == PHOTON) & bright & within_theta(reco.p4, cut.photon_theta_deg)
    hadrons = is_new(reco.truth.pdg_id)
    event, slot = np.nonzero(photons & hadrons.any(axis=1, keepdims=True))
    weight = reco.weight[event] * reco.efficiency[event, slot]
    cutflow.count("photon", best_of_event(weight, event, len(reco)))
    whole = reco.truth.p4[event, np.argmax(hadrons[event], axis=1)]
    kept = np.flatnonzero(within_theta(whole, cut.hadron_theta_deg) & (weight > 0.0))
    event, slot, whole, weight = event[kept], slot[kept], whole[kept], weight[kept]
    cutflow.count("hadrons in the detector", best_of_event(weight, event, len(reco)))
    mass = np.sqrt(np.maximum(mass_squared(whole), 0.0))
    at_gev, width_mev = np.array(cut.mass_resolution_mev).T
    sigma = 1e-3 * np.interp(mass, at_gev, width_mev)
    direction = machine.to_cm(reco.p4[event, slot])
    return {
        "weight": weight,
        "event": event,
        "hadron_mass_gev": mass + sigma * reco.rng.standard_normal(len(event)),
        "cos_theta_photon": direction[:, 2] / direction[:, 3],
    }
