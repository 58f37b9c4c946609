"""One Newton step of many likelihoods in lock step, mindful of the bounds of their parameters."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from umbra.statistics.likelihood import Mask
from umbra.statistics.model import Array

TOLERANCE = 1e-7  # predicted decrease of the objective at which a fit stops; the last step is still taken
RIDGE = 1e-11  # of the scaled Hessian, so that exactly degenerate directions stay put


def dot(a: Array, b: Array) -> Array:
    """Scalar product of the last axis, item by item."""
    return np.asarray(np.add.reduce(a * b, axis=-1))


class Step(NamedTuple):
    """What `newton_step` returns.

    `step` (N, P); `decrease` (N,), what an unbounded Newton step of the free parameters would gain, which is zero
    at a minimum only; `newton` (N, P), that unbounded step; `free` (N, P), the parameters that can move.
    """

    step: Array
    decrease: Array
    newton: Array
    free: Mask


def newton_step(gradient: Array, hessian: Array, theta: Array, lower: Array, upper: Array) -> Step:
    """Newton step of every item on its free parameters, mindful of the bounds it would cross.

    Parameters at a bound that the gradient presses against are held. If the step of the others crosses a bound,
    those parameters are moved onto it and the remaining ones are solved for again; where that gains nothing, the
    first step stays, to be cut off at the bounds. That cut step goes downhill, too, if it is short enough
    (D. P. Bertsekas, SIAM J. Control Optim. 20 (1982) 221).
    """
    diagonal = np.arange(gradient.shape[1])
    free = (lower < upper) & ~((theta <= lower) & (gradient > 0.0)) & ~((theta >= upper) & (gradient < 0.0))
    free &= (hessian[:, diagonal, diagonal] != 0.0) | (gradient != 0.0)  # a parameter without effect stays
    newton = _downhill(_solve(hessian, -gradient, free), gradient, hessian, free)
    decrease = -0.5 * dot(gradient, newton)
    crosses = free & ((theta + newton < lower) | (theta + newton > upper))
    lanes = np.flatnonzero(crosses.any(axis=1) & (decrease > TOLERANCE))
    step = newton
    if len(lanes):
        step = newton.copy()
        step[lanes] = _bounded_step(
            newton[lanes],
            gradient[lanes],
            hessian[lanes],
            free[lanes],
            lower[lanes] - theta[lanes],
            upper[lanes] - theta[lanes],
        )
    return Step(step, decrease, newton, free & ~crosses)


def _bounded_step(
    newton: Array, gradient: Array, hessian: Array, free: Mask, least: Array, most: Array
) -> Array:
    """Hold the parameters whose step crosses a bound there, and solve for the others, until none crosses."""
    step = newton
    for _ in range(gradient.shape[1]):
        below, above = free & (step < least), free & (step > most)
        if not (below | above).any():
            break
        free = free & ~(below | above)
        held = np.where(below, least, np.where(above, most, np.where(free, 0.0, step)))
        shift = np.matmul(hessian, held[:, :, None])[:, :, 0]
        step = held + _solve(hessian, -gradient - shift, free)
    along = dot(gradient, step)
    gain = -along - 0.5 * dot(step, np.matmul(hessian, step[:, :, None])[:, :, 0])
    return np.where(((along < 0.0) & (gain > TOLERANCE))[:, None], step, newton)


def _solve(hessian: Array, right: Array, free: Mask) -> Array:
    """Solve hessian x = right on the free parameters; the others get zero."""
    p = right.shape[1]
    diagonal = np.arange(p)
    magnitude = np.abs(hessian[:, diagonal, diagonal])
    scale = np.where(free, 1.0 / np.sqrt(np.where(magnitude > 0.0, magnitude, 1.0)), 0.0)
    matrix = hessian * scale[:, :, None] * scale[:, None, :]
    matrix[:, diagonal, diagonal] += np.where(free, RIDGE, 1.0)
    target = (right * scale)[:, :, None]
    try:
        solution = np.linalg.solve(matrix, target)
    except np.linalg.LinAlgError:  # one singular matrix: the others must not notice
        solution = np.stack([_solve_one(m, t) for m, t in zip(matrix, target, strict=True)])
    return np.asarray(scale * solution[:, :, 0])


def _solve_one(matrix: Array, target: Array) -> Array:
    try:
        return np.asarray(np.linalg.solve(matrix, target), dtype=float)
    except np.linalg.LinAlgError:
        return np.full_like(target, np.nan)


def _downhill(step: Array, gradient: Array, hessian: Array, free: Mask) -> Array:
    """Replace steps that do not go downhill: use the absolute values of the Hessian's eigenvalues."""
    bad = ~(dot(gradient, step) <= 0.0)
    if not bad.any():
        return step
    p = gradient.shape[1]
    diagonal = np.arange(p)
    matrix = np.nan_to_num(hessian[bad]) * (free[bad][:, :, None] & free[bad][:, None, :])
    size = np.abs(matrix[:, diagonal, diagonal])
    scale = 1.0 / np.sqrt(np.where(size > 0.0, size, 1.0))
    values, vectors = np.linalg.eigh(matrix * scale[:, :, None] * scale[:, None, :])
    right = np.where(free[bad], -np.nan_to_num(gradient[bad]), 0.0) * scale
    along = np.matmul(vectors.transpose(0, 2, 1), right[:, :, None])[:, :, 0]
    solution = np.matmul(vectors, (along / np.maximum(np.abs(values), 1e-3))[:, :, None])[:, :, 0]
    step = step.copy()
    step[bad] = np.where(free[bad], scale * solution, 0.0)
    return step


def profile_tangent(hessian: Array, free: Mask, poi: int) -> Array:
    """Give d theta / d poi along the profile, holding those that are not `free`; the poi entry is one."""
    others = free.copy()
    others[:, poi] = False
    tangent = _solve(hessian, -hessian[:, :, poi], others)
    tangent[:, poi] = 1.0
    return tangent
