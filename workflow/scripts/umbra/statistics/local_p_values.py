"""Local p-values without signal, calculated as the counts allow.

Where few background events lie under the signal, the asymptotic p-value of q0 is not that of the counts. Then

* a counting window with known priors has a Poisson sum, averaged over the priors (`exact`);
* an on/off measurement, two bins whose background has one free normalisation, has the binomial probability of so
  many of all events in the signal bin: given their total, the normalisation drops out (`exact_conditional`;
  J. Przyborowski, H. Wilenski, Biometrika 31 (1940) 313; R. D. Cousins, J. T. Linnemann, J. Tucker, Nucl. Instrum.
  Meth. A 595 (2008) 480, arXiv:physics/0702156). Other nuisance parameters are averaged over their priors;
* every other shape has the share of pseudo-experiments without signal whose q0 is as large (`toys`), made at the
  parameters fitted to the data. Each is drawn with the total of the data where that makes the one free
  normalisation drop out, as above.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import betainc, ndtri

from umbra.core.seeds import generator
from umbra.statistics.calculations import (
    EXACT_BELOW,
    WORTHWHILE_TOYS,
    affordable_toys,
    few_under_signal,
    why_not_exact,
)
from umbra.statistics.counting import counting_windows, exact_p_values, prior_expectations, prior_points
from umbra.statistics.interpolation import LINEAR
from umbra.statistics.likelihood import Data
from umbra.statistics.look_elsewhere import discovery_statistics
from umbra.statistics.model import FREE, Array, Model
from umbra.statistics.profile import Hypotheses
from umbra.statistics.significance import local_p_value
from umbra.statistics.toys import TIE, draw

TOYS_AT_ONCE, MOST_TOYS = 500, 20_000
ENOUGH_TOYS = 100  # that reach the data: the p-value is then known to a tenth


class LocalPValue(NamedTuple):
    """Local p-value, the standard deviations it stands for, how it was calculated, and its error if by toys."""

    p0: float
    z: float
    method: str
    error: float | None = None


def local_p_values(hypotheses: Hypotheses, q0: Array, seed: tuple[str, ...]) -> list[LocalPValue]:
    """Local p-values of N models with the statistics q0 (N,); 0.5 where no signal is wanted.

    Parameters
    ----------
    hypotheses
        N models of one structure.
    q0
        (N,) discovery statistics of the observed data.
    seed
        Names that the random numbers of toys derive from, together with the name of the measurement.
    """
    few = few_under_signal(hypotheses)
    asymptotic = local_p_value(q0)
    found = []
    for i, model in enumerate(hypotheses.models):
        here = hypotheses.take(np.array([i]))
        counts = here.data.observed[0]
        if min(counts.sum(), here.asimov.observed[0].sum()) < EXACT_BELOW and not why_not_exact(model, True):
            found.append(_p_value(_window(here), q0[i], "exact"))
        elif min(counts.sum(), here.asimov.observed[0].sum()) < EXACT_BELOW and not why_not_on_off(
            model, counts
        ):
            found.append(_p_value(_on_off(here), q0[i], "exact_conditional"))
        elif few[i] and affordable_toys(model) >= WORTHWHILE_TOYS:
            found.append(_with_toys(here, float(q0[i]), seed))
        else:
            found.append(LocalPValue(float(asymptotic[i]), float(np.sqrt(q0[i])), "asymptotic"))
    return found


def _p_value(p0: float, q0: float, method: str, error: float | None = None) -> LocalPValue:
    if q0 <= 0.0:
        return LocalPValue(0.5, 0.0, method)
    return LocalPValue(p0, max(0.0, float(-ndtri(p0))), method, error)


def _window(one: Hypotheses) -> float:
    """P(N >= n) of one counting window."""
    windows = counting_windows(one.models, prior_points(float(one.asimov.observed[0, 0])), one.data)
    return float(exact_p_values(windows, one.data.observed[:, 0])[0])


def why_not_on_off(model: Model, counts: Array) -> str:
    """Why a model with some counts (B,) is no on/off measurement; empty if it is one."""
    if model.n_bins != 2:
        return f"it has {model.n_bins} bins"
    if model.gamma_kind.any():
        return "its bins have parameters of their own"
    if not free_normalisation(model):
        return "its background has not one free normalisation"
    if np.any(counts != np.round(counts)):
        return "its counts are not whole"
    return ""


def free_normalisation(model: Model) -> bool:
    """Whether one free factor multiplies the whole background, and all other parameters but the signal have priors."""
    varies = model.lower < model.upper
    varies[model.poi] = False
    free = np.flatnonzero(varies & (model.strength == 0.0))
    if len(free) != 1 or np.any(model.gamma_kind == FREE):
        return False
    factors = [
        [slot.kind for slot in row if slot.parameter == free[0]]
        for row in model.slots
        if not any(slot.parameter == model.poi for slot in row)
    ]
    return all(kinds == [LINEAR] for kinds in factors)


def _on_off(one: Hypotheses) -> float:
    """P(n_on >= observed | n_on + n_off), averaged over the priors; `on` is the bin that a signal makes rise."""
    counts = one.data.observed[0]
    if not counts.any():
        return 1.0
    n_points = prior_points(float(counts.sum()))
    background, signal = prior_expectations(one.models, n_points, one.data, one.background.theta)
    share = background[0] / background[0].sum(axis=-1, keepdims=True)
    more = signal[0].mean(axis=0) / signal[0].mean(axis=0).sum() - share.mean(axis=0)
    on = int(np.argmax(more))
    if not counts[on]:
        return 1.0
    return float(np.mean(betainc(counts[on], counts.sum() - counts[on] + 1.0, share[:, on])))


def _with_toys(one: Hypotheses, q0: float, seed: tuple[str, ...]) -> LocalPValue:
    """Share of the toys without signal that reach q0, until enough of them do.

    The data count as one more of them, so that no p-value is zero (J. Besag, P. Clifford, Biometrika 78 (1991) 301).
    """
    if q0 <= 0.0:
        return LocalPValue(0.5, 0.0, "toys")
    random = generator(*seed, one.models[0].name)
    reached = made = 0
    while made < MOST_TOYS and reached < ENOUGH_TOYS:
        statistics = discovery_statistics(one, _draw(one, TOYS_AT_ONCE, random))
        reached += int(np.sum(statistics >= q0 - TIE * (1.0 + q0))) + int(np.isnan(statistics).sum())
        made += TOYS_AT_ONCE
    p0 = (reached + 1.0) / (made + 1.0)
    return _p_value(p0, q0, "toys", float(np.sqrt(p0 * (1.0 - p0) / made)))


def _draw(one: Hypotheses, n_toys: int, random: np.random.Generator) -> Data:
    """Pseudo-experiments without signal at the parameters fitted to the data."""
    data = draw(one.batch, one.data, one.background.theta, n_toys, random)
    model, total = one.models[0], float(one.data.observed.sum())
    if not free_normalisation(model) or total != round(total):
        return data
    share = one.asimov.observed[0] / one.asimov.observed[0].sum()
    return Data(
        random.multinomial(int(total), share, size=n_toys).astype(float), data.centre, data.gamma_centre
    )
