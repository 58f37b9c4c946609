"""e+e- -> gamma Upsilon_D, Upsilon_D -> A'A'A': three pairs of tracks of one mass, and a photon that may be lost.

The search of BaBar, arXiv:2106.08529, without its classifiers. What the channel takes from a talk on it is said there.
"""

from collections.abc import Iterator
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array, mass_squared, opening_angle
from umbra.core.machines import Machine
from umbra.detector.detector import HADRON, PHOTON, Reconstructed
from umbra.detector.helix import DriftChamber
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import best_of_event, in_tracker, is_track, within_theta
from umbra.selection.options.three_pairs_photon import Options
from umbra.selection.track_pairs import MASSES, Pairs, equal_masses, slots_of

_PAIRS = 3


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select six tracks in three pairs of equal mass; each way to take the pairs for particles is a candidate.

    A pair of electrons or of muons needs one track that is identified as such; a pair of pions has none that is
    identified as either. Of the six ways to pair the tracks, that with the smallest spread of the masses is taken.

    Returns
    -------
    dict
        `weight`, `event`; `mass_gev`, the mean mass of the pairs; `mass_six_gev`, the mass of all six tracks; and
        `pions`, the number of pairs of pions.
    """
    cutflow.count("all", reco.weight)
    good = is_track(reco.kind) & in_tracker(reco.p4, cut.track_theta_deg, cut.track_minimum_pt_gev)
    places = np.nonzero(good)
    chamber = DriftChamber(**dict(cut.chamber))
    good[places] = chamber.finds(reco.truth.vertex_mm[places], reco.truth.p4[places], reco.charge[places])
    plus, minus = good & (reco.charge > 0), good & (reco.charge < 0)
    usable = (plus.sum(axis=1) == _PAIRS) & (minus.sum(axis=1) == _PAIRS)
    cutflow.count("six tracks", reco.weight * usable)
    rows = np.flatnonzero(usable)
    found = list(
        _candidates(
            reco.select(rows), slots_of(plus[rows], _PAIRS), slots_of(minus[rows], _PAIRS), rows, machine, cut
        )
    )
    columns = {name: np.concatenate([part[name] for part in found]) for name in Options.COLUMNS}
    columns["event"] = columns["event"].astype(np.int64)
    cutflow.count(
        "pairs of equal mass and photon", best_of_event(columns["weight"], columns["event"], len(reco))
    )
    order = np.argsort(columns["event"], kind="stable")
    return {name: column[order] for name, column in columns.items()}


def _candidates(
    reco: Reconstructed,
    plus: NDArray[np.intp],
    minus: NDArray[np.intp],
    rows: NDArray[np.intp],
    machine: Machine,
    cut: Options,
) -> Iterator[dict[str, Array]]:
    pairs = Pairs(reco, plus, minus)
    orders = list(permutations(range(_PAIRS)))
    for kinds in product(MASSES, repeat=_PAIRS):
        if kinds.count(HADRON) > cut.most_pion_pairs:
            continue
        places = [list(zip(kinds, range(_PAIRS), order, strict=True)) for order in orders]
        p4 = np.array([[pairs.p4(*place) for place in each] for each in places])
        masses = np.sqrt(np.maximum(mass_squared(p4), 0.0))
        probability = np.array(
            [np.prod([pairs.probability(*place) for place in each], axis=0) for each in places]
        )
        spread = np.where(probability > 0.0, np.ptp(masses, axis=1), np.inf)
        best = np.argmin(spread, axis=0)
        column = np.arange(len(rows))
        chosen = [p4[best, k, column] for k in range(_PAIRS)]
        mean, equal = equal_masses(chosen, cut.mass_difference_gev)
        six = chosen[0] + chosen[1] + chosen[2]
        recoil = machine.total - six
        passed = equal & (np.abs(mass_squared(recoil)) < cut.recoil_mass2_gev2)
        weight = pairs.weight * probability[best, column] * _photon(reco, recoil, cut)
        kept = np.flatnonzero((weight > 0.0) & passed)
        yield {
            "weight": weight[kept],
            "event": rows[kept].astype(float),
            "mass_gev": mean[kept],
            "mass_six_gev": np.sqrt(np.maximum(mass_squared(six[kept]), 0.0)),
            "pions": np.full(len(kept), float(kinds.count(HADRON))),
        }


def _photon(reco: Reconstructed, recoil: Array, cut: Options) -> Array:
    """Probability that the photon is seen along the recoil, or flies out of the calorimeter; shape (n,)."""
    photons = reco.kind == PHOTON
    towards = np.broadcast_to(recoil[:, None], reco.p4.shape)[photons]
    near = np.zeros(photons.shape, dtype=bool)
    near[photons] = opening_angle(reco.p4[photons], towards) < cut.photon_separation_rad
    missed = np.prod(np.where(near, 1.0 - reco.efficiency, 1.0), axis=1)
    return np.where(within_theta(recoil, cut.photon_theta_deg), 1.0 - missed, 1.0)
