"""The public entry: limits, significances and fitted expectations of HistFactory workspaces.

All workspaces of a call are fitted in lock step, in groups of equal structure. The numbers of a workspace do not
depend, to the last bit, on which others share the call or in which order they come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from umbra.core.errors import UmbraError
from umbra.core.seeds import generator
from umbra.statistics.asymptotic import (
    BANDS,
    LimitRoots,
    background_under_signal,
    cls_limits,
    feldman_cousins_limits,
    merge_limits,
    profile_limits,
    take_limits,
)
from umbra.statistics.bayesian import bayesian_limits
from umbra.statistics.counting import (
    Counting,
    counting_windows,
    exact_limits,
    exact_p_values,
    has_nuisances,
    prior_points,
    profiled_limits,
    quantile_counts,
    why_not_counting,
)
from umbra.statistics.feldman_cousins import FELDMAN_COUSINS_POINTS, exact_feldman_cousins
from umbra.statistics.likelihood import Index
from umbra.statistics.model import Array, Model, WorkspaceError, compile_workspace
from umbra.statistics.profile import Hypotheses, prepare
from umbra.statistics.results import NO_BANDS, Discovery, FittedChannel, FittedExpectations, Limit, Status
from umbra.statistics.roots import Roots
from umbra.statistics.significance import (
    SignalFits,
    bin_deviance,
    discovery_statistic,
    local_p_value,
    signal_fits,
)
from umbra.statistics.toys import bayesian_toy_limits, toy_limits

Method = Literal["cls", "bayesian", "profile", "feldman_cousins"]
Calculation = Literal["auto", "exact", "toys", "asymptotic"]

AMBIGUOUS = "the likelihood has several minima, and two searches disagree on which is the lowest"
EXACT_BELOW = 500.0  # events in a counting window
LARGEST_GROUP = 1_000_000  # numbers in the templates of models that are fitted together
TOYS_BELOW = 5.0  # background events under the signal of a shape


@dataclass(frozen=True)
class LimitSettings:
    """How limits are set.

    Attributes
    ----------
    method : `cls`, `bayesian` (flat prior in the signal strength), `profile` (one-sided), `feldman_cousins`
    cl : confidence level
    calculation : `auto` follows the counts, see `choose_calculation`; the others are forced
    poi : parameter of interest; the measurement's own if None
    seed : names that the random numbers of toys derive from, together with the name of the measurement
    n_toys : pseudo-experiments a hypothesis
    nuisance : what exact calculations do with nuisance parameters
    """

    method: Method = "cls"
    cl: float = 0.95
    calculation: Calculation = "auto"
    poi: str | None = None
    seed: tuple[str, ...] = ("limits",)
    n_toys: int = 2000
    nuisance: Literal["marginalised", "profiled"] = "marginalised"

    def __post_init__(self) -> None:
        if self.method not in ("cls", "bayesian", "profile", "feldman_cousins"):
            raise UmbraError(f"unknown limit method '{self.method}'")
        if self.calculation not in ("auto", "exact", "toys", "asymptotic"):
            raise UmbraError(f"unknown calculation '{self.calculation}'")
        if not 0.5 < self.cl < 1.0:
            raise UmbraError(f"the confidence level must lie between 0.5 and 1, not at {self.cl}")


def upper_limits(
    workspaces: Sequence[Mapping[str, Any]],
    settings: LimitSettings = LimitSettings(),
    *,
    has_data: bool = True,
) -> list[Limit]:
    """Set limits on the signal strength of each workspace.

    Parameters
    ----------
    workspaces
        HistFactory workspaces, as pyhf reads them.
    settings
        Method, confidence level and so on.
    has_data
        False if the observations are the expected background: there is then no observed limit.

    Returns
    -------
    list of Limit
        In the order of the workspaces. A workspace that cannot be used has its status and reason.
    """
    limits: list[Limit | None] = [None] * len(workspaces)
    models, errors = _compile(workspaces, settings.poi)
    for i, message in errors.items():
        limits[i] = _no_limit(settings.poi or "", settings, "fit_failed", message)
    for i, model in list(models.items()):
        if not _has_signal(model):
            reason = f"no sample with events depends on '{model.parameters[model.poi]}'"
            limits[i] = _no_limit(model.parameters[model.poi], settings, "no_sensitivity", reason)
            del models[i]
    for group in _groups(models):
        hypotheses = prepare([models[i] for i in group])
        for i, limit in zip(group, _group_limits(hypotheses, settings, has_data), strict=True):
            limits[i] = limit
    return [limit for limit in limits if limit is not None]


def discoveries(workspaces: Sequence[Mapping[str, Any]], poi: str | None = None) -> list[Discovery]:
    """Fit a signal of either sign to each workspace and give its local significance.

    Parameters
    ----------
    workspaces
        HistFactory workspaces with observed data.
    poi
        Parameter of interest; the measurement's own if None.

    Returns
    -------
    list of Discovery
        In the order of the workspaces.
    """
    found: list[Discovery | None] = [None] * len(workspaces)
    models, errors = _compile(workspaces, poi)
    for i, message in errors.items():
        found[i] = _no_discovery(0, "fit_failed", message)
    for group in _groups(models):
        hypotheses = prepare([models[i] for i in group])
        signal = signal_fits(hypotheses)
        q0 = discovery_statistic(hypotheses)
        p0, exact = _local_p_values(hypotheses, q0)
        observed = hypotheses.data.observed
        chi2 = bin_deviance(hypotheses.asimov.observed, observed)
        chi2_signal = bin_deviance(signal.expected, observed)
        for k, i in enumerate(group):
            n_bins = models[i].n_bins
            status, reason = _signal_status(hypotheses, signal, k)
            if status != "converged":
                found[i] = _no_discovery(n_bins, status, reason)
                continue
            found[i] = Discovery(
                mu_hat=float(signal.fit.theta[k, hypotheses.poi]),
                mu_hat_error=float(signal.error[k]) if np.isfinite(signal.error[k]) else None,
                q0=float(q0[k]),
                z=max(float(-ndtri(p0[k])), 0.0) if exact[k] else float(np.sqrt(q0[k])),
                p0=float(p0[k]),
                chi2=float(chi2[k]),
                chi2_signal=float(chi2_signal[k]),
                n_bins=n_bins,
                method="exact" if exact[k] else "asymptotic",
                status="converged",
                reason=reason,
            )
    return [discovery for discovery in found if discovery is not None]


def fitted_expectations(workspace: Mapping[str, Any], poi: str | None = None) -> FittedExpectations:
    """Fit one workspace without and with signal and return the expected counts of every bin, for plots.

    Raises
    ------
    WorkspaceError
        The workspace cannot be used.
    """
    model = compile_workspace(workspace, poi)
    hypotheses = prepare([model])
    signal = signal_fits(hypotheses)
    status, reason = _signal_status(hypotheses, signal, 0)
    channels, first = [], 0
    for name, n in model.channels:
        bins = slice(first, first + n)
        first += n
        channels.append(
            FittedChannel(
                name=name,
                observed=tuple(model.observed[bins].tolist()),
                background=tuple(hypotheses.asimov.observed[0, bins].tolist()),
                signal_plus_background=tuple(signal.expected[0, bins].tolist()),
            )
        )
    return FittedExpectations(
        channels=tuple(channels),
        background_parameters=dict(
            zip(model.parameters, hypotheses.background.theta[0].tolist(), strict=True)
        ),
        signal_parameters=dict(zip(model.parameters, signal.fit.theta[0].tolist(), strict=True)),
        status=status,
        reason=reason,
    )


def _no_discovery(n_bins: int, status: Status, reason: str) -> Discovery:
    return Discovery(None, None, None, None, None, None, None, n_bins, "", status, reason)


def _local_p_values(hypotheses: Hypotheses, q0: Array) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Local p-values (N,), and which of them are Poisson sums: those of windows whose limits would be exact."""
    p0 = local_p_value(q0)
    exact = np.array([calculation == "exact" for calculation in choose_calculation(hypotheses, True)])
    counts = hypotheses.data.observed[:, 0]
    for i in np.flatnonzero(exact & (q0 > 0.0)):
        n_points = prior_points(float(hypotheses.asimov.observed[i, 0]))
        window = counting_windows(hypotheses.models[i : i + 1], n_points)
        p0[i] = exact_p_values(window, counts[i : i + 1])[0]
    return p0, exact


