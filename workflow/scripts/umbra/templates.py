"""Background expectation of one region: histograms of simulated candidates in the search variable, and smooth curves.

The axis follows the resolution, so that a window of some resolutions has the same number of bins at any mass.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import hist
import numpy as np
import uproot
from scipy.interpolate import BSpline, make_lsq_spline

from umbra.kinematics import Array
from umbra.root_files import new_root_file, open_root
from umbra.signal_model import SHAPE_REACH, SignalModel
from umbra.variables import position

#: Bins of the axis in one resolution.
BINS_PER_RESOLUTION = 8
#: Distances between the knots of the smoothing spline that are tried, in resolutions, and where they lie near the ends.
KNOT_DISTANCES = (80.0, 40.0, 20.0, 10.0)
_END_KNOTS = (3.0, 6.0, 12.0, 24.0)
#: Resolutions along the axis that smoothing needs.
_FEWEST_GROUPS = 30
#: Relative difference of the sum of a smooth curve up to which the root of sparse counts is taken for unbiased.
_LARGEST_LOSS = 0.1
#: Iterations of a fit of the logarithm, its largest step, and how far below the mean it goes.
_ITERATIONS, _LARGEST_STEP, _DEPTH = 60, 1.0, 12.0
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

#: Stands for the background of a region that has none.
NO_BACKGROUND = "no_background"


def axis(model: SignalModel, masses_gev: tuple[float, float], limits: Sequence[float] | None) -> Array:
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
    """Smooth bin contents along the axis; the result is not negative and has nearly the same sum.

    A cubic spline is fitted to the square root of the density, averaged over one resolution: the root makes the
    errors even, and its square is not negative. Of several distances between knots the largest is taken whose curve
    describes the simulation (chi2 within three standard deviations), so that fluctuations of the simulation do not
    imitate peaks; knots are closer at both ends, where thresholds are.

    Where events are few or their weights differ much, the mean of the root lies below the root of the mean and events
    of large weight look like outliers. Where the sum is lost so, the logarithm of the density is fitted instead, with
    variances in proportion to the expectation, which keeps the sum.
    """
    groups = len(values) // BINS_PER_RESOLUTION
    used = groups * BINS_PER_RESOLUTION
    if groups < _FEWEST_GROUPS or not variances[:used].any():
        return values
    total = values[:used].reshape(groups, -1).sum(axis=1)
    variance = variances[:used].reshape(groups, -1).sum(axis=1)
    # sqrt(w n) of n events of weight w has the error sqrt(w)/2, whatever n: also where nothing was found.
    found = np.flatnonzero(total > 0.0)
    error = 0.5 * np.sqrt(np.interp(np.arange(groups), found, variance[found] / total[found]))
    centre = np.arange(groups) + 0.5
    for distance in KNOT_DISTANCES:
        knots = _knots(groups, distance)
        spline = make_lsq_spline(centre, np.sqrt(total), knots, k=3, w=1.0 / error)
        chi2 = float((((np.sqrt(total) - spline(centre)) / error) ** 2).sum())
        freedom = groups - (len(knots) - 4)
        if chi2 < freedom + 3.0 * np.sqrt(2.0 * freedom):
            break
    # Constant beyond the centres of the outermost groups.
    place = (np.arange(len(values)) + 0.5) / BINS_PER_RESOLUTION
    place = np.clip(place, centre[0], centre[-1])
    curve: Array = spline(place) ** 2 / BINS_PER_RESOLUTION
    if abs(curve.sum() - values.sum()) > _LARGEST_LOSS * values.sum():
        other = _of_logarithm(total, variance, place)
        return curve if other is None else other
    return curve


def _of_logarithm(total: Array, variance: Array, place: Array) -> Array | None:
    """Exponential of the stiffest spline that describes groups of bins, with Poisson errors of one mean weight.

    `None` where none does, as at a steep edge with many events, which the root follows better.
    """
    centre = np.arange(len(total)) + 0.5
    weight = variance.sum() / total.sum()
    for distance in KNOT_DISTANCES:
        knots = _knots(len(total), distance)
        basis = BSpline.design_matrix(centre, knots, 3).toarray()
        coefficients = np.full(basis.shape[1], np.log(total.mean()))
        lowest = coefficients[0] - _DEPTH
        for _ in range(_ITERATIONS):
            mean = np.exp(basis @ coefficients)
            # A trace of the largest entry keeps coefficients of empty ends where they are.
            curvature = basis.T @ (mean[:, None] * basis)
            curvature += 1e-9 * curvature.max() * np.eye(len(curvature))
            step = np.linalg.solve(curvature, basis.T @ (total - mean))
            coefficients = np.maximum(coefficients + np.clip(step, -_LARGEST_STEP, _LARGEST_STEP), lowest)
        coefficients += np.log(total.sum() / np.exp(basis @ coefficients).sum())
        mean = np.exp(basis @ coefficients)
        chi2 = float(((total - mean) ** 2 / (weight * mean)).sum())
        freedom = len(total) - len(coefficients)
        if chi2 < freedom + 3.0 * np.sqrt(2.0 * freedom):
            return np.asarray(np.exp(BSpline(knots, coefficients, 3)(place)) / BINS_PER_RESOLUTION)
    return None


def _knots(groups: int, distance: float) -> Array:
    """Knots of a cubic spline in units of one resolution, closer at the ends."""
    inner = np.arange(distance, groups - distance + 1.0, distance)
    near = np.array([d for d in _END_KNOTS if d < groups / 2.0])
    knots = np.unique(np.concatenate([near, inner, groups - near]))
    return np.concatenate([[0.5] * 4, knots, [groups - 0.5] * 4])


def write(path: Path, templates: Templates) -> None:
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
