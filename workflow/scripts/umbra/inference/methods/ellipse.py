"""A count in an elliptical window around each point of the plane of two masses.

The categories of one data set are added. Several data sets are counts of their own in one likelihood: what peaks in one
and not in the other does not spoil both. Where few events are expected only a sum has an exact limit: there they are
one count, too.

The windows of a block are counted in one batch for each category and background. Neighbouring windows overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from umbra.config.records import Category, Channel, Data, EllipseFit, Interpretation
from umbra.core.kinematics import Array
from umbra.expectation import unbinned
from umbra.expectation.ellipses import Ellipses, sums
from umbra.expectation.point import Point
from umbra.expectation.unbinned import UnbinnedExpectation
from umbra.inference import data, refusals, unbinned_data
from umbra.inference.hypothesis import Hypothesis
from umbra.inference.methods.binned import signal_unit
from umbra.inference.unbinned_data import UnbinnedData, UnbinnedForm
from umbra.inference.workspace import Background, Bins, build


class _Counts:
    """Windows of one category: expected backgrounds and observed counts of each."""

    def __init__(
        self,
        expectation: UnbinnedExpectation,
        category: Category,
        data: UnbinnedData | None,
        points: Sequence[Point],
        interpretation: Interpretation,
    ) -> None:
        self.category = category
        self.row = {point: row for row, point in enumerate(points)}
        self.windows: Ellipses = expectation.signal(category, interpretation).windows(points)
        self.backgrounds = expectation.background(category, self.windows, interpretation)
        self.observed: Array | None = None
        if data is not None:
            here = data[category.name]
            self.observed = sums(self.windows, here.x, here.y, (here.weight,))[:, 0, 0]

    def ellipse(self, point: Point) -> tuple[float, ...]:
        """Centre, and covariance (xx, xy, yy) of the search variables."""
        row = self.row[point]
        return (*self.windows.centre[row].tolist(), *self.windows.covariance[row].tolist())


@dataclass(frozen=True)
class Ellipse:
    """Elliptical windows, see `umbra.config.records.EllipseFit` and `umbra.inference.methods.method.Method`."""

    fit: EllipseFit

    def expectation(self, channel: Channel, signals: Path, background: Path) -> UnbinnedExpectation:
        """Read signals and candidates."""
        return unbinned.read_expectation(channel, signals, background)

    def make_data(self, expectation: UnbinnedExpectation, settings: Data) -> UnbinnedData | None:
        """Return points."""
        return data.make(UnbinnedForm(expectation), expectation, settings)

    def write_data(self, path: Path, data: UnbinnedData | None) -> None:
        """Write trees."""
        unbinned_data.write(path, data)

    def read_data(self, path: Path) -> UnbinnedData | None:
        """Read trees."""
        return unbinned_data.read(path)

    def hypotheses(
        self,
        expectation: UnbinnedExpectation,
        data: UnbinnedData | None,
        points: Sequence[Point],
        interpretation: Interpretation,
    ) -> list[Hypothesis]:
        """Build the workspaces of points, all windows of a category at once."""
        usable = {point: _usable(expectation, point, interpretation) for point in points}
        refused = {
            point: refusals.of_the_point(
                expectation.channel, point, interpretation, data is not None, point.mass_gev
            )
            or refusals.of_the_categories(point, interpretation, *usable[point])
            for point in points
        }
        counted = [point for point in points if refused[point] is None]
        counts = {
            category.name: _Counts(
                expectation, category, data, [p for p in counted if category in usable[p][0]], interpretation
            )
            for category in expectation.channel.categories
            if any(category in usable[point][0] for point in counted)
        }
        made = [
            refused[point]
            or self._hypothesis(
                expectation, point, interpretation, [counts[c.name] for c in usable[point][0]]
            )
            for point in points
        ]
        return [_where_it_means_something(hypothesis, interpretation) for hypothesis in made]

    def _hypothesis(
        self,
        expectation: UnbinnedExpectation,
        point: Point,
        interpretation: Interpretation,
        counts: Sequence[_Counts],
    ) -> Hypothesis:
        channel = expectation.channel
        yields = [expectation.signal_yield(each.category, point, interpretation) for each in counts]
        total = float(np.sum([expected for expected, _ in yields]))
        error = refusals.combined_error(yields)
        refused = refusals.of_the_signal(point, interpretation, total, error)
        if refused is not None:
            return refused
        relative = channel.background_relative(interpretation, point.mass_gev)
        together = _added(counts, point, relative)
        expected = float(sum(each.counts[0] for each in together))
        parts, backgrounds = [list(counts)], [together]
        if expected >= self.fit.count_below:
            parts = _by_data_set(channel, counts)
            backgrounds = [_added(part, point, relative) for part in parts]
        unit = signal_unit(expected)
        signals = dict(zip((each.category.name for each in counts), yields, strict=True))
        windows = [
            _window(
                "window" if len(parts) == 1 else part[0].category.name,
                [each.observed[each.row[point]] for each in part if each.observed is not None],
                [signals[each.category.name] for each in part],
                unit / total,
                found,
            )
            for part, found in zip(parts, backgrounds, strict=True)
        ]
        scales = expectation.scales([each.category for each in counts], point, interpretation, unit, total)
        return refusals.of_the_fraction(channel, point, interpretation, scales.production) or Hypothesis(
            point,
            interpretation.name,
            "converged",
            workspace=build(
                windows,
                f"{channel.name}_{interpretation.name}_{point.mass_gev:.6f}_{point.mass2_gev:.6f}",
                channel.systematics.signal_efficiency_at(point.mass_gev),
                expectation.normalisation,
            ),
            yield_per_mu=unit,
            production_per_mu=scales.production,
            coupling_power_per_mu=scales.coupling_power,
            windows={each.category.name: each.ellipse(point) for each in counts},
            expected_background=expected,
        )


def _usable(
    expectation: UnbinnedExpectation, point: Point, interpretation: Interpretation
) -> tuple[list[Category], list[Category]]:
    """Categories that a point uses, and those of which too little is known there."""
    categories = expectation.categories_at(point.mass_gev, interpretation)
    known = [
        category
        for category in categories
        if expectation.signal(category, interpretation).covers(point)
        and expectation.born_pb(category, point, interpretation) > 0.0
    ]
    return known, [category for category in categories if category not in known]


def _where_it_means_something(hypothesis: Hypothesis, interpretation: Interpretation) -> Hypothesis:
    """Take the coupling away from a point where it means nothing: what is left is a limit on the rate."""
    point = hypothesis.point
    assert point.mass2_gev is not None, f"a plane has two masses, unlike {point}"
    coupling = interpretation.coupling
    if coupling is None or coupling.holds_at(point.mass_gev, point.mass2_gev):
        return hypothesis
    return replace(hypothesis, coupling_power_per_mu=None)


def _by_data_set(channel: Channel, counts: Sequence[_Counts]) -> list[list[_Counts]]:
    """Categories of each data set, which is what one machine made."""
    parts: dict[str, list[_Counts]] = {}
    for each in counts:
        parts.setdefault(channel.samples[each.category.signal].machine.name, []).append(each)
    return list(parts.values())


def _window(
    name: str,
    observed: Sequence[float],
    yields: Sequence[tuple[float, float]],
    scale: float,
    backgrounds: Sequence[Background],
) -> Bins:
    """One count of the categories of a data set, whose signal yields are scaled to a strength of 1."""
    return Bins(
        name,
        np.array([sum(observed)]) if observed else None,
        np.array([scale * sum(expected for expected, _ in yields)]),
        refusals.combined_error(yields),
        backgrounds,
    )


def _added(counts: Sequence[_Counts], point: Point, relative: float) -> list[Background]:
    """Backgrounds of all categories, those of one name added."""
    events: dict[str, float] = {}
    variance: dict[str, float] = {}
    for each in counts:
        for name, expected in each.backgrounds.items():
            events[name] = events.get(name, 0.0) + float(expected.events[each.row[point]])
            variance[name] = variance.get(name, 0.0) + float(expected.variance[each.row[point]])
    return [
        Background(
            name,
            np.array([events[name]]),
            relative_uncertainty=relative,
            variance=np.array([variance[name]]),
        )
        for name in events
    ]
