"""Which layers of a drift chamber a track crosses, wherever it starts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array
from umbra.core.records import Interval

#: Radius of curvature in mm for 1 GeV of transverse momentum in 1 T.
_MM_PER_GEV = 1000.0 / 0.299792458


@dataclass(frozen=True)
class DriftChamber:
    """A drift chamber of evenly spaced layers in a field along z.

    Parameters
    ----------
    field_tesla
        Magnetic field along +z.
    radius_mm
        Radii of the innermost and the outermost layer.
    layers
        Number of layers, at even distances.
    z_mm
        Ends of the chamber.
    minimum_layers
        A track is found that crosses so many.
    """

    field_tesla: float
    radius_mm: Interval
    layers: int
    z_mm: Interval
    minimum_layers: int

    def finds(self, position_mm: Array, p4: Array, charge: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Tell which tracks are found.

        Parameters
        ----------
        position_mm
            Where the tracks start, shape (n, 3).
        p4
            Momenta there, shape (n, 4).
        charge
            +1 or -1, shape (n,).
        """
        found: NDArray[np.bool_] = self.crossed(position_mm, p4, charge) >= self.minimum_layers
        return found

    def crossed(self, position_mm: Array, p4: Array, charge: NDArray[np.int8]) -> NDArray[np.int64]:
        """Layers that tracks cross outwards, until they turn back or leave through an end; see `finds`."""
        start, end = self.reach_mm(position_mm, p4, charge)
        inner, outer = self.radius_mm
        pitch = (outer - inner) / (self.layers - 1)
        first = np.clip(np.ceil((start - inner) / pitch), 0, self.layers)
        beyond = np.clip(np.floor((end - inner) / pitch) + 1.0, 0, self.layers)
        layers: NDArray[np.int64] = np.maximum(beyond - first, 0.0).astype(np.int64)
        return layers

    def reach_mm(self, position_mm: Array, p4: Array, charge: NDArray[np.int8]) -> tuple[Array, Array]:
        """Smallest and largest distance from the z axis on the outgoing arc of each track, shape (n,).

        A track that starts inwards goes out from its closest approach to the axis. One that leaves through an end of
        the chamber before going out has the largest distance below the smallest.
        """
        pt = np.hypot(p4[:, 0], p4[:, 1])
        radius = pt * _MM_PER_GEV / self.field_tesla
        x, y, z = position_mm.T
        # From the centre of the circle to the start; positive charges turn clockwise.
        to_x, to_y = -charge * radius * p4[:, 1] / pt, charge * radius * p4[:, 0] / pt
        centre_x, centre_y = x - to_x, y - to_y
        centre = np.hypot(centre_x, centre_y)
        angle = np.arctan2(centre_x * to_y - centre_y * to_x, centre_x * to_x + centre_y * to_y)
        # What is left to turn until the point that is furthest from the axis; the nearest one is at pi.
        left = np.mod(charge * angle, 2.0 * np.pi)
        ends = np.where(p4[:, 2] > 0.0, self.z_mm[1], self.z_mm[0])
        turns = np.full(len(pt), np.inf)
        np.divide((ends - z) * pt / radius, p4[:, 2], out=turns, where=p4[:, 2] != 0.0)
        last = np.maximum(left - np.maximum(turns, 0.0), 0.0)
        inwards = left > np.pi
        smallest = np.where(inwards, np.abs(centre - radius), np.hypot(x, y))
        largest = np.sqrt(np.maximum(centre**2 + radius**2 + 2.0 * centre * radius * np.cos(last), 0.0))
        return smallest, np.where(last > np.pi, 0.0, largest)
