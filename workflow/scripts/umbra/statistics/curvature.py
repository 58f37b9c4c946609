"""Which nuisance parameters can give the likelihood several minima: those along which an expectation bends.

Where expectations are straight lines in the parameters the objective is convex and has one minimum. A parameter whose
two variations lie on one side of nominal folds the expectation back, and data on the far side of the fold are met
twice. Along such a parameter the second derivative of the objective is

    k + sum_b (n_b / nu_b^2) (nu_b')^2 - sum_b r_b C_b ,   r = (n - nu)/sqrt(nu) ,   C = nu''/sqrt(nu) ,

with k the strength of its constraint. The second term is not relied upon, because other parameters can undo nu'. The
third one needs pulls r that follow the bend C: by fluctuations of the data, PULLS standard deviations in this
direction; or because a signal is tested that the data lack, or one is left out that they have, SIGNAL standard
deviations in the direction of the signal. The part of C along the slope J = nu'/sqrt(nu) has the further bound
r.J = k (alpha - a) wherever the objective is stationary, as it is between two minima. Where these
bounds leave no k there may be several minima.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from umbra.statistics.interpolation import HISTOSYS, LINEAR, NORMSYS, Array, histosys_factor, normsys_factor
from umbra.statistics.model import Model

PULLS = 3.0  # standard deviations that data lie off the model in any one direction by fluctuations
SIGNAL = 5.0  # standard deviations of the signals that are tested, or in the data
OFF_CENTRE = 1.0  # standard deviations that the measurement of a nuisance parameter fluctuates
ALPHAS = np.array([-3.0, -1.5, -1.0, -0.75, -0.4, 0.0, 0.4, 0.75, 1.0, 1.5, 3.0])

Mask = npt.NDArray[np.bool_]


class _Weighted(NamedTuple):
    """Templates (N, R, B) and their weights.

    Root of the counts (N, B); coefficients of the rows (N, R), which of them are
    signal (R,), and its direction (N, B); pulls (N,).
    """

    templates: Array
    root: Array
    coefficient: Array
    is_signal: Mask
    signal: Array
    pulls: Array


def bending_parameters(models: tuple[Model, ...], templates: Array) -> Mask:
    """Return which parameters (N, P) of N models of one structure may give the objective several minima.

    `templates` (N, R, B) are those of the models.
    """
    strength = np.stack([model.strength for model in models])
    varies = np.stack([model.lower < model.upper for model in models])
    bending = np.zeros(varies.shape, dtype=bool)
    places: dict[int, list[tuple[int, int]]] = {}
    for r, row in enumerate(models[0].slots):
        varied = [slot.parameter for slot in row if slot.varies_shape]
        for k, slot in enumerate(row):
            if varied in ([], [slot.parameter]):  # other variations of the shape vanish at nominal
                places.setdefault(slot.parameter, []).append((r, k))
    slots = models[0].slots
    bent = [p for p, at in places.items() if any(slots[r][s].kind != LINEAR for r, s in at)]
    if not bent:
        return bending
    derivatives = {p: _derivatives(models, places[p]) for p in bent}
    for with_signal in (True, False):  # the bends of signal and background may undo each other
        weighted = _weighted_templates(models, templates, with_signal)
        for p in bent:
            bends = _bends(places[p], derivatives[p], strength[:, p], weighted)
            bending[:, p] |= bends > strength[:, p]
    return bending & varies


def _bends(
    places: list[tuple[int, int]], derivatives: tuple[Array, Array], k: Array, weighted: _Weighted
) -> Array:
    """Largest negative curvature (N,) that the bend along one parameter can give, by the module's head."""
    at = np.array([r for r, _ in places])
    rows = weighted.templates[:, at] / weighted.root[:, None, :]
    rows *= weighted.coefficient[:, at, None]
    gram = np.matmul(rows, rows.transpose(0, 2, 1))
    on_signal = np.matmul(rows, weighted.signal[:, :, None])[:, :, 0][:, None, :]
    first, second = derivatives
    by_gram = np.matmul(second, gram)
    by_slope = np.matmul(first, gram)
    steepness = np.add.reduce(by_slope * first, axis=-1)
    size = np.add.reduce(by_gram * second, axis=-1)
    safe = np.where(steepness > 0.0, steepness, 1.0)
    along = np.abs(np.add.reduce(by_gram * first, axis=-1)) / np.sqrt(safe)
    across = np.sqrt(np.maximum(size - along * along, 0.0))
    pulls = weighted.pulls[:, None]
    pull = np.sqrt(k)[:, None] * OFF_CENTRE + k[:, None] * np.abs(ALPHAS)
    held = np.where(steepness > 0.0, np.minimum(pulls, pull / np.sqrt(safe)), pulls)
    slope_on_signal = np.add.reduce(first * on_signal, axis=-1) / np.where(steepness > 0.0, steepness, np.inf)

    def signal_across(bend: Array) -> Array:
        """Signal along a bend, without what the slope of the parameter holds."""
        return np.asarray(
            np.add.reduce(bend * on_signal, axis=-1)
            - np.add.reduce(by_slope * bend, axis=-1) * slope_on_signal
        )

    tested, left_out = -signal_across(second), signal_across(np.where(weighted.is_signal[at], 0.0, second))
    by_signal = SIGNAL * np.maximum(np.maximum(tested, left_out), 0.0)
    return np.asarray((pulls * across + held * along + by_signal).max(axis=1))


