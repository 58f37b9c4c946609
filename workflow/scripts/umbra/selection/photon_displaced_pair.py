"""e+e- -> gamma and a displaced pair of leptons, with missing energy: inelastic dark matter.

The projection of M. Duerr et al., JHEP 02 (2020) 039, arXiv:1911.03176. The values of the paper that are named below
are from memory (unverified), also where the channel repeats them.
"""

import numpy as np

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.kinematics import Array, mass_squared, opening_angle
from umbra.core.machines import Machine
from umbra.detector.detector import ELECTRON, HADRON, MUON, PHOTON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import best_of_event, with_mass, within_theta
from umbra.selection.options.photon_displaced_pair import Options

_LEPTONS = {"ee": (ELECTRON, ELECTRON_MASS_GEV), "mumu": (MUON, MUON_MASS_GEV)}


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select the most energetic photon and a pair of leptons of opposite charge from one vertex.

    Electrons and muons are taken as what they are: the paper assumes that all are found and identified. Pions pass for
    them as often as the detector's file says.

    Returns
    -------
    dict
        `weight`, `event`; `m2_recoil_gev2` against the photon, which peaks at the mass of the dark photon squared;
        `photon_energy_cm_gev`; `pair_mass_gev`; `flight_mm`, the distance of the pair's vertex across the beams, and
        `pointing_rad`, the angle between the way there and the momentum of the pair.
    """
    kind, mass = _LEPTONS[cut.final_state]
    cutflow.count("all", reco.weight)
    photons = (reco.kind == PHOTON) & within_theta(reco.p4, cut.photon_theta_deg)
    photons &= reco.p4[..., 3] > cut.photon_minimum_energy_gev
    photon = np.argmax(np.where(photons, reco.p4[..., 3], -1.0), axis=1)
    momentum = np.sqrt((reco.p4[..., :3] ** 2).sum(axis=-1))
    good = ((reco.kind == kind) | (reco.kind == HADRON)) & within_theta(reco.p4, cut.track_theta_deg)
    good &= momentum > cut.track_minimum_momentum_gev
    rows = np.arange(len(reco))
    with_photon = np.where(photons[rows, photon], reco.weight * reco.efficiency[rows, photon], 0.0)
    cutflow.count("photon", with_photon)
    event, plus, minus = np.nonzero(
        (good & (reco.charge > 0))[:, :, None] & (good & (reco.charge < 0))[:, None, :]
    )
    called = np.where(reco.kind == HADRON, reco.identified(kind), reco.efficiency)
    weight = with_photon[event] * called[event, plus] * called[event, minus]
    passed = weight > 0.0

    def count(name: str) -> None:
        cutflow.count(name, best_of_event(weight * passed, event, len(reco)))

    count("two leptons")
    first, second = (with_mass(reco.p4[event, slot], mass) for slot in (plus, minus))
    passed &= opening_angle(first, second) > cut.minimum_opening_rad
    count("opening angle")
    pair_mass = np.sqrt(np.maximum(mass_squared(first + second), 0.0))
    low, high = cut.vetoed_pion_pair_mass_gev
    one, other = (with_mass(reco.p4[event, slot], PION_MASS_GEV) for slot in (plus, minus))
    of_pions = np.sqrt(np.maximum(mass_squared(one + other), 0.0))
    passed &= (pair_mass > cut.minimum_pair_mass_gev) & ~((of_pions > low) & (of_pions < high))
    count("mass of the pair")
    vertex = 0.5 * (reco.vertex_mm[event, plus] + reco.vertex_mm[event, minus])
    passed &= (vertex[:, 2] > cut.vertex_z_mm[0]) & (vertex[:, 2] < cut.vertex_z_mm[1])
    count("vertex along the beams")
    seen, along = reco.p4[event, photon[event]], (first + second)[:, :3]
    # A pair without a way points wherever it flies.
    flies = (vertex**2).sum(axis=1) > 0.0
    way = np.where(flies[:, None], vertex, along)
    columns = {
        "weight": weight,
        "event": event,
        "m2_recoil_gev2": mass_squared(machine.total - seen),
        "photon_energy_cm_gev": machine.to_cm(seen)[:, 3],
        "pair_mass_gev": pair_mass,
        "flight_mm": np.hypot(vertex[:, 0], vertex[:, 1]),
        "pointing_rad": opening_angle(way, along),
    }
    return {name: column[passed] for name, column in columns.items()}
