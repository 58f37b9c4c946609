"""The three ways to calculate a limit (asymptotic, exact, toys), and which of them a model needs.

The expected limits of all three are those of experiments without signal in which the background is what the fit to
the observed data makes of it, nuisance parameters included, as in pyhf. Where the data of a window disagree with the
prior of its background, expected limits therefore follow the data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import ndtr

from umbra.core.seeds import generator
from umbra.statistics.asymptotic import (
    BANDS,
    LimitRoots,
    background_under_signal,
    cls_limits,
    feldman_cousins_limits,
    observed_cls_limits,
    observed_feldman_cousins,
    observed_profile_limits,
    profile_limits,
    take_limits,
)
from umbra.statistics.bayesian import bayesian_limits, observed_limits
from umbra.statistics.counting import (
    Counting,
    counting_windows,
    exact_limits,
    has_nuisances,
    prior_points,
    profiled_limits,
    quantile_counts,
    why_not_counting,
)
from umbra.statistics.feldman_cousins import FELDMAN_COUSINS_POINTS, exact_feldman_cousins
from umbra.statistics.likelihood import Data, Index
from umbra.statistics.model import Array, Model
from umbra.statistics.profile import Hypotheses
from umbra.statistics.roots import Roots
from umbra.statistics.settings import LimitSettings
from umbra.statistics.toys import bayesian_toy_limits, toy_limits

EXACT_BELOW = 500.0  # events in a counting window
TOYS_BELOW = 5.0  # background events under the signal of a shape
TOY_WORK = 4.0e7  # multiplications for one evaluation of the likelihood of all toys of a hypothesis
WITHOUT_KERNEL = 4.0  # times as long takes a fit that the compiled loops cannot do
WORTHWHILE_TOYS = 400  # fewer have larger errors than the asymptotic limits that they should replace

Chosen = Literal["exact", "toys", "asymptotic"]


class Calculated(NamedTuple):
    """Limits of N models: observed (N,), lower ends (N,), bands (N * 5,), and the errors (N,) that toys leave.

    None where nothing was asked for; `low` for one-sided methods; the errors where there were no toys.
    """

    observed: Roots | None
    low: Roots | None
    expected: Roots | None
    method: str
    observed_error: Array | None = None
    expected_error: Array | None = None


def choose_calculation(hypotheses: Hypotheses, has_data: bool) -> list[Chosen]:
    """Choose the calculation of each of N models from its counts: the rule of `auto`.

    A counting window (one bin, priors known) with fewer than EXACT_BELOW events, observed or expected without
    signal, is summed exactly. Everything else is asymptotic, unless toys matter.
    """
    observed = np.add.reduce(hypotheses.data.observed, axis=-1)
    expected = np.add.reduce(hypotheses.asimov.observed, axis=-1)
    few = few_under_signal(hypotheses)
    chosen: list[Chosen] = []
    for i, model in enumerate(hypotheses.models):
        if min(observed[i], expected[i]) < EXACT_BELOW and not why_not_exact(model, has_data):
            chosen.append("exact")
        else:
            chosen.append("toys" if few[i] and affordable_toys(model) >= WORTHWHILE_TOYS else "asymptotic")
    return chosen


def few_under_signal(hypotheses: Hypotheses) -> Sequence[bool]:
    """Whether the counts of each of N models are too few for asymptotic formulae.

    That is so where fewer than TOYS_BELOW background events lie under the signal, b_eff = (sum s)^2 / sum(s^2 / b),
    the count that a single bin of the same sensitivity would have. `docs/limits.md` shows how far asymptotic limits
    are off on either side.
    """
    return [bool(few) for few in background_under_signal(hypotheses) < TOYS_BELOW]


def affordable_toys(model: Model) -> int:
    """Return how many toys a hypothesis the rule of `auto` grants a model.

    A toy limit makes some thirty fits a toy and a fit several evaluations of the likelihood, so that TOY_WORK stands
    for some twenty seconds. An evaluation multiplies the factors of each row in pairs and the derivatives of the
    parameters in pairs for each bin, and solves a system of equations. With n toys the limit of a shape has an error
    of some 1.3 / sqrt(n) (2,000 toys: 1.5 to 4 percent): below WORTHWHILE_TOYS that is not less than the 10 to 15
    percent by which asymptotic limits err at b_eff of 1 to 5. Counted, not timed: the same workspace takes the same
    calculation on every machine.
    """
    n_parameters, n_bins = len(model.parameters), model.n_bins
    pairs = sum(len(row) ** 2 for row in model.slots)
    work = pairs + n_parameters**2 * n_bins + n_parameters**3 / 6.0
    slow = bool(model.gamma_kind.any() or model.poisson.any())
    return int(TOY_WORK / (work * (WITHOUT_KERNEL if slow else 1.0)))


def why_not_exact(model: Model, has_data: bool) -> str:
    """Why the limits of a model cannot be summed exactly; empty if they can."""
    count = float(model.observed[0])
    if has_data and model.n_bins == 1 and count != round(count):
        return f"the observation is {count:g}"
    return why_not_counting(model)


def asymptotic(hypotheses: Hypotheses, settings: LimitSettings, has_data: bool) -> Calculated:
    """Limits of N models from asymptotic distributions."""
    method = f"{settings.method}_asymptotic"
    if settings.expected:
        return Calculated(*_ASYMPTOTIC[settings.method](hypotheses, settings.cl, has_data), method)
    return Calculated(*_OBSERVED[settings.method](hypotheses, settings.cl), None, method)


_ASYMPTOTIC: dict[str, Callable[[Hypotheses, float, bool], LimitRoots]] = {
    "cls": cls_limits,
    "bayesian": bayesian_limits,
    "profile": profile_limits,
    "feldman_cousins": feldman_cousins_limits,
}
_OBSERVED: dict[str, Callable[[Hypotheses, float], tuple[Roots, Roots | None]]] = {
    "cls": lambda hypotheses, cl: (observed_cls_limits(hypotheses, 1.0 - cl), None),
    "bayesian": lambda hypotheses, cl: (observed_limits(hypotheses, cl), None),
    "profile": lambda hypotheses, cl: (observed_profile_limits(hypotheses, cl), None),
    "feldman_cousins": lambda hypotheses, cl: observed_feldman_cousins(hypotheses, 1.0 - cl),
}


def exact(hypotheses: Hypotheses, settings: LimitSettings, has_data: bool) -> Calculated:
    """Limits of counting windows from Poisson sums; those that need the same number of points go together."""
    points = [prior_points(float(b)) for b in hypotheses.asimov.observed[:, 0]]
    parts: list[tuple[Index, Calculated]] = []
    for n_points in sorted(set(points)):
        members = np.flatnonzero(np.array(points) == n_points)
        parts.append((members, _exact_part(hypotheses.take(members), settings, has_data, n_points)))
    averaged = settings.nuisance == "marginalised" or settings.method in ("bayesian", "feldman_cousins")
    suffix = ("_marginalised" if averaged else "_profiled") if has_nuisances(hypotheses.models[0]) else ""
    return _merge(parts, len(hypotheses), f"{settings.method}_exact{suffix}")


def _exact_part(hypotheses: Hypotheses, settings: LimitSettings, has_data: bool, n_points: int) -> Calculated:
    low = observed = expected = None
    if has_data:
        counts = hypotheses.data.observed[:, :1]
        low, observed = _summed(hypotheses, hypotheses.data, counts, settings, n_points)
    if settings.expected:
        without_signal = _fitted_centres(hypotheses)
        windows = counting_windows(hypotheses.models, n_points, without_signal)
        bands = quantile_counts(windows.background, ndtr(BANDS)).astype(float)
        _, expected = _summed(hypotheses, without_signal, bands, settings, n_points)
    return Calculated(observed, low, expected, "")


def _summed(
    hypotheses: Hypotheses, data: Data, counts: Array, settings: LimitSettings, n_points: int
) -> tuple[Roots | None, Roots]:
    """Lower ends, if the method has them, and limits (N * K,) for counts (N, K), with the priors that `data` centre."""
    alpha, method = 1.0 - settings.cl, settings.method
    if method == "feldman_cousins":
        return exact_feldman_cousins(
            counting_windows(hypotheses.models, FELDMAN_COUSINS_POINTS, data), counts, settings.cl
        )
    lanes = np.repeat(np.arange(len(hypotheses)), counts.shape[1])
    if settings.nuisance == "profiled" and method != "bayesian":
        return None, profiled_limits(hypotheses, lanes, data, counts.reshape(-1), alpha, method)
    windows = counting_windows(hypotheses.models, n_points, data)
    repeated = Counting(windows.signal[lanes], windows.background[lanes])
    return None, exact_limits(repeated, counts.reshape(-1), alpha, method)


def _fitted_centres(hypotheses: Hypotheses) -> Data:
    """Auxiliary measurements of an experiment without signal: as fitted to the data, where that fit converged."""
    fitted = hypotheses.background.converged[:, None]
    return Data(
        *(
            np.where(fitted, asimov, real)
            for asimov, real in zip(hypotheses.asimov, hypotheses.data, strict=True)
        )
    )


def toys(hypotheses: Hypotheses, settings: LimitSettings, has_data: bool) -> Calculated:
    """Limits of N models from pseudo-experiments, one model after the other."""
    first = _ASYMPTOTIC[settings.method](hypotheses, settings.cl, has_data)
    parts = []
    for i, model in enumerate(hypotheses.models):
        index = np.array([i])
        random = generator(*settings.seed, model.name)
        some, start = hypotheses.take(index), take_limits(first, index)
        n_toys = settings.n_toys
        if settings.calculation == "auto":
            n_toys = min(n_toys, affordable_toys(model))
        if settings.method == "bayesian":
            one = bayesian_toy_limits(some, start, settings.cl, n_toys, random, settings.expected)
        else:
            one = toy_limits(
                some, start, settings.method, settings.cl, n_toys, random, has_data, settings.expected
            )
        parts.append((index, Calculated(*one[:3], method="", observed_error=one[3], expected_error=one[4])))
    return _merge(parts, len(hypotheses), f"{settings.method}_toys")


CALCULATIONS: dict[str, Callable[[Hypotheses, LimitSettings, bool], Calculated]] = {
    "asymptotic": asymptotic,
    "exact": exact,
    "toys": toys,
}


def _merge(parts: Sequence[tuple[Index, Calculated]], n_models: int, method: str) -> Calculated:
    """Put limits of some of N models (their indices, their limits) back in place."""

    def roots(pieces: list[tuple[Index, Roots | None]], width: int) -> Roots | None:
        whole = Roots(np.zeros(n_models * width), *np.zeros((3, n_models * width), dtype=bool))
        for index, piece in pieces:
            if piece is None:
                return None
            place = (index[:, None] * width + np.arange(width)).reshape(-1)
            for target, values in zip(whole, piece, strict=True):
                target[place] = values
        return whole

    def errors(pieces: list[tuple[Index, Array | None]]) -> Array | None:
        whole = np.full(n_models, np.nan)
        for index, piece in pieces:
            if piece is None:
                return None
            whole[index] = piece
        return whole

    return Calculated(
        roots([(index, part.observed) for index, part in parts], 1),
        roots([(index, part.low) for index, part in parts], 1),
        roots([(index, part.expected) for index, part in parts], len(BANDS)),
        method,
        errors([(index, part.observed_error) for index, part in parts]),
        errors([(index, part.expected_error) for index, part in parts]),
    )
