"""Signal efficiency, resolution and shape as functions of mass, from samples at a few generated masses.

No shape is assumed: the simulated candidates are kept as a histogram in units of the resolution,
t = (x - x0(m)) / s(m), and interpolated between neighbouring generated masses. Efficiency and resolution are monotone
cubic interpolations in the logarithm of the place of the peak, in which they bend least, also near a threshold.

A particle that flies has one efficiency for each lifetime, all from the same events: proper decay lengths are generated
uniform in their logarithm and weighted to the exponential of each lifetime (`umbra.generation.decays.displaced`). One
that only has to leave the detector has the probability of that for its weight.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.variables import mass_at, position, scale_of
from umbra.expectation.point import Point
from umbra.generation.decays.displaced import (
    COLUMN,
    DEFAULT_RANGE_MM,
    ESCAPE_COLUMN,
    escape_weights,
    lifetime_weights,
)
from umbra.generation.generated import Generated
from umbra.selection.candidates import CORE, nearest_candidates

log = logging.getLogger(__name__)

#: Reach and bins of the shape histogram, in resolutions.
SHAPE_REACH, SHAPE_BINS = 30.0, 240
#: Fraction of a Gaussian within one standard deviation.
ONE_SIGMA = 0.682689492137086
#: Fewer selected candidates than this tell neither resolution nor efficiency.
_FEWEST = 50


#: Relative difference of the efficiency between a generated mass and the interpolation of its neighbours that is
#: allowed beside two statistical errors.
CLOSURE = 0.02


@dataclass(frozen=True)
class Closure:
    """A generated mass against the interpolation between the others.

    Parameters
    ----------
    mass_gev
        The mass.
    efficiency, efficiency_error
        Relative difference of the efficiency, and the statistical error of that difference.
    resolution
        Relative difference of the resolution.
    """

    mass_gev: float
    efficiency: float
    efficiency_error: float
    resolution: float

    @property
    def holds(self) -> bool:
        """Whether the efficiency agrees within `CLOSURE` and two standard errors."""
        return abs(self.efficiency) <= CLOSURE + 2.0 * self.efficiency_error


#: Columns of a signal model with a value for each generated mass, without those of lifetimes.
_AT_EACH_MASS = (
    "mass_gev",
    "efficiency",
    "efficiency_error",
    "resolution",
    "resolution_error",
    "shape",
    "born_pb",
    "selected",
)


@dataclass(frozen=True)
class Signal:
    """Signal of one category against mass.

    Parameters
    ----------
    variable
        Search variable, see `umbra.core.variables`.
    mass_gev
        Generated masses, increasing, shape (k,).
    efficiency, efficiency_error
        Events with a candidate within `CORE` resolutions per produced event, times the ratio of the cross-section
        with radiation to the lowest-order one, so that lowest-order cross-section times luminosity times
        efficiency is the yield.
    resolution, resolution_error
        Half of the shortest interval that holds 68.3 % of the events, each at the candidate that is nearest to the
        mass, in units of the variable.
    shape
        Candidates per bin of t, `SHAPE_BINS` bins within `SHAPE_REACH`, for one event within `CORE`, shape (k, bins).
    born_pb
        Lowest-order cross-section at the reference coupling.
    selected
        As `efficiency`, of all events that are selected, wherever their candidates lie.
    lifetime_mm
        Mean proper decay lengths, increasing, shape (l,); empty for a particle that does not fly.
    lifetime_efficiency, lifetime_efficiency_error
        As `efficiency`, for each of them, shape (k, l). `efficiency` itself is then that of the lengths as
        generated.
    """

    variable: str
    mass_gev: Array
    efficiency: Array
    efficiency_error: Array
    resolution: Array
    resolution_error: Array
    shape: Array
    born_pb: Array
    selected: Array
    lifetime_mm: Array = field(default_factory=lambda: np.empty(0))
    lifetime_efficiency: Array = field(default_factory=lambda: np.empty((0, 0)))
    lifetime_efficiency_error: Array = field(default_factory=lambda: np.empty((0, 0)))

    def covers(self, point: Point) -> bool:
        """Whether a mass lies between generated ones that leave enough candidates: nothing is known beyond them."""
        return bool(self.mass_gev[0] <= point.mass_gev <= self.mass_gev[-1])

    def visible(self, point: Point) -> tuple[float, float]:
        """Efficiency at a point and its relative statistical error; see `efficiency_at`."""
        value, error = self.efficiency_at(point.mass_gev, point.lifetime_mm)
        return value, error / value if value else 0.0

    def efficiency_at(self, mass_gev: float, lifetime_mm: float | None = None) -> tuple[float, float]:
        """Efficiency and its statistical error at a mass, for one of the model's lifetimes if it has any.

        Raises
        ------
        UmbraError
            For a lifetime that the model does not have.
        """
        if lifetime_mm is None:
            error = float(np.interp(mass_gev, self.mass_gev, self.efficiency_error))
            return float(self._efficiency(self._place(mass_gev))), error
        known = np.flatnonzero(self.lifetime_mm == lifetime_mm)
        if len(known) == 0:
            raise UmbraError(f"signal model: no efficiency for a lifetime of {lifetime_mm:g} mm")
        column = int(known[0])
        error = float(np.interp(mass_gev, self.mass_gev, self.lifetime_efficiency_error[:, column]))
        # Without a single decay, what is left of the interpolation is rounding.
        return (
            (float(self._lifetime_efficiency(self._place(mass_gev))[column]), error) if error else (0.0, 0.0)
        )

    def selected_at(self, mass_gev: float) -> float:
        """Efficiency that counts all selected events at a mass."""
        return float(self._selected(self._place(mass_gev)))

    def resolution_at(self, mass_gev: float) -> float:
        """Resolution in units of the variable at a mass."""
        return float(np.exp(self._log_resolution(self._place(mass_gev))))

    def mass_resolution_at(self, mass_gev: float) -> float:
        """Resolution in GeV of mass at a mass."""
        place = float(position(self.variable, mass_gev))
        half = 0.5 * self.resolution_at(mass_gev)
        return float(mass_at(self.variable, place + half) - mass_at(self.variable, place - half))

    def born_at(self, mass_gev: float) -> float:
        """Lowest-order cross-section in pb at a mass, interpolated between the generated ones."""
        return float(np.exp(self._log_born(np.log(mass_gev))))

    def template(self, mass_gev: float, edges: Array) -> Array:
        """Expected candidates per bin, for one event within `CORE` resolutions.

        Parameters
        ----------
        mass_gev
            Mass of the hypothesis.
        edges
            Bin edges in the search variable, shape (n + 1,).

        Returns
        -------
        ndarray
            Shape (n,); nothing is expected beyond `SHAPE_REACH` resolutions.
        """
        t = (edges - position(self.variable, mass_gev)) / self.resolution_at(mass_gev)
        return np.diff(np.interp(t, shape_edges(), self._cumulative(mass_gev)))

    def held_out(self) -> list[Closure]:
        """Compare each generated mass but the outermost with what the others say of it."""
        found = []
        for i in range(1, len(self.mass_gev) - 1):
            others = np.delete(np.arange(len(self.mass_gev)), i)
            rest = Signal(
                self.variable, *(np.take(getattr(self, name), others, axis=0) for name in _AT_EACH_MASS)
            )
            mass, here = float(self.mass_gev[i]), float(self.efficiency[i])
            efficiency, error = rest.efficiency_at(mass)
            found.append(
                Closure(
                    mass,
                    efficiency / here - 1.0,
                    float(np.hypot(error, self.efficiency_error[i])) / here,
                    rest.resolution_at(mass) / float(self.resolution[i]) - 1.0,
                )
            )
        return found

    def to_json(self) -> dict[str, Any]:
        """Return plain lists."""
        return {
            key: value.tolist() if isinstance(value, np.ndarray) else value
            for key, value in vars(self).items()
            if not key.startswith("_")
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Signal":
        """Inverse of `to_json`."""
        return cls(
            content["variable"],
            *(np.asarray(content[name.name], dtype=float) for name in fields(cls) if name.name != "variable"),
        )

    def _cumulative(self, mass_gev: float) -> Array:
        place = float(np.interp(mass_gev, self.mass_gev, np.arange(len(self.mass_gev))))
        low = min(int(place), len(self.mass_gev) - 2)
        weight = place - low
        density = (1.0 - weight) * self.shape[low] + weight * self.shape[low + 1]
        cumulative: Array = np.concatenate([[0.0], np.cumsum(density)])
        return cumulative

    def _place(self, mass_gev: ArrayLike) -> Array:
        """Logarithm of the place of the peak, or of the mass; beyond the generated masses, of the last of them."""
        inside = np.clip(mass_gev, self.mass_gev[0], self.mass_gev[-1])
        place: Array = np.log(scale_of(self.variable, inside))
        return place

    @cached_property
    def _efficiency(self) -> Any:
        return PchipInterpolator(self._place(self.mass_gev), self.efficiency)

    @cached_property
    def _selected(self) -> Any:
        return PchipInterpolator(self._place(self.mass_gev), self.selected)

    @cached_property
    def _lifetime_efficiency(self) -> Any:
        return PchipInterpolator(self._place(self.mass_gev), self.lifetime_efficiency)

    @cached_property
    def _log_resolution(self) -> Any:
        return PchipInterpolator(self._place(self.mass_gev), np.log(self.resolution))

    @cached_property
    def _log_born(self) -> Any:
        return PchipInterpolator(np.log(self.mass_gev), np.log(self.born_pb))


def shape_edges() -> Array:
    """Bin edges of the shape histogram."""
    return np.linspace(-SHAPE_REACH, SHAPE_REACH, SHAPE_BINS + 1)


def build(
    variable: str,
    candidates: Mapping[str, Array],
    generated: Sequence[Generated],
    where: str,
    before: Signal | None = None,
    lifetimes_mm: Sequence[float] = (),
    shape_lifetime_mm: float | None = None,
    resolution_mev: Sequence[tuple[float, float]] = (),
) -> Signal:
    """Build the signal of one category.

    Parameters
    ----------
    variable
        Column of the search variable.
    candidates
        Selected candidates, with `weight`, `event` and `generated_mass_gev`.
    generated
        What was generated, at each mass.
    where
        Channel and category, for messages.
    before
        Model of the same signal before single candidates of an event were dropped, whose resolution is kept: where
        the right candidate is gone, the nearest one that is left tells nothing of it.
    lifetimes_mm
        Lifetimes that efficiencies are wanted for; the candidates then have the column `generated_` + `COLUMN`, or
        `ESCAPE_COLUMN`.
    shape_lifetime_mm
        Lifetime that resolution and shape are those of, for all lifetimes; that of the lengths as generated where it
        is missing.
    resolution_mev
        Rows (mass, width) that take the place of the simulated resolution, if any.

    Raises
    ------
    UmbraError
        If fewer than two generated masses leave enough candidates, or lifetimes are wanted of a particle that was
        made without flight.
    """
    if lifetimes_mm and not {f"generated_{COLUMN}", f"generated_{ESCAPE_COLUMN}"} & set(candidates):
        raise UmbraError(
            f"{where}: lifetimes are wanted, but the signal's decay chain draws no decay lengths"
        )
    known = {} if before is None else dict(zip(before.mass_gev, before.resolution, strict=True))
    rows = []
    for made in sorted(generated, key=lambda each: each.masses):
        (mass,) = made.masses
        if resolution_mev:
            known[mass] = _in_variable(variable, mass, resolution_mev)
        chosen = candidates["generated_mass_gev"] == mass
        if chosen.sum() >= _FEWEST:
            here = {key: column[chosen] for key, column in candidates.items()}
            rows.append(_at_mass(variable, here, made, known.get(mass), lifetimes_mm, shape_lifetime_mm))
        else:
            log.warning("%s: %d candidates at %g GeV, too few", where, chosen.sum(), mass)
    if len(rows) < 2:
        raise UmbraError(
            f"{where}: only {len(rows)} generated masses leave {_FEWEST} candidates; generate more events"
        )
    *columns, lived, error = (np.array(column) for column in zip(*rows, strict=True))
    columns += [np.array(lifetimes_mm, dtype=float), lived, error]
    return Signal(variable, *columns)


def _in_variable(variable: str, mass_gev: float, rows: Sequence[tuple[float, float]]) -> float:
    """Width of a mass in units of the search variable."""
    masses, widths_mev = np.array(rows).T
    half = 0.5e-3 * float(np.interp(mass_gev, masses, widths_mev))
    return float(position(variable, mass_gev + half) - position(variable, mass_gev - half))


def _at_mass(
    variable: str,
    candidates: Mapping[str, Array],
    made: Generated,
    known: float | None,
    lifetimes_mm: Sequence[float],
    shape_lifetime_mm: float | None,
) -> tuple[Any, ...]:
    (mass,) = made.masses
    x, weight = candidates[variable] - position(variable, mass), candidates["weight"]
    nearest = nearest_candidates(candidates["event"], np.abs(x))
    shaping = weight
    if shape_lifetime_mm is not None:
        shaping = weight * _flight(candidates, np.arange(len(weight)), shape_lifetime_mm)
    resolution = shortest_half_width(x[nearest], shaping[nearest]) if known is None else known
    inside = nearest[np.abs(x[nearest]) < CORE * resolution]
    core = weight[inside]
    efficiency = core.sum() * made.efficiency_per_weight
    error = np.sqrt((core**2).sum()) * made.efficiency_per_weight
    selected = weight[nearest].sum() * made.efficiency_per_weight
    shape = np.histogram(x / resolution, shape_edges(), weights=shaping)[0] / shaping[inside].sum()
    # Relative error of a quantile-based width: about 1/sqrt(n) for a Gaussian.
    resolution_error = resolution * np.sqrt((core**2).sum()) / core.sum()
    flown = np.array([core * _flight(candidates, inside, lifetime) for lifetime in lifetimes_mm])
    flown = flown.reshape(len(lifetimes_mm), len(core)) * made.efficiency_per_weight
    lived = flown.sum(axis=1), np.sqrt((flown**2).sum(axis=1))
    return mass, efficiency, error, resolution, resolution_error, shape, made.born_pb, selected, *lived


def _flight(candidates: Mapping[str, Array], rows: NDArray[np.intp], lifetime_mm: float) -> Array:
    """Weights that turn decay lengths of some candidates into those of one lifetime, or the probability to escape."""
    if f"generated_{ESCAPE_COLUMN}" in candidates:
        return escape_weights(candidates[f"generated_{ESCAPE_COLUMN}"][rows], lifetime_mm)
    return lifetime_weights(candidates[f"generated_{COLUMN}"][rows], DEFAULT_RANGE_MM, lifetime_mm)


def shortest_half_width(x: Array, weight: Array, fraction: float = ONE_SIGMA) -> float:
    """Half of the shortest interval that holds a fraction of the weight; for a Gaussian, its standard deviation."""
    order = np.argsort(x)
    x, cumulative = x[order], np.cumsum(weight[order])
    start = np.concatenate([[0.0], cumulative[:-1]])
    stop = np.searchsorted(cumulative, start + fraction * cumulative[-1])
    inside = stop < len(x)
    widths = x[stop[inside]] - x[inside]
    return float(0.5 * widths.min())
