"""Clusters that beam background adds to every event."""

from dataclasses import dataclass

import numpy as np

from umbra.core.kinematics import Array, circle, from_spherical
from umbra.detector.records import BeamBackgroundRecord

#: Clusters are drawn from a spectrum harder by this factor, so that the rare energetic ones are there.
_HARDER = 5.0


@dataclass(frozen=True)
class BeamBackground:
    """Photon-like clusters with an exponential spectrum, uniform in polar angle and azimuth.

    Energetic ones matter and are rare, so none is decided by dice: clusters are drawn from a spectrum that is
    harder, and each carries the probability that it is there, which makes up for it. Selections multiply by
    it where they require the cluster, and by one minus it where they veto.

    Parameters
    ----------
    rate
        Mean number of clusters in an event, above the minimum energy and inside the timing cut.
    scale_gev
        Slope of the spectrum exp(-E/scale).
    minimum_gev
        Softer ones are not simulated.
    theta_low_rad, theta_high_rad
        Range of the polar angle.
    """

    rate: float
    scale_gev: float
    minimum_gev: float
    theta_low_rad: float
    theta_high_rad: float

    @classmethod
    def from_record(cls, record: BeamBackgroundRecord) -> "BeamBackground":
        """Bring what the file says to GeV and radians."""
        low, high = np.radians(record.theta_deg)
        return cls(
            rate=record.clusters_per_event * record.timing_efficiency,
            scale_gev=1e-3 * record.spectrum_slope_mev,
            minimum_gev=1e-3 * record.minimum_energy_mev,
            theta_low_rad=float(low),
            theta_high_rad=float(high),
        )

    @property
    def slots(self) -> int:
        """Number of clusters drawn in an event: enough that no probability exceeds one."""
        return int(np.ceil(self.rate * _HARDER))

    def draw(self, events: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Draw the clusters.

        Returns
        -------
        p4
            Measured momenta, shape (events, slots, 4).
        probability
            That the cluster is there, shape (events, slots).
        """
        shape = (events, self.slots)
        above = rng.exponential(_HARDER * self.scale_gev, shape)
        theta = rng.uniform(self.theta_low_rad, self.theta_high_rad, shape)
        phi = rng.uniform(-np.pi, np.pi, shape)
        p4 = from_spherical(self.minimum_gev + above, circle(theta)[0], phi, 0.0)
        ratio = _HARDER * np.exp(-above * (1.0 - 1.0 / _HARDER) / self.scale_gev)
        return p4, self.rate / max(self.slots, 1) * ratio
