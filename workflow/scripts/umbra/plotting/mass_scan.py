"""Figures of a channel that scans one mass."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path

import numpy as np

from umbra.config.records import BinsFit, Branching, Category, Channel, Interpretation
from umbra.core.kinematics import Array
from umbra.core.search_variables import VARIABLES
from umbra.core.text import mathtext
from umbra.expectation.binned import BinnedExpectation
from umbra.inference import binned_data, workspace
from umbra.inference.hypothesis import FittedPoint
from umbra.plotting.counts import Window, plot_counts
from umbra.plotting.exclusion import plot_limits
from umbra.plotting.figures import Figures
from umbra.plotting.fits import ExampleFit, plot_fits
from umbra.plotting.islands import plot_islands
from umbra.plotting.labels import sample_titles
from umbra.plotting.published import Overlay
from umbra.plotting.pvalues import plot_p_values
from umbra.plotting.signal import plot_signal
from umbra.plotting.targets import Target, targets
from umbra.results.limits import LimitRow, select
from umbra.statistics.engine import fitted_expectations
from umbra.validation.published import Curve

#: Lifetimes in a figure against mass.
_LIFETIMES_MM = (10.0, 0.1, 1.0, 100.0, 1000.0)
#: So many fits are shown, at masses spread evenly over the grid.
_EXAMPLES = 4


@dataclass(frozen=True)
class MassFigures(Figures):
    """Figures against one mass; of several lifetimes some are shown, the main one first."""

    @cached_property
    def lifetimes_mm(self) -> list[float]:
        """Lifetimes that are shown; none where limits do not depend on it."""
        return shown_lifetimes(self.channel.lifetimes_mm, self.channel.axes.lifetime_mm)

    @cached_property
    def middle_mm(self) -> float | None:
        """The main one of them."""
        return self.lifetimes_mm[0] if self.lifetimes_mm else None

    @cached_property
    def table(self) -> list[LimitRow]:
        """Limits that are shown: of several lifetimes those of the main interpretation, and of its assumptions."""
        table = self.found.table
        if not self.lifetimes_mm:
            return list(table)
        assumed = [each.name for each in self.channel.assumptions]
        mine = [row for row in table if row.model in (self.channel.main.name, None)]
        return [row for lifetime in self.lifetimes_mm for row in mine if row.lifetime_mm == lifetime] + [
            row for row in table if row.model in assumed and row.lifetime_mm == self.middle_mm
        ]

    @cached_property
    def yields(self) -> list[LimitRow]:
        """Limits on the yield at the main lifetime."""
        return [row for row in select(self.table, "yield") if row.lifetime_mm == self.middle_mm]

    def points(self, reading: Interpretation) -> list[tuple[FittedPoint, Path]]:
        """Those of the main lifetime."""
        return [pair for pair in super().points(reading) if pair[0].lifetime_mm == self.middle_mm]

    def draw_limits(self, stem: Path, quantity: str) -> None:
        """Draw limits against mass, or regions where the coupling fixes the lifetime."""
        if quantity in islands_of(self.channel):
            curves = [curve for curve in self.found.published if curve.quantity == quantity]
            vetoed = self.channel.masses.vetoed_gev
            stable = [row for row in self.found.table if row.lifetime_mm == self.middle_mm]
            plot_islands(
                stem,
                self.found.contours,
                quantity,
                self.of_limits(quantity),
                published=curves,
                vetoed_gev=vetoed,
                stable=stable,
            )
            return
        plot_limits(
            stem,
            self.table,
            quantity,
            self.of_limits(quantity),
            published=overlays(self.found.published, quantity, self.channel, self.lifetimes_mm),
            targets=self._targets(quantity),
            vetoed_gev=self.channel.masses.vetoed_gev,
            mass_scale=self.channel.axes.scale,
        )

    def _targets(self, quantity: str) -> list[Target]:
        """Couplings that leave the observed density of dark matter, where the limit is on the same."""
        if quantity != "y":
            return []
        return targets(self.channel.axes.thermal_targets, [row.mass_gev for row in self.table])

    def draw_p_values(self, stem: Path) -> None:
        """Draw the scan; the global p-value is that of our own simulation's."""
        main = self.channel.main
        plot_p_values(
            stem,
            [point for point, _ in self.points(main)],
            self.main_labels,
            global_text="" if main.published else self.found.global_text,
            mass_scale=self.channel.axes.scale,
        )

    def draw_signal(self, stem: Path) -> None:
        """Draw efficiency and resolution of each category where fits use it, one of those that select the same."""
        expectation: BinnedExpectation = self.found.expectation
        shown = widest(self.channel.categories)
        plot_signal(
            stem,
            {each.name: expectation.own_signal(each) for each in shown},
            self.labels,
            ranges={each.name: each.hypotheses_gev for each in shown},
            mass_scale=self.channel.axes.scale,
            lifetime_mm=self.middle_mm,
        )


