"""tau -> l alpha: one lepton against the three pions of the other tau, and the lepton's energy in the tau's frame.

The search of Belle II, arXiv:2212.03634. The direction of the signal tau is not measured: its pseudo-rest frame takes
it as opposite to that of the three pions, with half of the energy of the beams, which smears the energy by a fifth.
"""

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV, TAU_MASS_GEV
from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.detector.detector import ELECTRON, HADRON, MUON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import in_tracker, with_mass
from umbra.selection.options.lepton_against_tau import Options

_LEPTONS = {"electron": (ELECTRON, ELECTRON_MASS_GEV), "muon": (MUON, MUON_MASS_GEV)}


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select four tracks, a lepton and three pions in opposite hemispheres.

    Returns
    -------
    dict
        `weight`, `event`; `m2_invisible_gev2`, the mass squared of what leaves a resting tau together with the
        lepton, m_tau^2 + m_l^2 - 2 m_tau E; `energy_fraction`, 2 E/m_tau, E the energy in the pseudo-rest frame.
    """
    kind, lepton_mass_gev = _LEPTONS[cut.lepton]
    cutflow.count("all", reco.weight)
    good = in_tracker(reco.p4, cut.track_theta_deg, cut.track_minimum_pt_gev)
    leptons, pions = good & (reco.kind == kind), good & (reco.kind == HADRON)
    charge = np.where(leptons | pions, reco.charge, 0).sum(axis=1)
    kept: NDArray[np.intp] = np.flatnonzero(
        (leptons.sum(axis=1) == 1) & (pions.sum(axis=1) == 3) & (charge == 0)
    )
    used = leptons[kept] | pions[kept]
    slot = leptons[kept].argmax(axis=1)
    weight = reco.weight[kept] * np.where(used, reco.efficiency[kept], 1.0).prod(axis=1)
    cutflow.count("a lepton and three pions", weight)
    lepton = with_mass(reco.p4[kept, slot], lepton_mass_gev)
    called = reco.detector.identification[kind]
    soft = np.sqrt((lepton[:, :3] ** 2).sum(axis=1)) < called.momentum_gev[0]
    known = called.passing(reco.kind[kept, slot], lepton)
    weight = weight * np.where(soft, cut.soft_lepton_probability, known)
    cutflow.count("identified lepton", weight)

    pion_p4 = with_mass(reco.p4[kept], PION_MASS_GEV) * pions[kept][..., None]
    in_cm = machine.to_cm(np.stack([lepton, pion_p4.sum(axis=1)], axis=1))
    energy = pseudo_rest_energy(in_cm[:, 0], in_cm[:, 1], machine.sqrt_s_gev)
    passed = (in_cm[:, 0, :3] * in_cm[:, 1, :3]).sum(axis=1) < 0.0
    cutflow.count("opposite hemispheres", weight * passed)
    weight = weight * cut.residual_efficiency
    cutflow.count("residual efficiency", weight * passed)
    columns = {
        "weight": weight,
        "event": kept,
        "m2_invisible_gev2": TAU_MASS_GEV**2 + lepton_mass_gev**2 - 2.0 * TAU_MASS_GEV * energy,
        "energy_fraction": 2.0 * energy / TAU_MASS_GEV,
    }
    return {name: column[passed & (weight > 0.0)] for name, column in columns.items()}


def pseudo_rest_energy(lepton: Array, tag: Array, sqrt_s_gev: float) -> Array:
    """Energy of the lepton in the frame of a tau that flies opposite to the tag with half of the energy.

    Parameters
    ----------
    lepton, tag
        Momenta in the centre of mass, shape (n, 4).
    sqrt_s_gev
        Centre-of-mass energy.

    Returns
    -------
    numpy.ndarray
        In GeV, shape (n,).
    """
    energy = 0.5 * sqrt_s_gev
    momentum = np.sqrt(energy**2 - TAU_MASS_GEV**2)
    size = np.sqrt((tag[:, :3] ** 2).sum(axis=1))
    along = -(lepton[:, :3] * tag[:, :3]).sum(axis=1) / size
    result: Array = (energy * lepton[:, 3] - momentum * along) / TAU_MASS_GEV
    return result
