"""e+e- -> A'h', h' -> A'A': three pairs of tracks of one mass, or two pairs and the mass that recoils against them.

The searches of BaBar, arXiv:1202.1313, and Belle, arXiv:1502.00084. The values of the papers that are named below are
from memory (unverified), also where channels repeat them.
"""

from collections.abc import Iterator, Sequence
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.kinematics import Array, mass_squared
from umbra.core.machines import Machine
from umbra.detector.detector import ELECTRON, HADRON, MUON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import best_of_event, in_tracker, is_track, with_mass
from umbra.selection.options.three_pairs import Options

#: Mass of a track by what its pair is taken for.
_MASSES = {ELECTRON: ELECTRON_MASS_GEV, MUON: MUON_MASS_GEV, HADRON: PION_MASS_GEV}
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
        _six(reco.select(rows), _slots(plus[rows], 3), _slots(minus[rows], 3), rows, cut)
        for rows in [np.flatnonzero(usable & (number == 3))]
    ]
    four = [
        _four(reco.select(rows), _slots(plus[rows], 2), _slots(minus[rows], 2), rows, machine, cut)
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


def _slots(chosen: NDArray[np.bool_], number: int) -> NDArray[np.intp]:
    """Slots of the chosen tracks of each event, which has `number` of them; shape (n, number)."""
    slots: NDArray[np.intp] = np.nonzero(chosen)[1].reshape(-1, number)
    return slots


class _Pairs:
    """All pairs of a positive and a negative track, under each hypothesis: momenta and probabilities."""

    def __init__(self, reco: Reconstructed, plus: NDArray[np.intp], minus: NDArray[np.intp]) -> None:
        rows = np.arange(len(reco))[:, None]
        self.weight = reco.weight * np.prod(reco.efficiency[rows, np.hstack([plus, minus])], axis=1)
        called = {
            lepton: reco.detector.identification[lepton].passing(reco.kind, reco.p4)
            for lepton in (ELECTRON, MUON)
        }
        self._p4 = {
            kind: [with_mass(reco.p4[rows, side], mass) for side in (plus, minus)]
            for kind, mass in _MASSES.items()
        }
        self._missed = {
            lepton: [1.0 - probability[rows, side] for side in (plus, minus)]
            for lepton, probability in called.items()
        }

    def p4(self, kind: int, i: int, j: int) -> Array:
        """Momentum of the pair of positive track i and negative track j."""
        plus, minus = self._p4[kind]
        total: Array = plus[:, i] + minus[:, j]
        return total

    def probability(self, kind: int, i: int, j: int) -> Array:
        """Probability that the pair is taken for this kind."""
        none = {lepton: sides[0][:, i] * sides[1][:, j] for lepton, sides in self._missed.items()}
        if kind == HADRON:
            return np.asarray(none[ELECTRON] * none[MUON])
        return np.asarray(1.0 - none[kind])


def _six(
    reco: Reconstructed,
    plus: NDArray[np.intp],
    minus: NDArray[np.intp],
    rows: NDArray[np.intp],
    cut: Options,
) -> Iterator[dict[str, Array]]:
    pairs = _Pairs(reco, plus, minus)
    low, high = np.square(cut.mass_six_gev)
    for partners in permutations(range(3)):
        for kinds in product(_MASSES, repeat=3):
            if kinds.count(HADRON) > cut.most_pion_pairs:
                continue
            places = list(zip(kinds, range(3), partners, strict=True))
            p4 = [pairs.p4(*place) for place in places]
            weight = pairs.weight * np.prod([pairs.probability(*place) for place in places], axis=0)
            total = mass_squared(p4[0] + p4[1] + p4[2])
            mean, equal = _equal_masses(p4, cut)
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
    pairs = _Pairs(reco, plus, minus)
    for partners in permutations(range(2)):
        for kinds in ((MUON, MUON), (MUON, ELECTRON), (ELECTRON, MUON)):
            places = list(zip(kinds, range(2), partners, strict=True))
            p4 = [pairs.p4(*place) for place in places]
            weight = pairs.weight * np.prod([pairs.probability(*place) for place in places], axis=0)
            mean, equal = _equal_masses(p4, cut)
            recoil = machine.total - p4[0] - p4[1]
            near = np.abs(mass_squared(recoil) - mean**2) < cut.recoil_difference_gev2
            kept = np.flatnonzero((weight > 0.0) & equal & near)
            for prompt in (recoil, *p4):
                higgs = mass_squared(machine.total - prompt)[kept]
                yield _columns(rows, weight, mean, kept, np.sqrt(np.maximum(higgs, 0.0)), RECOIL)


def _equal_masses(p4: Sequence[Array], cut: Options) -> tuple[Array, NDArray[np.bool_]]:
    """Mean mass of the pairs, and whether each is near it."""
    masses = np.sqrt(np.maximum([mass_squared(each) for each in p4], 0.0))
    mean: Array = masses.mean(axis=0)
    return mean, np.abs(masses - mean).max(axis=0) < cut.mass_difference_gev


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
