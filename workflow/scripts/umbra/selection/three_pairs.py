"""e+e- -> A'h', h' -> A'A': three pairs of tracks of one mass, or two pairs and the mass that recoils against them.

The searches of BaBar, arXiv:1202.1313, and Belle, arXiv:1502.00084. The values of the papers that are named below are
from memory (unverified), also where channels repeat them.
"""

from collections.abc import Iterator
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array, mass_squared
from umbra.core.machines import Machine
from umbra.detector.detector import ELECTRON, HADRON, MUON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import best_of_event, in_tracker, is_track
from umbra.selection.options.three_pairs import Options
from umbra.selection.track_pairs import MASSES, Pairs, equal_masses, slots_of

#: Column `pions` of candidates with two pairs and a recoil.
RECOIL = 4


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select six tracks, or four, in pairs of equal mass; each way to pair them and each h' is a candidate.

    A pair of electrons or of muons needs one track that is identified as such; a pair of pions has none that is
    identified as either. With four tracks both pairs are leptons and one at least is muons.

    Returns
    -------
    dict
        `weight`, `event`; `mass_gev`, the mean mass of the pairs; `mass2_gev`, the mass of the h', of which there are
        three, as each pair (or the recoil) may be the A' that was made with it; and `pions`, the number of pairs of
        pions, or `RECOIL` for two pairs of leptons and a recoil.
    """
    cutflow.count("all", reco.weight)
    good = is_track(reco.kind) & in_tracker(reco.p4, cut.track_theta_deg, cut.track_minimum_pt_gev)
    plus, minus = good & (reco.charge > 0), good & (reco.charge < 0)
    alike = plus.sum(axis=1) == minus.sum(axis=1)
    number = plus.sum(axis=1)
    usable = alike & ((number == 2) | (number == 3))
    cutflow.count("four or six tracks", reco.weight * usable)
    six = [
        _six(reco.select(rows), slots_of(plus[rows], 3), slots_of(minus[rows], 3), rows, cut)
        for rows in [np.flatnonzero(usable & (number == 3))]
    ]
    four = [
        _four(reco.select(rows), slots_of(plus[rows], 2), slots_of(minus[rows], 2), rows, machine, cut)
        for rows in [np.flatnonzero(usable & (number == 2))]
    ]
    found = [part for parts in (*six, *four) for part in parts]
    columns = {
        name: np.concatenate([part[name] for part in found])
        for name in ("weight", "event", "mass_gev", "mass2_gev", "pions")
    }
    columns["event"] = columns["event"].astype(np.int64)
    cutflow.count("pairs of equal mass", best_of_event(columns["weight"], columns["event"], len(reco)))
    order = np.argsort(columns["event"], kind="stable")
    return {name: column[order] for name, column in columns.items()}


def _six(
    reco: Reconstructed,
    plus: NDArray[np.intp],
    minus: NDArray[np.intp],
    rows: NDArray[np.intp],
    cut: Options,
) -> Iterator[dict[str, Array]]:
    pairs = Pairs(reco, plus, minus)
    low, high = np.square(cut.mass_six_gev)
    for partners in permutations(range(3)):
        for kinds in product(MASSES, repeat=3):
            if kinds.count(HADRON) > cut.most_pion_pairs:
                continue
            places = list(zip(kinds, range(3), partners, strict=True))
            p4 = [pairs.p4(*place) for place in places]
            weight = pairs.weight * np.prod([pairs.probability(*place) for place in places], axis=0)
            total = mass_squared(p4[0] + p4[1] + p4[2])
            mean, equal = equal_masses(p4, cut.mass_difference_gev)
            kept = np.flatnonzero((weight > 0.0) & (total > low) & (total < high) & equal)
            for k in range(3):
                higgs = (p4[(k + 1) % 3] + p4[(k + 2) % 3])[kept]
                yield _columns(rows, weight, mean, kept, np.sqrt(mass_squared(higgs)), kinds.count(HADRON))


def _four(
    reco: Reconstructed,
    plus: NDArray[np.intp],
    minus: NDArray[np.intp],
    rows: NDArray[np.intp],
    machine: Machine,
    cut: Options,
) -> Iterator[dict[str, Array]]:
    pairs = Pairs(reco, plus, minus)
    for partners in permutations(range(2)):
        for kinds in ((MUON, MUON), (MUON, ELECTRON), (ELECTRON, MUON)):
            places = list(zip(kinds, range(2), partners, strict=True))
            p4 = [pairs.p4(*place) for place in places]
            weight = pairs.weight * np.prod([pairs.probability(*place) for place in places], axis=0)
            mean, equal = equal_masses(p4, cut.mass_difference_gev)
            recoil = machine.total - p4[0] - p4[1]
            near = np.abs(mass_squared(recoil) - mean**2) < cut.recoil_difference_gev2
            kept = np.flatnonzero((weight > 0.0) & equal & near)
            for prompt in (recoil, *p4):
                higgs = mass_squared(machine.total - prompt)[kept]
                yield _columns(rows, weight, mean, kept, np.sqrt(np.maximum(higgs, 0.0)), RECOIL)


def _columns(
    rows: NDArray[np.intp], weight: Array, mean: Array, kept: NDArray[np.intp], higgs: Array, pions: int
) -> dict[str, Array]:
    return {
        "weight": weight[kept],
        "event": rows[kept].astype(float),
        "mass_gev": mean[kept],
        "mass2_gev": higgs,
        "pions": np.full(len(kept), float(pions)),
    }
