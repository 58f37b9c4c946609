"""A beam electron that leaves too little energy in the calorimeter that is its target.

The search of NA64, arXiv:1906.00176 and arXiv:2307.02404.
"""

import numpy as np

from umbra.core.kinematics import Array
from umbra.core.machines import AnyMachine
from umbra.detector.detector import Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.options.missing_energy import Options


def select(reco: Reconstructed, machine: AnyMachine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select events whose measured energy is small.

    Returns
    -------
    dict
        `weight`, `event` and `ecal_energy_gev`, all that the calorimeter measures.
    """
    cutflow.count("all", reco.weight)
    weight = reco.weight * cut.other_efficiency
    cutflow.count("electron tagged, no veto", weight)
    energy = reco.p4[..., 3].sum(axis=1)
    passed = (weight > 0.0) & (energy < cut.largest_ecal_energy_gev)
    cutflow.count("energy in the calorimeter", weight[passed])
    event = np.flatnonzero(passed)
    return {"weight": weight[event], "event": event, "ecal_energy_gev": energy[event]}