@dataclass(frozen=True)
class SpectrumFigures(MassFigures):
    """Fits in the bins of a search variable."""

    def draw_windows(self, stem: Path) -> None:
        """Draw a few fits of our own simulation."""
        axes = binned_data.axes(self.found.expectation, self.found.data)
        points = self.points(self.channel.simulated)
        plot_fits(stem, example_fits(points, self.channel, axes, self.yields), self.labels)


@dataclass(frozen=True)
class BinsFigures(MassFigures):
    """Fits in the bins of a paper."""

    def draw_windows(self, stem: Path) -> None:
        """Draw all bins at the largest excess of the first interpretation, or in the middle of the scan; or counts."""
        if isinstance(self.channel.fit, BinsFit) and self.channel.fit.count_within_sigma is not None:
            self._draw_counts(stem)
            return
        axes = binned_data.axes(self.found.expectation, self.found.data)
        points = [pair for pair in self.points(self.channel.main) if pair[0].status == "converged"]
        middle = len(points) // 2
        if not points:
            plot_fits(stem, [], self.main_labels)
            return
        chosen = max(points, key=lambda pair: pair[0].q0 or 0.0) if self.found.data else points[middle]
        fits = _examples_at(chosen, self.channel, axes, self.yields)
        plot_fits(stem, fits, self.main_labels, "Bins are those of the paper, in the order of its table.")

    def _draw_counts(self, stem: Path) -> None:
        labels = self.main_labels
        windows = counting_windows(self.points(self.channel.main), labels.data != "asimov", self.yields)
        bins = [each.bins for each in self.channel.categories if each.bins is not None]
        titles = {name: mathtext(part.title) for each in bins for name, part in each.components.items()}
        plot_counts(stem, windows, labels, titles, mass_scale=self.channel.axes.scale)


@dataclass(frozen=True)
class CountFigures(MassFigures):
    """Counts in windows."""

    def draw_windows(self, stem: Path) -> None:
        """Draw what each window of the main interpretation expects."""
        labels = self.main_labels
        windows = counting_windows(self.points(self.channel.main), labels.data != "asimov", self.yields)
        titles = sample_titles(self.channel)
        plot_counts(stem, windows, labels, titles, mass_scale=self.channel.axes.scale)


def widest(categories: Sequence[Category]) -> list[Category]:
    """Return categories in order, without one that selects what another does, in a part of its masses."""

    def within(one: Category, other: Category) -> bool:
        (low, high), (lowest, highest) = one.hypotheses_gev, other.hypotheses_gev
        like = {name: getattr(other, name) for name in ("name", "hypotheses_gev", "branching")}
        return one.model_copy(update=like) == other and lowest <= low and high <= highest

    kept: list[Category] = []
    for each in sorted(
        categories, key=lambda category: category.hypotheses_gev[0] - category.hypotheses_gev[1]
    ):
        if not any(within(each, other) for other in kept):
            kept.append(each)
    return [each for each in categories if each in kept]


def shown_lifetimes(lifetimes_mm: Sequence[float], main_mm: float | None = None) -> list[float]:
    """Lifetimes that a figure against mass shows: those nearest to the main one and to `_LIFETIMES_MM`, in order."""
    if not lifetimes_mm:
        return []
    logs = np.log(lifetimes_mm)
    all_wanted = _LIFETIMES_MM if main_mm is None else (main_mm, *_LIFETIMES_MM)
    nearest = [int(np.argmin(np.abs(logs - np.log(wanted)))) for wanted in all_wanted]
    return [lifetimes_mm[i] for i in dict.fromkeys(nearest)]


def islands_of(channel: Channel) -> list[str]:
    """Couplings that fix the lifetime, so that their limits are regions."""
    return [each.coupling.name for each in channel.interpretations if each.island and each.coupling]


def overlays(
    published: Sequence[Curve], quantity: str, channel: Channel, lifetimes: Sequence[float]
) -> list[Overlay]:
    """Published limits on the signal of the first interpretation of a quantity, at its main lifetime.

    Other assumptions, or another luminosity, are the same signal.
    """
    readings = channel.interpretations
    own = [each for each in readings if quantity in (one.name for one in each.couplings)]
    signal = _signal(channel, (own or readings)[0])
    drawn = {each.name for each in readings if each.kind == "projection" or _signal(channel, each) == signal}
    named = [each for each in channel.comparisons if each.interpretation is not None]
    kept = {each.curve for each in named if each.interpretation in drawn}
    other = {each.curve for each in named} - kept
    mine = [curve for curve in published if curve.quantity == quantity and curve.name not in other]
    return [
        Overlay(curve=curve, lifetime_mm=lifetime)
        for curve in mine
        for lifetime in curve.lifetimes_mm
        if lifetime is None or lifetime in lifetimes[:1]
    ]


