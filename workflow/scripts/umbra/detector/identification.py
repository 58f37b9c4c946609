"""Particle identification: how often a track of one kind is called another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array
from umbra.detector.records import LeptonIdentification


@dataclass(frozen=True)
class Identification:
    """Probability that a track passes the requirement of one kind of lepton.

    Parameters
    ----------
    probability
        By the kind of the true particle (see `umbra.detector.detector`): one for each of `momentum_gev`.
    momentum_gev
        Where each probability begins to hold, in increasing order; tracks softer than the first do not pass.
    cos_low, cos_high
        Nor do tracks outside this range of the polar angle.
    """

    probability: Mapping[int, Array]
    momentum_gev: Array
    cos_low: float
    cos_high: float

    @classmethod
    def from_record(
        cls, record: LeptonIdentification, probabilities: Sequence[Mapping[int, float]]
    ) -> "Identification":
        """Turn angles into cosines; of each range of momentum, probabilities come by the number of the kind."""
        low, high = record.theta_deg
        begins = [record.minimum_momentum_gev, *(step.momentum_gev for step in record.harder)]
        return cls(
            probability={kind: np.array([row[kind] for row in probabilities]) for kind in probabilities[0]},
            momentum_gev=np.array(begins),
            cos_low=float(np.cos(np.radians(high))),
            cos_high=float(np.cos(np.radians(low))),
        )

    def passing(self, kind: NDArray[np.int8], p4: Array) -> Array:
        """Probability for tracks of true `kind` and measured momenta `p4`; zero for anything else."""
        called = np.zeros(kind.shape)
        magnitude = np.sqrt(p4[..., 0] ** 2 + p4[..., 1] ** 2 + p4[..., 2] ** 2)
        step = np.searchsorted(self.momentum_gev, magnitude, side="right") - 1
        for true_kind, probability in self.probability.items():
            same = kind == true_kind
            called[same] = probability[step[same]]
        reached = (
            (step >= 0) & (p4[..., 2] >= self.cos_low * magnitude) & (p4[..., 2] <= self.cos_high * magnitude)
        )
        result: Array = np.where(reached, called, 0.0)
        return result
