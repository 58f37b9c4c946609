"""Pairs of tracks of opposite charge under each hypothesis, for searches for several new particles of one mass."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.kinematics import Array, mass_squared
from umbra.detector.detector import ELECTRON, HADRON, MUON, Reconstructed
from umbra.selection.objects import with_mass

#: Mass of a track by what its pair is taken for.
MASSES = {ELECTRON: ELECTRON_MASS_GEV, MUON: MUON_MASS_GEV, HADRON: PION_MASS_GEV}


def slots_of(chosen: NDArray[np.bool_], number: int) -> NDArray[np.intp]:
    """Slots of the chosen tracks of each event, which has `number` of them; shape (n, number)."""
    slots: NDArray[np.intp] = np.nonzero(chosen)[1].reshape(-1, number)
    return slots


class Pairs:
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
            for kind, mass in MASSES.items()
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


def equal_masses(p4: Sequence[Array], difference_gev: float) -> tuple[Array, NDArray[np.bool_]]:
    """Mean mass of pairs, shape (n,), and whether that of each is nearer to it than a difference."""
    masses = np.sqrt(np.maximum([mass_squared(each) for each in p4], 0.0))
    mean: Array = masses.mean(axis=0)
    return mean, np.abs(masses - mean).max(axis=0) < difference_gev
