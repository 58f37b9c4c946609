"""Signal in the plane of two masses: efficiency and resolution as smooth functions of both, from samples at points.

The resolution is the covariance of the two search variables, which in a search for a recoil is far from diagonal. It
is that of the core: of the candidates within two standard deviations, with what a Gaussian loses there put back, found
by iteration from the densest part of each variable. Between generated points the logarithms of efficiency and
resolutions, and the Fisher transform of the correlation, are thin-plate splines, the smoothest surfaces through all
points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from scipy.interpolate import RBFInterpolator
from scipy.spatial import Delaunay
from scipy.special import ndtri

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.variables import position
from umbra.expectation.ellipses import Ellipses
from umbra.expectation.point import Point
from umbra.expectation.signal import shortest_half_width
from umbra.generation.generated import Generated
from umbra.selection.candidates import nearest_candidates

#: Candidates within this many standard deviations are the core, which knows the resolution.
CORE = 2.0
#: The iteration starts from the shortest interval that holds this part of the candidates.
_DENSEST = 0.3
#: Covariance of a two-dimensional Gaussian that is cut at CORE, relative to the whole one.
_KEPT = 1.0 - 0.5 * CORE**2 / np.expm1(0.5 * CORE**2)
_ITERATIONS = 30
#: Fewer selected candidates than this tell neither resolution nor efficiency.
_FEWEST = 100
#: Generated points that a surface needs.
_FEWEST_POINTS = 6
#: Hypotheses this far outside of the generated points, in parts of their range, still belong to them.
_MARGIN = 0.02


@dataclass(frozen=True)
class PlaneSignal:
    """Signal of one category against two masses, from k generated points.

    Parameters
    ----------
    variables
        The two search variables, see `umbra.core.variables`.
    half_axes_sigma
        Half axes of the elliptical windows in standard deviations.
    mass_gev, mass2_gev
        Generated points, shape (k,).
    efficiency, efficiency_error
        Candidates in the window per produced event, as data are counted, times the ratio of the cross-section with
        radiation to the lowest-order one, shape (k,).
    resolution, resolution2, correlation
        Of the two variables, in their units, shape (k,).
    """

    variables: tuple[str, str]
    half_axes_sigma: float
    mass_gev: Array
    mass2_gev: Array
    efficiency: Array
    efficiency_error: Array
    resolution: Array
    resolution2: Array
    correlation: Array

    def covers(self, point: Point) -> bool:
        """Whether generated points with enough candidates surround a hypothesis, or nearly so."""
        place = self._place(point.mass_gev, point.mass2_gev)
        # Towards the middle of the points by the margin: a hypothesis just outside is then inside.
        middle = self._places.mean(axis=0)
        step = np.clip(middle - place, -_MARGIN, _MARGIN)
        return bool(self._hull.find_simplex(place + step)[0] >= 0)

    def visible(self, point: Point) -> tuple[float, float]:
        """Efficiency and its relative statistical error at a point."""
        log_efficiency, _, _, _, log_error = self._at(point)
        return float(np.exp(log_efficiency)), float(np.exp(log_error))

    def windows(self, points: Sequence[Point]) -> Ellipses:
        """Elliptical windows around n points of the plane."""
        covariance = []
        for point in points:
            _, log_x, log_y, fisher, _ = self._at(point)
            x, y = np.exp(log_x), np.exp(log_y)
            covariance.append([x**2, np.tanh(fisher) * x * y, y**2])
        masses = np.array([[point.mass_gev, point.mass2_gev] for point in points])
        centre = np.stack(
            [position(variable, masses[:, i]) for i, variable in enumerate(self.variables)], axis=1
        )
        return Ellipses(centre, np.array(covariance), self.half_axes_sigma)

    @property
    def search_range(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Lowest and highest place of the generated points in both search variables."""
        low, high = self._range
        return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))

    def to_json(self) -> dict[str, Any]:
        """Return plain lists."""
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in content.items()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "PlaneSignal":
        """Inverse of `to_json`."""
        first, second = content["variables"]
        names = [field.name for field in fields(cls)][2:]
        columns = (np.asarray(content[name], dtype=float) for name in names)
        return cls((first, second), content["half_axes_sigma"], *columns)

    def _at(self, point: Point) -> Array:
        """Values of the surfaces; one point a call, because sums of matrix products depend on their shape."""
        values: Array = self._surfaces(self._place(point.mass_gev, point.mass2_gev))[0]
        return values

    def _place(self, mass_gev: Any, mass2_gev: Any) -> Array:
        """Place in the plane of the search variables, each in units of the range of the generated points."""
        here = self._positions(mass_gev, mass2_gev)
        low, high = self._range
        return np.atleast_2d((here - low) / (high - low))

    def _positions(self, mass_gev: Any, mass2_gev: Any) -> Array:
        first, second = self.variables
        return np.stack([position(first, mass_gev), position(second, mass2_gev)], axis=-1)

    @cached_property
    def _range(self) -> tuple[Array, Array]:
        corners = self._positions(self.mass_gev, self.mass2_gev)
        return corners.min(axis=0), corners.max(axis=0)

    @cached_property
    def _places(self) -> Array:
        return self._place(self.mass_gev, self.mass2_gev)

    @cached_property
    def _hull(self) -> Any:
        return Delaunay(self._places)

    @cached_property
    def _surfaces(self) -> Any:
        values = [
            np.log(self.efficiency),
            np.log(self.resolution),
            np.log(self.resolution2),
            np.arctanh(self.correlation),
            np.log(self.efficiency_error / self.efficiency),
        ]
        return RBFInterpolator(self._places, np.stack(values, axis=1), kernel="thin_plate_spline")


