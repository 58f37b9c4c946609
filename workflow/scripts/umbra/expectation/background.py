"""Background expectation of one region: histograms of simulated candidates in the search variable, and smooth curves.

The axis follows the resolution, so that a window of some resolutions has the same number of bins at any mass.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import hist
import numpy as np
import uproot
from scipy.interpolate import BSpline, make_lsq_spline
from scipy.linalg import solveh_banded
from scipy.sparse import csr_array

from umbra.config.categories import NO_BACKGROUND, PUBLISHED_SPECTRUM, PublishedBins, Spectrum
from umbra.core.kinematics import Array
from umbra.core.root import new_root_file, open_root
from umbra.core.variables import mass_at, position
from umbra.expectation.signal import SHAPE_REACH, Signal

Curve = Callable[[Array], Array]

#: Bins of the axis in one resolution.
BINS_PER_RESOLUTION = 8
#: Distances between the knots of the smoothing spline that are tried, in resolutions, and where they lie near the ends.
#: The closest are for steep edges that no others follow; else a curve follows no detail below `AVERAGED`.
KNOT_DISTANCES = (80.0, 40.0, 20.0, 10.0, 5.0)
AVERAGED = KNOT_DISTANCES[-2]
_END_KNOTS = (3.0, 6.0, 12.0, 24.0)
#: Resolutions along the axis that smoothing needs.
_FEWEST_GROUPS = 30
#: Stretches of the axis, in resolutions, whose sums a smooth curve keeps (a neighbourhood, a window, several), and how
#: far off the worst may be, in standard deviations: of 200 stretches one is beyond by chance in one spectrum of ten.
_STRETCHES = (10, 50, 200)
_LARGEST_PULL = 3.5
#: Iterations of a fit of the logarithm, its largest step, and how far below the mean it goes.
_ITERATIONS, _LARGEST_STEP, _DEPTH = 60, 1.0, 12.0
#: Points within a bin of a published spectrum at which its threshold is followed.
_INSIDE = 41
#: Points at which the resolution is followed along the axis.
_SAMPLING = 4000


@dataclass(frozen=True)
class Template:
    """Visible cross-section of one background in one region.

    Parameters
    ----------
    edges
        Bin edges in the search variable, shape (n + 1,).
    visible_pb
        Simulated cross-section after selection per bin, shape (n,).
    variance_pb2
        Its statistical variance, shape (n,).
    smooth_pb
        The same, smoothed along the axis (`smoothed`), shape (n,); for peaks over a smooth background only.
    """

    edges: Array
    visible_pb: Array
    variance_pb2: Array
    smooth_pb: Array

    def effective_events(self) -> float:
        """Number of unweighted events that would know the sum as well."""
        variance = float(self.variance_pb2.sum())
        return float(self.visible_pb.sum()) ** 2 / variance if variance else 0.0


Templates = dict[str, dict[str, Template]]


def axis(model: Signal, masses_gev: tuple[float, float], limits: Sequence[float] | None) -> Array:
    """Bin edges that cover all windows between two masses, in steps of a fixed part of the resolution.

    Parameters
    ----------
    model
        Signal of the region.
    masses_gev
        Lowest and highest hypothesis.
    limits
        Physical range of the variable beyond which the axis does not go, if any.
    """
    mass = np.linspace(*masses_gev, _SAMPLING)
    x = position(model.variable, mass)
    resolution = np.array([model.resolution_at(m) for m in mass])
    below = np.linspace(x[0] - SHAPE_REACH * resolution[0], x[0], 200, endpoint=False)
    above = np.linspace(x[-1] + SHAPE_REACH * resolution[-1], x[-1], 200, endpoint=False)[::-1]
    x = np.concatenate([below, x, above])
    resolution = np.concatenate([np.full(200, resolution[0]), resolution, np.full(200, resolution[-1])])
    if limits is not None:
        inside = np.concatenate([[limits[0]], x[(x > limits[0]) & (x < limits[1])], [limits[1]]])
        resolution = np.interp(inside, x, resolution)
        x = inside
    steps = np.diff(x) * 0.5 * (1.0 / resolution[1:] + 1.0 / resolution[:-1])
    along = np.concatenate([[0.0], np.cumsum(steps)]) * BINS_PER_RESOLUTION
    number = max(round(float(along[-1])), 1)
    return np.interp(np.linspace(0.0, along[-1], number + 1), along, x)


def nothing(edges: Array) -> dict[str, Template]:
    """Templates of a region without any background, which keep its axis."""
    zero = np.zeros(len(edges) - 1)
    return {NO_BACKGROUND: Template(edges, zero, zero, zero)}


def from_spectrum(
    edges: Array, variable: str, spectrum: Spectrum, luminosity_pb: float
) -> dict[str, Template]:
    """Template of the candidates that a paper finds, their density linear between the middles of its bins.

    Parameters
    ----------
    edges
        Bin edges in the search variable, shape (n + 1,).
    variable
        Search variable.
    spectrum
        What the paper finds.
    luminosity_pb
        In which they are found.
    """
    middle, candidates = np.array(spectrum.candidates).T
    width = np.diff(middle).min()
    mass = mass_at(variable, edges)
    x = np.square(mass) if spectrum.measures == "mass_squared" else mass
    # The integral of a piecewise linear density, exact at the edges; constant beyond the outermost middles.
    knots = np.unique(np.concatenate([x, middle]))
    if spectrum.threshold_gev is None:
        density = np.interp(knots, middle, candidates / width)
    else:
        inside = middle[:, None] + width * np.linspace(-0.5, 0.5, _INSIDE)
        opened = _opened(inside, spectrum)
        # What a line has in a bin is its value at the mean of the bin.
        means = (inside * opened).sum(axis=1) / opened.sum(axis=1)
        knots = np.unique(np.concatenate([knots, inside.ravel()]))
        over_opened = candidates / (width * opened.mean(axis=1))
        density = np.interp(knots, means, over_opened) * _opened(knots, spectrum)
    below = np.append(0.0, np.cumsum(np.diff(knots) * 0.5 * (density[1:] + density[:-1])))
    expected = np.diff(np.interp(x, knots, below)) / luminosity_pb
    return {PUBLISHED_SPECTRUM: Template(edges, expected, expected / luminosity_pb, expected)}


def from_bins(edges: Array, bins: PublishedBins, luminosity_pb: float) -> dict[str, Template]:
    """Templates of the backgrounds of a paper in its own bins.

    Parameters
    ----------
    edges
        Numbers of the bins, shape (n + 1,).
    bins
        What the paper expects.
    luminosity_pb
        In which it does.
    """
    found = {}
    for name, component in bins.components.items():
        expected = np.array(bins.expected[name]) / luminosity_pb
        variance = expected * component.simulated_weight / luminosity_pb
        found[name] = Template(edges, expected, variance, expected)
    return found


def _opened(x: Array, spectrum: Spectrum) -> Array:
    """Share of a pair of fermions above its threshold, v (3 - v^2) / 2, at masses or squared ones."""
    squared = x if spectrum.measures == "mass_squared" else np.square(np.maximum(x, 0.0))
    assert spectrum.threshold_gev is not None
    v = np.sqrt(np.maximum(1.0 - spectrum.threshold_gev**2 / np.maximum(squared, 1e-12), 0.0))
    opened: Array = 0.5 * v * (3.0 - v**2)
    return opened


def build(edges: Array, x: Array, weight_pb: Array) -> Template:
    """Histogram the candidates of one background.

    Parameters
    ----------
    edges
        Bin edges.
    x
        Search variable of the candidates that pass the requirements, shape (n,).
    weight_pb
        Visible cross-section that each stands for, shape (n,).
    """
    counts = hist.Hist(hist.axis.Variable(edges), storage=hist.storage.Weight())
    counts.fill(x, weight=weight_pb)
    values, variances = np.asarray(counts.values()), np.asarray(counts.variances())
    return Template(edges, values, variances, smoothed(values, variances))


def smoothed(values: Array, variances: Array) -> Array:
    """Smooth bin contents along the axis; the result is not negative and keeps the sum.

    Two kinds of curves are fitted to the density, averaged over one resolution: the square of a cubic spline that
    is fitted to the root of the density (the root makes the errors even) and scaled to the sum, and the exponential
    of one that is fitted by its Poisson likelihood. Where events are few or of very different weights the first has
    too little of them, because the mean of the root is below the root of the mean; a steep edge with many events the
    second follows worse. Of several distances between knots the largest is taken whose curve describes the
    simulation, so that fluctuations of the simulation do not imitate peaks; knots are closer at both ends, where
    thresholds are. To describe means a chi2 within three standard deviations and sums that agree in every stretch.
    Where no curve does, it is the one whose stretches agree best.
    """
    groups = len(values) // BINS_PER_RESOLUTION
    used = groups * BINS_PER_RESOLUTION
    if groups < _FEWEST_GROUPS or not variances[:used].any():
        return values
    total = values[:used].reshape(groups, -1).sum(axis=1)
    variance = variances[:used].reshape(groups, -1).sum(axis=1)
    found = np.flatnonzero(total > 0.0)
    weight = np.interp(np.arange(groups), found, variance[found] / total[found])
    centre: Array = np.arange(groups, dtype=float) + 0.5
    # Constant beyond the centres of the outermost groups.
    place: Array = np.clip((np.arange(len(values)) + 0.5) / BINS_PER_RESOLUTION, centre[0], centre[-1])
    best, smallest = values, math.inf
    for distance in KNOT_DISTANCES:
        knots = _knots(groups, distance)
        freedom = groups - (len(knots) - 4)
        for fit in (_square_of_spline, _exponential_of_spline):
            curve, chi2 = fit(knots, total, weight)
            smooth: Array = curve(place) / BINS_PER_RESOLUTION
            pulls = _pulls(curve(centre), total, variance, weight)
            if chi2 < freedom + 3.0 * np.sqrt(2.0 * freedom) and np.abs(pulls).max() < _LARGEST_PULL:
                return smooth
            if (spread := float(np.square(pulls).mean())) < smallest:
                best, smallest = smooth, spread
    return best


def _square_of_spline(knots: Array, total: Array, weight: Array) -> tuple[Curve, float]:
    """Square of the spline that is nearest to the roots of groups of bins, and its chi2."""
    centre = np.arange(len(total)) + 0.5
    # sqrt(w n) of n events of weight w has the error sqrt(w)/2, whatever n: also where nothing was found.
    error = 0.5 * np.sqrt(weight)
    spline = make_lsq_spline(centre, np.sqrt(total), knots, k=3, w=1.0 / error)
    chi2 = float((((np.sqrt(total) - spline(centre)) / error) ** 2).sum())
    scale = total.sum() / np.square(spline(centre)).sum()
    return lambda x: np.asarray(scale * spline(x) ** 2), chi2


def _exponential_of_spline(knots: Array, total: Array, weight: Array) -> tuple[Curve, float]:
    """Exponential of the spline that maximises the Poisson likelihood of groups of bins, and its chi2.

    Variances are in proportion to the expectation, with one mean weight, which keeps the sum.
    """
    centre = np.arange(len(total)) + 0.5
    mean_weight = float((weight * total).sum() / total.sum())
    basis = BSpline.design_matrix(centre, knots, 3)
    coefficients = np.full(basis.shape[1], np.log(total.mean()))
    lowest = coefficients[0] - _DEPTH
    for _ in range(_ITERATIONS):
        mean = np.exp(basis @ coefficients)
        # A trace of the largest entry keeps coefficients of empty ends where they are.
        curvature = _bands_of_square(basis, mean)
        curvature[0] += 1e-9 * curvature.max()
        step = solveh_banded(curvature, basis.T @ (total - mean), lower=True)
        coefficients = np.maximum(coefficients + np.clip(step, -_LARGEST_STEP, _LARGEST_STEP), lowest)
    coefficients += np.log(total.sum() / np.exp(basis @ coefficients).sum())
    mean = np.exp(basis @ coefficients)
    chi2 = float(((total - mean) ** 2 / (mean_weight * mean)).sum())
    return lambda x: np.asarray(np.exp(BSpline(knots, coefficients, 3)(x))), chi2


def _bands_of_square(basis: csr_array, weight: Array) -> Array:
    """Diagonals of B^T diag(w) B from the main one downwards, (4, n); cubic splines B fill four of each row."""
    entries, first = basis.data.reshape(-1, 4), basis.indices[::4]
    bands = np.zeros((4, basis.shape[1]))
    for below in range(4):
        for one in range(4 - below):
            product = weight * entries[:, one] * entries[:, one + below]
            bands[below] += np.bincount(first + one, product, basis.shape[1])
    return bands


def _pulls(curve: Array, total: Array, variance: Array, weight: Array) -> Array:
    """Differences of the sums of stretches, in standard deviations of the simulation or, if larger, of the curve."""
    sums = [np.append(0.0, np.cumsum(each)) for each in (curve, total, variance, weight * curve)]
    pulls = []
    for length in _STRETCHES:
        last = np.append(np.arange(length, len(total), length // 2), len(total))
        first = np.maximum(last - length, 0)
        ours, theirs, found, expected = (each[last] - each[first] for each in sums)
        error = np.sqrt(np.maximum(found, expected))
        pulls.append(np.divide(ours - theirs, error, out=np.zeros_like(error), where=error > 0.0))
    return np.concatenate(pulls)


def _knots(groups: int, distance: float) -> Array:
    """Knots of a cubic spline in units of one resolution, closer at the ends."""
    inner = np.arange(distance, groups - distance + 1.0, distance)
    near = np.array([d for d in _END_KNOTS if d < groups / 2.0])
    knots = np.unique(np.concatenate([near, inner, groups - near]))
    return np.concatenate([[0.5] * 4, knots, [groups - 0.5] * 4])


def write(path: Path, templates: Mapping[str, Mapping[str, Template]]) -> None:
    """Write one ROOT file: `<region>/<background>` with errors, and `<region>/<background>_smooth`."""
    with new_root_file(path) as file:
        for region, backgrounds in templates.items():
            for name, template in backgrounds.items():
                file[f"{region}/{name}"] = _histogram(
                    template.edges, template.visible_pb, template.variance_pb2
                )
                file[f"{region}/{name}_smooth"] = _histogram(template.edges, template.smooth_pb)


def read(path: Path, regions: Mapping[str, Sequence[str]]) -> Templates:
    """Read the templates of the given regions and backgrounds.

    Raises
    ------
    UmbraError
        If the file is missing, truncated or lacks one of them.
    """
    with open_root(path, "not a readable file of templates") as file:
        return {
            region: {name: _template(file, region, name) for name in names}
            for region, names in regions.items()
        }


def _template(file: uproot.ReadOnlyDirectory, region: str, name: str) -> Template:
    counts = file[f"{region}/{name}"]
    return Template(
        counts.axis().edges(), counts.values(), counts.variances(), file[f"{region}/{name}_smooth"].values()
    )


def _histogram(edges: Array, values: Array, variances: Array | None = None) -> hist.Hist[hist.storage.Weight]:
    filled = hist.Hist(hist.axis.Variable(edges), storage=hist.storage.Weight())
    filled.view()["value"] = values
    filled.view()["variance"] = np.zeros_like(values) if variances is None else variances
    return filled
