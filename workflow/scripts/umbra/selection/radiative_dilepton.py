"""e+e- -> gamma l+l-: a photon and a pair of leptons, with nothing else.

The search of BaBar, arXiv:1406.2980. The values of the paper that are named below are from memory
(unverified), also where the channel repeats them.
"""

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV
from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.detector.detector import ELECTRON, MUON, PHOTON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.dilepton_mass import fitted_mass, pair_mass_squared, reduced_mass
from umbra.selection.objects import (
    best_of_event,
    choices,
    energy_cm,
    in_tracker,
    is_track,
    unseen,
    with_mass,
    within_theta,
)
from umbra.selection.options.radiative_dilepton import Options

_LEPTONS = {"ee": (ELECTRON, ELECTRON_MASS_GEV), "mumu": (MUON, MUON_MASS_GEV)}


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select a photon with two tracks of opposite charge; each choice of the three is a candidate.

    The candidate's weight contains the probability that the other photons above the threshold and the other
    tracks went unnoticed, so that the choices of one event exclude each other.

    Returns
    -------
    dict
        `weight`, `event`; `mass_gev` of the pair; `reduced_mass_gev`, the root of m^2 - 4 m_mu^2 with the
        sign of its argument, which smearing makes negative near threshold; `cos_theta_photon` in the centre
        of mass; `helicity_cosine`.
    """
    lepton, lepton_mass_gev = _LEPTONS[cut.final_state]
    cutflow.count("all", reco.weight)

    energy = energy_cm(reco.p4, machine)
    bright = (reco.kind == PHOTON) & (energy > cut.photon_minimum_energy_cm_gev)
    photons = bright & within_theta(reco.p4, cut.photon_theta_deg)
    tracks = is_track(reco.kind)
    good = tracks & in_tracker(reco.p4, cut.track_theta_deg, cut.track_minimum_pt_gev)
    choice = choices(photons, good & (reco.charge > 0), good & (reco.charge < 0))
    event, photon, plus, minus = choice.T

    # From here on, one row is one candidate.
    p_photon = reco.p4[event, photon]
    p_plus = with_mass(reco.p4[event, plus], lepton_mass_gev)
    p_minus = with_mass(reco.p4[event, minus], lepton_mass_gev)
    efficiency = reco.efficiency
    weight = (
        reco.weight[event] * efficiency[event, photon] * efficiency[event, plus] * efficiency[event, minus]
    )
    passed = np.ones(len(event), bool)

    def count(name: str) -> None:
        cutflow.count(name, best_of_event(weight * passed, event, len(reco)))

    count("photon and two tracks")
    called = reco.detector.identification[lepton]
    first, second = (
        called.passing(reco.kind[event, plus], p_plus),
        called.passing(reco.kind[event, minus], p_minus),
    )
    weight = weight * (first * second if cut.identified_leptons == 2 else first + second - first * second)
    count("identified leptons")
    passed &= _apart(p_photon, p_plus, cut) & _apart(p_photon, p_minus, cut)
    count("photon away from tracks")

    in_cm = machine.to_cm(np.stack([p_photon, p_plus, p_minus], axis=1))
    cosine = in_cm[..., 2] / np.sqrt((in_cm[..., :3] ** 2).sum(axis=-1))
    measured2 = pair_mass_squared(in_cm[:, 1], in_cm[:, 2], lepton_mass_gev)
    helicity = _helicity_cosine(in_cm[:, 1], in_cm[:, 2], measured2, lepton_mass_gev)
    if cut.maximum_helicity_cosine is not None:
        passed &= np.abs(helicity) < cut.maximum_helicity_cosine
    count("helicity angle")
    if cut.minimum_positron_cosine is not None:
        passed &= cosine[:, 1] > cut.minimum_positron_cosine
    if cut.maximum_electron_cosine is not None:
        passed &= cosine[:, 2] < cut.maximum_electron_cosine
    count("directions of the leptons")

    kept = np.flatnonzero(passed & (weight > 0.0))
    event, photon, plus, minus = event[kept], photon[kept], plus[kept], minus[kept]
    alone = reco.select(event)
    weight = weight[kept] * unseen(alone, (bright | tracks)[event], [photon, plus, minus])
    passed = weight > 0.0
    count("nothing else")

    mass = np.sqrt(measured2[kept])
    if cut.mass_resolution_mev is not None:
        mass = fitted_mass(alone, plus, minus, lepton_mass_gev, cut.mass_resolution_mev)
    columns = {
        "weight": weight,
        "event": event,
        "mass_gev": mass,
        "reduced_mass_gev": reduced_mass(mass),
        "cos_theta_photon": cosine[kept, 0],
        "helicity_cosine": helicity[kept],
    }
    return {name: column[passed] for name, column in columns.items()}


def _apart(photon: Array, track: Array, cut: Options) -> NDArray[np.bool_]:
    """Tell which photons are far enough from a track."""
    a, b = photon[:, :3], track[:, :3]
    limit = np.cos(np.radians(cut.minimum_photon_track_angle_deg))
    result: NDArray[np.bool_] = (a * b).sum(axis=1) < limit * np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return result


def _helicity_cosine(plus: Array, minus: Array, mass_squared: Array, lepton_mass_gev: float) -> Array:
    """Cosine of the positive lepton in the rest frame of the pair, from E+ - E- = 2 (P/m) k cos."""
    momentum = np.sqrt(((plus + minus)[:, :3] ** 2).sum(axis=1))
    k = np.sqrt(np.maximum(0.25 * mass_squared - lepton_mass_gev**2, 0.0))
    scale = 2.0 * momentum * k / np.sqrt(mass_squared)
    # At threshold the leptons do not move in the rest frame, and there is no angle: zero.
    cosine: Array = np.divide(plus[:, 3] - minus[:, 3], scale, out=np.zeros_like(scale), where=scale > 0.0)
    return cosine
