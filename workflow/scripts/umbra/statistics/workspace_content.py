"""Read what a workspace says: parameters, rows of templates and observations, not yet laid out as arrays.

A sample is one row; a `histosys` adds two rows (its symmetric and antisymmetric parts), because pyhf's interpolation
code 4p is linear in those two templates; a `normsys` is a factor (code 4).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from umbra.statistics.interpolation import HISTOSYS, LINEAR, NORMSYS, normsys_shape
from umbra.statistics.model import Array, WorkspaceError
from umbra.statistics.workspace_values import channel_sizes, chosen_measurement, numbers, observations

ROUNDING = 1e-12  # of the largest bin

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
PER_BIN = {"staterror", "shapesys", "shapefactor"}


@dataclass
class Parameter:
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
class Row:
    """A sample in one channel, or one of the two shape rows that a `histosys` adds to it."""

    channel: str
    start: int
    data: Array
    factors: list[tuple[str, int, tuple[float, ...]]]
    per_bin: list[str]
    family: tuple[int, int] = (0, 0)  # number of the sample, and bin where rows are split into bins
    shape: str = ""  # parameter of the variation that a shape row is


class Content:
    """The parameters, rows and observations of a workspace, read with one of its measurements."""

    def __init__(self, workspace: Mapping[str, Any], poi: str | None, measurement: str | None) -> None:
        self.settings = chosen_measurement(workspace, measurement)
        name = poi if poi is not None else self.settings["config"].get("poi", "")
        if not name:
            raise WorkspaceError("the measurement names no parameter of interest and none was given")
        self.poi: str = name
        self.name = str(self.settings["name"])
        self.overrides = {entry["name"]: entry for entry in self.settings["config"].get("parameters", [])}
        self.parameters: dict[str, Parameter] = {}
        self.rows: list[Row] = []
        self.channels = channel_sizes(workspace)
        self.observed = observations(workspace, self.channels)
        ends = np.cumsum(list(self.channels.values()))
        self.starts = {name: int(end) - n for (name, n), end in zip(self.channels.items(), ends, strict=True)}
        self.stat: dict[str, dict[str, list[tuple[Array, Array]]]] = {}  # staterror, channel, its samples
        for channel in workspace["channels"]:
            self._channel(channel, self.starts[channel["name"]])
        for parameter, parts in self.stat.items():
            self._staterror(parameter, parts)
        self._override()

    def _channel(self, channel: Mapping[str, Any], start: int) -> None:
        name, n = channel["name"], self.channels[channel["name"]]
        samples = [sample["name"] for sample in channel["samples"]]
        if len(set(samples)) < len(samples):
            raise WorkspaceError(f"channel '{name}' has two samples of one name")
        for sample in channel["samples"]:
            where = f"sample '{sample['name']}' of channel '{name}'"
            nominal = numbers(sample["data"], n, where)
            row = Row(name, start, nominal, [], [], (len(self.rows), 0))
            shapes: list[tuple[str, Array, Array]] = []
            for modifier in sample["modifiers"]:
                self._modifier(modifier, row, shapes, f"modifier '{modifier['name']}' of {where}")
            self.rows.append(row)
            for parameter, up, down in shapes:
                self._shape_rows(row, parameter, up, down)

    def _modifier(
        self,
        modifier: Mapping[str, Any],
        row: Row,
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
            up = numbers(data["hi_data"], n, where) - row.data
            down = row.data - numbers(data["lo_data"], n, where)
            shapes.append((name, up, down))
        elif kind == "staterror":
            errors = numbers(data, n, where)
            if np.any(errors < 0.0):
                raise WorkspaceError(f"{where} has a negative uncertainty {errors.min()}")
            self.stat.setdefault(name, {}).setdefault(row.channel, []).append((row.data, errors))
            row.per_bin.append(name)
        elif kind == "shapesys":
            self._shapesys(name, row, numbers(data, n, where), where)
        else:
            self._declare(name, kind, initial=1.0, lower=0.0, size=n, channel=row.channel)
            row.per_bin.append(name)

    def _shape_rows(self, row: Row, parameter: str, up: Array, down: Array) -> None:
        """Code 4p: alpha * (up + down)/2 + h(alpha) * (up - down), see `likelihood.histosys_factor`."""
        symmetric, antisymmetric = 0.5 * (up + down), up - down
        base = list(row.factors)
        self.rows.append(
            replace(row, data=symmetric, factors=[*base, (parameter, LINEAR, ())], shape=parameter)
        )
        # Rounding must not count as asymmetry: the row would cost time, and set the model apart from its like.
        if np.abs(antisymmetric).max() > ROUNDING * np.abs(row.data).max():
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

    def _shapesys(self, name: str, row: Row, errors: Array, where: str) -> None:
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
        start = np.array([initial] * size)
        self.parameters[name] = Parameter(
            name=name,
            kind=kind,
            initial=start,
            lower=np.array([lower] * size),
            upper=np.array([math.inf] * size),
            centre=start,
            strength=np.array([strength] * size) if strengths is None else strengths,
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
                parameter.initial = numbers(entry["inits"], size, where)
            if "bounds" in entry:
                if len(entry["bounds"]) != size:
                    raise WorkspaceError(f"{where} has {len(entry['bounds'])} bounds for {size} values")
                bounds = np.asarray(entry["bounds"], dtype=float)
                parameter.lower, parameter.upper = bounds[:, 0], bounds[:, 1]
                if not np.all(parameter.lower <= parameter.upper):
                    raise WorkspaceError(f"{where} has bounds {entry['bounds']}")
            if "auxdata" in entry:
                parameter.centre = numbers(entry["auxdata"], size, where)
                if parameter.poisson:
                    parameter.centre = parameter.centre / np.where(parameter.fixed, 1.0, parameter.strength)
            if "sigmas" in entry and not parameter.poisson and parameter.kind not in ("free", "shapefactor"):
                sigmas = numbers(entry["sigmas"], size, where)
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
