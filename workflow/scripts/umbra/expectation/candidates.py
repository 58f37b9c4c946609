"""A channel that scans a plane of two masses, at work: what it expects in each elliptical window.

Backgrounds are kept as the simulated candidates themselves, so that windows may have any shape; all windows of a block
are counted at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from umbra.config.interpretations import Reading, Region, coupling_of, luminosity_fb, signal_sample
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.machines import machine_of
from umbra.core.root import new_root_file, open_root
from umbra.expectation.channel import PB_PER_FB, branching_of
from umbra.expectation.ellipses import Ellipses, sums
from umbra.expectation.signal_plane import PlaneModel
from umbra.generation.processes import registry as processes

#: A background of which the simulation has fewer events than this in a window (in terms of their statistical power) is
#: averaged over an ellipse with larger half axes, by the first of these factors that holds enough of them.
FEWEST, SCALES = 25.0, (1.0, 1.5, 2.0, 3.0)

MassPoint = tuple[float, float]


@dataclass(frozen=True)
class Points:
    """Points in the plane of the search variables, each with a weight; shapes (n,)."""

    x: Array
    y: Array
    weight: Array


Candidates = dict[str, dict[str, Points]]


@dataclass(frozen=True)
class Expected:
    """Expected events of one background in n windows, and the statistical variance of the simulation; shapes (n,)."""

    events: Array
    variance: Array


@dataclass(frozen=True)
class PlaneSearch:
    """Expected signal and background of a channel.

    Parameters
    ----------
    settings
        The channel's `name`, `machine`, `machine_settings`, `luminosity`, `coupling`, `samples`, `regions` and
        `models`.
    signals
        Signal model of each region.
    candidates
        Region -> background -> simulated candidates, with the visible cross-section in pb as weight.
    """

    settings: Mapping[str, Any]
    signals: Mapping[str, PlaneModel]
    candidates: Candidates

    def luminosity_pb(self, reading: Reading | None = None) -> float:
        """Integrated luminosity in 1/pb."""
        return luminosity_fb(self.settings, reading) / PB_PER_FB

    def coupling_power(self, reading: Reading | None = None) -> float:
        """Coupling at which signals are generated, to the power in which it enters the cross-section."""
        coupling = coupling_of(self.settings, reading)
        return float(coupling["reference"] ** coupling["power"])

    def regions_at(self, mass_gev: float, reading: Reading) -> list[Region]:
        """Regions that a hypothesis uses: those that a reading names, whose range holds the first mass."""
        chosen = reading.get("regions")
        return [
            region
            for region in self.settings["regions"]
            if (chosen is None or region["name"] in chosen)
            and region["masses_gev"][0] <= mass_gev <= region["masses_gev"][1]
        ]

    def born_pb(self, region: Region, mass_gev: float, mass2_gev: float) -> float:
        """Lowest-order cross-section at the reference coupling.

        Raises
        ------
        UmbraError
            If the process of the signal has no closed form.
        """
        sample = self.settings["samples"][signal_sample(region)]
        process = processes.find(sample["process"])
        given = {**sample["parameters"], "mass_gev": mass_gev, "mass2_gev": mass2_gev}
        cuts = {name: (low, high) for name, (low, high) in sample["cuts"].items()}
        exact = process.closed_form(self._sqrt_s_gev, process.complete(given), cuts)
        if exact is None:
            raise UmbraError(
                f"process {process.name}: a scan of two masses needs a cross-section in closed form"
            )
        return exact

    def signal_yield(self, region: Region, point: MassPoint, reading: Reading) -> tuple[float, float]:
        """Expected signal in the window at the reference coupling, and its relative statistical error."""
        efficiency, error = self.signals[region["name"]].efficiency_at(*point)
        branching = branching_of(region, point[0]) * self.reading_branching(point[0], reading)
        return self.luminosity_pb(reading) * self.born_pb(region, *point) * branching * efficiency, error

    def reading_branching(self, mass_gev: float, reading: Reading) -> float:
        """Fraction of the produced particles that a reading of the data makes visible."""
        return branching_of(reading, mass_gev)

    def background(self, region: Region, windows: Ellipses, reading: Reading) -> dict[str, Expected]:
        """Expected events of each background in each window, averaged around it where the simulation is short."""
        scale = self.luminosity_pb(reading) * reading.get("background_scale", 1.0)
        return {
            name: expected_events(points, windows, scale)
            for name, points in self.candidates[region["name"]].items()
        }

    @cached_property
    def _sqrt_s_gev(self) -> float:
        return machine_of(self.settings).sqrt_s_gev


def expected_events(points: Points, windows: Ellipses, scale: float) -> Expected:
    """Events in each window, from weighted points and a factor that turns weights into events.

    Where fewer than `FEWEST` effective events are inside, their density in an ellipse that is larger by the first of
    `SCALES` that holds enough of them (or by the largest) stands for that in the window.
    """
    found = sums(windows, points.x, points.y, (points.weight, points.weight**2), SCALES)
    weight, square = found[..., 0], found[..., 1]
    effective = np.divide(weight**2, square, out=np.zeros_like(weight), where=square > 0.0)
    enough = effective >= FEWEST
    enough[:, -1] = True
    rows, chosen = np.arange(len(windows)), np.argmax(enough, axis=1)
    area = np.square(SCALES)[chosen]
    return Expected(scale * weight[rows, chosen] / area, scale**2 * square[rows, chosen] / area**2)


def write_candidates(path: Path, candidates: Candidates) -> None:
    """Write one tree `<region>/<background>` each, with the branches x, y and weight."""
    with new_root_file(path) as file:
        for region, backgrounds in candidates.items():
            for name, points in backgrounds.items():
                file.mktree(f"{region}/{name}", {column: np.dtype(float) for column in vars(points)})
                file[f"{region}/{name}"].extend(vars(points))


def read_candidates(path: Path, regions: Mapping[str, Sequence[str]]) -> Candidates:
    """Read the candidates of the given regions and backgrounds.

    Raises
    ------
    UmbraError
        If the file is missing, truncated or lacks one of them.
    """
    with open_root(path, "not a readable file of candidates") as file:
        return {
            region: {name: Points(**file[f"{region}/{name}"].arrays(library="np")) for name in names}
            for region, names in regions.items()
        }
