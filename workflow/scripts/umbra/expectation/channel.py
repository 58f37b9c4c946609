"""A channel at work: what it expects of a signal at every point of its scan.

How the background is kept depends on the windows: binned along one variable (`umbra.expectation.binned`), or as the
simulated candidates themselves (`umbra.expectation.unbinned`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from umbra.config.records import Branching, Category, Channel, Interpretation, Sample
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.expectation.point import Point
from umbra.generation.processes import registry as processes
from umbra.theory import registry as theory

PB_PER_FB, FB_PER_PB = 1e-3, 1e3
#: Interpretation, or none: the category's own signal at the luminosity of the data.
Reading = Interpretation | None


class AnySignal(Protocol):
    """Signal of one category, along one mass or over the plane of two."""

    @property
    def mass_gev(self) -> Array:
        """Generated masses, shape (k,)."""

    def covers(self, point: Point) -> bool:
        """Whether a point lies between generated ones that leave enough candidates: nothing is known beyond them."""

    def visible(self, point: Point) -> tuple[float, float]:
        """Efficiency at a point and its relative statistical error."""


S = TypeVar("S", bound=AnySignal)


@dataclass(frozen=True)
class Scales:
    """What a signal strength of 1 means.

    Parameters
    ----------
    production
        Cross-section in fb, fraction of the parents' decays, or visible cross-section in fb.
    coupling_power
        Coupling to its power; `None` where limits are on none.
    """

    production: float
    coupling_power: float | None


@dataclass(frozen=True)
class Expectation(Generic[S]):
    """Expected signal of a channel.

    Parameters
    ----------
    channel
        What it is.
    signals
        Category -> sample -> signal: the category's own, and those that interpretations seek instead.
    """

    channel: Channel
    signals: Mapping[str, Mapping[str, S]]

    def luminosity_pb(self, category: Category, reading: Reading = None) -> float:
        """Integrated luminosity of a category's data set in 1/pb; all of them grow alike in a projection."""
        total = self.channel.luminosity_fb()
        own = total if category.luminosity_fb is None else category.luminosity_fb
        return own / total * self.channel.luminosity_fb(reading) / PB_PER_FB

    def produced_per_unit(self, sample: Sample, category: Category, reading: Reading = None) -> float:
        """What the rate of a sample is multiplied with: 1/pb, or the number of parents where it is their decay.

        Parents are shared among data sets, and grow in a projection, as the luminosity.
        """
        luminosity_pb = self.luminosity_pb(category, reading)
        if self.channel.produced is not None and processes.is_per_parent(sample.process):
            return self.channel.produced.count / self.channel.luminosity_fb() * PB_PER_FB * luminosity_pb
        return luminosity_pb

    @property
    def normalisation(self) -> tuple[str, float]:
        """What the signal is normalised to, and its relative uncertainty."""
        if self.channel.produced is not None:
            return "parents", self.channel.produced.relative_uncertainty
        return "luminosity", self.channel.luminosity.relative_uncertainty

    def categories(self, reading: Reading = None) -> list[Category]:
        """Categories that an interpretation fits."""
        return self.channel.categories_of(reading)

    def categories_at(self, mass_gev: float, reading: Reading = None) -> list[Category]:
        """Categories that a hypothesis uses."""
        return self.channel.categories_at(mass_gev, reading)

    def seeks(self, point: Point, reading: Reading) -> bool:
        """Whether a mass lies in the span of the categories that are fitted."""
        low, high = self.channel.span_of(reading)
        return low <= point.mass_gev <= high

    def signal(self, category: Category, reading: Reading = None) -> S:
        """Signal of a category: its own, or the one that an interpretation seeks instead."""
        return self.signals[category.name][self.channel.signal_sample(category, reading).name]

    def own_signal(self, category: Category) -> S:
        """Signal that a category is made for, whatever an interpretation seeks in it."""
        return self.signals[category.name][category.signal]

    def born_pb(self, category: Category, point: Point, reading: Reading = None) -> float:
        """Lowest-order cross-section at the reference coupling: the closed form, or between generated masses.

        The fraction per parent where the signal is a decay of one.

        Raises
        ------
        UmbraError
            In a scan of two masses, if the process has no closed form.
        """
        sample = self.channel.signal_sample(category, reading)
        exact = _closed_form_pb(sample, point, sample.cuts)
        return self._interpolated_pb(category, point, reading) if exact is None else exact

    def mean_born_pb(self, categories: Sequence[Category], point: Point, reading: Reading = None) -> float:
        """Lowest-order cross-section, averaged over the luminosities of categories where their energies differ."""
        luminosities = [self.luminosity_pb(each, reading) for each in categories]
        born_pb = [self.born_pb(each, point, reading) for each in categories]
        return float(np.average(born_pb, weights=luminosities))

    def _interpolated_pb(self, category: Category, point: Point, reading: Reading) -> float:
        name = self.channel.signal_sample(category, reading).process
        raise UmbraError(
            f"channel {self.channel.name}: process {name}: a scan of two masses needs a cross-section in closed form"
        )

    def signal_yield(self, category: Category, point: Point, reading: Reading = None) -> tuple[float, float]:
        """Expected signal at the reference coupling in the window, and its relative statistical error."""
        efficiency, error = self.signal(category, reading).visible(point)
        factor = float(self.efficiency_factor(category, np.array([point.mass_gev]), reading)[0])
        if category.published_efficiency is not None:
            factor *= category.published_efficiency.signal_correction
        branching = branching_of(category.branching, point.mass_gev) * self.visible_fraction(point, reading)
        sample = self.channel.signal_sample(category, reading)
        produced = self.produced_per_unit(sample, category, reading) * self.born_pb(category, point, reading)
        return produced * branching * efficiency * factor, error

    def scales(
        self, categories: Sequence[Category], point: Point, reading: Interpretation, unit: float, total: float
    ) -> "Scales":
        """What a signal strength of 1 means, if that is `unit` events, of which the reference coupling makes `total`.

        Where limits are on no coupling, production is what is seen of it: events over luminosity.
        """
        power = coupling_power(reading)
        if power is None:
            return Scales(unit / self.channel.luminosity_fb(reading), None)
        born = self.mean_born_pb(categories, point, reading)
        produced = born if self.channel.produced else FB_PER_PB * born
        return Scales(produced * self.visible_fraction(point, reading) * unit / total, power * unit / total)

    def visible_fraction(self, point: Point, reading: Reading) -> float:
        """Fraction of the produced particles that an interpretation makes visible."""
        return branching_of(None if reading is None else reading.branching, point.mass_gev)

    def efficiency_factor(self, category: Category, mass_gev: Array, reading: Reading = None) -> Array:
        """Published efficiency over that of the fast simulation, which scales signal and background alike.

        That of the fast simulation is of the category's own signal, in every interpretation, near the peak or of all
        selected events as the published one. Where there are several lifetimes it is of the category's
        `shape_lifetime_mm`, or of the shortest one. One where neither the category nor the interpretation imposes an
        efficiency.
        Shape of `mass_gev`.
        """
        imposed = None if reading is None else reading.published_efficiency
        table = category.published_efficiency
        if imposed is not None:
            published = np.full_like(mass_gev, imposed)
        elif table is not None:
            masses, values = np.array(table.values).T
            published = np.interp(mass_gev, masses, values)
        else:
            return np.ones_like(mass_gev)
        published = published * self._reference_ratio(category, mass_gev)
        signal = self.own_signal(category)
        lifetime = category.shape_lifetime_mm or min(self.channel.lifetimes_mm, default=None)
        inside = np.clip(mass_gev, signal.mass_gev[0], signal.mass_gev[-1])
        points = [Point(float(m), None, lifetime) for m in inside]
        if table is not None and table.counts == "selected":
            own = np.array([self._selected(signal, point) for point in points])
        else:
            own = np.array([signal.visible(point)[0] for point in points])
        return np.asarray(published / own)

    def _selected(self, signal: S, point: Point) -> float:
        """Efficiency of the fast simulation that counts all selected events, wherever their candidates lie."""
        raise UmbraError(
            f"channel {self.channel.name}: efficiency_counts: the signal tells of its windows only"
        )

    def _reference_ratio(self, category: Category, mass_gev: Array) -> Array:
        """Events that the published efficiency refers to, over those that are generated.

        Cross-sections between the cuts of the one and of the other; one where they are the same. Beyond the generated
        masses it is that of the last one.
        """
        published = category.published_efficiency
        if published is None or published.relative_to_cuts is None:
            return np.ones_like(mass_gev)
        sample = self.channel.samples[category.signal]
        generated = self.own_signal(category).mass_gev
        ratios = []
        for mass in np.clip(mass_gev, generated[0], generated[-1]).tolist():
            theirs = _closed_form_pb(sample, Point(mass), published.relative_to_cuts)
            ours = _closed_form_pb(sample, Point(mass), sample.cuts)
            if theirs is None or ours is None:
                raise UmbraError(
                    f"channel {self.channel.name}: process {sample.process} has no formula for the cuts that its "
                    "published efficiency is relative to"
                )
            ratios.append(theirs / ours)
        return np.array(ratios)