def _signal_status(hypotheses: Hypotheses, signal: SignalFits, index: int) -> tuple[Status, str]:
    if not (hypotheses.background.converged & np.isfinite(hypotheses.background.value))[index]:
        return "fit_failed", _why_no_fit(hypotheses, index)
    if hypotheses.ambiguous[index]:
        return "several_minima", AMBIGUOUS
    if not _has_signal(hypotheses.models[index]):
        return "no_sensitivity", "no sample with events depends on the signal strength"
    if not hypotheses.best.converged[index]:
        return "fit_failed", "the fit with signal did not converge"
    if signal.edge[index]:
        return "converged", "the signal strength ends where a bin would expect a negative count"
    if not signal.fit.converged[index]:
        return "fit_failed", "the fit with a signal of either sign did not converge"
    return "converged", ""


def choose_calculation(
    hypotheses: Hypotheses, has_data: bool
) -> list[Literal["exact", "toys", "asymptotic"]]:
    """Choose the calculation of each of N models from its counts: the rule of `auto`.

    A counting window (one bin, priors known) with fewer than EXACT_BELOW events, observed or expected without
    signal, is summed exactly. Everything else is asymptotic, unless fewer than TOYS_BELOW background events lie
    under the signal, b_eff = (sum s)^2 / sum(s^2 / b), the count that a single bin of the same sensitivity would
    have: then toys. `docs/limits.md` shows how far asymptotic limits are off on either side of the two numbers.
    """
    observed = np.add.reduce(hypotheses.data.observed, axis=-1)
    expected = np.add.reduce(hypotheses.asimov.observed, axis=-1)
    under_signal = background_under_signal(hypotheses)
    chosen: list[Literal["exact", "toys", "asymptotic"]] = []
    for i, model in enumerate(hypotheses.models):
        if min(observed[i], expected[i]) < EXACT_BELOW and not _why_not_exact(model, has_data):
            chosen.append("exact")
        else:
            chosen.append("toys" if under_signal[i] < TOYS_BELOW else "asymptotic")
    return chosen


