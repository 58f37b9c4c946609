"""Compiled loops behind `toy_kernel`: plain Newton steps, cut off at the bounds, for toys of one model.

The kinds of factors have codes of their own here, and constants of other files come as arguments, because kept machine
code does not notice a change of another file.
"""

from typing import Any

import numpy as np

from umbra.core.compilation import compiled_reordering
from umbra.statistics.model import Array

LINEAR, NORMSYS, HISTOSYS = 0, 1, 2
MAX_ITERATIONS, MAX_HALVINGS = 30, 8


@compiled_reordering
def factor(kind: int, x: float, a: Array) -> tuple[float, float, float]:
    """Value of a factor at a parameter x, and its first and second derivative."""
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


@compiled_reordering
def solve(hessian: Array, right: Array, free: Any, ridge: float, result: Array, work: Array) -> bool:
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
            total = hessian[i, j] * (1.0 + ridge if i == j else 1.0)
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


@compiled_reordering
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
    empty_bin_curvature: float,
    fewest: float,
    gradient: Array,
    hessian: Array,
    jacobian: Array,
    factors: Array,
) -> float:
    """Objective of one toy; fills its gradient and its Hessian."""
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
            first[b], second[b] = 1.0, empty_bin_curvature / max(nu, fewest)
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
                term = weight * (factors[r, k, 2] if k == other else factors[r, k, 1] * factors[r, other, 1])
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


@compiled_reordering
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
    ridge: float,
    tolerance: float,
    empty_bin_curvature: float,
    fewest: float,
    out_theta: Array,
    out_value: Array,
    out_slope: Array,
    out_tangent: Array,
    out_converged: Any,
) -> None:
    """Minimise the objective of each toy; those that need more than plain steps are left as not converged."""
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
            templates, parameter, kinds, shapes, strength, centre[toy], counts, theta, needed, empty_bin_curvature,
            fewest,
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
            if not solve(hessian, right, free, ridge, step, work):
                break
            decrease = 0.0
            for i in range(p):
                decrease -= 0.5 * gradient[i] * step[i]
            if decrease < tolerance:
                out_value[toy] = value - decrease
                out_slope[toy] = gradient[poi]
                for i in range(p):
                    trial[i] = min(max(theta[i] + step[i], lower[i]), upper[i])
                    out_theta[toy, i] = trial[i]
                    out_slope[toy] += hessian[poi, i] * (trial[i] - theta[i])
                    right[i] = -hessian[i, poi]
                free[poi] = False
                out_converged[toy] = solve(hessian, right, free, ridge, out_tangent[toy], work)
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
                    empty_bin_curvature, fewest, new_gradient, new_hessian, jacobian, factors,
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
