"""The coefficients of the rows of templates, nu_b = sum_r c_r(theta) T_rb, and their derivatives.

A coefficient is a product of factors of one parameter each. Models with few of them are worked out row by row
(`EachRow`). In a full likelihood a sample has dozens of factors and a hundred rows that vary its shape, all of which
share the factors of the sample (`Families`): these are worked out once a sample, and every row adds one factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from umbra.statistics.interpolation import (
    HISTOSYS,
    LINEAR,
    NORMSYS,
    Array,
    histosys_factor,
    normsys_factor,
    normsys_value,
)
from umbra.statistics.model import Model

Index = npt.NDArray[np.intp]

LARGEST_SCATTER = 1_000_000  # elements; models with more pairs of factors are worked out by families


class Slots(NamedTuple):
    """Factors of rows: parameter (R, K) of each, and the (row, slot) of each kind."""

    parameter: Index
    linear: tuple[Index, Index]
    normsys: tuple[Index, Index]
    histosys: tuple[Index, Index]


@dataclass(frozen=True, eq=False)
class Layout:
    """Which parameter enters which row through which function; the same for all models of a batch.

    `pairs` are the (row, slot, slot) with a second derivative, `pair_scatter` (pairs, P*P) adds them up. Models with
    too many of them have `families` instead; `slots` are then those of the families.
    """

    n_parameters: int
    poi: int
    slots: Slots
    pairs: tuple[Index, Index, Index]
    pair_scatter: Array
    families: Families | None
    has_gammas: bool


class Families(NamedTuple):
    """G families of rows with common factors.

    `first` (G,) row without a factor of its own; `own_parameter` and `own_bends` (R,) parameter of the other rows'
    own factor, and whether it is a curve; `varies` (R,) whether there is one; `of_row` (R,) family of each row;
    `gather` (G, R) sums over the rows of a family; `gather_own` (P, R) over the rows of a parameter; `scatter`
    (G, K, P) brings slots of a family to parameters. `order` sorts the rows with an own factor by family and parameter;
    those of `cell` g * P + p start at `starts`.
    """

    first: Index
    own_parameter: Index
    own_bends: npt.NDArray[np.bool_]
    varies: npt.NDArray[np.bool_]
    of_row: Index
    gather: Array
    gather_own: Array
    scatter: Array
    order: Index
    starts: Index
    cell: Index


class Rows(Protocol):
    """Coefficients (N, R) at given parameters, and what follows from their derivatives."""

    coefficient: Array

    def jacobian(self, templates: Array) -> Array:
        """Derivatives (N, P, B) of sum_r c_r T_rb, where T is (N, R, B)."""

    def add_curvature(self, projected: Array, hessian: Array) -> None:
        """Add the second derivatives of sum_r c_r p_r, where p is (N, R), to a Hessian in place."""

    def shift(self, parameter: int, values: Array, templates: Array) -> Array:
        """By how much sum_r c_r T_rb changes where one parameter takes each of (A,) values, (N, A, B)."""


def make_layout(model: Model) -> Layout:
    """Lay out the factors of a model, and of all others of its structure."""
    n, n_pairs = len(model.parameters), sum(len(row) * (len(row) + 1) // 2 for row in model.slots)
    families = None
    rows: Sequence[int] = range(len(model.slots))
    if n_pairs * n * n > LARGEST_SCATTER:
        families = _families(model)
        rows = families.first.tolist()
    slots = _slots(model, rows)
    pairs, scatter = _pairs(model, slots) if families is None else ([], np.zeros((0, n * n)))
    return Layout(
        n_parameters=n,
        poi=model.poi,
        slots=slots,
        pairs=_columns(pairs, 3),  # type: ignore[arg-type]
        pair_scatter=scatter,
        families=families,
        has_gammas=bool(model.gamma_kind.any()),
    )


def normsys_shapes(layout: Layout, models: Sequence[Model]) -> list[list[tuple[float, ...]]]:
    """Constants of the normsys factors of each model, in the order of the layout."""
    at = layout.slots.normsys
    first = at[0] if layout.families is None else layout.families.first[at[0]]
    return [[model.slots[r][k].shape for r, k in zip(first, at[1], strict=True)] for model in models]


def expand(layout: Layout, shapes: Array, theta: Array) -> Rows:
    """Work out the coefficients at parameters (N, P)."""
    if layout.families is None:
        return EachRow(layout, shapes, theta)
    return FamilyRows(layout, layout.families, shapes, theta)


def coefficients(layout: Layout, shapes: Array, theta: Array) -> Array:
    """Coefficients (N, R) at parameters (N, P) without what `expand` needs for their derivatives."""
    if layout.families is None:
        return _product(_values(layout.slots, shapes, theta), ())
    return expand(layout, shapes, theta).coefficient


class EachRow:
    """Row by row."""

    def __init__(self, layout: Layout, shapes: Array, theta: Array) -> None:
        self.layout, self.shapes, self.theta = layout, shapes, theta
        self.value, self.first, self.second = _factors(layout.slots, shapes, theta)
        self.coefficient = _product(self.value, ())
        self._weights: Array | None = None

    def jacobian(self, templates: Array) -> Array:
        """See `Rows`."""
        if self._weights is None:
            self._weights = self._derivatives()
        return np.asarray(np.matmul(self._weights, templates))

    def _derivatives(self) -> Array:
        """Derivatives of the coefficients with respect to the parameters, (N, P, R)."""
        parameter = self.layout.slots.parameter
        weights = np.zeros((len(self.value), self.layout.n_parameters, len(parameter)))
        rows = np.arange(len(parameter))
        for k in range(parameter.shape[1]):
            weights[:, parameter[:, k], rows] += self.first[:, :, k] * _product(self.value, (k,))
        return weights

    def add_curvature(self, projected: Array, hessian: Array) -> None:
        """See `Rows`."""
        rows, left, right = self.layout.pairs
        if not len(rows):
            return
        first = self.first
        terms = np.where(
            left == right, self.second[:, rows, left], first[:, rows, left] * first[:, rows, right]
        )
        for k in range(self.value.shape[2]):
            terms = terms * np.where((left == k) | (right == k), 1.0, self.value[:, rows, k])
        terms = projected[:, rows] * terms
        hessian += np.matmul(terms[:, None, :], self.layout.pair_scatter).reshape(hessian.shape)

    def shift(self, parameter: int, values: Array, templates: Array) -> Array:
        """See `Rows`."""
        n, a = len(self.theta), len(values)
        theta = np.repeat(self.theta[:, None, :], a, axis=1)
        theta[:, :, parameter] = values
        moved = coefficients(self.layout, np.repeat(self.shapes, a, axis=0), theta.reshape(n * a, -1))
        change = moved.reshape(n, a, -1) - self.coefficient[:, None, :]
        return np.asarray(np.matmul(change, templates))


class FamilyRows:
    """By families.

    With q_k = f_k'/f_k the derivatives of a product F are F q_k and F q_k q_l. Where one factor is zero its quotient is
    replaced by its derivative and F by the product of the others, and only terms with that factor remain; where two
    are zero only the term with both.
    """

    def __init__(self, layout: Layout, families: Families, shapes: Array, theta: Array) -> None:
        self.families, self.slots, self.shapes = families, layout.slots, shapes
        value, first, second = _factors(layout.slots, shapes, theta)
        self.value = value
        zero = value == 0.0
        safe = np.where(zero, 1.0, value)
        self.product = np.multiply.reduce(safe, axis=2)  # (N, G)
        self.zeros = zero.sum(axis=2)
        quotient = first / safe
        self.plain, self.vanishing = (
            self._to_parameters(np.where(chosen, quotient, 0.0)) for chosen in (~zero, zero)
        )  # (N, G, P)
        bend = second / safe
        self.plain_diagonal, self.vanishing_diagonal = (
            self._to_parameters(np.where(chosen, bend, 0.0)) for chosen in (~zero, zero)
        )
        self.plain_square, self.vanishing_square = (
            self._to_parameters(np.where(chosen, quotient * quotient, 0.0)) for chosen in (~zero, zero)
        )
        own = theta[:, families.own_parameter]
        curve, curve_first, curve_second = histosys_factor(own)
        bends, varies = families.own_bends, families.varies
        self.own = np.where(bends, curve, np.where(varies, own, 1.0))  # (N, R)
        self.own_first = np.where(bends, curve_first, np.where(varies, 1.0, 0.0))
        self.own_second = np.where(bends, curve_second, 0.0)
        self.common = np.where(self.zeros == 0, self.product, 0.0)[:, families.of_row]
        self.coefficient = self.common * self.own
        none, one = (np.where(self.zeros == n, self.product, 0.0)[:, :, None] for n in (0, 1))
        self.slope = none * self.plain + one * self.vanishing  # (N, G, P)

    def _to_parameters(self, slots: Array) -> Array:
        """Sum slots (N, G, K) that belong to one parameter: (N, G, P)."""
        return np.asarray(np.matmul(slots[:, :, None, :], self.families.scatter)[:, :, 0, :])

    def jacobian(self, templates: Array) -> Array:
        """See `Rows`."""
        sums = np.matmul(self.families.gather, self.own[:, :, None] * templates)  # (N, G, B)
        by_own = np.matmul(self.families.gather_own, (self.common * self.own_first)[:, :, None] * templates)
        return np.asarray(np.matmul(self.slope.transpose(0, 2, 1), sums) + by_own)

    def add_curvature(self, projected: Array, hessian: Array) -> None:
        """See `Rows`."""
        families = self.families
        weight = np.matmul(families.gather, (projected * self.own)[:, :, None]) * self.product[:, :, None]
        none, one, two = (np.where(self.zeros[:, :, None] == n, weight, 0.0) for n in (0, 1, 2))  # (N, G, 1)
        plain, vanishing = self.plain, self.vanishing
        hessian += np.matmul(plain.transpose(0, 2, 1), none * plain)
        mixed = np.zeros_like(hessian)
        if one.any():
            mixed += np.matmul(plain.transpose(0, 2, 1), one * vanishing)
        if two.any():
            hessian += np.matmul(vanishing.transpose(0, 2, 1), two * vanishing)
        diagonal = none * (self.plain_diagonal - self.plain_square) + one * self.vanishing_diagonal
        diagonal -= two * self.vanishing_square
        own = np.zeros((len(hessian), self.slope.shape[1] * self.slope.shape[2]))
        moved = (projected * self.own_first)[:, families.order]
        if len(families.order):
            own[:, families.cell] = np.add.reduceat(moved, families.starts, axis=1)
        mixed += np.matmul(self.slope.transpose(0, 2, 1), own.reshape(self.slope.shape))
        hessian += mixed + mixed.transpose(0, 2, 1)
        bend = np.matmul(families.gather_own, (projected * self.common * self.own_second)[:, :, None])
        index = np.arange(hessian.shape[1])
        hessian[:, index, index] += np.add.reduce(diagonal, axis=1) + bend[:, :, 0]

    def shift(self, parameter: int, values: Array, templates: Array) -> Array:
        """See `Rows`."""
        families, (place, slot) = self.families, self.slots.normsys
        n, a, g = len(self.own), len(values), self.product.shape[1]
        ratio = np.ones((n, a, g))
        which = np.flatnonzero(self.slots.parameter[place, slot] == parameter)
        common = np.where(self.zeros == 0, self.product, 0.0)
        result = np.zeros((n, a, templates.shape[2]))
        if len(which):
            here = place[which]
            alphas = np.broadcast_to(values[:, None], (n, a, len(which)))
            shapes = np.broadcast_to(self.shapes[:, None, which], (*alphas.shape, self.shapes.shape[2]))
            ratio[:, :, here] = normsys_value(alphas, shapes) / self.value[:, None, here, slot[which]]
            sums = np.matmul(families.gather[here], self.own[:, :, None] * templates)
            result += np.matmul(common[:, None, here] * (ratio[:, :, here] - 1.0), sums)
        rows = np.flatnonzero(families.varies & (families.own_parameter == parameter))
        own = np.where(families.own_bends[rows], histosys_factor(values)[0][:, None], values[:, None])
        weight = (common[:, None] * ratio)[:, :, families.of_row[rows]] * (own - self.own[:, None, rows])
        return np.asarray(result + np.matmul(weight, templates[:, rows]))


def _slots(model: Model, rows: Sequence[int]) -> Slots:
    n_slots = max(len(model.slots[r]) for r in rows)
    parameter = np.zeros((len(rows), n_slots), dtype=np.intp)
    kinds: dict[int, list[tuple[int, ...]]] = {LINEAR: [], NORMSYS: [], HISTOSYS: []}
    for i, r in enumerate(rows):
        for k, slot in enumerate(model.slots[r]):
            parameter[i, k] = slot.parameter
            kinds[slot.kind].append((i, k))
    return Slots(parameter, *(_columns(kinds[kind], 2) for kind in (LINEAR, NORMSYS, HISTOSYS)))  # type: ignore[arg-type]


def _columns(entries: list[tuple[int, ...]], width: int) -> tuple[Index, ...]:
    array = np.array(entries, dtype=np.intp).reshape(len(entries), width)
    return tuple(array[:, c] for c in range(width))


def _pairs(model: Model, slots: Slots) -> tuple[list[tuple[int, ...]], Array]:
    pairs: list[tuple[int, ...]] = []
    for r, row in enumerate(model.slots):
        for k, slot in enumerate(row):
            pairs.extend((r, k, other) for other in range(k + 1, len(row)))
            if slot.kind != LINEAR:
                pairs.append((r, k, k))
    n = len(model.parameters)
    scatter = np.zeros((len(pairs), n, n))
    for q, (r, k, other) in enumerate(pairs):
        i, j = slots.parameter[r, k], slots.parameter[r, other]
        scatter[q, i, j] += 1.0
        if k != other:
            scatter[q, j, i] += 1.0
    return pairs, scatter.reshape(len(scatter), n * n)


def _families(model: Model) -> Families:
    own = [next((s for s in row if s.varies_shape), None) for row in model.slots]
    first = np.flatnonzero([slot is None for slot in own])
    place = {int(model.families[r]): g for g, r in enumerate(first)}
    of_row = np.array([place[int(family)] for family in model.families])
    parameter = np.array([0 if slot is None else slot.parameter for slot in own])
    varies = np.array([slot is not None for slot in own])
    n_rows, n = len(model.slots), len(model.parameters)
    gather, gather_own = np.zeros((len(first), n_rows)), np.zeros((n, n_rows))
    gather[of_row, np.arange(n_rows)] = 1.0
    gather_own[parameter[varies], np.flatnonzero(varies)] = 1.0
    scatter = np.zeros((len(first), max(len(model.slots[r]) for r in first), n))
    for g, r in enumerate(first):
        for k, slot in enumerate(model.slots[r]):
            scatter[g, k, slot.parameter] = 1.0
    bends = np.array([slot is not None and slot.kind == HISTOSYS for slot in own])
    cells = np.where(varies, of_row * n + parameter, -1)
    order = np.argsort(cells, kind="stable")[np.count_nonzero(~varies) :]
    cell, starts = np.unique(cells[order], return_index=True)
    return Families(first, parameter, bends, varies, of_row, gather, gather_own, scatter, order, starts, cell)


def _factors(slots: Slots, shapes: Array, theta: Array) -> tuple[Array, Array, Array]:
    """Values and derivatives of all factors, (N, R, K) each; empty slots are the constant one."""
    shape = (len(theta), *slots.parameter.shape)
    value, first, second = np.ones(shape), np.zeros(shape), np.zeros(shape)
    r, k = slots.linear
    value[:, r, k] = theta[:, slots.parameter[r, k]]
    first[:, r, k] = 1.0
    r, k = slots.normsys
    if len(r):
        f, f1, f2 = normsys_factor(theta[:, slots.parameter[r, k]], shapes)
        value[:, r, k], first[:, r, k], second[:, r, k] = f, f1, f2
    r, k = slots.histosys
    if len(r):
        f, f1, f2 = histosys_factor(theta[:, slots.parameter[r, k]])
        value[:, r, k], first[:, r, k], second[:, r, k] = f, f1, f2
    return value, first, second


def _values(slots: Slots, shapes: Array, theta: Array) -> Array:
    """Values of all factors, (N, R, K); see `_factors`."""
    value = np.ones((len(theta), *slots.parameter.shape))
    r, k = slots.linear
    value[:, r, k] = theta[:, slots.parameter[r, k]]
    r, k = slots.normsys
    if len(r):
        value[:, r, k] = normsys_value(theta[:, slots.parameter[r, k]], shapes)
    r, k = slots.histosys
    if len(r):
        value[:, r, k] = histosys_factor(theta[:, slots.parameter[r, k]])[0]
    return value


def _product(value: Array, skip: Sequence[int]) -> Array:
    """Product over the slots except some: exact where a factor is zero, which a quotient would not be."""
    result = np.ones(value.shape[:2])
    for k in range(value.shape[2]):
        if k not in skip:
            result = result * value[:, :, k]
    return result