def _group_limits(hypotheses: Hypotheses, settings: LimitSettings, has_data: bool) -> list[Limit]:
    """Limits of models of one structure, sorted by the calculation that each needs."""
    limits: dict[int, Limit] = {}
    chosen: dict[str, list[int]] = {}
    automatic = choose_calculation(hypotheses, has_data)
    for i, model in enumerate(hypotheses.models):
        poi = model.parameters[model.poi]
        calculation: str = automatic[i] if settings.calculation == "auto" else settings.calculation
        if calculation != "exact" and not hypotheses.background.converged[i]:
            limits[i] = _no_limit(poi, settings, "fit_failed", _why_no_fit(hypotheses, i))
            continue
        if calculation != "exact" and hypotheses.ambiguous[i]:
            limits[i] = _no_limit(poi, settings, "several_minima", AMBIGUOUS)
            continue
        why = _why_not_exact(model, has_data) if calculation == "exact" else ""
        if why:
            reason = f"the exact calculation is for whole counts in one bin with known priors, but {why}"
            limits[i] = _no_limit(poi, settings, "fit_failed", reason)
        else:
            chosen.setdefault(calculation, []).append(i)
    for name, members in chosen.items():
        some = hypotheses.take(np.array(members))
        numbers, method = _CALCULATIONS[name](some, settings, has_data)
        for k, i in enumerate(members):
            limits[i] = _limit(some.models[k], k, numbers, method, settings)
            if limits[i].status in ("fit_failed", "bracket_failed") and np.isinf(some.sigma[k]):
                reason = "the background can imitate the signal at any strength"
                limits[i] = replace(limits[i], status="no_sensitivity", reason=reason)
    return [limits[i] for i in range(len(hypotheses))]


