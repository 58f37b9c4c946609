"""Fits of very many pseudo-experiments of one model, compiled.

This is `fit.minimise` for one model without per-bin parameters, reduced to what an ordinary toy needs: plain Newton
steps cut off at the bounds. Toys that ask for more (a Hessian that is not positive, many halvings), and models
with per-bin parameters, go to `fit.minimise`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from umbra.statistics.fit import SLICE, Fit, minimise, search_further
from umbra.statistics.likelihood import EMPTY_BIN_CURVATURE, FEWEST, Batch, Data, Index, slices
from umbra.statistics.model import Array
from umbra.statistics.newton import RIDGE, TOLERANCE
from umbra.statistics.rows import Slots


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

    def run(lanes: Index, starts: Array) -> Fit:
        return _minimise(batch, data.take(lanes), starts, lower, upper, fallback)

    lanes = np.arange(len(start))
    fit = run(lanes, start)
    bending = batch.bending[0] & (lower < upper)
    if bending.any():

        def predict(lanes: Index, columns: Index) -> Array:
            theta = fit.theta[lanes]
            repeated = batch.take(np.zeros(len(lanes), dtype=np.intp))
            return slices(
                repeated, data.take(lanes), theta, (theta > lower) & (theta < upper), columns, SLICE
            )

        search_further(fit, np.tile(bending, (len(start), 1)), run, predict)
    return fit


def _minimise(batch: Batch, data: Data, start: Array, lower: Array, upper: Array, fallback: Array) -> Fit:
    t = len(start)
    fit = Fit(np.empty_like(start), np.empty(t), np.empty(t), np.zeros_like(start), np.zeros(t, dtype=bool))
    if not (batch.layout.has_gammas or batch.poisson.any() or batch.layout.families):
        _run_kernel(batch, data, np.clip(start, lower, upper), lower, upper, fit)
    rest = np.flatnonzero(~fit.converged)
    if not len(rest):
        return fit
    bounds = (np.tile(bound, (len(rest), 1)) for bound in (lower, upper, fallback))
    local = replace(
        batch, bending=np.zeros_like(batch.bending)
    )  # other minima are searched for with all toys
    slow = minimise(local.take(np.zeros(len(rest), dtype=np.intp)), data.take(rest), start[rest], *bounds)
    for whole, part in zip(fit, slow, strict=True):
        whole[rest] = part
    return fit


def _run_kernel(batch: Batch, data: Data, start: Array, lower: Array, upper: Array, fit: Fit) -> None:
    """Fill `fit` for the toys that the kernel can do, and mark the others as not converged."""
    from umbra.statistics import toy_loops

    layout = batch.layout
    codes = (toy_loops.LINEAR, toy_loops.NORMSYS, toy_loops.HISTOSYS)
    kinds, shapes = _slots(layout.slots, batch.shapes[0], codes)
    toy_loops.run(
        np.ascontiguousarray(batch.templates[0]),
        layout.slots.parameter,
        kinds,
        shapes,
        batch.strength[0],
        np.ascontiguousarray(data.centre),
        np.ascontiguousarray(data.observed),
        start,
        np.ascontiguousarray(lower),
        np.ascontiguousarray(upper),
        layout.poi,
        RIDGE,
        TOLERANCE,
        EMPTY_BIN_CURVATURE,
        FEWEST,
        *fit,
    )


def _slots(slots: Slots, normsys_shapes: Array, codes: tuple[int, int, int]) -> tuple[Index, Array]:
    """Kind (R, K) of each slot by the codes of the loops, -1 where there is none, and its constants (R, K, 8)."""
    kinds = np.full_like(slots.parameter, -1)
    shapes = np.zeros((*slots.parameter.shape, 8))
    for kind, at in zip(codes, (slots.linear, slots.normsys, slots.histosys), strict=True):
        kinds[at] = kind
    shapes[slots.normsys] = normsys_shapes
    return kinds, shapes
