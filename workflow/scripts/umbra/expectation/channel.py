"""A channel at work: what it expects at every mass, from its settings, signal models and templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from umbra.config.interpretations import Reading, Region, coupling_of, luminosity_fb, signal_sample
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.machines import Machine, machine_of
from umbra.core.variables import mass_at
from umbra.expectation.background import Templates
from umbra.expectation.signal import SignalModel
from umbra.generation.processes import registry as processes
from umbra.theory import registry as models

PB_PER_FB = 1e-3


@dataclass(frozen=True)
class Search:
    """Expected signal and background of a channel.

    Parameters
    ----------
    settings
        The channel's `name`, `machine`, `machine_settings`, `luminosity`, `parents`, `coupling`, `samples`,
        `regions`, `models`, `lifetimes_mm` and `fit_kind`.
    signals
        Signal model of each region.
    templates
        Background templates of each region.
    other_signals
        Region -> sample -> signal model, for the readings that seek another particle than the region's own.
    """

    settings: Mapping[str, Any]
    signals: Mapping[str, SignalModel]
    templates: Templates
    other_signals: Mapping[str, Mapping[str, SignalModel]] = field(default_factory=dict)
    _scales: dict[tuple[str, str], Array] = field(default_factory=dict, init=False, repr=False, compare=False)

    def luminosity_pb(self, region: Region, reading: Reading | None = None) -> float:
        """Integrated luminosity of a region's data set in 1/pb; all of them grow alike in a projection."""
        total = luminosity_fb(self.settings)
        share = float(region.get("luminosity_fb", total)) / total
        return share * luminosity_fb(self.settings, reading) / PB_PER_FB

    def produced_per_unit(self, sample: str, region: Region, reading: Reading | None = None) -> float:
        """What the rate of a sample is multiplied with: 1/pb, or the number of parents where it is their decay.

        Parents are shared among data sets, and grow in a projection, as the luminosity.
        """
        luminosity_pb = self.luminosity_pb(region, reading)
        if processes.is_per_parent(self.settings["samples"].get(sample, {}).get("process")):
            per_pb = float(self.settings["parents"]["count"]) / luminosity_fb(self.settings) * PB_PER_FB
            return per_pb * luminosity_pb
        return luminosity_pb

    @property
    def normalisation(self) -> tuple[str, float]:
        """What the signal is normalised to, and its relative uncertainty."""
        name = "parents" if self.settings.get("parents") else "luminosity"
        return name, float(self.settings[name]["relative_uncertainty"])

    def coupling_power(self, reading: Reading | None = None) -> float:
        """Coupling at which signals are generated, to the power in which it enters the cross-section."""
        coupling = coupling_of(self.settings, reading)
        return float(coupling["reference"] ** coupling["power"])

    def regions_at(self, mass_gev: float, reading: Reading | None = None) -> list[Region]:
        """Regions that a hypothesis uses: those whose range holds it, the upper end only where none follows."""
        chosen = (reading or {}).get("regions")
        regions = [
            region for region in self.settings["regions"] if chosen is None or region["name"] in chosen
        ]
        last = max(region["masses_gev"][1] for region in regions)
        return [
            region
            for region in regions
            if region["masses_gev"][0] <= mass_gev < region["masses_gev"][1]
            or mass_gev == region["masses_gev"][1] == last
        ]

    def signal(self, region: Region, reading: Reading | None = None) -> SignalModel:
        """Signal model of a region: of its own signal, or of the one that a reading names instead."""
        sample = signal_sample(region, reading)
        name = region["name"]
        return self.signals[name] if sample == region["signal"] else self.other_signals[name][sample]

    def edges(self, region: Region) -> Array:
        """Bin edges of the region's axis."""
        return next(iter(self.templates[region["name"]].values())).edges

    def background(self, region: Region, reading: Reading | None = None) -> dict[str, Array]:
        """Expected candidates of each background per bin of the axis.

        Smooth under a peak, but for the backgrounds that peak themselves; as simulated in a count, unless the region
        asks for smooth ones.
        """
        scale = self._background_scale(region, reading)
        smooth = set(region.get("smooth_backgrounds", []))
        if self.settings["fit_kind"] == "peak":
            smooth = set(region["backgrounds"]) - set(region.get("peaking_backgrounds", []))
        found = self.templates[region["name"]]
        return {
            name: (t.smooth_pb if name in smooth else t.visible_pb)
            * self.produced_per_unit(name, region, reading)
            * scale
            for name, t in found.items()
        }

    def total_background(self, region: Region, reading: Reading | None = None) -> Array:
        """Sum of the expected backgrounds per bin of the axis."""
        total: Array = np.sum(list(self.background(region, reading).values()), axis=0)
        return total

    def data_background(self, region: Region) -> Array:
        """Background that pseudo-data are drawn from: as the first reading of the region says that is no projection."""
        of_data = (r for r in self.settings["models"] if "luminosity_fb" not in r)
        fitted = (r for r in of_data if region["name"] in r.get("regions", [region["name"]]))
        return self.total_background(region, next(fitted, None))

    def background_variance(self, region: Region, reading: Reading | None = None) -> dict[str, Array]:
        """Statistical variance of the simulated background per bin of the axis."""
        scale = self._background_scale(region, reading)
        found = self.templates[region["name"]]
        return {
            name: template.variance_pb2 * (self.produced_per_unit(name, region, reading) * scale) ** 2
            for name, template in found.items()
        }

    def born_pb(self, region: Region, mass_gev: float, reading: Reading | None = None) -> float:
        """Lowest-order cross-section at the reference coupling: the closed form, or between generated masses.

        The fraction per parent where the signal is a decay of one.
        """
        sample = self.settings["samples"][signal_sample(region, reading)]
        exact = self._exact_pb(sample, mass_gev, sample.get("cuts", {}))
        if exact is not None:
            return exact
        return self.signal(region, reading).born_at(mass_gev)

    def seeks(self, mass_gev: float, reading: Reading) -> bool:
        """Whether a mass lies in the span of the regions that a reading fits; a mode may open above a threshold."""
        regions = [r for r in self.settings["regions"] if r["name"] in reading.get("regions", [r["name"]])]
        low = min(region["masses_gev"][0] for region in regions)
        return bool(low <= mass_gev <= max(region["masses_gev"][1] for region in regions))

    def signal_yield(
        self,
        region: Region,
        mass_gev: float,
        reading: Reading | None = None,
        lifetime_mm: float | None = None,
    ) -> tuple[float, float]:
        """Expected signal at the reference coupling within `CORE` resolutions, and its relative statistical error."""
        efficiency, error = self.signal(region, reading).efficiency_at(mass_gev, lifetime_mm)
        factor = float(self.efficiency_factor(region, np.array([mass_gev]), reading)[0])
        factor *= region.get("published_efficiency", {}).get("signal_correction", 1.0)
        branching = branching_of(region, mass_gev) * self.reading_branching(mass_gev, reading or {})
        produced = self.produced_per_unit(signal_sample(region, reading), region, reading)
        produced *= self.born_pb(region, mass_gev, reading)
        return produced * branching * efficiency * factor, error / efficiency if efficiency else 0.0

    def reading_branching(self, mass_gev: float, reading: Reading) -> float:
        """Fraction of the produced particles that a reading of the data makes visible."""
        return branching_of(reading, mass_gev)

    def efficiency_factor(self, region: Region, mass_gev: Array, reading: Reading | None = None) -> Array:
        """Published efficiency over that of the fast simulation, which scales signal and background alike.

        That of the fast simulation is of the region's own signal, in every reading, and of the shortest lifetime where
        there are several. One where neither the region nor the reading imposes an efficiency. Shape of `mass_gev`.
        """
        imposed = (reading or {}).get("published_efficiency")
        if imposed is not None:
            published = np.full_like(mass_gev, imposed)
        elif "published_efficiency" in region:
            table = np.asarray(region["published_efficiency"]["values"])
            published = np.interp(mass_gev, table[:, 0], table[:, 1])
        else:
            return np.ones_like(mass_gev)
        published = published * self._reference_ratio(region, mass_gev)
        model = self.signals[region["name"]]
        shortest = min(self.settings["lifetimes_mm"], default=None)
        inside = np.clip(mass_gev, model.mass_gev[0], model.mass_gev[-1])
        own = np.array([model.efficiency_at(float(m), shortest)[0] for m in inside])
        return np.asarray(published / own)

    def _reference_ratio(self, region: Region, mass_gev: Array) -> Array:
        """Events that the published efficiency refers to, over those that are generated.

        Cross-sections between the cuts of the one and of the other; one where they are the same. Beyond the generated
        masses it is that of the last one.
        """
        published = region.get("published_efficiency", {})
        if "relative_to_cuts" not in published:
            return np.ones_like(mass_gev)
        sample = self.settings["samples"][region["signal"]]
        generated = self.signals[region["name"]].mass_gev
        return np.array(
            [
                self._closed_form_pb(sample, float(mass), published["relative_to_cuts"])
                / self._closed_form_pb(sample, float(mass), sample["cuts"])
                for mass in np.clip(mass_gev, generated[0], generated[-1])
            ]
        )

    def _closed_form_pb(
        self, sample: Mapping[str, Any], mass_gev: float, cuts: Mapping[str, Sequence[float | None]]
    ) -> float:
        """Lowest-order cross-section of a signal between cuts by its formula.

        Raises
        ------
        UmbraError
            If the process has none.
        """
        exact = self._exact_pb(sample, mass_gev, cuts)
        if exact is None:
            raise UmbraError(
                f"channel {self.settings['name']}: process {sample.get('process', 'external')} has no formula for "
                "the cuts that its published efficiency is relative to"
            )
        return exact

    def _exact_pb(
        self, sample: Mapping[str, Any], mass_gev: float, cuts: Mapping[str, Sequence[float | None]]
    ) -> float | None:
        if "process" not in sample:
            return None
        process = processes.find(sample["process"])
        parameters = process.complete({**sample["parameters"], "mass_gev": mass_gev})
        ranges = {name: (low, high) for name, (low, high) in cuts.items()}
        return process.closed_form(self._machine(sample).sqrt_s_gev, parameters, ranges)

    def _background_scale(self, region: Region, reading: Reading | None) -> Array:
        """Efficiency factor and scale of a reading along the axis; the same for all hypotheses."""
        key = (region["name"], f"{region.get('published_efficiency')} {reading}")
        if key not in self._scales:
            edges = self.edges(region)
            mass = mass_at(region["variable"], 0.5 * (edges[1:] + edges[:-1]))
            factor = self._factor_along(region, mass, reading)
            self._scales[key] = factor * (reading or {}).get("background_scale", 1.0)
        return self._scales[key]

    def _factor_along(self, region: Region, mass: Array, reading: Reading | None) -> Array:
        """Efficiency factor along the axis, followed at a few hundred masses."""
        knots = np.linspace(mass.min(), mass.max(), 400)
        return np.interp(mass, knots, self.efficiency_factor(region, knots, reading))

    def _machine(self, sample: Mapping[str, Any]) -> Machine:
        """Machine of a sample: that of the channel, unless the sample names another."""
        return machine_of({**self.settings, **sample})


def branching_of(owner: Mapping[str, Any], mass_gev: float) -> float:
    """Branching fraction that a region or a reading names; 1 where it names none."""
    if "branching" not in owner:
        return 1.0
    chosen = owner["branching"]
    return float(models.find(chosen["model"]).branching_fraction(mass_gev, chosen["final_state"]))
