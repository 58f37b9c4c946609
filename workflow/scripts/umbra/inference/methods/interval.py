"""Fits in a window along one search variable: what peaks, templates and counts have in common."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from umbra.config.categories import Reach, both_sides
from umbra.config.records import Category
from umbra.core.kinematics import Array
from umbra.core.variables import position
from umbra.expectation.binned import rebinned
from umbra.inference.binned_data import BinnedData
from umbra.inference.methods.binned import At, BinnedMethod, Window

#: Half-width of a window in which few events are counted, in resolutions.
COUNTED = 2.0


@dataclass(frozen=True)
class Binning:
    """Reach of a window and width of its bins in resolutions; `None`: one bin."""

    half_window_sigma: Reach
    bin_sigma: float | None


class IntervalMethod(BinnedMethod):
    """A method with windows of some resolutions around a mass."""

    @abstractmethod
    def binning(self, at: At, category: Category, centre_gev: float) -> Binning:
        """Bins of the fit of a category around a mass."""

    def window(self, at: At, category: Category, data: BinnedData | None, mass_gev: float) -> Window:
        """Bins within reach."""
        return _window(at, category, data, mass_gev, self.binning(at, category, mass_gev))

    def signal_shape(self, at: At, window: Window, mass_gev: float) -> Array:
        """Shape of the simulation."""
        return at.expectation.signal(window.category, at.interpretation).template(mass_gev, window.edges)

    def counted(self, at: At, category: Category, mass_gev: float) -> float:
        """Within two resolutions."""
        return core_background(at, category, mass_gev)


def core_background(at: At, category: Category, mass_gev: float) -> float:
    """Expected background within two resolutions of a mass."""
    total = at.expectation.total_background(category, at.interpretation)
    return float(rebinned(total, at.expectation.edges(category), _core(at, category, mass_gev))[0])


def core_simulated(at: At, category: Category, mass_gev: float) -> float:
    """Effective number of simulated background events within two resolutions."""
    variances = at.expectation.background_variance(category, at.interpretation)
    total = np.sum(list(variances.values()), axis=0)
    variance = float(rebinned(total, at.expectation.edges(category), _core(at, category, mass_gev))[0])
    return core_background(at, category, mass_gev) ** 2 / variance if variance > 0.0 else 0.0


def _core(at: At, category: Category, mass_gev: float) -> Array:
    centre = float(position(category.variable, mass_gev))
    reach = COUNTED * at.expectation.own_signal(category).resolution_at(mass_gev)
    return np.array([centre - reach, centre + reach])


def _window(at: At, category: Category, data: BinnedData | None, mass_gev: float, binning: Binning) -> Window:
    axis = at.expectation.edges(category) if data is None else data[category.name].edges
    centre = float(position(category.variable, mass_gev))
    resolution = at.expectation.own_signal(category).resolution_at(mass_gev)
    below, above = (side * resolution for side in both_sides(binning.half_window_sigma))
    first, last = np.searchsorted(axis, [centre - below, centre + above]).tolist()
    first, last = max(first - 1, 0), min(last, len(axis) - 1)
    step = max(last - first, 1)
    if binning.bin_sigma is not None and last > first:
        step = max(1, round(binning.bin_sigma * resolution * (last - first) / (axis[last] - axis[first])))
    edges = axis[first : last + 1 : step]
    if data is None:
        return Window(category, mass_gev, first, step, edges, None)
    contents = data[category.name].values[first : first + step * (len(edges) - 1)]
    return Window(category, mass_gev, first, step, edges, contents.reshape(len(edges) - 1, -1).sum(axis=1))