def coupling_power(reading: Interpretation) -> float | None:
    """Coupling at which signals are generated, to the power in which it enters the cross-section.

    `None` where limits are on no coupling.
    """
    coupling = reading.coupling
    return None if coupling is None else float(coupling.reference**coupling.power)


def background_scale(reading: Reading, masses_gev: Callable[[], Array]) -> Array | float:
    """Factor of the expected background in an interpretation; beyond its rows the last one.

    Parameters
    ----------
    reading
        The interpretation.
    masses_gev
        Gives masses along the axis, shape (n,); asked only where the factor depends on them, as not all axes know.
    """
    given = 1.0 if reading is None else reading.background_scale
    return given if isinstance(given, float) else np.interp(masses_gev(), *np.transpose(given))


def branching_of(chosen: Branching | None, mass_gev: float) -> float:
    """Branching fraction that a category or an interpretation names; 1 where it names none."""
    if chosen is None:
        return 1.0
    return float(theory.find(chosen.particle).branching_fraction(mass_gev, chosen.final_state))


def _closed_form_pb(
    sample: Sample, point: Point, cuts: Mapping[str, tuple[float | None, float | None]]
) -> float | None:
    """Lowest-order cross-section between cuts by its formula; `None` where the process has none."""
    if sample.process not in processes.names():
        return None
    process = processes.find(sample.process)
    parameters = process.complete({**sample.parameters, **point.masses})
    ranges = {name: (low, high) for name, (low, high) in cuts.items()}
    return process.closed_form(sample.machine.sqrt_s_gev, parameters, ranges)