def _derivatives(models: tuple[Model, ...], places: list[tuple[int, int]]) -> tuple[Array, Array]:
    """First and second derivatives (N, alphas, rows) of the factors of one parameter, at (row, slot)."""
    kinds = np.array([models[0].slots[r][s].kind for r, s in places])
    first = np.ones((len(models), len(ALPHAS), len(places)))
    second = np.zeros_like(first)
    first[:, :, kinds == HISTOSYS], second[:, :, kinds == HISTOSYS] = (
        derivative[:, None] for derivative in histosys_factor(ALPHAS)[1:]
    )
    rates = [place for place, kind in zip(places, kinds, strict=True) if kind == NORMSYS]
    if rates:
        shapes = np.array([[model.slots[r][s].shape for r, s in rates] for model in models])[:, None]
        shapes = np.broadcast_to(shapes, (len(models), len(ALPHAS), *shapes.shape[2:]))
        alphas = np.broadcast_to(ALPHAS[:, None], shapes.shape[:-1])
        _, first[:, :, kinds == NORMSYS], second[:, :, kinds == NORMSYS] = normsys_factor(alphas, shapes)
    return first, second


def _weighted_templates(models: tuple[Model, ...], templates: Array, with_signal: bool) -> _Weighted:
    """Weigh the templates, the factors of other slots at their initial values.

    The signal, if any, is taken as large as SIGNAL standard deviations, or as the excess of the data. Where data lie
    off the initial expectation beyond their fluctuations, the pulls are larger by as much.
    """
    observed = np.stack([model.observed for model in models])
    coefficient, is_signal, nominal = _coefficients(models)
    background, signal = (
        np.matmul(np.where(nominal & chosen, coefficient, 0.0)[:, None, :], templates)[:, 0]
        for chosen in (~is_signal, is_signal)
    )
    counts = np.maximum(np.maximum(background, observed), 1.0)
    significance = np.sqrt(np.add.reduce(signal * signal / counts, axis=1))
    missing, total = np.add.reduce(observed - background, axis=1), np.add.reduce(signal, axis=1)
    strength = SIGNAL / np.where(significance > 0.0, significance, np.inf)
    strength = np.maximum(strength, missing / np.where(total > 0.0, total, np.inf))[:, None] * with_signal
    root = np.sqrt(np.maximum(np.maximum(background + strength * signal, observed), 1.0))
    direction = signal / root
    length = np.sqrt(np.add.reduce(direction * direction, axis=1))
    off = np.sqrt(np.add.reduce(((observed - background) / root) ** 2, axis=1))
    excess = np.maximum(off - np.sqrt(models[0].n_bins), 0.0)
    return _Weighted(
        templates=templates,
        root=root,
        coefficient=coefficient * np.where(is_signal, strength, 1.0),
        is_signal=is_signal,
        signal=direction / np.where(length > 0.0, length, 1.0)[:, None],
        pulls=PULLS + excess,
    )


def _coefficients(models: tuple[Model, ...]) -> tuple[Array, Mask, Mask]:
    """Coefficients (N, R) but for the slot that varies a shape; rows (R,) of signal; rows (R,) of no variation."""
    initial = np.stack([model.initial for model in models])
    n_rows = len(models[0].slots)
    coefficient, nominal = np.ones((len(models), n_rows)), np.ones(n_rows, dtype=bool)
    is_signal = np.zeros(n_rows, dtype=bool)
    for r, row in enumerate(models[0].slots):
        for slot in row:
            if slot.parameter == models[0].poi:
                is_signal[r] = True
            elif slot.varies_shape:
                nominal[r] = False
            elif slot.kind == LINEAR:
                value = initial[:, slot.parameter]
                coefficient[:, r] *= np.where(value != 0.0, value, 1.0)
    return coefficient, is_signal, nominal
