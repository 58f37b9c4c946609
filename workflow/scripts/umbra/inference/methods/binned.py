"""Fits in bins along one search variable: from windows, whatever they are, to hypotheses."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from umbra.config.records import Category, Channel, Data, Interpretation
from umbra.core.kinematics import Array
from umbra.expectation import binned
from umbra.expectation.binned import BinnedExpectation
from umbra.expectation.point import Point
from umbra.inference import binned_data, data, refusals
from umbra.inference.binned_data import BinnedData, BinnedForm
from umbra.inference.hypothesis import Hypothesis
from umbra.inference.workspace import Background, Bins, build


@dataclass(frozen=True)
class Window:
    """Bins of one category around a mass: each is `step` bins of the data (or of the axis), from `first` on."""

    category: Category
    mass_gev: float
    first: int
    step: int
    edges: Array
    observed: Array | None


@dataclass(frozen=True)
class At:
    """One point in one interpretation, as the background components see it."""

    expectation: BinnedExpectation
    interpretation: Interpretation


class BinnedMethod(ABC):
    """A method whose windows are runs of bins, see `umbra.inference.methods.method.Method`."""

    #: Fewest bins of a window that the method can use.
    fewest_bins: ClassVar[int] = 1

    @abstractmethod
    def window(self, at: At, category: Category, data: BinnedData | None, mass_gev: float) -> Window:
        """Bins of the fit of a category around a mass."""

    @abstractmethod
    def signal_shape(self, at: At, window: Window, mass_gev: float) -> Array:
        """Signal in the bins of a window, for one event that the efficiency counts."""

    @abstractmethod
    def counted(self, at: At, category: Category, mass_gev: float) -> float:
        """Expected background that a signal of a mass competes with."""

    @abstractmethod
    def backgrounds(self, at: At, window: Window) -> list[Background]:
        """Components of the background in a window."""

    def without_background(self) -> "BinnedMethod":
        """The method where no background is assumed: there is nothing that a fit could tell from a peak."""
        return self

    def expectation(self, channel: Channel, signals: Path, background: Path) -> BinnedExpectation:
        """Read signals and templates."""
        return binned.read(channel, signals, background)

    def make_data(self, expectation: BinnedExpectation, settings: Data) -> BinnedData | None:
        """Return counts."""
        return data.make(BinnedForm(expectation), expectation, settings)

    def write_data(self, path: Path, data: BinnedData | None) -> None:
        """Write histograms."""
        binned_data.write(path, data)

    def read_data(self, path: Path) -> BinnedData | None:
        """Read histograms."""
        return binned_data.read(path)

    def hypotheses(
        self,
        expectation: BinnedExpectation,
        data: BinnedData | None,
        points: Sequence[Point],
        interpretation: Interpretation,
    ) -> list[Hypothesis]:
        """Build the workspaces of points, one after the other."""
        return [self.hypothesis(expectation, data, point, interpretation) for point in points]

    def hypothesis(
        self,
        expectation: BinnedExpectation,
        data: BinnedData | None,
        point: Point,
        interpretation: Interpretation,
        *,
        window_gev: float | None = None,
    ) -> Hypothesis:
        """Build the workspace of one point, in a window around its mass or around another one.

        Nothing is fitted in a window around a vetoed mass; one around a mass that is not vetoed may be fitted with a
        signal that is.
        """
        centre_gev = point.mass_gev if window_gev is None else window_gev
        channel = expectation.channel
        refused = refusals.of_the_point(channel, point, interpretation, data is not None, centre_gev)
        if refused is not None:
            return refused
        method = self.without_background() if interpretation.background_scale == 0.0 else self
        return method._hypothesis(expectation, data, point, interpretation, centre_gev)

    def _hypothesis(
        self,
        expectation: BinnedExpectation,
        data: BinnedData | None,
        point: Point,
        interpretation: Interpretation,
        centre_gev: float,
    ) -> Hypothesis:
        at = At(expectation, interpretation)
        categories = expectation.categories_at(centre_gev, interpretation)
        centre = Point(centre_gev)
        unknown = [c for c in categories if not expectation.signal(c, interpretation).covers(centre)]
        usable = [c for c in categories if c not in unknown]
        refused = refusals.of_the_categories(point, interpretation, usable, unknown)
        if refused is not None:
            return refused
        found = [self.window(at, c, data, centre_gev) for c in usable]
        windows = [window for window in found if len(window.edges) > self.fewest_bins]
        reason = refusals.left_out(
            outside=[window.category for window in found if window not in windows], unknown=unknown
        )
        if not windows:
            return Hypothesis(point, interpretation.name, "fit_failed", reason)
        yields = [expectation.signal_yield(w.category, point, interpretation) for w in windows]
        total = sum(expected for expected, _ in yields)
        error = refusals.combined_error(yields)
        refused = refusals.of_the_signal(point, interpretation, total, error)
        if refused is not None:
            return refused
        shapes = [self.signal_shape(at, window, point.mass_gev) for window in windows]
        if interpretation.coupling is None:
            # What is seen is seen in the windows, however well the efficiency is known.
            yields = [
                (expected * shape.sum(), 0.0) for (expected, _), shape in zip(yields, shapes, strict=True)
            ]
            shapes = [shape / shape.sum() for shape in shapes]
            total, error = sum(expected for expected, _ in yields), 0.0
        background = sum(self.counted(at, window.category, point.mass_gev) for window in windows)
        unit = signal_unit(background)
        bins = [
            Bins(
                window.category.name,
                window.observed,
                expected / total * unit * shape,
                relative,
                self.backgrounds(at, window),
            )
            for window, shape, (expected, relative) in zip(windows, shapes, yields, strict=True)
        ]
        if point.lifetime_mm is not None and len(bins) > 1 and not any(map(_total, bins)):
            bins = [_one_count(bins, error)]
        fitted = [window.category for window in windows]
        scales = expectation.scales(fitted, point, interpretation, unit, total)
        return refusals.of_the_fraction(
            expectation.channel, point, interpretation, scales.production
        ) or Hypothesis(
            point,
            interpretation.name,
            "converged",
            reason,
            workspace=build(
                bins,
                f"{expectation.channel.name}_{interpretation.name}_{point.mass_gev:.6f}",
                expectation.channel.systematics.signal_efficiency_at(point.mass_gev),
                expectation.normalisation,
            ),
            yield_per_mu=unit,
            production_per_mu=scales.production,
            coupling_power_per_mu=scales.coupling_power,
            windows={w.category.name: (float(w.edges[0]), float(w.edges[-1])) for w in windows},
            bins={w.category.name: (w.first, w.step, len(w.edges) - 1) for w in windows},
            expected_background=background,
        )


def signal_unit(background: float) -> float:
    """Events of a signal strength of 1, for limits of order one: twice the background's fluctuation, plus three."""
    return float(2.0 * np.sqrt(background) + 3.0)


def _total(bins: Bins) -> float:
    """Expected background of a category."""
    return float(sum(background.counts.sum() for background in bins.backgrounds))


def _one_count(bins: Sequence[Bins], signal_error: float) -> Bins:
    """Add up counts that expect no background: only their sum matters, and one count has exact limits."""
    observed = [each.observed.sum() for each in bins if each.observed is not None]
    return Bins(
        bins[0].name,
        np.array([sum(observed)]) if observed else None,
        np.array([sum(float(each.signal.sum()) for each in bins)]),
        signal_error,
        [Background(name, np.zeros(1)) for name in {b.name: None for c in bins for b in c.backgrounds}],
    )
