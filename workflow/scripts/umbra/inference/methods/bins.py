"""All bins of a paper at every mass: its backgrounds, and the signal of our simulation with the paper's efficiency."""

from dataclasses import dataclass

import numpy as np

from umbra.config import published_bins
from umbra.config.records import BinsFit, Category, Data, PublishedCounts
from umbra.core.kinematics import Array
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
        """All bins."""
        edges = at.expectation.edges(category)
        observed = None if data is None else data[category.name].values
        return Window(category, mass_gev, 0, 1, edges, observed)

    def signal_shape(self, at: At, window: Window, mass_gev: float) -> Array:
        """Shared among the bins, see `umbra.expectation.binned.shared_among`."""
        return at.expectation.signal_shape(window.category, mass_gev, at.interpretation)

    def counted(self, at: At, category: Category, mass_gev: float) -> float:
        """Background in the bins, each as much as there is of the signal in the fullest one."""
        share = at.expectation.signal_shape(category, mass_gev, at.interpretation)
        total = at.expectation.total_background(category, at.interpretation)
        return float((total * share).sum() / share.max()) if share.any() else 0.0

    def backgrounds(self, at: At, window: Window) -> list[Background]:
        """Components of the paper; one that several categories have is uncertain in all of them together."""
        expected = at.expectation.background(window.category, at.interpretation)
        variances = at.expectation.background_variance(window.category, at.interpretation)
        components = _bins_of(window.category).components
        return [
            Background(
                name,
                counts,
                relative_uncertainty=components[name].relative_uncertainty,
                variance=variances[name],
            )
            for name, counts in expected.items()
        ]


def _bins_of(category: Category) -> published_bins.PublishedBins:
    """Bins of a category, which has some: checked with the configuration."""
    assert category.bins is not None
    return category.bins
