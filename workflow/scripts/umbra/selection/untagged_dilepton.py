"""e+e- -> gamma A', A' -> l+l- with the photon lost along the beams: two leptons and what balances them.

The searches of BESIII, arXiv:1705.04265, and KLOE, arXiv:1807.02691. Radiation from the beams is collinear with them,
where no detector reaches; photon and energy follow from the leptons. The values of the papers named below are from
memory (unverified).
"""

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.kinematics import Array, mass_squared
from umbra.core.machines import Machine
from umbra.detector.detector import ELECTRON, MUON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.dilepton_mass import fitted_mass, pair_mass_squared, track_mass
from umbra.selection.objects import is_track, with_mass, within_theta
from umbra.selection.options.untagged_dilepton import Options

#: What both tracks are called, and their mass; at KLOE pions are called what muons are: no electrons.
_PAIRS = {
    "ee": (ELECTRON, ELECTRON_MASS_GEV),
    "mumu": (MUON, MUON_MASS_GEV),
    "pipi": (MUON, PION_MASS_GEV),
}


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select two leptons of opposite charge whose missing momentum points along the beams.

    Returns
    -------
    dict
        `weight`, `event`; `mass_gev` of the pair; `missing_angle_rad`; `missing_mass2_gev2`; `track_mass_gev`.
    """
    kind, mass_gev = _PAIRS[cut.final_state]
    cutflow.count("all", reco.weight)
    tracks = is_track(reco.kind) & within_theta(reco.p4, cut.track_theta_deg)
    plus, minus = tracks & (reco.charge > 0), tracks & (reco.charge < 0)
    event = np.flatnonzero((plus.sum(axis=1) == 1) & (minus.sum(axis=1) == 1))
    first, second = plus[event].argmax(axis=1), minus[event].argmax(axis=1)
    weight = reco.weight[event] * reco.efficiency[event, first] * reco.efficiency[event, second]
    cutflow.count("two tracks", weight)
    p_plus = with_mass(reco.p4[event, first], mass_gev)
    p_minus = with_mass(reco.p4[event, second], mass_gev)
    called = reco.detector.identification[kind]
    for slot, momenta in ((first, p_plus), (second, p_minus)):
        weight = weight * called.passing(reco.kind[event, slot], momenta)
    cutflow.count("identified leptons", weight)

    missing = machine.to_cm(machine.total - p_plus - p_minus)
    angle = np.arctan2(np.hypot(missing[:, 0], missing[:, 1]), np.abs(missing[:, 2]))
    mass2 = mass_squared(missing)
    passed: NDArray[np.bool_] = (weight > 0.0) & (angle < cut.maximum_missing_angle_rad)
    cutflow.count("missing momentum along the beams", weight * passed)
    passed &= (mass2 > cut.missing_mass2_gev2[0]) & (mass2 < cut.missing_mass2_gev2[1])
    cutflow.count("missing mass", weight * passed)
    tracks_gev = track_mass(machine.to_cm(p_plus), machine.to_cm(p_minus), machine.sqrt_s_gev)
    if cut.track_mass_gev is not None:
        passed &= (tracks_gev > cut.track_mass_gev[0]) & (tracks_gev < cut.track_mass_gev[1])
        cutflow.count("mass of the tracks", weight * passed)

    kept = np.flatnonzero(passed)
    event, first, second = event[kept], first[kept], second[kept]
    mass = np.sqrt(pair_mass_squared(p_plus[kept], p_minus[kept], mass_gev))
    if cut.mass_resolution_mev is not None:
        mass = fitted_mass(reco.select(event), first, second, mass_gev, cut.mass_resolution_mev)
    return {
        "weight": weight[kept],
        "event": event,
        "mass_gev": mass,
        "missing_angle_rad": angle[kept],
        "missing_mass2_gev2": mass2[kept],
        "track_mass_gev": tracks_gev[kept],
    }
