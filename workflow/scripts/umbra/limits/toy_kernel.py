"""Fits of very many pseudo-experiments of one model, compiled.

This is `fit.minimise` for one model without per-bin parameters, reduced to what an ordinary toy needs: plain Newton
steps cut off at the bounds. Toys that ask for more (a Hessian that is not positive, many halvings), and models
with per-bin parameters, go to `fit.minimise`. It is compiled when first used, which takes some seconds, and
kept in memory only.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from umbra.limits.fit import RIDGE, TOLERANCE, Fit, minimise
from umbra.limits.likelihood import EMPTY_BIN_CURVATURE, Batch, Data, Index, Layout
from umbra.limits.model import HISTOSYS, LINEAR, NORMSYS, Array

MAX_ITERATIONS, MAX_HALVINGS = 30, 8


def minimise_toys(batch: Batch, data: Data, start: Array, lower: Array, upper: Array, fallback: Array) -> Fit:
    """Minimise the objective of T toys of one model within bounds: compiled, where that applies and suffices.

    Parameters
    ----------
    batch
        One model.
    data, start
        Data (T, ...) and start values (T, P) of the toys.
    lower, upper, fallback
        (P,) bounds and, for toys whose likelihood vanishes at the start, other start values; the same for all.
    """
    t = len(start)
    fit = Fit(np.empty_like(start), np.empty(t), np.empty(t), np.zeros_like(start), np.zeros(t, dtype=bool))
    if not (batch.layout.has_gammas or batch.poisson.any()):
        _run_kernel(batch, data, np.clip(start, lower, upper), lower, upper, fit)
    rest = np.flatnonzero(~fit.converged)
    bounds = (np.tile(bound, (len(rest), 1)) for bound in (lower, upper, fallback))
    slow = minimise(batch.take(np.zeros(len(rest), dtype=np.intp)), data.take(rest), start[rest], *bounds)
    for whole, part in zip(fit, slow, strict=True):
        whole[rest] = part
    return fit


def _run_kernel(batch: Batch, data: Data, start: Array, lower: Array, upper: Array, fit: Fit) -> None:
    """Fill `fit` for the toys that the kernel can do, and mark the others as not converged."""
    layout = batch.layout
    kinds, shapes = _slots(layout, batch.shapes[0])
    _compiled()(
        np.ascontiguousarray(batch.templates[0]),
        layout.parameter,
        kinds,
        shapes,
        batch.strength[0],
        np.ascontiguousarray(data.centre),
        np.ascontiguousarray(data.observed),
        start,
        np.ascontiguousarray(lower),
        np.ascontiguousarray(upper),
        layout.poi,
        *fit,
    )


def _slots(layout: Layout, normsys_shapes: Array) -> tuple[Index, Array]:
    """Kind (R, K) of each slot, -1 where there is none, and its constants (R, K, 8)."""
    kinds = np.full_like(layout.parameter, -1)
    shapes = np.zeros((*layout.parameter.shape, 8))
    for kind, slots in ((LINEAR, layout.linear), (NORMSYS, layout.normsys), (HISTOSYS, layout.histosys)):
        kinds[slots] = kind
    shapes[layout.normsys] = normsys_shapes
    return kinds, shapes


@cache
def _compiled() -> Any:
    import numba

    jit = numba.njit(fastmath={"reassoc", "contract"}, error_model="numpy")

    @jit
    def factor(kind: int, x: float, a: Array) -> tuple[float, float, float]:
        if kind == LINEAR:
            return x, 1.0, 0.0
        if kind == NORMSYS:
            if abs(x) >= 1.0:
                slope = a[6] if x > 0.0 else -a[7]
                value = np.exp(slope * x)
                return value, slope * value, slope * slope * value
            value, first, second = 0.0, 0.0, 0.0
            for i in range(5, -1, -1):
                second = second * x + 2.0 * first
                first = first * x + value
                value = value * x + a[i]
            # `value` is a1 + a2 x + ...; the polynomial is 1 + x * value
            return 1.0 + x * value, value + x * first, 2.0 * first + x * second
        if kind == HISTOSYS:
            if abs(x) >= 1.0:
                return 0.5 * abs(x), 0.5 * np.sign(x), 0.0
            s = x * x
            return (
                s * (s * (3.0 * s - 10.0) + 15.0) / 16.0,
                x * (s * (18.0 * s - 40.0) + 30.0) / 16.0,
                (s * (90.0 * s - 120.0) + 30.0) / 16.0,
            )
        return 1.0, 0.0, 0.0

    @jit
    def solve(hessian: Array, right: Array, free: Any, result: Array, work: Array) -> bool:
        """Cholesky on the free parameters, scaled; false if the matrix is not positive."""
        p = len(right)
        for i in range(p):
            result[i] = 0.0
        for i in range(p):
            if not free[i]:
                continue
            if hessian[i, i] <= 0.0:
                return False
            for j in range(i + 1):
                if not free[j]:
                    continue
                total = hessian[i, j] * (1.0 + RIDGE if i == j else 1.0)
                for k in range(j):
                    if free[k]:
                        total -= work[i, k] * work[j, k]
                if i == j:
                    if total <= 1e-14 * hessian[i, i]:
                        return False
                    work[i, i] = np.sqrt(total)
                else:
                    work[i, j] = total / work[j, j]
        for i in range(p):
            if free[i]:
                total = right[i]
                for k in range(i):
                    if free[k]:
                        total -= work[i, k] * result[k]
                result[i] = total / work[i, i]
        for i in range(p - 1, -1, -1):
            if free[i]:
                total = result[i]
                for k in range(i + 1, p):
                    if free[k]:
                        total -= work[k, i] * result[k]
                result[i] = total / work[i, i]
        return True

    @jit
    def evaluate(
        templates: Array,
        parameter: Any,
        kinds: Any,
        shapes: Array,
        strength: Array,
        centre: Array,
        counts: Array,
        theta: Array,
        needed: Any,
        gradient: Array,
        hessian: Array,
        jacobian: Array,
        factors: Array,
    ) -> float:
        rows, bins = templates.shape
        slots, p = kinds.shape[1], len(theta)
        expected = np.zeros(bins)
        jacobian[:] = 0.0
        for r in range(rows):
            product = 1.0
            for k in range(slots):
                factors[r, k, 0], factors[r, k, 1], factors[r, k, 2] = factor(
                    kinds[r, k], theta[parameter[r, k]], shapes[r, k]
                )
                product *= factors[r, k, 0]
            if product != 0.0:
                for b in range(bins):
                    expected[b] += product * templates[r, b]
            for k in range(slots):
                if kinds[r, k] < 0 or not needed[parameter[r, k]]:
                    continue
                slope = factors[r, k, 1]
                for other in range(slots):
                    if other != k:
                        slope *= factors[r, other, 0]
                if slope != 0.0:
                    target = jacobian[parameter[r, k]]
                    for b in range(bins):
                        target[b] += slope * templates[r, b]
        value = 0.0
        first, second = np.empty(bins), np.empty(bins)
        for b in range(bins):
            n, nu = counts[b], expected[b]
            if n > 0.0:
                if nu <= 0.0:
                    return np.inf
                ratio = n / nu
                first[b], second[b] = 1.0 - ratio, ratio / nu
                x = (nu - n) / n
                value += n * (x - np.log1p(x))
            else:
                if nu < 0.0:
                    return np.inf
                first[b], second[b] = 1.0, EMPTY_BIN_CURVATURE / max(nu, 1e-12)
                value += nu
        hessian[:] = 0.0
        for i in range(p):
            gradient[i] = 0.0
            if not needed[i]:
                continue
            for b in range(bins):
                gradient[i] += first[b] * jacobian[i, b]
            for j in range(i + 1):
                if needed[j]:
                    total = 0.0
                    for b in range(bins):
                        total += second[b] * jacobian[i, b] * jacobian[j, b]
                    hessian[i, j] = total
        for r in range(rows):
            weight = 0.0
            for b in range(bins):
                weight += first[b] * templates[r, b]
            for k in range(slots):
                for other in range(k + 1):
                    i, j = parameter[r, k], parameter[r, other]
                    if kinds[r, k] < 0 or kinds[r, other] < 0 or not (needed[i] and needed[j]):
                        continue
                    term = weight * (
                        factors[r, k, 2] if k == other else factors[r, k, 1] * factors[r, other, 1]
                    )
                    for rest in range(slots):
                        if rest not in (k, other):
                            term *= factors[r, rest, 0]
                    if k != other and i == j:
                        term *= 2.0
                    hessian[max(i, j), min(i, j)] += term
        for i in range(p):
            pull = theta[i] - centre[i]
            value += 0.5 * strength[i] * pull * pull
            gradient[i] += strength[i] * pull
            hessian[i, i] += strength[i]
            for j in range(i):
                hessian[j, i] = hessian[i, j]
        return value

    @jit
    def run(
        templates: Array,
        parameter: Any,
        kinds: Any,
        shapes: Array,
        strength: Array,
        centre: Array,
        observed: Array,
        start: Array,
        lower: Array,
        upper: Array,
        poi: int,
        out_theta: Array,
        out_value: Array,
        out_slope: Array,
        out_tangent: Array,
        out_converged: Any,
    ) -> None:
        rows, bins = templates.shape
        p = len(lower)
        gradient, hessian, work = np.empty(p), np.empty((p, p)), np.empty((p, p))
        new_gradient, new_hessian = np.empty(p), np.empty((p, p))
        jacobian, factors = np.empty((p, bins)), np.empty((rows, kinds.shape[1], 3))
        step, right, trial = np.empty(p), np.empty(p), np.empty(p)
        free, needed = np.empty(p, dtype=np.bool_), lower < upper
        needed[poi] = True
        for toy in range(len(observed)):
            theta, counts = start[toy].copy(), observed[toy]
            value = evaluate(
                templates, parameter, kinds, shapes, strength, centre[toy], counts, theta, needed,
                gradient, hessian, jacobian, factors,
            )  # fmt: skip
            out_converged[toy] = False
            halvings = 0
            for _ in range(MAX_ITERATIONS):
                if not np.isfinite(value):
                    break
                for i in range(p):
                    blocked = (theta[i] <= lower[i] and gradient[i] > 0.0) or (
                        theta[i] >= upper[i] and gradient[i] < 0.0
                    )
                    idle = hessian[i, i] == 0.0 and gradient[i] == 0.0
                    free[i] = lower[i] < upper[i] and not blocked and not idle
                    right[i] = -gradient[i]
                if not solve(hessian, right, free, step, work):
                    break
                decrease = 0.0
                for i in range(p):
                    decrease -= 0.5 * gradient[i] * step[i]
                if decrease < TOLERANCE:
                    out_value[toy] = value - decrease
                    out_slope[toy] = gradient[poi]
                    for i in range(p):
                        trial[i] = min(max(theta[i] + step[i], lower[i]), upper[i])
                        out_theta[toy, i] = trial[i]
                        out_slope[toy] += hessian[poi, i] * (trial[i] - theta[i])
                        right[i] = -hessian[i, poi]
                    free[poi] = False
                    out_converged[toy] = solve(hessian, right, free, out_tangent[toy], work)
                    out_tangent[toy, poi] = 1.0
                    break
                length, accepted = 1.0, False
                while halvings < MAX_HALVINGS:
                    along = 0.0
                    for i in range(p):
                        trial[i] = min(max(theta[i] + length * step[i], lower[i]), upper[i])
                        along += gradient[i] * (trial[i] - theta[i])
                    new_value = evaluate(
                        templates, parameter, kinds, shapes, strength, centre[toy], counts, trial, needed,
                        new_gradient, new_hessian, jacobian, factors,
                    )  # fmt: skip
                    if new_value <= value + 1e-4 * min(along, 0.0) + 1e-12 * (1.0 + abs(value)):
                        accepted = True
                        break
                    length *= 0.25
                    halvings += 1
                if not accepted:
                    break
                value = new_value
                theta[:], gradient[:], hessian[:] = trial, new_gradient, new_hessian

    return run