def _why_not_exact(model: Model, has_data: bool) -> str:
    count = float(model.observed[0])
    if has_data and model.n_bins == 1 and count != round(count):
        return f"the observation is {count:g}"
    return why_not_counting(model)


def _asymptotic(hypotheses: Hypotheses, settings: LimitSettings, has_data: bool) -> tuple[LimitRoots, str]:
    limits = _ASYMPTOTIC[settings.method](hypotheses, settings.cl, has_data)
    return limits, f"{settings.method}_asymptotic"


_ASYMPTOTIC: dict[str, Callable[[Hypotheses, float, bool], LimitRoots]] = {
    "cls": cls_limits,
    "bayesian": bayesian_limits,
    "profile": profile_limits,
    "feldman_cousins": feldman_cousins_limits,
}


def _exact(hypotheses: Hypotheses, settings: LimitSettings, has_data: bool) -> tuple[LimitRoots, str]:
    """Counting windows; those that need the same number of points of the priors go together."""
    points = [prior_points(float(b)) for b in hypotheses.asimov.observed[:, 0]]
    parts: list[tuple[Index, LimitRoots]] = []
    for n_points in sorted(set(points)):
        members = np.flatnonzero(np.array(points) == n_points)
        parts.append((members, _exact_part(hypotheses.take(members), settings, has_data, n_points)))
    averaged = settings.nuisance == "marginalised" or settings.method in ("bayesian", "feldman_cousins")
    suffix = ("_marginalised" if averaged else "_profiled") if has_nuisances(hypotheses.models[0]) else ""
    return merge_limits(parts, len(hypotheses)), f"{settings.method}_exact{suffix}"


def _exact_part(hypotheses: Hypotheses, settings: LimitSettings, has_data: bool, n_points: int) -> LimitRoots:
    alpha, method = 1.0 - settings.cl, settings.method
    windows = counting_windows(hypotheses.models, n_points)
    n_models, n_bands = len(hypotheses), len(BANDS)
    counts = hypotheses.data.observed[:, 0]
    bands = quantile_counts(windows.background, ndtr(BANDS)).astype(float)
    if method == "feldman_cousins":
        few = counting_windows(hypotheses.models, FELDMAN_COUSINS_POINTS)
        return exact_feldman_cousins(few, counts if has_data else None, bands, settings.cl)
    lanes = np.repeat(np.arange(n_models), n_bands)
    if settings.nuisance == "profiled" and method != "bayesian":
        expected = profiled_limits(hypotheses, lanes, bands.reshape(-1), alpha, method)
        observed = (
            profiled_limits(hypotheses, np.arange(n_models), counts, alpha, method) if has_data else None
        )
    else:
        repeated = Counting(windows.signal[lanes], windows.background[lanes])
        expected = exact_limits(repeated, bands.reshape(-1), alpha, method)
        observed = exact_limits(windows, counts, alpha, method) if has_data else None
    return LimitRoots(observed, None, expected)


def _toys(hypotheses: Hypotheses, settings: LimitSettings, has_data: bool) -> tuple[LimitRoots, str]:
    first = _ASYMPTOTIC[settings.method](hypotheses, settings.cl, has_data)
    parts = []
    for i, model in enumerate(hypotheses.models):
        index = np.array([i])
        random = generator(*settings.seed, model.name)
        some, start = hypotheses.take(index), take_limits(first, index)
        if settings.method == "bayesian":
            one = bayesian_toy_limits(some, start, settings.cl, settings.n_toys, random)
        else:
            one = toy_limits(some, start, settings.method, settings.cl, settings.n_toys, random, has_data)
        parts.append((index, one))
    return merge_limits(parts, len(hypotheses)), f"{settings.method}_toys"


_CALCULATIONS: dict[str, Callable[[Hypotheses, LimitSettings, bool], tuple[LimitRoots, str]]] = {
    "asymptotic": _asymptotic,
    "exact": _exact,
    "toys": _toys,
}