def _signal(channel: Channel, reading: Interpretation) -> tuple[Branching | None, set[str]]:
    """What tells the signals of two interpretations apart: how the particle decays, and the samples."""
    samples = {channel.signal_sample(each, reading).name for each in channel.categories_of(reading)}
    return reading.branching, samples


def example_fits(
    points: Sequence[tuple[FittedPoint, Path]],
    channel: Channel,
    axes: Mapping[str, Array],
    yields: Sequence[LimitRow],
) -> list[ExampleFit]:
    """Refit a few masses, spread evenly over the grid, and give the bins of one category of each, in turn.

    Parameters
    ----------
    points
        Points of the fit stage, each with the archive that holds its workspace, in order of mass.
    channel
        With `categories` and `interpretations`.
    axes
        Bin edges of each category that the windows are cut from (`umbra.inference.binned_data.axes`).
    yields
        Limits on the yield, which scale the signal that is shown where there are no data.
    """
    usable = [(point, archive) for point, archive in points if point.status == "converged"]
    if not usable:
        return []
    places = np.unique(np.linspace(0, len(usable) - 1, _EXAMPLES + 2).round().astype(int)[1:-1])
    found = [_examples_at(usable[place], channel, axes, yields) for place in places.tolist()]
    return [fits[number % len(fits)] for number, fits in enumerate(found) if fits]


def _examples_at(
    fitted_point: tuple[FittedPoint, Path],
    channel: Channel,
    axes: Mapping[str, Array],
    yields: Sequence[LimitRow],
) -> list[ExampleFit]:
    """Refit one point and give the bins of each of its categories; none where the fit does not converge."""
    point, archive = fitted_point
    specification = workspace.read_archive(archive)[str(point.member)]
    fitted = fitted_expectations(specification)
    if fitted.status != "converged":
        return []
    contents, limit = workspace.contents(specification), _expected_limits(yields)(point)
    examples = []
    for found in fitted.channels:
        signal = np.asarray(contents[found.name].signal)
        examples.append(
            ExampleFit(
                region=found.name,
                variable_title=_axis_title(channel.category(found.name)),
                mass_gev=point.mass_gev,
                edges=window_edges(axes[found.name], point.bins[found.name]),
                observed=np.asarray(found.observed),
                background=np.asarray(found.background),
                signal_plus_background=np.asarray(found.signal_plus_background),
                signal_at_limit=None if limit is None else signal * limit / point.yield_per_mu,
            )
        )
    return examples


def _axis_title(category: Category) -> str:
    """Title of the axis that a category's bins are of."""
    return VARIABLES[category.variable].title if category.bins is None else "number of the bin"


def counting_windows(
    points: Sequence[tuple[FittedPoint, Path]], has_data: bool, yields: Sequence[LimitRow]
) -> list[Window]:
    """Expected and observed events of the counting windows, categories added.

    Parameters
    ----------
    points
        Points of the fit stage, each with the archive that holds its workspace, in order of mass.
    has_data
        Whether the workspaces' observations are data and not the expectation.
    yields
        Limits on the yield.
    """
    limit_on_yield = _expected_limits(yields)
    windows = []
    for archive, members in groupby(points, key=lambda pair: pair[1]):
        specifications = workspace.read_archive(archive)
        for point, _ in members:
            if point.member is None:
                continue
            found = workspace.contents(specifications[point.member]).values()
            backgrounds: dict[str, float] = {}
            for category in found:
                for name, counts in category.backgrounds.items():
                    backgrounds[name] = backgrounds.get(name, 0.0) + sum(counts)
            windows.append(
                Window(
                    mass_gev=point.mass_gev,
                    backgrounds=backgrounds,
                    observed=sum(sum(category.observed) for category in found) if has_data else None,
                    limit=limit_on_yield(point),
                )
            )
    # A background that a category does not have is none there.
    every = dict.fromkeys((name for window in windows for name in window.backgrounds), 0.0)
    return [replace(window, backgrounds=every | dict(window.backgrounds)) for window in windows]


def _expected_limits(yields: Sequence[LimitRow]) -> Callable[[FittedPoint], float | None]:
    """What tells the expected limit on the yield at a point; rows name the interpretation where there are several."""
    limits = {(row.model, row.mass_gev): row.expected for row in yields}
    return lambda point: limits.get(
        (point.interpretation, point.mass_gev), limits.get((None, point.mass_gev))
    )


def window_edges(axis: Array, bins: Sequence[int]) -> Array:
    """Edges of the bins of a window.

    Parameters
    ----------
    axis
        Edges of the axis, shape (n + 1,).
    bins
        First bin of the axis, bins of it in one bin of the window, bins of the window.
    """
    first, step, number = bins
    return axis[first : first + step * number + 1 : step]
