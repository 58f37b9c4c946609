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
from umbra.statistics.interpolation import NORMSYS_SHAPE, Array
from umbra.statistics.model import FREE, NORMAL, POISSON, Model
from umbra.statistics.rows import Index as Index
from umbra.statistics.rows import Layout, Rows, coefficients, expand, make_layout, normsys_shapes

Mask = npt.NDArray[np.bool_]

# An empty bin is linear in nu: it pulls a parameter to its bound with no curvature to say how far that is.
# Minimisers take this fraction of the expected curvature, 1/nu, so that the step is long but finite; no more than where
# FEWEST events are expected, lest a bin that expects none seem too stiff to leave.
EMPTY_BIN_CURVATURE = 0.01
FEWEST = 0.01
STIFFEST = (
    1e12  # second derivative in nu at which `slices` cuts off: a bin with events where hardly any is expected
)


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
    layout = make_layout(models[0])
    n_normsys = len(layout.slots.normsys[0])
    templates = np.stack([model.templates for model in models])
    return Batch(
        layout=layout,
        templates=templates,
        shapes=np.array(normsys_shapes(layout, models), dtype=float).reshape(
            len(models), n_normsys, NORMSYS_SHAPE
        ),
        strength=np.stack([model.strength for model in models]),
        poisson=np.stack([model.poisson for model in models]),
        bending=bending_parameters(tuple(models), templates),
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
    rows = expand(batch.layout, batch.shapes, theta)
    terms = _bins(batch, data, rows, empty_bin_curvature)
    gradient = np.matmul(terms.jacobian, terms.first[:, :, None])[:, :, 0]
    hessian = terms.hessian
    projected = np.matmul(terms.templates, terms.first[:, :, None])[:, :, 0]  # sum_b df/dnu_b T_rb
    rows.add_curvature(projected, hessian)

    total = terms.value + _add_constraints(batch, data, theta, gradient, hessian)
    return Evaluation(total, gradient, hessian, terms.expected, terms.gamma)


def slices(batch: Batch, data: Data, theta: Array, free: Mask, parameters: Index, values: Array) -> Array:
    """Predict the objective where one parameter takes other values and the free ones follow.

    The expectation moves exactly, the deviance and the other parameters' answer are those of the quadratic form at
    `theta`, a minimum: with J the derivatives of the expectation, W the second derivatives of the deviance in it and S
    the constraints, a change D of the expectation costs f'.D + D M D / 2 + (D u)^2 / (2 v), where M = W - W J^T C J W,
    C = (S + J W J^T)^-1, u = W J^T C_k and v = C_kk for the parameter k that moves by itself.

    Parameters
    ----------
    batch, data, theta
        N models, their data and best fits (N, P).
    free
        (N, P) parameters that may follow.
    parameters, values
        (K,) parameters, and (A,) values that each of them takes in turn.

    Returns
    -------
    array (N, K, A)
        Change of the objective.
    """
    rows = expand(batch.layout, batch.shapes, theta)
    terms = _bins(batch, data, rows, EMPTY_BIN_CURVATURE)
    jacobian = np.where(free[:, :, None], terms.jacobian, 0.0)
    stiffness = np.minimum(terms.stiffness, STIFFEST)
    weighted = jacobian * stiffness[:, None, :]
    matrix = np.matmul(weighted, jacobian.transpose(0, 2, 1))
    diagonal = np.arange(theta.shape[1])
    matrix[:, diagonal, diagonal] += np.where(free, batch.strength, 1.0)
    size = matrix[:, diagonal, diagonal]
    matrix[:, diagonal, diagonal] = np.where(
        size > 0.0, size * (1.0 + 1e-9), 1.0
    )  # parameters may imitate each other
    scale = 1.0 / np.sqrt(matrix[:, diagonal, diagonal])
    covariance = np.linalg.inv(matrix * scale[:, :, None] * scale[:, None, :])
    covariance *= scale[:, :, None] * scale[:, None, :]
    answer = np.matmul(weighted.transpose(0, 2, 1), covariance)  # (N, B, P)
    form = -np.matmul(answer, weighted)
    bins = np.arange(form.shape[1])
    form[:, bins, bins] += stiffness
    changes = np.empty((len(theta), len(parameters), len(values)))
    for i, k in enumerate(parameters):
        shift = rows.shift(int(k), values, terms.templates)
        along = np.matmul(shift, answer[:, :, k, None])[:, :, 0] ** 2 / covariance[:, k, k, None]
        across = np.add.reduce(np.matmul(shift, form) * shift, axis=2)
        pull, before = values - data.centre[:, k, None], theta[:, k, None] - data.centre[:, k, None]
        constraint = 0.5 * batch.strength[:, k, None] * (pull * pull - before * before)
        linear = np.matmul(shift, terms.first[:, :, None])[:, :, 0]
        changes[:, i] = constraint + linear + 0.5 * (across + along)
    return changes


def expectation(batch: Batch, theta: Array, gamma: Array) -> Array:
    """Expected counts (N, B) at given parameters (N, P) and per-bin parameters (N, B)."""
    coefficient = coefficients(batch.layout, batch.shapes, theta)[:, None, :]
    expected = np.matmul(coefficient, batch.templates)
    if batch.layout.has_gammas:
        expected += (gamma - 1.0)[:, None, :] * np.matmul(coefficient, batch.templates * batch.gamma_rows)
    return np.asarray(expected[:, 0, :])


def expectation_slope(batch: Batch, theta: Array, gamma: Array) -> Array:
    """Derivatives of the expected counts (N, P, B) with respect to the parameters, at fixed per-bin ones."""
    templates = batch.templates + (gamma - 1.0)[:, None, :] * (batch.templates * batch.gamma_rows)
    return expand(batch.layout, batch.shapes, theta).jacobian(templates)


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
    jacobian: Array  # (N, P, B) of the expectation at the present per-bin parameters
    stiffness: Array  # (N, B) d2f/dnu2 with the per-bin parameters following
    expected: Array  # (N, B)
    gamma: Array  # (N, B)


def _bins(batch: Batch, data: Data, rows: Rows, empty_bin_curvature: float) -> _Terms:
    """The Poisson terms, with the per-bin parameters at their best values."""
    observed, coefficient = data.observed, rows.coefficient
    if not batch.layout.has_gammas:
        expected = np.matmul(coefficient[:, None, :], batch.templates)[:, 0, :]
        first, second = _poisson_derivatives(expected, observed, empty_bin_curvature)
        jacobian = rows.jacobian(batch.templates)
        hessian = np.matmul(jacobian * second[:, None, :], jacobian.transpose(0, 2, 1))
        value = _sum(deviance(expected, observed))
        return _Terms(value, first, hessian, batch.templates, jacobian, second, expected, data.gamma_centre)

    scaled = batch.templates * batch.gamma_rows
    total = np.matmul(coefficient[:, None, :], batch.templates)[:, 0, :]
    part = np.matmul(coefficient[:, None, :], scaled)[:, 0, :]
    gamma, bound = _best_gamma(batch, data, total - part, part)
    templates = batch.templates + (gamma - 1.0)[:, None, :] * scaled
    expected = total + (gamma - 1.0) * part
    first, second = _poisson_derivatives(expected, observed, empty_bin_curvature)

    jacobian = rows.jacobian(templates)
    jacobian_part = rows.jacobian(scaled)
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
    follows = np.where(moves, second * (1.0 - second * part * part * inverse), second)
    return _Terms(value, first, hessian, templates, jacobian, follows, expected, gamma)


def _poisson_derivatives(expected: Array, observed: Array, empty_bin_curvature: float) -> tuple[Array, Array]:
    """d/dnu and d^2/dnu^2 of nu - n ln nu."""
    safe = np.maximum(expected, 1e-75)  # so that its square does not vanish
    ratio = observed / safe
    second = np.where(observed > 0.0, ratio / safe, empty_bin_curvature / np.maximum(safe, FEWEST))
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
    # Of a part that is not there yet, but may come, none is wanted where the rest exceeds the data: its slope says so.
    free = np.where(part > 0.0, free, np.where(n < rest, 0.0, g0))
    gamma = np.where(kind == FREE, free, gamma)
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