def build(
    variables: tuple[str, str],
    half_axes_sigma: float,
    candidates: Mapping[str, Array],
    generated: Sequence[Generated],
    where: str,
) -> PlaneSignal:
    """Build the model of one region.

    Parameters
    ----------
    variables
        Columns of the search variables.
    half_axes_sigma
        Half axes of the windows in standard deviations.
    candidates
        Selected candidates, with `weight`, `event`, `generated_mass_gev` and `generated_mass2_gev`.
    generated
        What was generated, at each pair of masses.
    where
        Channel and region, for messages.

    Raises
    ------
    UmbraError
        If too few generated points leave enough candidates.
    """
    rows = []
    for made in sorted(generated, key=lambda each: each.masses):
        first, second = made.masses
        chosen = (candidates["generated_mass_gev"] == first) & (candidates["generated_mass2_gev"] == second)
        here = {key: column[chosen] for key, column in candidates.items()}
        if len(np.unique(here["event"])) >= _FEWEST:
            rows.append(_at_point(variables, half_axes_sigma, here, made))
    if len(rows) < _FEWEST_POINTS:
        raise UmbraError(
            f"{where}: only {len(rows)} generated points leave {_FEWEST} candidates; generate more events"
        )
    return PlaneSignal(variables, half_axes_sigma, *(np.array(column) for column in zip(*rows, strict=True)))


def _at_point(
    variables: tuple[str, str],
    half_axes_sigma: float,
    candidates: Mapping[str, Array],
    made: Generated,
) -> tuple[float, ...]:
    first, second = variables
    centre = np.array(
        [[position(variable, mass) for variable, mass in zip(variables, made.masses, strict=True)]]
    )
    dx, dy = candidates[first] - centre[0, 0], candidates[second] - centre[0, 1]
    event, weight = candidates["event"], candidates["weight"]
    covariance = core_covariance(dx, dy, event, weight)
    window = Ellipses(centre, covariance[None, :], half_axes_sigma)
    inside = weight[window.distance2(np.zeros(len(dx), int), dx, dy) < 1.0]
    sigma_x, sigma_y = np.sqrt(covariance[0]), np.sqrt(covariance[2])
    return (
        *made.masses,
        inside.sum() * made.efficiency_per_weight,
        np.sqrt((inside**2).sum()) * made.efficiency_per_weight,
        sigma_x,
        sigma_y,
        covariance[1] / (sigma_x * sigma_y),
    )


def core_covariance(dx: Array, dy: Array, event: Array, weight: Array) -> Array:
    """Variance of x, covariance and variance of y of the core of a peak, shape (3,).

    Parameters
    ----------
    dx, dy
        Distance of the candidates from the masses, shape (n,).
    event, weight
        Of the candidates, shape (n,). Where an event has several, the iteration starts from the nearest of each.
    """
    nearest = nearest_candidates(event, np.abs(dy))
    unit = ndtri(0.5 + 0.5 * _DENSEST)
    widths = [shortest_half_width(d[nearest], weight[nearest], _DENSEST) / unit for d in (dx, dy)]
    covariance = np.array([widths[0] ** 2, 0.0, widths[1] ** 2])
    mean = np.zeros(2)
    for _ in range(_ITERATIONS):
        ellipse = Ellipses(mean[None, :], covariance[None, :], CORE)
        distance2 = ellipse.distance2(np.zeros(len(dx), int), dx - mean[0], dy - mean[1])
        core = distance2 < 1.0
        w = weight[core] / weight[core].sum()
        mean = np.array([w @ dx[core], w @ dy[core]])
        x, y = dx[core] - mean[0], dy[core] - mean[1]
        covariance = np.array([w @ x**2, w @ (x * y), w @ y**2]) / _KEPT
    return covariance
