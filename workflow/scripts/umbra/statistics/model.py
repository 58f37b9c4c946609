"""Compile a HistFactory workspace (the JSON that pyhf reads) straight into arrays.

The expectation of every bin is written as a sum over rows of templates,

    nu_b = sum_r c_r(theta) T_rb ,        c_r(theta) = prod_k f_k(theta_k) ,

where each factor f is a function of one parameter. A sample is one row; a `histosys` adds two rows (its
symmetric and antisymmetric parts), because pyhf's interpolation code 4p is linear in those two templates; a
`normsys` is a factor (code 4). Per-bin parameters (`staterror`, `shapesys`, `shapefactor`) are left out of
theta and eliminated analytically wherever a bin has only one of them; the rest become ordinary parameters.

The definitions follow K. Cranmer et al., HistFactory, CERN-OPEN-2012-016, and pyhf's defaults.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from umbra.core.errors import UmbraError
from umbra.statistics.interpolation import HISTOSYS, LINEAR, NORMSYS, normsys_shape
from umbra.statistics.interpolation import Array as Array
from umbra.statistics.interpolation import Slot as Slot

NO_GAMMA, NORMAL, POISSON, FREE = 0, 1, 2, 3  # kinds of per-bin parameters
PADDING = 16  # bins are padded to a multiple of this, so that windows of similar width share a batch
ROUNDING = 1e-12  # of the largest bin


class WorkspaceError(UmbraError):
    """The workspace is not a HistFactory model that the engine can use."""


@dataclass(frozen=True)
class Eliminated:
    """Entries `offset` and following of the per-bin set `name`, `size` of them, belong to bins `start` and following.

    A `staterror` whose name stands in several channels is one set, with entries of its own for each of them.
    """

    name: str
    start: int
    offset: int
    size: int


@dataclass(frozen=True, eq=False)
class Model:
    """One workspace as arrays: P parameters, R rows, B bins (padded with empty ones to a common width).

    Attributes
    ----------
    templates : (R, B) expected counts of each row
    slots : the factors of each row
    families : (R,) equal for rows that share all factors but the one that varies a shape
    initial, lower, upper, centre, strength : (P,) start value, bounds, auxiliary measurement and its strength
        (1/sigma^2 of a normal constraint, tau of a Poisson one, 0 for a free parameter)
    poisson : (P,) whether the constraint is a Poisson one
    gamma_rows : (R, B) which templates the per-bin parameter of bin b multiplies
    gamma_kind, gamma_centre, gamma_strength : (B,) the same for the eliminated per-bin parameters
    observed : (B,) observed counts
    channels : name and number of bins of each channel, in the order of the bins
    eliminated : the per-bin parameters that are not part of theta, channel by channel
    """

    name: str
    parameters: tuple[str, ...]
    poi: int
    slots: tuple[tuple[Slot, ...], ...]
    families: tuple[int, ...]
    templates: Array
    initial: Array
    lower: Array
    upper: Array
    centre: Array
    strength: Array
    poisson: npt.NDArray[np.bool_]
    gamma_rows: npt.NDArray[np.bool_]
    gamma_kind: npt.NDArray[np.int8]
    gamma_centre: Array
    gamma_strength: Array
    observed: Array
    channels: tuple[tuple[str, int], ...]
    eliminated: tuple[Eliminated, ...]

    @property
    def n_bins(self) -> int:
        """Number of bins without the padding."""
        return sum(n for _, n in self.channels)

    @property
    def structure(self) -> tuple[object, ...]:
        """What two models must share to be fitted in one batch."""
        layout = tuple(tuple((slot.parameter, slot.kind) for slot in row) for row in self.slots)
        shape = (self.templates.shape, len(self.parameters), self.poi)
        return (*shape, layout, self.families, bool(self.gamma_kind.any()))

    def bin_label(self, index: int) -> str:
        """Name a bin for an error message."""
        for channel, n in self.channels:
            if index < n:
                return f"bin {index} of channel '{channel}'"
            index -= n
        raise IndexError(index)


@dataclass
class _Parameter:
    """A parameter set while the workspace is read; arrays have one entry, or one per bin."""

    name: str
    kind: str
    initial: Array
    lower: Array
    upper: Array
    centre: Array
    strength: Array
    poisson: bool = False
    fixed: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1, dtype=bool))
    offsets: dict[str, int] = field(
        default_factory=dict
    )  # first entry of each channel that a per-bin set is in


@dataclass
class _Row:
    """A sample in one channel, or one of the two shape rows that a `histosys` adds to it."""

    channel: str
    start: int
    data: Array
    factors: list[tuple[str, int, tuple[float, ...]]]
    per_bin: list[str]
    family: tuple[int, int] = (0, 0)  # number of the sample, and bin where rows are split into bins
    shape: str = ""  # parameter of the variation that a shape row is


# Which modifiers share a parameter by sharing a name: pyhf ties a normsys and a histosys of one name together.
_FAMILY = {
    "normfactor": "free",
    "normsys": "alpha",
    "histosys": "alpha",
    "lumi": "lumi",
    "staterror": "staterror",
    "shapesys": "shapesys",
    "shapefactor": "shapefactor",
}
_PER_BIN = {"staterror", "shapesys", "shapefactor"}


def compile_workspace(
    workspace: Mapping[str, Any], poi: str | None = None, measurement: str | None = None
) -> Model:
    """Compile a workspace into arrays.

    Parameters
    ----------
    workspace
        A HistFactory workspace as pyhf reads it (`channels`, `observations`, `measurements`).
    poi
        Parameter of interest; the measurement's own by default.
    measurement
        Name of the measurement; the first by default.

    Returns
    -------
    Model

    Raises
    ------
    WorkspaceError
        The workspace is incomplete, has lists of mismatched lengths, values that are not finite, negative
        observations, unknown modifiers or parameters, or no such parameter of interest.
    """
    try:
        return _Compiler(workspace, poi, measurement).model()
    except (KeyError, TypeError, AttributeError) as error:
        raise WorkspaceError(f"not a HistFactory workspace: {type(error).__name__}: {error}") from error


class _Compiler:
    def __init__(self, workspace: Mapping[str, Any], poi: str | None, measurement: str | None) -> None:
        self.settings = _measurement(workspace, measurement)
        name = poi if poi is not None else self.settings["config"].get("poi", "")
        if not name:
            raise WorkspaceError("the measurement names no parameter of interest and none was given")
        self.poi: str = name
        self.name = str(self.settings["name"])
        self.overrides = {entry["name"]: entry for entry in self.settings["config"].get("parameters", [])}
        self.parameters: dict[str, _Parameter] = {}
        self.rows: list[_Row] = []
        self.channels = _channels(workspace)
        self.observed = _observations(workspace, self.channels)
        ends = np.cumsum(list(self.channels.values()))
        self.starts = {name: int(end) - n for (name, n), end in zip(self.channels.items(), ends, strict=True)}
        self.stat: dict[str, dict[str, list[tuple[Array, Array]]]] = {}  # staterror, channel, its samples
        for channel in workspace["channels"]:
            self._channel(channel, self.starts[channel["name"]])
        for parameter, parts in self.stat.items():
            self._staterror(parameter, parts)
        self._override()

    # -- reading -------------------------------------------------------------------------------------------

    def _channel(self, channel: Mapping[str, Any], start: int) -> None:
        name, n = channel["name"], self.channels[channel["name"]]
        samples = [sample["name"] for sample in channel["samples"]]
        if len(set(samples)) < len(samples):
            raise WorkspaceError(f"channel '{name}' has two samples of one name")
        for sample in channel["samples"]:
            where = f"sample '{sample['name']}' of channel '{name}'"
            nominal = _numbers(sample["data"], n, where)
            row = _Row(name, start, nominal, [], [], (len(self.rows), 0))
            shapes: list[tuple[str, Array, Array]] = []
            for modifier in sample["modifiers"]:
                self._modifier(modifier, row, shapes, f"modifier '{modifier['name']}' of {where}")
            self.rows.append(row)
            for parameter, up, down in shapes:
                self._shape_rows(row, parameter, up, down)

    def _modifier(
        self,
        modifier: Mapping[str, Any],
        row: _Row,
        shapes: list[tuple[str, Array, Array]],
        where: str,
    ) -> None:
        kind, name = modifier["type"], modifier["name"]
        data: Any = modifier.get("data")
        if kind not in _FAMILY:
            raise WorkspaceError(f"{where} has the unknown type '{kind}'")
        n = len(row.data)
        if kind == "normfactor":
            self._declare(name, kind, initial=1.0, lower=0.0)
            row.factors.append((name, LINEAR, ()))
        elif kind == "lumi":
            self._declare(
                name, kind, initial=1.0, lower=0.0, strength=math.nan
            )  # the measurement gives sigma
            row.factors.append((name, LINEAR, ()))
        elif kind == "normsys":
            self._declare(name, kind, initial=0.0, lower=-math.inf, strength=1.0)
            high, low = data["hi"], data["lo"]
            if not (math.isfinite(high) and math.isfinite(low) and high > 0.0 and low > 0.0):
                raise WorkspaceError(f"{where} has hi = {high} and lo = {low}; both must be positive")
            row.factors.append((name, NORMSYS, normsys_shape(high, low)))
        elif kind == "histosys":
            self._declare(name, kind, initial=0.0, lower=-math.inf, strength=1.0)
            up = _numbers(data["hi_data"], n, where) - row.data
            down = row.data - _numbers(data["lo_data"], n, where)
            shapes.append((name, up, down))
        elif kind == "staterror":
            errors = _numbers(data, n, where)
            if np.any(errors < 0.0):
                raise WorkspaceError(f"{where} has a negative uncertainty {errors.min()}")
            self.stat.setdefault(name, {}).setdefault(row.channel, []).append((row.data, errors))
            row.per_bin.append(name)
        elif kind == "shapesys":
            self._shapesys(name, row, _numbers(data, n, where), where)
        else:
            self._declare(name, kind, initial=1.0, lower=0.0, size=n, channel=row.channel)
            row.per_bin.append(name)

    def _shape_rows(self, row: _Row, parameter: str, up: Array, down: Array) -> None:
        """Code 4p: alpha * (up + down)/2 + h(alpha) * (up - down), see `likelihood.histosys_factor`."""
        symmetric, antisymmetric = 0.5 * (up + down), up - down
        base = list(row.factors)
        self.rows.append(
            replace(row, data=symmetric, factors=[*base, (parameter, LINEAR, ())], shape=parameter)
        )
        # Rounding must not count as asymmetry: the row would cost time, and set the model apart from its like.
        if np.any(np.abs(antisymmetric) > ROUNDING * np.abs(row.data).max()):
            self.rows.append(
                replace(row, data=antisymmetric, factors=[*base, (parameter, HISTOSYS, ())], shape=parameter)
            )

    def _staterror(self, name: str, parts: Mapping[str, list[tuple[Array, Array]]]) -> None:
        """One parameter a bin for all samples that carry it; sigma adds in quadrature, relative to their sum.

        The bins of several channels follow each other in the order of the channels' names, as in pyhf.
        """
        if name in self.parameters:
            kind = self.parameters[name].kind
            raise WorkspaceError(f"parameter '{name}' is used as '{kind}' and as 'staterror'")
        channels = sorted(parts)
        total, variance = (
            np.concatenate([np.sum([pair[k] ** power for pair in parts[c]], axis=0) for c in channels])
            for k, power in ((0, 1), (1, 2))
        )
        positive = total > 0.0
        relative = np.where(positive, variance / np.where(positive, total, 1.0) ** 2, 0.0)
        fixed = relative == 0.0
        strength = np.where(fixed, 0.0, 1.0 / np.where(fixed, 1.0, relative))
        self._declare(name, "staterror", initial=1.0, lower=0.0, size=len(total), strengths=strength)
        sizes = [0, *np.cumsum([self.channels[c] for c in channels]).tolist()]
        self.parameters[name].offsets = dict(zip(channels, sizes, strict=False))
        self.parameters[name].fixed = fixed

    def _shapesys(self, name: str, row: _Row, errors: Array, where: str) -> None:
        if name in self.parameters:
            raise WorkspaceError(f"{where}: a shapesys cannot share its name with another modifier")
        if np.any(errors < 0.0):
            raise WorkspaceError(f"{where} has a negative uncertainty {errors.min()}")
        valid = (errors > 0.0) & (row.data > 0.0)
        tau = np.where(valid, (row.data / np.where(valid, errors, 1.0)) ** 2, 0.0)
        self._declare(
            name, "shapesys", initial=1.0, lower=0.0, size=len(tau), channel=row.channel, strengths=tau
        )
        self.parameters[name].fixed = ~valid
        row.per_bin.append(name)

    def _declare(
        self,
        name: str,
        modifier: str,
        initial: float,
        lower: float,
        strength: float = 0.0,
        size: int = 1,
        channel: str = "",
        strengths: Array | None = None,
    ) -> None:
        kind = _FAMILY[modifier]
        known = self.parameters.get(name)
        if known is not None:
            if known.kind != kind or len(known.initial) != size:
                raise WorkspaceError(f"parameter '{name}' is used as '{known.kind}' and as '{modifier}'")
            if channel:
                known.offsets.setdefault(channel, 0)
            return
        self.parameters[name] = _Parameter(
            name=name,
            kind=kind,
            initial=np.full(size, initial),
            lower=np.full(size, lower),
            upper=np.full(size, math.inf),
            centre=np.full(size, initial),
            strength=np.full(size, strength) if strengths is None else strengths,
            poisson=modifier == "shapesys",
            fixed=np.zeros(size, dtype=bool),
            offsets={channel: 0} if channel else {},
        )

    def _override(self) -> None:
        """Apply the measurement's parameter settings (`inits`, `bounds`, `fixed`, `auxdata`, `sigmas`)."""
        for name, entry in self.overrides.items():
            parameter = self.parameters.get(name)
            if parameter is None:
                continue  # pyhf, too, lets a measurement describe parameters that no sample uses
            size, where = len(parameter.initial), f"parameter '{name}' of measurement '{self.name}'"
            if "inits" in entry:
                parameter.initial = _numbers(entry["inits"], size, where)
            if "bounds" in entry:
                if len(entry["bounds"]) != size:
                    raise WorkspaceError(f"{where} has {len(entry['bounds'])} bounds for {size} values")
                bounds = np.asarray(entry["bounds"], dtype=float)
                parameter.lower, parameter.upper = bounds[:, 0], bounds[:, 1]
                if not np.all(parameter.lower <= parameter.upper):
                    raise WorkspaceError(f"{where} has bounds {entry['bounds']}")
            if "auxdata" in entry:
                parameter.centre = _numbers(entry["auxdata"], size, where)
                if parameter.poisson:
                    parameter.centre = parameter.centre / np.where(parameter.fixed, 1.0, parameter.strength)
            if "sigmas" in entry and not parameter.poisson and parameter.kind not in ("free", "shapefactor"):
                sigmas = _numbers(entry["sigmas"], size, where)
                if not np.all(sigmas > 0.0):
                    raise WorkspaceError(f"{where} has sigmas {entry['sigmas']}")
                parameter.strength = 1.0 / sigmas**2
            if entry.get("fixed", False):
                parameter.fixed = np.ones(size, dtype=bool)
        for parameter in self.parameters.values():
            if not np.all(np.isfinite(parameter.strength)):
                raise WorkspaceError(
                    f"the measurement gives no 'sigmas' for the parameter '{parameter.name}'"
                )

    # -- writing -------------------------------------------------------------------------------------------

    def model(self) -> Model:
        poi = self.parameters.get(self.poi)
        if poi is None or poi.kind in _PER_BIN:
            raise WorkspaceError(
                f"the parameter of interest '{self.poi}' is not a scalar parameter of the model"
            )
        n_bins = len(self.observed)
        padded = -(-n_bins // PADDING) * PADDING if n_bins > PADDING else n_bins
        eliminated = self._eliminated()
        rows = [part for row in self.rows for part in self._expand(row, eliminated)]
        layout = self._layout(eliminated)

        templates = np.zeros((len(rows), padded))
        gamma_rows = np.zeros((len(rows), padded), dtype=bool)
        slots = []
        numbers: dict[tuple[int, int], int] = {}
        gammas = [np.zeros(padded) for _ in range(3)]
        for index, row in enumerate(rows):
            stop = row.start + len(row.data)
            templates[index, row.start : stop] = row.data
            slots.append(
                tuple(
                    Slot(layout[name], kind, shape, name == row.shape and kind != NORMSYS)
                    for name, kind, shape in row.factors
                )
            )
            for name in row.per_bin:
                self._gamma(self.parameters[name], row, index, templates, gamma_rows, gammas)

        scalars = [self.parameters[name.split("\x1f")[0]] for name in layout]
        entries = [int(name.split("\x1f")[1]) if "\x1f" in name else 0 for name in layout]

        def column(attribute: str) -> Array:
            return np.array(
                [getattr(p, attribute)[i] for p, i in zip(scalars, entries, strict=True)], dtype=float
            )

        initial, lower, upper = column("initial"), column("lower"), column("upper")
        upper[layout[self.poi]] = math.inf  # a limit must not stop at the edge of a scan
        fixed = column("fixed") > 0.0
        lower, upper = np.where(fixed, initial, lower), np.where(fixed, initial, upper)
        model = Model(
            name=self.name,
            parameters=tuple(name.replace("\x1f", "_") for name in layout),
            poi=layout[self.poi],
            slots=tuple(slots),
            families=tuple(numbers.setdefault(row.family, len(numbers)) for row in rows),
            templates=templates,
            initial=np.clip(initial, lower, upper),
            lower=lower,
            upper=upper,
            centre=column("centre"),
            strength=column("strength"),
            poisson=np.array([p.poisson for p in scalars]),
            gamma_rows=gamma_rows,
            gamma_kind=gammas[0].astype(np.int8),
            gamma_centre=gammas[1],
            gamma_strength=gammas[2],
            observed=np.concatenate([self.observed, np.zeros(padded - n_bins)]),
            channels=tuple(self.channels.items()),
            eliminated=tuple(
                Eliminated(name, self.starts[channel], offset, self.channels[channel])
                for name in sorted(eliminated)
                for channel, offset in self.parameters[name].offsets.items()
            ),
        )
        if fixed[model.poi]:
            raise WorkspaceError(f"the parameter of interest '{self.poi}' is fixed")
        return model

    def _eliminated(self) -> set[str]:
        """Per-bin sets that can be eliminated: each entry in one bin only, and no other set in its channels."""
        chosen: set[str] = set()
        taken: set[str] = set()
        for name, parameter in self.parameters.items():
            shared = parameter.kind == "shapefactor" and len(parameter.offsets) > 1
            if parameter.kind in _PER_BIN and not shared and taken.isdisjoint(parameter.offsets):
                chosen.add(name)
                taken.update(parameter.offsets)
        return chosen

    def _expand(self, row: _Row, eliminated: set[str]) -> list[_Row]:
        """Split a row into one a bin where a per-bin parameter could not be eliminated."""
        kept = [name for name in row.per_bin if name not in eliminated]
        if not kept:
            return [row]
        rest = [name for name in row.per_bin if name in eliminated]
        first = {name: self.parameters[name].offsets[row.channel] for name in kept}
        return [
            replace(
                row,
                start=row.start + i,
                data=row.data[i : i + 1],
                factors=[*row.factors, *((f"{name}\x1f{first[name] + i}", LINEAR, ()) for name in kept)],
                per_bin=rest,
                family=(row.family[0], i),
            )
            for i in range(len(row.data))
        ]

    def _layout(self, eliminated: set[str]) -> dict[str, int]:
        """Index of every parameter of theta; entry i of a per-bin set is called name + separator + i."""
        names: list[str] = []
        for name, parameter in self.parameters.items():
            if parameter.kind not in _PER_BIN:
                names.append(name)
            elif name not in eliminated:
                names.extend(f"{name}\x1f{i}" for i in range(len(parameter.initial)))
        return {name: index for index, name in enumerate(names)}

    def _gamma(
        self,
        parameter: _Parameter,
        row: _Row,
        index: int,
        templates: Array,
        gamma_rows: npt.NDArray[np.bool_],
        gammas: list[Array],
    ) -> None:
        """Enter an eliminated per-bin parameter for the bins of one row."""
        bins = slice(row.start, row.start + len(row.data))
        first = row.start - self.starts[row.channel] + parameter.offsets[row.channel]
        here = slice(first, first + len(row.data))
        fixed = parameter.fixed[here]
        templates[index, bins] *= np.where(fixed, parameter.initial[here], 1.0)
        gamma_rows[index, bins] = ~fixed
        kind = FREE if parameter.kind == "shapefactor" else POISSON if parameter.poisson else NORMAL
        gammas[0][bins] = np.where(fixed, NO_GAMMA, kind)
        gammas[1][bins] = parameter.centre[here]
        gammas[2][bins] = parameter.strength[here]


def _measurement(workspace: Mapping[str, Any], name: str | None) -> Mapping[str, Any]:
    measurements: Sequence[Mapping[str, Any]] = workspace["measurements"]
    if not measurements:
        raise WorkspaceError("the workspace has no measurement")
    if name is None:
        return measurements[0]
    for entry in measurements:
        if entry["name"] == name:
            return entry
    raise WorkspaceError(f"the workspace has no measurement '{name}'")


def _channels(workspace: Mapping[str, Any]) -> dict[str, int]:
    channels: dict[str, int] = {}
    for channel in workspace["channels"]:
        if channel["name"] in channels:
            raise WorkspaceError(f"there are two channels '{channel['name']}'")
        if not channel["samples"]:
            raise WorkspaceError(f"channel '{channel['name']}' has no samples")
        channels[channel["name"]] = len(channel["samples"][0]["data"])
    if not channels or 0 in channels.values():
        raise WorkspaceError("the workspace has no bins")
    return channels


def _observations(workspace: Mapping[str, Any], channels: Mapping[str, int]) -> Array:
    observations = {entry["name"]: entry["data"] for entry in workspace["observations"]}
    parts = []
    for name, n in channels.items():
        if name not in observations:
            raise WorkspaceError(f"channel '{name}' has no observation")
        counts = _numbers(observations[name], n, f"the observation of channel '{name}'")
        if np.any(counts < 0.0):
            worst = int(np.argmin(counts))
            raise WorkspaceError(
                f"bin {worst} of channel '{name}' has the negative observation {counts[worst]}"
            )
        parts.append(counts)
    return np.concatenate(parts)


def _numbers(values: Any, n: int, where: str) -> Array:
    array = np.asarray(values, dtype=object if values is None else None)
    if array.dtype.kind not in "fiu" or array.ndim != 1:
        raise WorkspaceError(f"{where} is not a list of numbers")
    if len(array) != n:
        raise WorkspaceError(f"{where} has {len(array)} values where {n} are expected")
    array = array.astype(float)
    if not np.isfinite(array).all():
        bad = int(np.argmin(np.isfinite(array)))
        raise WorkspaceError(f"{where} has the value {array[bad]} in bin {bad}")
    return array
