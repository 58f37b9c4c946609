"""e+e- -> mu+mu-X, X -> tau+tau-: the mass that recoils against two muons, with two more tracks.

The search of Belle II, arXiv:2306.12294. Each tau decays to one charged particle; with the muons there are four tracks,
which lack the energy of the neutrinos. Each track may be called a muon, so each pair of opposite charge is a candidate.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.events import FINAL
from umbra.core.kinematics import Array, mass_squared
from umbra.core.machines import Machine
from umbra.detector.detector import HADRON, MUON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.dilepton_mass import smeared
from umbra.selection.objects import best_of_event, in_tracker, is_track, two_of_each_charge, with_mass
from umbra.selection.options.recoil_dimuon_tracks import Options
from umbra.selection.records import MassResolution

#: Positive and negative track of each pair; the slots of an event are two positive, two negative ones.
_PAIRS = ((0, 2), (0, 3), (1, 2), (1, 3))


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select events with two positive and two negative tracks; each gives up to four rows, one for every pair.

    Photons are not looked at. Rows carry the probability that both tracks of the pair are called muons.

    Returns
    -------
    dict
        `weight`, `event`; `m_recoil_gev` with the nominal momentum of the beams, or the true one smeared;
        `smallest_triplet_mass_gev`: of three of the four tracks as pions, the smallest mass, which three tracks of one
        tau keep below its mass.
    """
    cutflow.count("all", reco.weight)
    good = is_track(reco.kind) & in_tracker(reco.p4, cut.track_theta_deg, cut.track_minimum_pt_gev)
    kept, slots, weight = two_of_each_charge(reco, good)
    here = (kept[:, None], slots)
    cutflow.count("two tracks of each charge", weight)

    muons, pions = (with_mass(reco.p4[here], mass) for mass in (MUON_MASS_GEV, PION_MASS_GEV))
    called = _called(reco, reco.kind[here], muons, cut)
    triplets = [
        np.sqrt(mass_squared(pions[:, list(three)].sum(axis=1))) for three in combinations(range(4), 3)
    ]
    low, high = cut.mass_four_gev
    rows = []
    for plus, minus in _PAIRS:
        pair = muons[:, plus] + muons[:, minus]
        others = [slot for slot in range(4) if slot not in (plus, minus)]
        mass = np.sqrt(mass_squared(pair + pions[:, others].sum(axis=1)))
        if cut.recoil_resolution_mev is None:
            recoil2 = mass_squared(machine.total - pair)
        else:
            recoil2 = _true_recoil(reco.select(kept), slots[:, [plus, minus]], cut.recoil_resolution_mev) ** 2
        probability = weight * called[:, plus] * called[:, minus]
        rows.append((probability, (mass > low) & (mass < high), recoil2))
    probability, inside, recoil2 = (np.stack(columns, axis=1) for columns in zip(*rows, strict=True))
    event = np.repeat(kept, len(_PAIRS))
    flat = probability.ravel()
    cutflow.count("two identified muons", best_of_event(flat, event, len(reco)))
    passed = inside.ravel() & (flat > 0.0) & (recoil2.ravel() > 0.0)
    cutflow.count("mass of the four tracks", best_of_event(flat * passed, event, len(reco)))
    columns = {
        "weight": flat,
        "event": event,
        "m_recoil_gev": np.sqrt(np.maximum(recoil2.ravel(), 0.0)),
        "smallest_triplet_mass_gev": np.repeat(np.min(triplets, axis=0), len(_PAIRS)),
    }
    return {name: column[passed] for name, column in columns.items()}


def _called(reco: Reconstructed, kind: NDArray[np.int8], p4: Array, cut: Options) -> Array:
    """Probability that each track is called a muon, shape of `kind`."""
    muon_system = reco.detector.identification[MUON]
    called = muon_system.passing(kind, p4)
    soft = cut.soft_muons
    if soft is None:
        return called
    momentum = np.sqrt((p4[..., :3] ** 2).sum(axis=-1))
    here = (momentum >= soft.minimum_momentum_gev) & (momentum < muon_system.momentum_gev[0])
    probability = np.where(kind == MUON, soft.muon, np.where(kind == HADRON, soft.hadron, 0.0))
    return np.where(here, probability, called)


def _true_recoil(reco: Reconstructed, pair: NDArray[np.intp], width_mev: MassResolution) -> Array:
    """Mass of everything but a pair, as it was generated, smeared.

    Parameters
    ----------
    reco
        The events, one candidate each.
    pair
        Slots of the two tracks, shape (n, 2).
    width_mev
        Of the measured mass.
    """
    others = (reco.truth.status == FINAL)[..., None] * reco.truth.p4
    rest = others.sum(axis=1) - np.take_along_axis(reco.truth.p4, pair[..., None], axis=1).sum(axis=1)
    mass = np.sqrt(np.maximum(mass_squared(rest), 0.0))
    return smeared(mass, width_mev, reco.rng)