def _limit(model: Model, index: int, numbers: LimitRoots, method: str, settings: LimitSettings) -> Limit:
    """Gather the numbers of one model, or say why there are none."""
    n_bands = len(BANDS)
    bands = np.arange(index * n_bands, (index + 1) * n_bands)
    parts = [("expected", numbers.expected, bands)]
    parts += [
        (name, roots, np.array([index]))
        for name, roots in (("observed", numbers.observed), ("lower observed", numbers.low))
        if roots is not None
    ]
    poi = model.parameters[model.poi]
    for name, roots, entries in parts:
        status, reason = _trouble(name, roots, entries)
        if status != "converged":
            return _no_limit(poi, settings, status, reason, method)
    if numbers.observed is not None and numbers.observed.strength[index] <= 0.0:
        reason = "the data lie so far below the expected background that every signal strength is excluded"
        return _no_limit(poi, settings, "no_sensitivity", reason, method)
    m2, m1, median, p1, p2 = (float(value) for value in numbers.expected.strength[bands])
    return Limit(
        poi=poi,
        cl=settings.cl,
        observed=None if numbers.observed is None else float(numbers.observed.strength[index]),
        observed_low=None if numbers.low is None else float(numbers.low.strength[index]),
        expected=(m2, m1, median, p1, p2),
        method=method,
        status="converged",
        reason="",
    )


def _trouble(name: str, roots: Roots, entries: Index) -> tuple[Status, str]:
    at = roots.strength[entries]
    if roots.found[entries].all():
        return "converged", ""
    if roots.unbounded[entries].any():
        return "no_sensitivity", f"no {name} limit up to a signal strength of {at.max():.3g}"
    if roots.failed[entries].any():
        worst = int(np.argmax(roots.failed[entries]))
        return "fit_failed", f"the fit for the {name} limit failed at a signal strength of {at[worst]:.6g}"
    worst = int(np.argmin(roots.found[entries]))
    return "bracket_failed", f"the {name} limit was not pinned down near a signal strength of {at[worst]:.6g}"


def _no_limit(poi: str, settings: LimitSettings, status: Status, reason: str, method: str = "") -> Limit:
    return Limit(
        poi,
        settings.cl,
        None,
        None,
        NO_BANDS,
        method or f"{settings.method}_{settings.calculation}",
        status,
        reason,
    )


def _compile(
    workspaces: Sequence[Mapping[str, Any]], poi: str | None
) -> tuple[dict[int, Model], dict[int, str]]:
    """Models of the usable workspaces, and what is wrong with the others, by their place in the call."""
    models: dict[int, Model] = {}
    errors: dict[int, str] = {}
    for i, workspace in enumerate(workspaces):
        try:
            models[i] = compile_workspace(workspace, poi)
        except WorkspaceError as error:
            errors[i] = str(error)
    return models, errors


def _has_signal(model: Model) -> bool:
    rows = [any(slot.parameter == model.poi for slot in row) for row in model.slots]
    return bool(np.any(model.templates[np.array(rows, dtype=bool)] != 0.0))


def _groups(models: Mapping[int, Model]) -> list[list[int]]:
    """Sort indices of models into groups that share a structure, none larger than memory likes."""
    groups: dict[object, list[int]] = {}
    for i, model in models.items():
        groups.setdefault(model.structure, []).append(i)
    parts = []
    for group in groups.values():
        size = max(1, LARGEST_GROUP // models[group[0]].templates.size)
        parts += [group[k : k + size] for k in range(0, len(group), size)]
    return parts


def _why_no_fit(hypotheses: Hypotheses, index: int) -> str:
    model = hypotheses.models[index]
    expected, observed = hypotheses.asimov.observed[index], hypotheses.data.observed[index]
    impossible = np.flatnonzero((expected <= 0.0) & (observed > 0.0))
    if len(impossible):
        b = int(impossible[0])
        return f"{model.bin_label(b)} has {observed[b]:g} events where none is possible without signal"
    negative = np.flatnonzero(expected < 0.0)
    if len(negative):
        b = int(negative[0])
        return f"{model.bin_label(b)} has a negative expectation of {expected[b]:.6g} without signal"
    return "the fit without signal did not converge"
