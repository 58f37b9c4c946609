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
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from umbra.statistics.interpolation import LINEAR, NORMSYS, Array, Slot
from umbra.statistics.model import FREE, NO_GAMMA, NORMAL, POISSON, Eliminated, Model, WorkspaceError
from umbra.statistics.workspace_content import PER_BIN, Content, Parameter, Row

PADDING = 16  # bins are padded to a multiple of this, so that windows of similar width share a batch


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
        return _Compiler(Content(workspace, poi, measurement)).model()
    except (KeyError, TypeError, AttributeError) as error:
        raise WorkspaceError(f"not a HistFactory workspace: {type(error).__name__}: {error}") from error


class _Compiler:
    def __init__(self, content: Content) -> None:
        self.content = content
        self.parameters = content.parameters
        self.channels = content.channels
        self.starts = content.starts

    def model(self) -> Model:
        poi = self.parameters.get(self.content.poi)
        if poi is None or poi.kind in PER_BIN:
            raise WorkspaceError(
                f"the parameter of interest '{self.content.poi}' is not a scalar parameter of the model"
            )
        n_bins = len(self.content.observed)
        padded = -(-n_bins // PADDING) * PADDING if n_bins > PADDING else n_bins
        eliminated = self._eliminated()
        rows = [part for row in self.content.rows for part in self._expand(row, eliminated)]
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
        upper[layout[self.content.poi]] = math.inf  # a limit must not stop at the edge of a scan
        fixed = column("fixed") > 0.0
        lower, upper = np.where(fixed, initial, lower), np.where(fixed, initial, upper)
        model = Model(
            name=self.content.name,
            parameters=tuple(name.replace("\x1f", "_") for name in layout),
            poi=layout[self.content.poi],
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
            observed=np.concatenate([self.content.observed, np.zeros(padded - n_bins)]),
            channels=tuple(self.channels.items()),
            eliminated=tuple(
                Eliminated(name, self.starts[channel], offset, self.channels[channel])
                for name in sorted(eliminated)
                for channel, offset in self.parameters[name].offsets.items()
            ),
        )
        if fixed[model.poi]:
            raise WorkspaceError(f"the parameter of interest '{self.content.poi}' is fixed")
        return model

    def _eliminated(self) -> set[str]:
        """Per-bin sets that can be eliminated: each entry in one bin only, and no other set in its channels."""
        chosen: set[str] = set()
        taken: set[str] = set()
        for name, parameter in self.parameters.items():
            shared = parameter.kind == "shapefactor" and len(parameter.offsets) > 1
            if parameter.kind in PER_BIN and not shared and taken.isdisjoint(parameter.offsets):
                chosen.add(name)
                taken.update(parameter.offsets)
        return chosen

    def _expand(self, row: Row, eliminated: set[str]) -> list[Row]:
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
            if parameter.kind not in PER_BIN:
                names.append(name)
            elif name not in eliminated:
                names.extend(f"{name}\x1f{i}" for i in range(len(parameter.initial)))
        return {name: index for index, name in enumerate(names)}

    def _gamma(
        self,
        parameter: Parameter,
        row: Row,
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
