"""Charged particles: where tracks are found and how well they are measured."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array
from umbra.detector.directions import deflect, normal_pair
from umbra.detector.records import TrackerRecord


@dataclass(frozen=True)
class Tracker:
    """A tracking detector.

    The curvature, 1/pT, is smeared by a Gaussian of relative width a pT (+) b/beta (+) c, both angles by one
    constant width, and the production point by one width across and one along the beams.

    Parameters
    ----------
    cos_low, cos_high
        Acceptance in the cosine of the polar angle.
    minimum_pt_gev
        Softer tracks are not found.
    per_pt, per_beta, constant
        The terms a (per GeV), b and c above.
    angle_rad
        Resolution of theta and of sin(theta) phi.
    vertex_mm
        Resolution of the production point in x, y, z.
    """

    cos_low: float
    cos_high: float
    minimum_pt_gev: float
    per_pt: float
    per_beta: float
    constant: float
    angle_rad: float
    vertex_mm: tuple[float, float, float]

    @classmethod
    def from_record(cls, record: TrackerRecord) -> "Tracker":
        """Bring what the file says to GeV, mm and radians."""
        low, high = record.theta_deg
        momentum, vertex = record.momentum_resolution, record.vertex_resolution
        across, along = 1e-3 * vertex.transverse_um, 1e-3 * vertex.longitudinal_um
        return cls(
            cos_low=float(np.cos(np.radians(high))),
            cos_high=float(np.cos(np.radians(low))),
            minimum_pt_gev=record.minimum_pt_gev,
            per_pt=0.01 * momentum.per_pt_percent_per_gev,
            per_beta=0.01 * momentum.per_beta_percent,
            constant=0.01 * momentum.constant_percent,
            angle_rad=1e-3 * record.angular_resolution.constant_mrad,
            vertex_mm=(across, across, along),
        )

    def covers(self, cos_theta: Array, pt_gev: Array) -> NDArray[np.bool_]:
        """Tell which tracks are inside the acceptance."""
        return (cos_theta >= self.cos_low) & (cos_theta <= self.cos_high) & (pt_gev >= self.minimum_pt_gev)

    def relative_width(self, pt_gev: Array, beta: Array) -> Array:
        """Relative width of pT."""
        return np.sqrt((self.per_pt * pt_gev) ** 2 + (self.per_beta / beta) ** 2 + self.constant**2)

    def covariance(self, p4: Array) -> Array:
        """Covariance in GeV^2 of three-momenta of tracks, as `measure` smears them, shape (..., 4) to (..., 3, 3)."""
        p = p4[..., :3]
        magnitude2 = (p**2).sum(axis=-1)
        width = self.relative_width(np.hypot(p[..., 0], p[..., 1]), np.sqrt(magnitude2) / p4[..., 3])
        along = p[..., :, None] * p[..., None, :]
        across = magnitude2[..., None, None] * np.eye(3) - along
        result: Array = np.square(width)[..., None, None] * along + self.angle_rad**2 * across
        return result

    def measure(self, p4: Array, rng: np.random.Generator) -> Array:
        """Return measured momenta of tracks with true momenta `p4`, shape (m, 4), on their mass shells."""
        out = p4.copy()
        x, y, z, energy = np.ascontiguousarray(p4.T)
        transverse2 = x**2 + y**2
        magnitude2 = transverse2 + z**2
        magnitude = np.sqrt(magnitude2)
        width = self.relative_width(np.sqrt(transverse2), magnitude / energy)
        scale = 1.0 / (1.0 + width * rng.standard_normal(len(p4)))
        polar, azimuthal = normal_pair(rng, len(p4))
        deflect(out, magnitude * scale, self.angle_rad * polar, self.angle_rad * azimuthal)
        # E^2 = m^2 + p^2 with the mass of the particle: E^2 changes by what p^2 does.
        out[:, 3] = np.sqrt(energy**2 + magnitude2 * (scale**2 - 1.0))
        return out

    def measure_vertex(self, vertex_mm: Array, rng: np.random.Generator) -> Array:
        """Return measured production points, shape (m, 3)."""
        smeared: Array = vertex_mm + rng.standard_normal(vertex_mm.shape) * np.asarray(self.vertex_mm)
        return smeared
