"""The fit stage of a scan of two masses: one counting window for each pair of masses, all regions added.

The windows of a block are counted in one batch for each region and background. Neighbouring windows overlap.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from umbra.config.interpretations import Reading, Region
from umbra.core.kinematics import Array
from umbra.expectation.candidates import MassPoint, PlaneSearch
from umbra.expectation.ellipses import Ellipses, sums
from umbra.inference import workspace
from umbra.inference.fitting import Hypothesis, write_block
from umbra.inference.plane_data import PlaneData
from umbra.inference.workspace import Background, Channel


def fit_block(
    search: PlaneSearch,
    settings: Mapping[str, Any],
    data: PlaneData | None,
    masses_gev: Sequence[MassPoint],
    fits: Path,
    archive: Path,
    provenance: Mapping[str, Any],
) -> None:
    """Fit a block of pairs of masses in every reading; see `umbra.inference.fitting.fit_block`."""
    points = [(float(mass), float(mass2)) for mass, mass2 in masses_gev]
    made = [h for reading in settings["models"] for h in hypotheses(search, settings, data, points, reading)]
    write_block(
        search.settings["name"], "cross_section_fb", made, data is not None, fits, archive, provenance
    )


def hypotheses(
    search: PlaneSearch,
    settings: Mapping[str, Any],
    data: PlaneData | None,
    points: Sequence[MassPoint],
    reading: Reading,
) -> list[Hypothesis]:
    """Build the workspaces of pairs of masses in one reading, in their order.

    A pair without a workspace has the reason: it is vetoed, no region has it, or no signal is simulated around it.
    """
    regions = {point: _usable(search, point, reading) for point in points}
    refused = {point: _refused(settings, reading, point, regions[point]) for point in points}
    counted = [point for point in points if refused[point] is None]
    counts = {
        region["name"]: _Counts(search, region, data, [p for p in counted if region in regions[p]], reading)
        for region in search.settings["regions"]
        if any(region in regions[point] for point in counted)
    }
    return [
        refused[point]
        or _hypothesis(
            search, settings, point, reading, [counts[region["name"]] for region in regions[point]]
        )
        for point in points
    ]


class _Counts:
    """Windows of one region: expected backgrounds and observed counts of each."""

    def __init__(
        self,
        search: PlaneSearch,
        region: Region,
        data: PlaneData | None,
        points: Sequence[MassPoint],
        reading: Reading,
    ) -> None:
        self.region = region
        self.row = {point: row for row, point in enumerate(points)}
        self.windows: Ellipses = search.signals[region["name"]].windows(points)
        self.backgrounds = search.background(region, self.windows, reading)
        self.observed: Array | None = None
        if data is not None:
            here = data[region["name"]]
            self.observed = sums(self.windows, here.x, here.y, (here.weight,))[:, 0, 0]

    def ellipse(self, point: MassPoint) -> tuple[float, ...]:
        """Centre, and covariance (xx, xy, yy) of the search variables."""
        row = self.row[point]
        return (*self.windows.centre[row].tolist(), *self.windows.covariance[row].tolist())


def _usable(search: PlaneSearch, point: MassPoint, reading: Reading) -> list[Region]:
    return [
        region
        for region in search.regions_at(point[0], reading)
        if search.signals[region["name"]].covers(*point) and search.born_pb(region, *point) > 0.0
    ]


def _refused(
    settings: Mapping[str, Any], reading: Reading, point: MassPoint, regions: Sequence[Region]
) -> Hypothesis | None:
    for low, high in settings["masses"]["vetoed_gev"]:
        if low <= point[0] <= high:
            reason = f"{low:g} to {high:g} GeV is vetoed: a known resonance"
            return Hypothesis(point[0], reading["name"], None, "excluded_window", reason, mass2_gev=point[1])
    if not regions:
        reason = "no generated point around these masses leaves enough signal"
        return Hypothesis(point[0], reading["name"], None, "no_sensitivity", reason, mass2_gev=point[1])
    return None


def _hypothesis(
    search: PlaneSearch,
    settings: Mapping[str, Any],
    point: MassPoint,
    reading: Reading,
    counts: Sequence[_Counts],
) -> Hypothesis:
    yields = np.array([search.signal_yield(each.region, point, reading) for each in counts])
    total = float(yields[:, 0].sum())
    if not total > 0.0:
        reason = "no signal is expected in any region"
        return Hypothesis(point[0], reading["name"], None, "no_sensitivity", reason, mass2_gev=point[1])
    # Regions are added, so that their statistical errors add in quadrature.
    error = float(np.sqrt(((yields[:, 0] * yields[:, 1]) ** 2).sum()) / total)
    backgrounds = _added(counts, point, settings["systematics"].get("background_relative", 0.0))
    expected = float(sum(background.counts[0] for background in backgrounds))
    # The signal strength is scaled so that limits are of order one: twice the background's fluctuation, plus three.
    unit = 2.0 * np.sqrt(expected) + 3.0
    observed = [each.observed[each.row[point]] for each in counts if each.observed is not None]
    channel = Channel(
        "window", np.array([sum(observed)]) if observed else None, np.array([unit]), error, backgrounds
    )
    born_fb = 1e3 * search.born_pb(counts[0].region, *point)
    return Hypothesis(
        point[0],
        reading["name"],
        workspace.build(
            [channel],
            f"{search.settings['name']}_{reading['name']}_{point[0]:.6f}_{point[1]:.6f}",
            settings["systematics"]["signal_efficiency_relative"],
            ("luminosity", float(search.settings["luminosity"]["relative_uncertainty"])),
        ),
        "converged",
        "",
        yield_per_mu=unit,
        production_per_mu=born_fb * search.reading_branching(point[0], reading) * unit / total,
        coupling_power_per_mu=search.coupling_power(reading) * unit / total,
        windows={each.region["name"]: each.ellipse(point) for each in counts},
        expected_background=expected,
        mass2_gev=point[1],
    )


def _added(counts: Sequence[_Counts], point: MassPoint, relative: float) -> list[Background]:
    """Backgrounds of all regions, those of one name added."""
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
