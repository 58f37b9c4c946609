"""The likelihood of many models at once: value, exact gradient and exact Hessian.

The objective is half the deviance, -ln L relative to the saturated model, including the constraint terms:

    f = sum_b [nu_b - n_b - n_b ln(nu_b / n_b)] + sum_i (theta_i - a_i)^2 / (2 sigma_i^2) + ...

Written this way it stays precise at a million events a bin. Per-bin parameters gamma_b are minimised out in
closed form: with nu = A + gamma B the stationarity condition is a quadratic equation for every kind of
constraint, and the Hessian in theta is that of the profiled function (the Schur complement, bin by bin).

Every item of the batch is computed by itself, by elementwise operations and one small BLAS call an item. No
sum runs over the batch, so the result of an item is the same bit by bit, whatever else is in the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from umbra.statistics.curvature import bending_parameters
from umbra.statistics.interpolation import (
    HISTOSYS,
    LINEAR,
    NORMSYS,
    NORMSYS_SHAPE,
    Array,
    histosys_factor,
    normsys_factor,
)
from umbra.statistics.model import FREE, NORMAL, POISSON, Model

Index = npt.NDArray[np.intp]

# An empty bin is linear in nu: it pulls a parameter to its bound with no curvature to say how far that is.
# Minimisers take this fraction of the expected curvature, 1/nu, so that the step is long but finite.
EMPTY_BIN_CURVATURE = 0.01
LARGEST_SCATTER = 1_000_000  # elements; many parameters are added one by one


class Data(NamedTuple):
    """What was, or would be, measured: counts (N, B), constraint centres (N, P) and those of the bins (N, B)."""

    observed: Array
    centre: Array
    gamma_centre: Array

    def take(self, index: Index) -> Data:
        """Select items of the batch."""
        return Data(self.observed[index], self.centre[index], self.gamma_centre[index])


class Evaluation(NamedTuple):
    """Objective (N,), gradient (N, P), Hessian (N, P, P), expectation (N, B) and per-bin parameters (N, B)."""

    value: Array
    gradient: Array
    hessian: Array
    expected: Array
    gamma: Array


@dataclass(frozen=True, eq=False)
class Layout:
    """Which parameter enters which row through which function; the same for all models of a batch.

    `pairs` are the (row, slot, slot) with a second derivative; `pair_scatter` (pairs, P*P) adds them up, or is empty
    where it would be too large.
    """

    n_parameters: int
    poi: int
    n_slots: int
    parameter: Index
    linear: tuple[Index, Index]
    normsys: tuple[Index, Index]
    histosys: tuple[Index, Index]
    pairs: tuple[Index, Index, Index]
    pair_scatter: Array
    has_gammas: bool


@dataclass(frozen=True, eq=False)
class Batch:
    """N models of one structure. Arrays are as in `Model` with a leading axis N.

    `bending` (N, P) are the parameters that may give the objective several minima, see `curvature`.
    """

    layout: Layout
    templates: Array
    shapes: Array
    strength: Array
    poisson: npt.NDArray[np.bool_]
    bending: npt.NDArray[np.bool_]
    gamma_rows: npt.NDArray[np.bool_]
    gamma_kind: npt.NDArray[np.int8]
    gamma_strength: Array

    def __len__(self) -> int:
        return len(self.templates)

    def take(self, index: Index) -> Batch:
        """Select (or repeat) items of the batch."""
        return replace(
            self,
            templates=self.templates[index],
            shapes=self.shapes[index],
            strength=self.strength[index],
            poisson=self.poisson[index],
            bending=self.bending[index],
            gamma_rows=self.gamma_rows[index],
            gamma_kind=self.gamma_kind[index],
            gamma_strength=self.gamma_strength[index],
        )


def stack(models: Sequence[Model]) -> Batch:
    """Stack models of one `structure` into a batch."""
    layout = _layout(models[0])
    rows, slots = layout.normsys
    shapes = [[model.slots[r][k].shape for r, k in zip(rows, slots, strict=True)] for model in models]
    return Batch(
        layout=layout,
        templates=np.stack([model.templates for model in models]),
        shapes=np.array(shapes, dtype=float).reshape(len(models), len(rows), NORMSYS_SHAPE),
        strength=np.stack([model.strength for model in models]),
        poisson=np.stack([model.poisson for model in models]),
        bending=bending_parameters(tuple(models)),
        gamma_rows=np.stack([model.gamma_rows for model in models]),
        gamma_kind=np.stack([model.gamma_kind for model in models]),
        gamma_strength=np.stack([model.gamma_strength for model in models]),
    )


def observed_data(models: Sequence[Model]) -> Data:
    """The observations and auxiliary measurements of the workspaces."""
    return Data(
        np.stack([model.observed for model in models]),
        np.stack([model.centre for model in models]),
        np.stack([model.gamma_centre for model in models]),
    )


def asimov_data(batch: Batch, theta: Array, evaluation: Evaluation) -> Data:
    """The data set whose best fit is `theta`: expected counts, and constraints centred on the parameters."""
    return Data(evaluation.expected, theta, evaluation.gamma)


def _layout(model: Model) -> Layout:
    n_slots = max(len(row) for row in model.slots)
    parameter = np.zeros((len(model.slots), n_slots), dtype=np.intp)
    kinds: dict[int, list[tuple[int, int]]] = {LINEAR: [], NORMSYS: [], HISTOSYS: []}
    pairs: list[tuple[int, int, int]] = []
    for r, row in enumerate(model.slots):
        for k, slot in enumerate(row):
            parameter[r, k] = slot.parameter
            kinds[slot.kind].append((r, k))
            pairs.extend((r, k, other) for other in range(k + 1, len(row)))
            if slot.kind != LINEAR:
                pairs.append((r, k, k))
    n = len(model.parameters)
    small = len(pairs) * n * n <= LARGEST_SCATTER
    scatter = np.zeros((len(pairs), n, n) if small else (0, n, n))
    for q, (r, k, other) in enumerate(pairs if small else []):
        i, j = parameter[r, k], parameter[r, other]
        scatter[q, i, j] += 1.0
        if k != other:
            scatter[q, j, i] += 1.0

    def columns(entries: list[tuple[int, ...]], width: int) -> tuple[Index, ...]:
        array = np.array(entries, dtype=np.intp).reshape(len(entries), width)
        return tuple(array[:, c] for c in range(width))

    return Layout(
        n_parameters=n,
        poi=model.poi,
        n_slots=n_slots,
        parameter=parameter,
        linear=columns(list(kinds[LINEAR]), 2),  # type: ignore[arg-type]
        normsys=columns(list(kinds[NORMSYS]), 2),  # type: ignore[arg-type]
        histosys=columns(list(kinds[HISTOSYS]), 2),  # type: ignore[arg-type]
        pairs=columns(list(pairs), 3),  # type: ignore[arg-type]
        pair_scatter=scatter.reshape(len(scatter), n * n),
        has_gammas=bool(model.gamma_kind.any()),
    )


def _factors(batch: Batch, theta: Array) -> tuple[Array, Array, Array]:
    """Values and derivatives of all factors, (N, R, K) each; empty slots are the constant one."""
    layout = batch.layout
    shape = (len(theta), *layout.parameter.shape)
    value, first, second = np.ones(shape), np.zeros(shape), np.zeros(shape)
    r, k = layout.linear
    value[:, r, k] = theta[:, layout.parameter[r, k]]
    first[:, r, k] = 1.0
    r, k = layout.normsys
    if len(r):
        f, f1, f2 = normsys_factor(theta[:, layout.parameter[r, k]], batch.shapes)
        value[:, r, k], first[:, r, k], second[:, r, k] = f, f1, f2
    r, k = layout.histosys
    if len(r):
        f, f1, f2 = histosys_factor(theta[:, layout.parameter[r, k]])
        value[:, r, k], first[:, r, k], second[:, r, k] = f, f1, f2
    return value, first, second


def _product(value: Array, skip: Sequence[int]) -> Array:
    """Product over the slots except some: exact where a factor is zero, which a quotient would not be."""
    result = np.ones(value.shape[:2])
    for k in range(value.shape[2]):
        if k not in skip:
            result = result * value[:, :, k]
    return result


def evaluate(
    batch: Batch, data: Data, theta: Array, empty_bin_curvature: float = EMPTY_BIN_CURVATURE
) -> Evaluation:
    """Evaluate the objective with its exact gradient, and its Hessian.

    Parameters
    ----------
    batch, data
        N models and their data.
    theta
        (N, P) parameters.
    empty_bin_curvature
        Second derivative in nu that bins without events are given, in units of 1/nu; zero is exact.

    Returns
    -------
    Evaluation
        The value is infinite where an expectation is negative, or zero where events were observed.
    """
    layout = batch.layout
    value, first, second = _factors(batch, theta)
    coefficient = _product(value, ())
    weights = _weights(layout, value, first)
    terms = _bins(batch, data, coefficient, weights, empty_bin_curvature)
    projected = np.matmul(terms.templates, terms.first[:, :, None])[:, :, 0]  # sum_b df/dnu_b T_rb
    gradient = np.matmul(weights, projected[:, :, None])[:, :, 0]
    hessian = terms.hessian
    pair_rows, left, right = layout.pairs
    if len(pair_rows):
        curvature = _second_derivatives(value, first, second, pair_rows, left, right)
        _add_pairs(layout, projected[:, pair_rows] * curvature, hessian)

    total = terms.value + _add_constraints(batch, data, theta, gradient, hessian)
    return Evaluation(total, gradient, hessian, terms.expected, terms.gamma)


def _add_pairs(layout: Layout, terms: Array, hessian: Array) -> None:
    """Add terms (N, pairs) to the entries of the Hessian that they belong to, in place."""
    n, p = len(hessian), layout.n_parameters
    if layout.pair_scatter.size:
        hessian += np.matmul(terms[:, None, :], layout.pair_scatter).reshape(n, p, p)
        return
    rows, left, right = layout.pairs
    for q, (r, k, other) in enumerate(zip(rows, left, right, strict=True)):
        i, j = layout.parameter[r, k], layout.parameter[r, other]
        hessian[:, i, j] += terms[:, q]
        if k != other:
            hessian[:, j, i] += terms[:, q]


def expectation(batch: Batch, theta: Array, gamma: Array) -> Array:
    """Expected counts (N, B) at given parameters (N, P) and per-bin parameters (N, B)."""
    coefficient = _product(_factors(batch, theta)[0], ())[:, None, :]
    expected = np.matmul(coefficient, batch.templates)
    if batch.layout.has_gammas:
        expected += (gamma - 1.0)[:, None, :] * np.matmul(coefficient, batch.templates * batch.gamma_rows)
    return np.asarray(expected[:, 0, :])


def expectation_slope(batch: Batch, theta: Array, gamma: Array) -> Array:
    """Derivatives of the expected counts (N, P, B) with respect to the parameters, at fixed per-bin ones."""
    value, first, _ = _factors(batch, theta)
    templates = batch.templates + (gamma - 1.0)[:, None, :] * (batch.templates * batch.gamma_rows)
    return np.asarray(np.matmul(_weights(batch.layout, value, first), templates))


def _weights(layout: Layout, value: Array, first: Array) -> Array:
    """Derivatives of the row coefficients with respect to the parameters, (N, P, R)."""
    weights = np.zeros((len(value), layout.n_parameters, len(layout.parameter)))
    rows = np.arange(len(layout.parameter))
    for k in range(layout.n_slots):
        weights[:, layout.parameter[:, k], rows] += first[:, :, k] * _product(value, (k,))
    return weights


def _second_derivatives(
    value: Array, first: Array, second: Array, rows: Index, left: Index, right: Index
) -> Array:
    """Second derivatives of the row coefficients for the (row, slot, slot) of a layout, (N, pairs)."""
    same = left == right
    result = np.where(same, second[:, rows, left], first[:, rows, left] * first[:, rows, right])
    for k in range(value.shape[2]):
        result = result * np.where((left == k) | (right == k), 1.0, value[:, rows, k])
    return result


def _add_constraints(batch: Batch, data: Data, theta: Array, gradient: Array, hessian: Array) -> Array:
    """Add the constraint terms of theta to gradient and Hessian in place, and return their value (N,)."""
    pull = theta - data.centre
    term = 0.5 * batch.strength * pull * pull
    slope = batch.strength * pull
    curvature = batch.strength
    if batch.poisson.any():
        ratio_value, ratio_slope, ratio_curvature = _poisson_constraint(theta, data.centre, batch.strength)
        term = np.where(batch.poisson, ratio_value, term)
        slope = np.where(batch.poisson, ratio_slope, slope)
        curvature = np.where(batch.poisson, ratio_curvature, curvature)
    gradient += slope
    diagonal = np.arange(theta.shape[1])
    hessian[:, diagonal, diagonal] += curvature
    return _sum(term)


def _poisson_constraint(gamma: Array, centre: Array, tau: Array) -> tuple[Array, Array, Array]:
    """Give tau (gamma - centre) - tau centre ln(gamma / centre) and its derivatives in gamma."""
    safe = np.where(tau > 0.0, np.maximum(gamma, 1e-75), 1.0)
    return (
        tau * deviance(np.where(tau > 0.0, gamma, 1.0), np.where(tau > 0.0, centre, 1.0)),
        tau * (1.0 - centre / safe),
        tau * centre / (safe * safe),
    )


def deviance(expected: Array, observed: Array) -> Array:
    """Give nu - n - n ln(nu / n), which is nu for n = 0; infinite where nu cannot give n.

    Near nu = n it is n (x - ln(1 + x)) with x = (nu - n)/n, whose rounding error shrinks with nu - n.
    """
    some = observed > 0.0
    counts = np.where(some, observed, 1.0)
    x = (expected - counts) / counts
    possible = np.where(some, x > -1.0, expected >= 0.0)
    x = np.where(some & possible, x, 0.0)
    value = np.where(some, counts * (x - np.log1p(x)), expected)
    return np.where(possible, value, np.inf)


def _sum(array: Array) -> Array:
    """Sum over the last axis, item by item in a fixed order."""
    return np.asarray(np.add.reduce(np.ascontiguousarray(array), axis=-1))


class _Terms(NamedTuple):
    value: Array  # (N,)
    first: Array  # (N, B) df/dnu
    hessian: Array  # (N, P, P) from the second derivatives in nu, after eliminating the per-bin parameters
    templates: Array  # (N, R, B) at the present per-bin parameters
    expected: Array  # (N, B)
    gamma: Array  # (N, B)


def _bins(batch: Batch, data: Data, coefficient: Array, weights: Array, empty_bin_curvature: float) -> _Terms:
    """The Poisson terms, with the per-bin parameters at their best values."""
    observed = data.observed
    if not batch.layout.has_gammas:
        expected = np.matmul(coefficient[:, None, :], batch.templates)[:, 0, :]
        first, second = _poisson_derivatives(expected, observed, empty_bin_curvature)
        jacobian = np.matmul(weights, batch.templates)
        hessian = np.matmul(jacobian * second[:, None, :], jacobian.transpose(0, 2, 1))
        value = _sum(deviance(expected, observed))
        return _Terms(value, first, hessian, batch.templates, expected, data.gamma_centre)

    scaled = batch.templates * batch.gamma_rows
    total = np.matmul(coefficient[:, None, :], batch.templates)[:, 0, :]
    part = np.matmul(coefficient[:, None, :], scaled)[:, 0, :]
    gamma, bound = _best_gamma(batch, data, total - part, part)
    templates = batch.templates + (gamma - 1.0)[:, None, :] * scaled
    expected = total + (gamma - 1.0) * part
    first, second = _poisson_derivatives(expected, observed, empty_bin_curvature)

    jacobian = np.matmul(weights, templates)
    jacobian_part = np.matmul(weights, scaled)
    normal, poisson = batch.gamma_kind == NORMAL, batch.gamma_kind == POISSON
    penalty, _, stiffness = _poisson_constraint(gamma, data.gamma_centre, batch.gamma_strength)
    pull = gamma - data.gamma_centre
    penalty = np.where(normal, 0.5 * batch.gamma_strength * pull * pull, np.where(poisson, penalty, 0.0))
    stiffness = np.where(normal, batch.gamma_strength, np.where(poisson, stiffness, 0.0))
    curvature = second * part * part + stiffness
    moves = (batch.gamma_kind != 0) & ~bound & (curvature > 0.0)
    inverse = np.where(moves, 1.0 / np.where(moves, curvature, 1.0), 0.0)
    mixed = (second * part)[:, None, :] * jacobian + first[:, None, :] * jacobian_part
    hessian = np.matmul(jacobian * second[:, None, :], jacobian.transpose(0, 2, 1))
    hessian -= np.matmul(mixed * inverse[:, None, :], mixed.transpose(0, 2, 1))
    value = _sum(deviance(expected, observed) + penalty)
    return _Terms(value, first, hessian, templates, expected, gamma)


def _poisson_derivatives(expected: Array, observed: Array, empty_bin_curvature: float) -> tuple[Array, Array]:
    """d/dnu and d^2/dnu^2 of nu - n ln nu."""
    safe = np.maximum(expected, 1e-75)  # so that its square does not vanish
    ratio = observed / safe
    second = np.where(observed > 0.0, ratio / safe, empty_bin_curvature / np.maximum(safe, 1e-12))
    return 1.0 - ratio, second


def _best_gamma(batch: Batch, data: Data, rest: Array, part: Array) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Minimise nu - n ln nu + penalty(gamma) over gamma >= 0, where nu = rest + gamma * part.

    Stationarity is a gamma^2 + b gamma + c = 0: with strength k and centre g0 it reads, for a normal
    constraint, (part + k (gamma - g0)) nu = n part; for a Poisson one, multiplied by gamma,
    (part + k) gamma nu = n part gamma + k g0 nu. Without a constraint nu = n.

    Returns
    -------
    gamma, bound
        (N, B); `bound` where gamma is held at its lower edge, zero.
    """
    kind, k, g0, n = batch.gamma_kind, batch.gamma_strength, data.gamma_centre, data.observed
    poisson = kind == POISSON
    a = np.where(poisson, (part + k) * part, k * part)
    b = np.where(poisson, (part + k) * rest - (n + k * g0) * part, (part - k * g0) * part + k * rest)
    c = np.where(poisson, -k * g0 * rest, (part - k * g0) * rest - n * part)
    gamma = _larger_root(a, b, c)
    free = (n - rest) / np.where(part > 0.0, part, 1.0)
    gamma = np.where(kind == FREE, np.where(part > 0.0, free, g0), gamma)
    gamma = np.where(kind == 0, 1.0, np.where((part == 0.0) & (kind != FREE), g0, gamma))
    bound = (kind != 0) & (gamma <= 0.0)
    return np.maximum(gamma, 0.0), bound


def _larger_root(a: Array, b: Array, c: Array) -> Array:
    """Larger root of a x^2 + b x + c without cancellation; c/b where a vanishes."""
    root = np.sqrt(np.maximum(b * b - 4.0 * a * c, 0.0))
    plus = b > 0.0
    numerator = np.where(plus, -2.0 * c, root - b)
    denominator = np.where(plus, b + root, 2.0 * a)
    return np.asarray(numerator / np.where(denominator != 0.0, denominator, 1.0))
