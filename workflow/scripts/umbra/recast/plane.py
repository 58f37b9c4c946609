"""A plane of two parameters of a model of one's own: what all channels exclude there, by rescaling their limits.

The rate of a category over the limit on it, at a coupling whose square is x, is

    r = x Σ_c n_c made_c (x Γ_c + Γ_dark,c) / (x Γ + Γ_dark),

where n_c = f_c / (R B_c) of the channel's own particle: f_c is the share of its signal in the category, R the square of
its coupling at the limit, B_c its branching fraction. That is the cross-section times the efficiency over a limit on
events, which is smooth where a branching fraction is not; its logarithm is interpolated between the masses of the
channel. At these r = 1 is the rescaled limit of `umbra.recast.limits`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np

from umbra.config.model_file import ModelFile
from umbra.config.plane_axes import COUPLING, MASS, Plane
from umbra.config.records import Channel, Interpretation
from umbra.core.constants import HBARC_GEV_MM
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.records import validated
from umbra.expectation.channel import branching_of
from umbra.inference.hypothesis import FittedPoint, LimitedPoint, read_fits, read_limits
from umbra.inference.workspace import Workspace, contents, read_archive
from umbra.recast.applicability import applicable, final_state_of
from umbra.recast.limits import BROADEST, LONGEST_FLIGHT_MM
from umbra.recast.own_model import OwnModel, build
from umbra.recast.production import OF_CHANNELS, ratio
from umbra.results.limits import VALUES
from umbra.theory.vertices import Vertices

#: Levels that regions are drawn of.
LEVELS = ("expected", "observed")
INVISIBLE = "invisible"


@dataclass(frozen=True)
class Rates:
    """What a channel limits, in a form that any model can be read into.

    Parameters
    ----------
    channel
        As it was run.
    processes, final_states
        Category -> how its signal is made, and what it decays to.
    own
        Couplings of the channel's own particle.
    mass_gev
        Masses of the channel, rising, shape (k,).
    per_limit
        Level -> category -> n_c at each mass, `nan` where there is none, shape (k,).
    parted
        Whether a veto lies between a mass and the next, shape (k - 1,).
    """

    channel: Channel
    processes: Mapping[str, str]
    final_states: Mapping[str, str]
    own: Vertices
    mass_gev: Array
    per_limit: Mapping[str, Mapping[str, Array]]
    parted: Array

    @cached_property
    def prompt(self) -> bool:
        """Whether decays are looked for that must be near the collision."""
        return any(each != INVISIBLE for each in self.final_states.values())

    def at(self, level: str, category: str, mass_gev: Array) -> Array:
        """n_c at any masses; `nan` outside, in a veto, and beside a mass without a limit. Shape of `mass_gev`."""
        with np.errstate(divide="ignore"):
            known = np.log(self.per_limit[level][category])
        last = len(self.mass_gev) - 1
        below = np.clip(np.searchsorted(self.mass_gev, mass_gev, "right") - 1, 0, max(last - 1, 0))
        above = np.minimum(below + 1, last)
        step = np.where(above > below, self.mass_gev[above] - self.mass_gev[below], 1.0)
        part = (mass_gev - self.mass_gev[below]) / step
        between = (1.0 - part) * known[below] + part * known[above]
        found = np.where(part == 0.0, known[below], np.where(part == 1.0, known[above], between))
        gap = self.parted[below] & (part > 0.0) & (part < 1.0) if last > 0 else np.zeros(mass_gev.shape, bool)
        outside = (mass_gev < self.mass_gev[0]) | (mass_gev > self.mass_gev[-1])
        for low, high in self.channel.masses.vetoed_gev:
            outside |= (mass_gev > low) & (mass_gev < high)
        return np.where(gap | outside, np.nan, np.exp(found))


@dataclass(frozen=True)
class Scan:
    """What channels exclude in a plane.

    Parameters
    ----------
    plane
        The axes.
    strengths
        Level -> channel -> rate over its limit, shape (points of y, points of x); `nan` where a channel says nothing.
    """

    plane: Plane
    strengths: Mapping[str, Mapping[str, Array]]

    def strongest(self, level: str) -> tuple[Array, Array]:
        """Largest rate over limit, zero where nothing is said, and the place of its channel, -1 for none."""
        every = np.array([np.nan_to_num(each, nan=0.0) for each in self.strengths[level].values()])
        if not len(every):
            shape = (self.plane.y.points, self.plane.x.points)
            return np.zeros(shape), np.full(shape, -1)
        found = every.max(axis=0)
        return found, np.where(found > 0.0, every.argmax(axis=0), -1)


def rates(channel: Channel, models: Sequence[OwnModel], folder: Path) -> Rates | str:
    """Read the finished limits of a channel, or say why a model cannot be read into them.

    Parameters
    ----------
    channel
        As it was run.
    models
        Of the plane: the interpretation is the first that one of them makes a signal in.
    folder
        Results of the channel.
    """
    if channel.lifetimes_mm:
        return "its limits depend on the lifetime, and have no rescaling"
    verdicts = [applicable(channel, model) for model in models]
    names = [name for each in verdicts for name in each.interpretations]
    if not names:
        return verdicts[0].reason
    if not (folder / "limits.csv").is_file():
        return f"it would apply, but {folder} has no results: run it first"
    interpretation = channel.interpretation(names[0])
    assert interpretation.coupling is not None  # one without is not applicable
    own = OF_CHANNELS[interpretation.coupling.name]
    categories = channel.categories_of(interpretation)
    rows = sorted(_rows(channel, interpretation, folder), key=lambda row: row.mass_gev)
    masses = np.array([row.mass_gev for row in rows])
    return Rates(
        channel=channel,
        processes={each.name: channel.signal_sample(each, interpretation).process for each in categories},
        final_states={each.name: final_state_of(channel, each, interpretation) for each in categories},
        own=own,
        mass_gev=masses,
        per_limit={
            level: {
                each.name: np.array([row.per_limit[level].get(each.name, np.nan) for row in rows])
                for each in categories
            }
            for level in LEVELS
        },
        parted=np.array(
            [
                any(low <= start and stop <= high for start, stop in channel.masses.vetoed_gev)
                for low, high in pairwise(masses)
            ],
            dtype=bool,
        ),
    )


@dataclass(frozen=True)
class _Row:
    """n_c of a channel at one of its masses, by level and category."""

    mass_gev: float
    per_limit: Mapping[str, Mapping[str, float]]


def _rows(channel: Channel, interpretation: Interpretation, folder: Path) -> Iterable[_Row]:
    for block in sorted((folder / "fits").glob("block_*.json")):
        archive = read_archive(folder / "workspaces" / f"{block.stem}.zip")
        limits = {
            each.point: each
            for each in read_limits(folder / "limits" / f"{block.stem}.json")
            if each.interpretation == interpretation.name
        }
        for fit in read_fits(block):
            if fit.interpretation == interpretation.name:
                shares = _shares(channel, interpretation, fit, archive)
                limit = limits[fit.point]
                found = {level: _per_limit(limit, level, shares) for level in LEVELS}
                yield _Row(fit.mass_gev, found)


def _shares(
    channel: Channel, interpretation: Interpretation, fit: FittedPoint, archive: Mapping[str, Workspace]
) -> dict[str, float]:
    """Category -> share of the signal over the branching fraction; empty where there is no workspace, or no shares."""
    if fit.status != "converged":
        return {}
    names = list(fit.windows) or [each.name for each in channel.categories_of(interpretation)]
    found = contents(archive[str(fit.member)])
    events = {name: sum(each.signal) for name, each in found.items()}
    if len(names) == 1:  # whatever the workspace calls it
        events = {names[0]: sum(events.values())}
    if set(events) != set(names):
        return {}
    whole = sum(events.values())
    shares = {}
    for name in names:
        own = branching_of(channel.category(name).branching, fit.mass_gev)
        own *= branching_of(interpretation.branching, fit.mass_gev)
        if own > 0.0:
            shares[name] = events[name] / whole / own
    return shares


def _per_limit(limit: LimitedPoint, level: str, shares: Mapping[str, float]) -> dict[str, float]:
    strength, per_mu = limit.strengths[VALUES.index(level)], limit.coupling_power_per_mu
    if limit.status != "converged" or not strength or not per_mu:
        return {}
    return {name: share / (strength * per_mu) for name, share in shares.items()}


def scan(file: ModelFile, plane: Plane, channels: Sequence[Rates]) -> Scan:
    """Compare rates with limits at every point of a plane.

    Raises
    ------
    UmbraError
        If an axis is no number of the model's file, or makes it one that cannot be read.
    """
    axes = {axis.parameter: np.array(axis.values) for axis in (plane.y, plane.x)}
    masses = axes.get(MASS, np.array([plane.at.get(MASS, 0.0)]))
    couplings = axes.get(COUPLING, np.array([plane.at.get(COUPLING, 0.0)]))
    others = [name for name in axes if name not in (MASS, COUPLING)]
    shape = tuple(len(values) for values in axes.values())
    found = {level: {each.channel.name: np.full(shape, np.nan) for each in channels} for level in LEVELS}
    tables = {level: [_tables(each, level, masses) for each in channels] for level in LEVELS}
    for place in product(*(range(len(axes[name])) for name in others)):
        values = {name: float(axes[name][i]) for name, i in zip(others, place, strict=True)}
        decays = _Decays(variant(file, {**plane.at, **values}), masses, couplings)
        where = tuple(place[others.index(name)] if name in others else slice(None) for name in axes)
        for level in LEVELS:
            for each, table in zip(channels, tables[level], strict=True):
                if not any(np.isfinite(n).any() for n in table.values()):
                    continue
                block = decays.strengths(each, table)  # masses by couplings
                turned = block if list(axes)[-1] == COUPLING else block.T
                found[level][each.channel.name][where] = turned.reshape(
                    found[level][each.channel.name][where].shape
                )
    return Scan(plane, found)


def variant(file: ModelFile, values: Mapping[str, float]) -> OwnModel:
    """Model with some numbers of its file replaced.

    Raises
    ------
    UmbraError
        If there is no such number, or the file cannot be read with it.
    """
    content: dict[str, Any] = file.model_dump(mode="json", exclude_none=True)
    for place, value in values.items():
        if place in (MASS, COUPLING):
            continue
        *path, last = place.split("/")
        block: Any = content
        for key in path:
            block = block.get(key) if isinstance(block, dict) else None
        if not isinstance(block, dict) or not isinstance(block.get(last), int | float):
            raise UmbraError(f"the plane: the model's file has no number at '{place}'")
        block[last] = value
    return build(validated(ModelFile, content, "the plane"))


def corners(file: ModelFile, plane: Plane) -> list[OwnModel]:
    """Models at ends and middles of the axes, which say what channels can apply to some of the plane."""
    axes = [axis for axis in (plane.x, plane.y) if axis.parameter not in (MASS, COUPLING)]
    chosen = [[axis.values[i] for i in (0, axis.points // 2, -1)] for axis in axes]
    return [
        variant(file, {**plane.at, **{axis.parameter: v for axis, v in zip(axes, values, strict=True)}})
        for values in product(*chosen)
    ]


def _tables(each: Rates, level: str, masses: Array) -> dict[str, Array]:
    return {category: each.at(level, category, masses) for category in each.processes}


class _Decays:
    """Widths of one model at all masses of a plane."""

    def __init__(self, model: OwnModel, masses: Array, couplings: Array) -> None:
        self.model, self.masses, self.squared = model, masses, couplings[np.newaxis, :] ** 2
        self._widths: dict[str, Array] = {}
        dark = np.array([model.dark_width_gev(float(mass)) for mass in masses])
        self.dark = dark[:, np.newaxis]
        covered = np.array([model.covers(float(mass)) for mass in masses])
        total = np.where(covered, self._at(lambda mass: model.decays.width_gev(mass, 1.0)), np.nan)
        self.total = self.squared * total[:, np.newaxis] + self.dark
        self.broad = self.total / masses[:, np.newaxis] > BROADEST

    def strengths(self, each: Rates, table: Mapping[str, Array]) -> Array:
        """Rate over limit, shape (masses, couplings); `nan` where the channel says nothing."""
        linear = np.zeros(len(self.masses))
        constant = np.zeros(len(self.masses))
        known = np.zeros(len(self.masses), dtype=bool)
        for category, per_limit in table.items():
            made = ratio(each.processes[category], self.model.vertices, each.own).value
            if made == 0.0:
                continue
            there = np.isfinite(per_limit)
            known |= there
            state = each.final_states[category]
            weight = np.where(there, per_limit, 0.0) * made
            linear += np.where(there, weight * self._partial(state), 0.0)
            if state == INVISIBLE:
                constant += weight * self.dark[:, 0]
        rate = self.squared * (self.squared * linear[:, np.newaxis] + constant[:, np.newaxis])
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(known[:, np.newaxis], rate / self.total, np.nan)
            flight_mm = HBARC_GEV_MM / self.total * self._boost(each)[:, np.newaxis]
        wrong = self.broad | ((flight_mm > LONGEST_FLIGHT_MM) if each.prompt else False)
        return np.where(wrong, np.nan, found)

    def _partial(self, state: str) -> Array:
        if state not in self._widths:
            decays = self.model.decays
            if state in (*decays.final_states, *decays.parts):
                self._widths[state] = self._at(lambda mass: decays.partial_width_gev(mass, state, 1.0))
            else:
                self._widths[state] = np.zeros(len(self.masses))
        return self._widths[state]

    def _at(self, width: Any) -> Array:
        """A width at all masses, `nan` where the model does not know it."""
        try:
            return np.broadcast_to(np.asarray(width(self.masses), float), self.masses.shape)
        except UmbraError:
            return np.array([self._one(width, float(mass)) for mass in self.masses])

    @staticmethod
    def _one(width: Any, mass_gev: float) -> float:
        try:
            return float(width(mass_gev))
        except UmbraError:
            return float("nan")

    def _boost(self, each: Rates) -> Array:
        """Momentum over mass beside something light: its largest."""
        energy = each.channel.machine.approximate_sqrt_s_gev
        found: Array = (energy**2 - self.masses**2) / (2.0 * energy * self.masses)
        return found
