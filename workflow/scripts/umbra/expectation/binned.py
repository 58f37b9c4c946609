"""What a channel expects where its windows are intervals: backgrounds in bins along one search variable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from umbra.config.categories import PublishedBins
from umbra.config.records import Category, Channel, PeakFit
from umbra.core.kinematics import Array
from umbra.core.variables import mass_at
from umbra.expectation import background, signals_file
from umbra.expectation.background import Template
from umbra.expectation.channel import Expectation, Reading, background_scale
from umbra.expectation.point import Point
from umbra.expectation.signal import Signal


@dataclass(frozen=True)
class BinnedExpectation(Expectation[Signal]):
    """Expected signal and background of a channel, in bins.

    Parameters
    ----------
    templates
        Category -> background -> template.
    """

    templates: Mapping[str, Mapping[str, Template]]
    _scales: dict[tuple[str, str], Array] = field(default_factory=dict, init=False, repr=False, compare=False)

    def edges(self, category: Category) -> Array:
        """Bin edges of the category's axis."""
        return next(iter(self.templates[category.name].values())).edges

    def background(self, category: Category, reading: Reading = None) -> dict[str, Array]:
        """Expected candidates of each background per bin of the axis.

        Smooth under a peak, but for the backgrounds that peak themselves; as simulated in a count, unless the category
        asks for smooth ones.
        """
        smooth = set(category.smooth_backgrounds)
        if isinstance(self.channel.fit, PeakFit):
            smooth = set(category.backgrounds) - set(category.peaking_backgrounds)
        scale = self._scale(category, reading)
        return {
            name: (each.smooth_pb if name in smooth else each.visible_pb)
            * self._per_pb(name, category, reading)
            * scale
            for name, each in self.templates[category.name].items()
        }

    def signal_shape(self, category: Category, mass_gev: float, reading: Reading = None) -> Array:
        """Candidates of a signal per bin of a category's axis, for one event that is counted; shape (n,)."""
        signal = self.signal(category, reading)
        if category.bins is None:
            return signal.template(mass_gev, self.edges(category))
        shared = shared_among(category.bins, signal, mass_gev)
        total = float(shared.sum())
        # The paper's efficiency is that of all bins together, the simulation's own that of two resolutions.
        return shared / total if category.published_efficiency is not None and total > 0.0 else shared

    def total_background(self, category: Category, reading: Reading = None) -> Array:
        """Sum of the expected backgrounds per bin of the axis."""
        total: Array = np.sum(list(self.background(category, reading).values()), axis=0)
        return total

    def data_background(self, category: Category) -> Array:
        """Background that pseudo-data are drawn from: that of the category's first own one that is no projection."""
        fitting = (
            each
            for each in self.channel.interpretations
            if each.luminosity_fb is None and each.published is None and category in self.categories(each)
        )
        return self.total_background(category, next(fitting, None))

    def background_variance(self, category: Category, reading: Reading = None) -> dict[str, Array]:
        """Statistical variance of the simulated background per bin of the axis."""
        scale = self._scale(category, reading)
        return {
            name: each.variance_pb2 * (self._per_pb(name, category, reading) * scale) ** 2
            for name, each in self.templates[category.name].items()
        }

    def write_backgrounds(self, path: Path) -> None:
        """Write the templates (ROOT)."""
        background.write(path, self.templates)

    def _per_pb(self, background: str, category: Category, reading: Reading) -> float:
        if background not in category.backgrounds:
            return self.luminosity_pb(category, reading)
        return self.produced_per_unit(self.channel.samples[background], category, reading)

    def _scale(self, category: Category, reading: Reading) -> Array:
        """Efficiency factor and scale of an interpretation along the axis; the same for all hypotheses."""
        key = category.name, "" if reading is None else reading.name
        if key not in self._scales:
            edges = self.edges(category)
            masses = partial(mass_at, category.variable, 0.5 * (edges[1:] + edges[:-1]))
            factor = np.ones(len(edges) - 1)
            if not category.is_published:
                mass = masses()
                # Followed at a few hundred masses.
                knots = np.linspace(mass.min(), mass.max(), 400)
                factor = np.interp(mass, knots, self.efficiency_factor(category, knots, reading))
            self._scales[key] = factor * background_scale(reading, masses)
        return self._scales[key]

    def _selected(self, signal: Signal, point: Point) -> float:
        return signal.selected_at(point.mass_gev)

    def _interpolated_pb(self, category: Category, point: Point, reading: Reading) -> float:
        return self.signal(category, reading).born_at(point.mass_gev)


def shared_among(bins: PublishedBins, signal: Signal, mass_gev: float) -> Array:
    """Signal in the bins of a paper: by the simulation among ranges of the search variable, by the paper within one.

    Returns
    -------
    ndarray
        Candidates for one event within two resolutions of the mass, shape (n,).
    """
    found = np.zeros(len(bins.low))
    like = np.array(bins.expected[bins.signal_like])
    for ends, numbers in bins.ranges.items():
        (inside,) = signal.template(mass_gev, np.array(ends))
        found[numbers] = inside * like[numbers] / like[numbers].sum()
    return found


def rebinned(values: Array, edges: Array, new: Array | Sequence[float]) -> Array:
    """Contents in new bins; within an old bin the density is taken as constant, and outside as zero."""
    cumulative = np.concatenate([[0.0], np.cumsum(values)])
    return np.diff(np.interp(new, edges, cumulative))


def read(channel: Channel, signals: Path, templates: Path) -> BinnedExpectation:
    """Read what `umbra.expectation.building.make` wrote."""
    found = signals_file.read(signals, Signal.from_json)
    names = {each.name: each.templates for each in channel.categories}
    return BinnedExpectation(channel, found, background.read(templates, names))
