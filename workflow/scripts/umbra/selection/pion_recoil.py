"""K+ -> pi+ + nothing of kaons in flight: the squared mass that is missing between a measured kaon and its pion.

The search of NA62, arXiv:2103.15389. Beam and pion are measured apart, so that both smear the missing mass.
"""

import numpy as np

from umbra.core.constants import KAON_MASS_GEV, PION_MASS_GEV
from umbra.core.kinematics import Array, mass_squared, momentum
from umbra.core.machines import AnyMachine
from umbra.detector.detector import HADRON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import with_mass, within_theta
from umbra.selection.options.pion_recoil import Options


def select(reco: Reconstructed, machine: AnyMachine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select events with a pion.

    Returns
    -------
    dict
        `weight`, `event`, `m2_missing_gev2` and `pion_momentum_gev`, which is the measured one.
    """
    cutflow.count("all", reco.weight)
    event = np.flatnonzero(reco.kind[:, 0] == HADRON)
    pion = with_mass(reco.p4[event, 0], PION_MASS_GEV)
    weight = reco.weight[event] * reco.efficiency[event, 0]
    weight = weight * within_theta(pion, cut.pion_theta_deg) * cut.other_efficiency
    cutflow.count("pion seen, no veto", weight)
    size = momentum(pion)
    low, high = cut.pion_momentum_gev
    passed = (weight > 0.0) & (size > low) & (size < high)
    cutflow.count("momentum of the pion", weight[passed])
    missing = mass_squared(_kaons(reco, machine, cut)[event] - pion)
    columns = {"weight": weight, "event": event, "m2_missing_gev2": missing, "pion_momentum_gev": size}
    return {name: column[passed] for name, column in columns.items()}


def _kaons(reco: Reconstructed, machine: AnyMachine, cut: Options) -> Array:
    """Measured momenta of the kaons of the beam, shape (n, 4)."""
    spread, across, up = reco.rng.standard_normal((3, len(reco)))
    size = machine.total[2] * (1.0 + 0.01 * cut.kaon_momentum_percent * spread)
    angle = 1e-3 * cut.kaon_angle_mrad
    kaon = np.zeros((len(reco), 4))
    kaon[:, 0], kaon[:, 1], kaon[:, 2] = size * angle * across, size * angle * up, size
    return with_mass(kaon, KAON_MASS_GEV)
