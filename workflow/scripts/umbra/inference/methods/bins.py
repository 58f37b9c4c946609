"""All bins of a paper at every mass: its backgrounds, and the signal of our simulation with the paper's efficiency."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from umbra.config import published_bins
from umbra.config.records import BinsFit, Category, Data, PublishedCounts
from umbra.core.kinematics import Array
from umbra.core.variables import position
from umbra.expectation.binned import BinnedExpectation
from umbra.inference.binned_data import BinnedData, Counts
from umbra.inference.methods.binned import At, BinnedMethod, Window
from umbra.inference.workspace import Background


@dataclass(frozen=True)
class PublishedBins(BinnedMethod):
    """Bins of a paper, see `umbra.config.records.BinsFit`."""

    fit: BinsFit

    def make_data(self, expectation: BinnedExpectation, settings: Data) -> BinnedData | None:
        """Return what the paper saw, where that is asked for, or pseudo-data."""
        if not isinstance(settings, PublishedCounts):
            return super().make_data(expectation, settings)
        return {
            category.name: Counts(expectation.edges(category), np.array(_bins_of(category).observed, float))
            for category in expectation.channel.categories
        }

    def window(self, at: At, category: Category, data: BinnedData | None, mass_gev: float) -> Window:
        """All bins, or those within reach as one."""
        axis = at.expectation.edges(category)
        first, last, step = 0, len(axis) - 1, 1
        if self.fit.count_within_sigma is not None:
            near = self._near(at, category, mass_gev, self.fit.count_within_sigma)
            first, last = (int(near[0]), int(near[-1]) + 1) if len(near) else (0, 0)
            step = max(last - first, 1)
        observed = None if data is None else _added(data[category.name].values[first:last], step)
        return Window(category, mass_gev, first, step, axis[first : last + 1 : step], observed)

    def _near(self, at: At, category: Category, mass_gev: float, sigma: float) -> NDArray[np.intp]:
        """Numbers of the bins within reach; those of a table with counts are in order of the search variable."""
        bins = _bins_of(category)
        reach = sigma * at.expectation.signal(category, at.interpretation).resolution_at(mass_gev)
        middle = 0.5 * (np.array(bins.low) + np.array(bins.high))
        return np.flatnonzero(np.abs(middle - position(category.variable, mass_gev)) < reach)

    def signal_shape(self, at: At, window: Window, mass_gev: float) -> Array:
        """Shared among the bins, see `umbra.expectation.binned.shared_among`."""
        return _inside(at.expectation.signal_shape(window.category, mass_gev, at.interpretation), window)

    def counted(self, at: At, category: Category, mass_gev: float) -> float:
        """Background in the bins of the window, each as much as there is of the signal in the fullest one."""
        window = self.window(at, category, None, mass_gev)
        share = self.signal_shape(at, window, mass_gev)
        total = _inside(at.expectation.total_background(category, at.interpretation), window)
        return float((total * share).sum() / share.max()) if share.any() else 0.0

    def backgrounds(self, at: At, window: Window) -> list[Background]:
        """Components of the paper; one that several categories have is uncertain in all of them together."""
        expected = at.expectation.background(window.category, at.interpretation)
        variances = at.expectation.background_variance(window.category, at.interpretation)
        components = _bins_of(window.category).components
        return [
            Background(
                name,
                _inside(counts, window),
                relative_uncertainty=components[name].relative_uncertainty,
                variance=_inside(variances[name], window),
            )
            for name, counts in expected.items()
        ]


def _inside(values: Array, window: Window) -> Array:
    """Contents of the bins of a window, from those of the axis."""
    end = window.first + window.step * (len(window.edges) - 1)
    return _added(values[window.first : end], window.step)


def _added(values: Array, step: int) -> Array:
    """Sums of so many bins each."""
    sums: Array = values.reshape(-1, step).sum(axis=1)
    return sums


def _bins_of(category: Category) -> published_bins.PublishedBins:
    """Bins of a category, which has some: checked with the configuration."""
    assert category.bins is not None
    return category.bins
