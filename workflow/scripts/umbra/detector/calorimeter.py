"""Photons: where they are seen, how often they are missed, how well they are measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array
from umbra.detector.crystal_ball import CrystalBall
from umbra.detector.directions import deflect, normal_pair
from umbra.detector.records import CalorimeterRecord, OuterVetoRecord, RegionRecord


@dataclass(frozen=True)
class Region:
    """A range of polar angle with the probability that a photon in it is missed.

    The probability is constant between the energies of `energy_gev`, and holds above the last one.
    """

    cos_low: float
    cos_high: float
    energy_gev: Array
    inefficiency: Array

    @classmethod
    def from_record(cls, record: RegionRecord) -> "Region":
        """Turn angles into cosines."""
        low, high = record.theta_deg
        return cls(
            cos_low=float(np.cos(np.radians(high))),
            cos_high=float(np.cos(np.radians(low))),
            energy_gev=np.asarray(record.energy_gev, float),
            inefficiency=np.asarray(record.inefficiency, float),
        )

    def contains(self, cos_theta: Array) -> NDArray[np.bool_]:
        """Tell which directions lie in the region, ends included."""
        return (cos_theta >= self.cos_low) & (cos_theta <= self.cos_high)

    def missed(self, energy_gev: Array) -> Array:
        """Probability of missing photons of these energies."""
        result: Array = self.inefficiency[
            np.clip(np.searchsorted(self.energy_gev, energy_gev, side="right") - 1, 0, None)
        ]
        return result


def _missed(regions: Sequence[Region], cos_theta: Array, energy_gev: Array) -> Array:
    """Probability of missing a photon, 1 outside all regions."""
    missed = np.ones_like(cos_theta)
    for region in regions:
        constant = len(region.inefficiency) == 1
        value = region.inefficiency[0] if constant else region.missed(energy_gev)
        np.copyto(missed, value, where=region.contains(cos_theta))
    return missed


@dataclass(frozen=True)
class Calorimeter:
    """An electromagnetic calorimeter, with the muon system behind it as a second chance for vetoes.

    Energies are smeared by a Crystal Ball of relative width
    a/E (+) b/E^(1/2) (+) c/E^(1/4) (+) d with E in GeV, cut off at zero energy; angles by a Gaussian of
    max(minimum, stochastic/E^(1/2) (+) constant) along theta and along sin(theta) phi.

    Parameters
    ----------
    regions
        Where photons are seen; between them are gaps.
    outer_veto
        Regions of the muon system, whose inefficiency multiplies that of the calorimeter where a selection
        asks that nothing was seen.
    per_energy, per_root, per_fourth_root, constant
        The terms a, b, c, d above.
    pull
        Shape of the energy response.
    angle_stochastic_rad, angle_constant_rad, angle_minimum_rad
        Angular resolution.
    minimum_separation_rad
        Photons nearer to each other become one cluster.
    """

    regions: tuple[Region, ...]
    outer_veto: tuple[Region, ...]
    per_energy: float
    per_root: float
    per_fourth_root: float
    constant: float
    pull: CrystalBall
    angle_stochastic_rad: float
    angle_constant_rad: float
    angle_minimum_rad: float
    minimum_separation_rad: float

    @classmethod
    def from_record(cls, record: CalorimeterRecord, outer_veto: OuterVetoRecord | None) -> "Calorimeter":
        """Bring what the file says to GeV and radians."""
        energy, angle = record.energy_resolution, record.angular_resolution
        outer = () if outer_veto is None else outer_veto.regions
        return cls(
            regions=tuple(Region.from_record(region) for region in record.regions),
            outer_veto=tuple(Region.from_record(region) for region in outer),
            per_energy=0.01 * energy.per_energy_percent,
            per_root=0.01 * energy.per_root_energy_percent,
            per_fourth_root=0.01 * energy.per_fourth_root_energy_percent,
            constant=0.01 * energy.constant_percent,
            pull=CrystalBall(energy.tail_alpha, energy.tail_index),
            angle_stochastic_rad=1e-3 * angle.per_root_energy_mrad,
            angle_constant_rad=1e-3 * angle.constant_mrad,
            angle_minimum_rad=1e-3 * angle.minimum_mrad,
            minimum_separation_rad=float(np.radians(record.minimum_separation_deg)),
        )

    def covers(self, cos_theta: Array) -> NDArray[np.bool_]:
        """Tell which directions point at the calorimeter."""
        covered = np.zeros(cos_theta.shape, bool)
        for region in self.regions:
            covered |= region.contains(cos_theta)
        return covered

    def missed(self, cos_theta: Array, energy_gev: Array) -> Array:
        """Probability that the calorimeter misses a photon: 1 outside."""
        return _missed(self.regions, cos_theta, energy_gev)

    def missed_outside(self, cos_theta: Array, energy_gev: Array) -> Array | float:
        """Probability that the muon system does not notice a photon that the calorimeter missed."""
        return _missed(self.outer_veto, cos_theta, energy_gev) if self.outer_veto else 1.0

    def relative_width(self, energy_gev: Array) -> Array:
        """Width of the core of the energy response, divided by the energy."""
        inverse = 1.0 / energy_gev
        variance = (self.per_energy * inverse) ** 2 + self.per_root**2 * inverse + self.constant**2
        return np.sqrt(variance + self.per_fourth_root**2 * np.sqrt(inverse))

    def angular_width(self, energy_gev: Array) -> Array:
        """Give the standard deviation of each angle in radians."""
        width: Array = np.sqrt(self.angle_stochastic_rad**2 / energy_gev + self.angle_constant_rad**2)
        return np.maximum(width, self.angle_minimum_rad)

    def merge(self, p4: Array, seen: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_]]:
        """Join photons that are nearer than the separation: the first takes the momentum of both.

        Parameters
        ----------
        p4
            True momenta, shape (n, k, 4).
        seen
            Which slots are photons in the calorimeter, shape (n, k).

        Returns
        -------
        p4, seen
            The given arrays where nothing merged, otherwise copies.
        """
        cos_separation = np.cos(self.minimum_separation_rad)
        by_slot = np.ascontiguousarray(seen.T)
        merged = False
        for i, j in combinations(np.flatnonzero(by_slot.any(axis=1)), 2):
            # All events: to pick those with both photons would take longer than the products.
            (x, y, z, e), (x2, y2, z2, e2) = p4[:, i].T, p4[:, j].T
            close = x * x2 + y * y2 + z * z2 > cos_separation * (e * e2)
            close = np.flatnonzero(close & by_slot[i] & by_slot[j])
            if close.size:
                p4, merged = p4 if merged else p4.copy(), True
                p4[close, i] += p4[close, j]
                by_slot[j, close] = False
        seen = by_slot.T if merged else seen
        return p4, seen

    def measure(self, p4: Array, rng: np.random.Generator) -> Array:
        """Return measured, massless momenta of photons with true momenta `p4`, shape (m, 4)."""
        out = p4.copy()
        energy = p4[:, 3].copy()
        width = self.relative_width(energy)
        measured = energy * (1.0 + width * self.pull.sample(rng, len(p4)))
        # The tail reaches below zero; there the draw is repeated, which cuts the distribution off at zero.
        while (below := np.flatnonzero(measured <= 0.0)).size:
            measured[below] = energy[below] * (1.0 + width[below] * self.pull.sample(rng, below.size))
        width = self.angular_width(energy)
        polar, azimuthal = normal_pair(rng, len(p4))
        deflect(out, measured, width * polar, width * azimuthal)
        out[:, 3] = measured
        return out
