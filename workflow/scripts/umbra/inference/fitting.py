"""The fit stage: from expectation and data to one workspace and one fit per mass hypothesis."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls
from scipy.special import bdtrc

from umbra.config.interpretations import Reading, Region, production_quantity
from umbra.core.io import write_json
from umbra.core.kinematics import Array
from umbra.core.search_variables import VARIABLES
from umbra.core.variables import position
from umbra.expectation.background import AVERAGED, BINS_PER_RESOLUTION
from umbra.expectation.channel import PB_PER_FB, Search
from umbra.inference import workspace
from umbra.inference.pseudodata import Data
from umbra.inference.workspace import Background, Channel, Workspace
from umbra.selection.candidates import CORE
from umbra.statistics.engine import discoveries
from umbra.statistics.results import Discovery

log = logging.getLogger(__name__)

#: Fewest bins of a window that can tell a peak from a polynomial.
_FEWEST_BINS = 8
#: Half-width of a window in which few events are counted, in resolutions.
_COUNTED = 2.0
#: Effective simulated events that tell the expectation of a window in which few are counted.
_NEAREST = 5.0
#: A component of the background keeps at least this part of the mean coefficient as its scale.
_SMALLEST_COEFFICIENT = 0.01
#: The efficiency for a lifetime is not known with a larger relative statistical error.
_LARGEST_SIGNAL_ERROR = 0.3


@dataclass(frozen=True)
class Hypothesis:
    """One mass (and lifetime) in one reading of the data.

    Parameters
    ----------
    mass_gev, model, lifetime_mm
        What is tested; no lifetime where the channel has none.
    workspace
        `None` where no workspace could be made.
    status, reason
        `converged` if there is a workspace, else why there is none.
    yield_per_mu, production_per_mu, coupling_power_per_mu
        What a signal strength of 1 means: events in all regions, lowest-order cross-section in fb (averaged over the
        luminosities of the regions) or fraction of the parents' decays, times the reading's branching fraction, and
        the coupling to the power in which it enters.
    windows
        Region -> lowest and highest value of the search variable.
    bins
        Region -> (first bin of the axis or data, bins of it in one bin of the fit, bins of the fit).
    expected_background
        Within two resolutions of the mass, all regions.
    mass2_gev
        Second mass, where a plane is scanned; windows are then ellipses and there are no bins.
    """

    mass_gev: float
    model: str
    workspace: Workspace | None
    status: str
    reason: str
    yield_per_mu: float = 0.0
    production_per_mu: float = 0.0
    coupling_power_per_mu: float = 0.0
    windows: Mapping[str, tuple[float, ...]] | None = None
    bins: Mapping[str, tuple[int, int, int]] | None = None
    expected_background: float = 0.0
    lifetime_mm: float | None = None
    mass2_gev: float | None = None

    @property
    def member(self) -> str:
        """Name of its workspace in an archive."""
        return workspace.member(self.model, self.mass_gev, self.lifetime_mm, self.mass2_gev)


def fit_block(
    search: Search,
    settings: Mapping[str, Any],
    data: Data | None,
    masses_gev: Sequence[float],
    fits: Path,
    archive: Path,
    provenance: Mapping[str, Any],
) -> None:
    """Fit a block of masses in every reading; write the fits (JSON) and the workspaces (ZIP).

    Parameters
    ----------
    search
        The channel's expectation.
    settings
        `fit`, `systematics`, `models`, `masses` and `lifetimes_mm` of the channel.
    data
        Counts, or `None` for the expectation itself.
    masses_gev
        The hypotheses of the block.
    fits, archive
        Output files.
    provenance
        Written into `fits`.
    """
    hypotheses = [
        hypothesis(search, settings, data, mass, reading, lifetime)
        for reading in settings["models"]
        for mass in masses_gev
        if search.seeks(mass, reading)
        for lifetime in settings["lifetimes_mm"] or [None]
    ]
    production = production_quantity(search.settings)
    write_block(search.settings["name"], production, hypotheses, data is not None, fits, archive, provenance)


def write_block(
    channel: str,
    production: str,
    hypotheses: Sequence[Hypothesis],
    has_data: bool,
    fits: Path,
    archive: Path,
    provenance: Mapping[str, Any],
) -> None:
    """Fit hypotheses to the data, if there are any, and write fits (JSON) and workspaces (ZIP)."""
    found = _discoveries(hypotheses) if has_data else {}
    points = [_point(h, found.get(i), production) for i, h in enumerate(hypotheses)]
    failed = [p for p in points if p["status"] not in ("converged", "excluded_window")]
    log.info("%d hypotheses, %d without a fit", len(points), len(failed))
    for point in failed:
        log.warning(
            "mass %s GeV, model %s: %s: %s",
            " and ".join(str(point[key]) for key in ("mass_gev", "mass2_gev") if key in point),
            point["model"],
            point["status"],
            point["reason"],
        )
    workspace.write_archive(
        archive,
        {h.member: h.workspace for h in hypotheses if h.workspace is not None},
    )
    write_json(fits, {"channel": channel, "points": points, "provenance": dict(provenance)})


def hypothesis(
    search: Search,
    settings: Mapping[str, Any],
    data: Data | None,
    mass_gev: float,
    reading: Reading,
    lifetime_mm: float | None = None,
    *,
    window_gev: float | None = None,
) -> Hypothesis:
    """Build the workspace of one mass in one reading, in a window around it or around another mass.

    Where the channel has several lifetimes, the workspace is of one of them. Nothing is fitted in a window around a
    vetoed mass; one around a mass that is not vetoed may be fitted with a signal that is.
    """
    centre_gev = mass_gev if window_gev is None else window_gev
    built = _hypothesis(search, settings, data, mass_gev, reading, lifetime_mm, centre_gev)
    return replace(built, lifetime_mm=lifetime_mm)


def _hypothesis(
    search: Search,
    settings: Mapping[str, Any],
    data: Data | None,
    mass_gev: float,
    reading: Reading,
    lifetime_mm: float | None,
    centre_gev: float,
) -> Hypothesis:
    for low, high in settings["masses"]["vetoed_gev"]:
        if low <= centre_gev <= high:
            reason = f"{low:g} to {high:g} GeV is vetoed: a known resonance"
            return Hypothesis(mass_gev, reading["name"], None, "excluded_window", reason)
    if data is not None and "luminosity_fb" in reading:
        reason = "a projection to another luminosity has no data"
        return Hypothesis(mass_gev, reading["name"], None, "fit_failed", reason)
    fit = settings["fit"]
    if reading.get("background_scale") == 0.0:
        # Without background there is nothing that a fit could tell from a peak: the window is one count.
        fit = {**fit, "kind": "counting"}
    fewest = _FEWEST_BINS if fit["kind"] == "peak" else 1
    regions = search.regions_at(centre_gev, reading)
    unknown = [region["name"] for region in regions if not search.signal(region, reading).covers(centre_gev)]
    regions = [region for region in regions if region["name"] not in unknown]
    if unknown and not regions:
        reason = f"too few simulated candidates at this mass to tell the efficiency: {', '.join(unknown)}"
        return Hypothesis(mass_gev, reading["name"], None, "no_sensitivity", reason)
    found = [
        _window(search, region, data, centre_gev, _binning(search, region, centre_gev, fit, reading))
        for region in regions
    ]
    windows = [window for window in found if len(window.edges) > fewest]
    # A region that is left out is told: its signal is not counted either.
    left_out = [window.region["name"] for window in found if len(window.edges) <= fewest]
    reasons = {"the window lies outside of the data": left_out, "too few simulated candidates": unknown}
    reason = "; ".join(f"left out, {why}: {', '.join(names)}" for why, names in reasons.items() if names)
    if not windows:
        return Hypothesis(mass_gev, reading["name"], None, "fit_failed", reason or "no region has this mass")
    yields = [search.signal_yield(window.region, mass_gev, reading, lifetime_mm) for window in windows]
    total = sum(expected for expected, _ in yields)
    if not total > 0.0:
        return Hypothesis(
            mass_gev, reading["name"], None, "no_sensitivity", "no signal is expected in any region"
        )
    error = float(np.sqrt(sum((expected * relative) ** 2 for expected, relative in yields))) / total
    if lifetime_mm is not None and error > _LARGEST_SIGNAL_ERROR:
        reason = "too few simulated decays are seen to tell the efficiency"
        return Hypothesis(mass_gev, reading["name"], None, "no_sensitivity", reason)
    # The signal strength is scaled so that limits are of order one: twice the background's fluctuation, plus three.
    background = sum(_core_background(search, window.region, mass_gev, reading) for window in windows)
    unit = 2.0 * np.sqrt(background) + 3.0
    channels = [
        Channel(
            window.region["name"],
            window.observed,
            expected / total * unit * search.signal(window.region, reading).template(mass_gev, window.edges),
            relative,
            [*_polynomial(search, window, fit, reading), *_peaks(search, window, reading)]
            if fit["kind"] == "peak"
            else _simulated(search, window, _background_relative(settings, reading), reading),
        )
        for window, (expected, relative) in zip(windows, yields, strict=True)
    ]
    if lifetime_mm is not None and len(channels) > 1 and not any(_total(channel) for channel in channels):
        channels = [_one_count(channels, error)]
    born = _mean_born_pb(search, windows, mass_gev, reading)
    fraction = production_quantity(search.settings) == "branching_fraction"
    produced = born if fraction else born / PB_PER_FB
    produced *= search.reading_branching(mass_gev, reading) * unit / total
    if fraction and produced > 1.0:
        reason = "not even all decays of the parents would be seen"
        return Hypothesis(mass_gev, reading["name"], None, "no_sensitivity", reason)
    return Hypothesis(
        mass_gev,
        reading["name"],
        workspace.build(
            channels,
            f"{search.settings['name']}_{reading['name']}_{mass_gev:.6f}",
            settings["systematics"]["signal_efficiency_relative"],
            search.normalisation,
        ),
        "converged",
        reason,
        yield_per_mu=unit,
        production_per_mu=produced,
        coupling_power_per_mu=search.coupling_power(reading) * unit / total,
        windows={w.region["name"]: (float(w.edges[0]), float(w.edges[-1])) for w in windows},
        bins={w.region["name"]: (w.first, w.step, len(w.edges) - 1) for w in windows},
        expected_background=background,
    )


def _total(channel: Channel) -> float:
    """Expected background of a region."""
    return float(sum(background.counts.sum() for background in channel.backgrounds))


def _one_count(channels: Sequence[Channel], signal_error: float) -> Channel:
    """Add up counts that expect no background: only their sum matters, and one count has exact limits."""
    observed = [channel.observed.sum() for channel in channels if channel.observed is not None]
    return Channel(
        channels[0].name,
        np.array([sum(observed)]) if observed else None,
        np.array([sum(float(channel.signal.sum()) for channel in channels)]),
        signal_error,
        [Background(name, np.zeros(1)) for name in {b.name: None for c in channels for b in c.backgrounds}],
    )


def _mean_born_pb(search: Search, windows: Sequence["_Window"], mass_gev: float, reading: Reading) -> float:
    """Lowest-order cross-section, averaged over the luminosities of the regions where their energies differ."""
    luminosities = [search.luminosity_pb(window.region, reading) for window in windows]
    born_pb = [search.born_pb(window.region, mass_gev, reading) for window in windows]
    return float(np.average(born_pb, weights=luminosities))


@dataclass(frozen=True)
class _Window:
    """Bins of one region around a mass: each is `step` bins of the data (or of the axis), from `first` on."""

    region: Region
    first: int
    step: int
    edges: Array
    observed: Array | None


@dataclass(frozen=True)
class _Binning:
    """Reach of a window and width of its bins in resolutions; `None`: one bin."""

    half_window_sigma: float
    bin_sigma: float | None


def _binning(
    search: Search, region: Region, mass_gev: float, fit: Mapping[str, Any], reading: Reading
) -> _Binning:
    """Bins of a fit: those of the configuration, or one where it counts events."""
    if fit["kind"] == "templates":
        expected = _core_background(search, region, mass_gev, reading)
        if min(expected, _core_simulated(search, region, mass_gev, reading)) < fit["count_below"]:
            return _Binning(_COUNTED, None)
    reach = region.get("half_window_sigma", fit["half_window_sigma"])
    return _Binning(reach, None if fit["kind"] == "counting" else fit["bin_sigma"])


def _window(search: Search, region: Region, data: Data | None, mass_gev: float, binning: _Binning) -> _Window:
    axis = search.edges(region) if data is None else data[region["name"]].edges
    centre = float(position(region["variable"], mass_gev))
    resolution = search.signals[region["name"]].resolution_at(mass_gev)
    reach = binning.half_window_sigma * resolution
    first, last = np.searchsorted(axis, [centre - reach, centre + reach]).tolist()
    first, last = max(first - 1, 0), min(last, len(axis) - 1)
    step = max(last - first, 1)
    if binning.bin_sigma is not None and last > first:
        step = max(1, round(binning.bin_sigma * resolution * (last - first) / (axis[last] - axis[first])))
    edges = axis[first : last + 1 : step]
    if data is None:
        return _Window(region, first, step, edges, None)
    contents = data[region["name"]].values[first : first + step * (len(edges) - 1)]
    return _Window(region, first, step, edges, contents.reshape(len(edges) - 1, -1).sum(axis=1))


def _polynomial(
    search: Search, window: _Window, fit: Mapping[str, Any], reading: Reading
) -> list[Background]:
    """A smooth background, written in a Bernstein basis that is fitted to the expectation."""
    peaks = window.region.get("peaking_backgrounds", [])
    smooth = [
        values for name, values in search.background(window.region, reading).items() if name not in peaks
    ]
    total = rebinned(np.sum(smooth, axis=0), search.edges(window.region), window.edges)
    basis = _basis(window, window.region.get("background_degree", fit["background_degree"]))
    coefficients = _fit_basis(basis, total)
    scale = np.maximum(coefficients, _SMALLEST_COEFFICIENT * coefficients.mean())
    return [
        Background(f"bernstein{k}", scale[k] * basis[k], free=True, start=float(coefficients[k] / scale[k]))
        for k in range(len(basis))
    ]


def _basis(window: _Window, degree: int) -> Array:
    """Bernstein polynomials of a window, without those that the kinematics forbid at a threshold.

    A coefficient that is zero but free is found above zero half of the time, and hides signal there.
    """
    basis = bernstein(window.edges, degree)
    return basis[VARIABLES[window.region["variable"]].threshold_power :] if window.edges[0] == 0.0 else basis


def _peaks(search: Search, window: _Window, reading: Reading) -> list[Background]:
    """Backgrounds that peak, in their simulated shape: known as well as the reading says, or not at all."""
    names = window.region.get("peaking_backgrounds", [])
    if not names:
        return []
    axis, known = search.edges(window.region), reading["peaking_uncertainty"]
    backgrounds = search.background(window.region, reading)
    variances = search.background_variance(window.region, reading)
    return [
        Background(
            name,
            rebinned(backgrounds[name], axis, window.edges),
            free=known == "free",
            relative_uncertainty=0.0 if known == "free" else known,
            variance=rebinned(variances[name], axis, window.edges),
        )
        for name in names
    ]


def _background_relative(settings: Mapping[str, Any], reading: Reading) -> float:
    """Uncertainty of the expected background in a count: that of the reading, or of the channel."""
    common = settings["systematics"].get("background_relative", 0.0)
    return float(reading.get("background_relative", common))


def _simulated(search: Search, window: _Window, relative: float, reading: Reading) -> list[Background]:
    """Backgrounds as they were simulated, or smoothed, with the statistical error of the simulation."""
    axis = search.edges(window.region)
    variances = search.background_variance(window.region, reading)
    found = []
    for name, values in search.background(window.region, reading).items():
        counts, variance = rebinned(values, axis, window.edges), rebinned(variances[name], axis, window.edges)
        if search.settings["fit_kind"] == "templates" and len(counts) == 1:
            counts, variance = nearest_density(values, variances[name], axis, window.edges)
        if name in window.region.get("smooth_backgrounds", []):
            variance = (_smoothing_error(axis, values, variances[name], window.edges) * counts) ** 2
        tilt = _tilt(counts, window.edges, reading.get("background_slope_per_unit", 0.0))
        found.append(Background(name, counts, relative_uncertainty=relative, variance=variance, tilt=tilt))
    return found


def _tilt(counts: Array, edges: Array, slope: float) -> Array | None:
    """Relative change by a linear tilt of a spectrum, which leaves its integral; an empty one has none."""
    if slope == 0.0 or not counts.any():
        return None
    middle = 0.5 * (edges[1:] + edges[:-1])
    tilt: Array = slope * (middle - np.average(middle, weights=counts))
    return tilt


def nearest_density(values: Array, variances: Array, axis: Array, window: Array) -> tuple[Array, Array]:
    """Expectation in one bin from the nearest simulated events: as many as tell it to about 50 %.

    Where the window holds fewer than `_NEAREST` effective simulated events it is widened around its middle until it
    does, or has reached both ends of the axis, and the density there is taken.

    Parameters
    ----------
    values, variances
        Contents of the axis and their statistical variances, shape (n,).
    axis
        Bin edges, shape (n + 1,).
    window
        Both edges of the bin, shape (2,).

    Returns
    -------
    tuple of ndarray
        Expected events and their statistical variance, each of shape (1,).
    """
    middle, half = 0.5 * (window[0] + window[1]), 0.5 * (window[1] - window[0])
    wide = half
    while True:
        edges = np.clip([middle - wide, middle + wide], axis[0], axis[-1])
        counts, variance = rebinned(values, axis, edges), rebinned(variances, axis, edges)
        if counts[0] ** 2 >= _NEAREST * variance[0] > 0.0 or edges[1] - edges[0] >= axis[-1] - axis[0]:
            scale = 2.0 * half / (edges[1] - edges[0])
            return counts * scale, variance * scale**2
        wide *= 1.1


def _smoothing_error(axis: Array, smooth: Array, variance: Array, edges: Array) -> float:
    """Relative statistical error of a smoothed background: that of the simulation in and around the window.

    The curve follows no detail below `umbra.expectation.background.AVERAGED`, over which it averages on both sides.
    Beside a steep edge that needs closer knots the error is larger, by up to the root of two.
    """
    first, last = np.searchsorted(axis, [edges[0], edges[-1]])
    reach = round(AVERAGED * BINS_PER_RESOLUTION)
    around = slice(max(first - reach, 0), last + reach)
    total = float(smooth[around].sum())
    return float(np.sqrt(variance[around].sum())) / total if total > 0.0 else 0.0


def rebinned(values: Array, edges: Array, new: Array) -> Array:
    """Contents in new bins; within an old bin the density is taken as constant, and outside as zero."""
    cumulative = np.concatenate([[0.0], np.cumsum(values)])
    return np.diff(np.interp(new, edges, cumulative))


def bernstein(edges: Array, degree: int) -> Array:
    """Integrals of the Bernstein polynomials over bins.

    Parameters
    ----------
    edges
        Bin edges, shape (n + 1,); the polynomials live between the first and the last.
    degree
        Degree d.

    Returns
    -------
    ndarray
        Shape (d + 1, n). The rows add up to the widths of the bins in units of the mean width, so that equal
        coefficients mean a flat density.
    """
    t = (edges - edges[0]) / (edges[-1] - edges[0])
    # The integral of B(k, d) from 0 to t is P(more than k of d + 1 successes at t) / (d + 1).
    integrals = np.array([bdtrc(k, degree + 1, t) for k in range(degree + 1)]) / (degree + 1)
    basis: Array = np.diff(integrals, axis=1) * (len(edges) - 1)
    return basis


def _fit_basis(basis: Array, counts: Array) -> Array:
    """Non-negative coefficients by least squares with Poisson-like weights, in two passes."""
    expected = np.full_like(counts, max(counts.mean(), 1e-12))
    coefficients = np.zeros(len(basis))
    for _ in range(2):
        root = np.sqrt(np.maximum(expected, 1e-3 * expected.mean()))
        coefficients, _ = nnls((basis / root).T, counts / root)
        expected = coefficients @ basis
    return coefficients if coefficients.any() else np.full(len(basis), 1e-9)


def _core_background(search: Search, region: Region, mass_gev: float, reading: Reading) -> float:
    centre = float(position(region["variable"], mass_gev))
    reach = _COUNTED * search.signals[region["name"]].resolution_at(mass_gev)
    total = search.total_background(region, reading)
    return float(rebinned(total, search.edges(region), np.array([centre - reach, centre + reach]))[0])


def _core_simulated(search: Search, region: Region, mass_gev: float, reading: Reading) -> float:
    """Effective number of simulated background events within two resolutions."""
    centre = float(position(region["variable"], mass_gev))
    reach = _COUNTED * search.signals[region["name"]].resolution_at(mass_gev)
    window = np.array([centre - reach, centre + reach])
    variances = np.sum(list(search.background_variance(region, reading).values()), axis=0)
    variance = float(rebinned(variances, search.edges(region), window)[0])
    return _core_background(search, region, mass_gev, reading) ** 2 / variance if variance > 0.0 else 0.0


def _discoveries(hypotheses: Sequence[Hypothesis]) -> dict[int, Discovery]:
    with_workspace = [(i, h.workspace) for i, h in enumerate(hypotheses) if h.workspace is not None]
    found = discoveries([w for _, w in with_workspace])
    return {i: discovery for (i, _), discovery in zip(with_workspace, found, strict=True)}


def _point(h: Hypothesis, found: Discovery | None, production: str) -> dict[str, Any]:
    point: dict[str, Any] = {
        "mass_gev": h.mass_gev,
        "model": h.model,
        "status": h.status,
        "reason": h.reason,
        "member": h.member if h.workspace is not None else None,
        "yield_per_mu": h.yield_per_mu,
        "production": production,
        "production_per_mu": h.production_per_mu,
        "coupling_power_per_mu": h.coupling_power_per_mu,
        "windows": {name: list(window) for name, window in (h.windows or {}).items()},
        "bins": {name: list(bins) for name, bins in (h.bins or {}).items()},
        "expected_background": h.expected_background,
        "core_resolutions": CORE,
    }
    if h.mass2_gev is not None:
        point["mass2_gev"] = h.mass2_gev
    if h.lifetime_mm is not None:
        point["lifetime_mm"] = h.lifetime_mm
    if found is None:
        return point
    if found.status != "converged":
        point |= {"status": found.status, "reason": found.reason}
    return point | dict(_fitted(h, found, production))


def _fitted(h: Hypothesis, found: Discovery, production: str) -> Iterator[tuple[str, Any]]:
    yield "mu_hat", found.mu_hat
    yield "mu_hat_error", found.mu_hat_error
    for name, unit in (("yield", h.yield_per_mu), (production, h.production_per_mu)):
        yield f"{name}_hat", None if found.mu_hat is None else found.mu_hat * unit
        yield f"{name}_error", None if found.mu_hat_error is None else found.mu_hat_error * unit
    yield "q0", found.q0
    yield "z", found.z
    yield "p0", found.p0
    yield "chi2", found.chi2
    yield "chi2_signal", found.chi2_signal
    yield "n_bins", found.n_bins
