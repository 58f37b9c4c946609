"""Particle identification: how often a track of one kind is called another."""

from collections.abc import Mapping
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
        By the kind of the true particle (see `umbra.detector.detector`).
    minimum_momentum_gev
        Softer tracks do not pass.
    cos_low, cos_high
        Nor do tracks outside this range of the polar angle.
    """

    probability: Mapping[int, float]
    minimum_momentum_gev: float
    cos_low: float
    cos_high: float

    @classmethod
    def from_record(cls, record: LeptonIdentification, probability: Mapping[int, float]) -> "Identification":
        """Turn angles into cosines; the probability comes by the number of the kind."""
        low, high = record.theta_deg
        return cls(
            probability=probability,
            minimum_momentum_gev=record.minimum_momentum_gev,
            cos_low=float(np.cos(np.radians(high))),
            cos_high=float(np.cos(np.radians(low))),
        )

    def passing(self, kind: NDArray[np.int8], p4: Array) -> Array:
        """Probability for tracks of true `kind` and measured momenta `p4`; zero for anything else."""
        called = np.zeros(kind.shape)
        for true_kind, probability in self.probability.items():
            called[kind == true_kind] = probability
        magnitude = np.sqrt(p4[..., 0] ** 2 + p4[..., 1] ** 2 + p4[..., 2] ** 2)
        reached = (
            (magnitude >= self.minimum_momentum_gev)
            & (p4[..., 2] >= self.cos_low * magnitude)
            & (p4[..., 2] <= self.cos_high * magnitude)
        )
        result: Array = np.where(reached, called, 0.0)
        return result
