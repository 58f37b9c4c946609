"""B -> K + nothing: the squared mass that a kaon leaves to what is not seen.

The inclusive tag of Belle II, arXiv:2311.14647: nothing is known of the signal B but its kaon, so that the B is taken
to be at rest in the centre of mass, with half of its energy. The momentum that it has there, 0.33 GeV, spreads the
squared mass evenly over 2 p_B p_K to both sides, far more than the tracker does.
"""

import numpy as np

from umbra.core.constants import KAON_MASS_GEV
from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.detector.detector import HADRON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import energy_cm, in_tracker, with_mass
from umbra.selection.options.kaon_recoil import Options


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select the kaon that leaves the smallest squared mass; one candidate an event.

    Returns
    -------
    dict
        `weight`, `event` and `q2_gev2` = s/4 + m_K^2 - sqrt(s) E*_K.
    """
    cutflow.count("all", reco.weight)
    kaons = (reco.kind == HADRON) & in_tracker(reco.p4, cut.track_theta_deg, cut.track_minimum_pt_gev)
    energy = np.where(kaons, energy_cm(with_mass(reco.p4, KAON_MASS_GEV), machine), -np.inf)
    event = np.flatnonzero(kaons.any(axis=1))
    slot = energy.argmax(axis=1)[event]
    weight = reco.weight[event] * reco.efficiency[event, slot]
    cutflow.count("track in the chamber", weight)
    weight = weight * cut.kaon_probability
    cutflow.count("identified kaon", weight)
    root = machine.sqrt_s_gev
    q2 = 0.25 * root**2 + KAON_MASS_GEV**2 - root * energy[event, slot]
    return {"weight": weight, "event": event, "q2_gev2": q2}
