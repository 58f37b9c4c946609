"""The public entry: limits, significances and fitted expectations of HistFactory workspaces.

All workspaces of a call are fitted in lock step, in groups of equal structure. The numbers of a workspace do not
depend, to the last bit, on which others share the call or in which order they come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from umbra.core.errors import UmbraError
from umbra.statistics.asymptotic import BANDS
from umbra.statistics.calculations import (
    CALCULATIONS,
    Calculated,
    choose_calculation,
    few_under_signal,
    why_not_exact,
)
from umbra.statistics.likelihood import Index
from umbra.statistics.local_p_values import local_p_values
from umbra.statistics.model import Array, Model, WorkspaceError
from umbra.statistics.profile import Hypotheses, prepare
from umbra.statistics.results import NO_BANDS, Discovery, FittedChannel, FittedExpectations, Limit, Status
from umbra.statistics.roots import Roots
from umbra.statistics.settings import LimitSettings
from umbra.statistics.significance import SignalFits, bin_deviance, discovery_statistic, signal_fits
from umbra.statistics.workspace_check import checked_model

__all__ = ["LimitSettings", "discoveries", "fitted_expectations", "upper_limits"]

AMBIGUOUS = (
    "the likelihood may have several minima, and none is shown to be the lowest: two searches disagree, "
    "or the data are so far off the best fit that there may be others out there"
)
TOO_FEW = "asymptotic although few background events lie under the signal: too strong by 10 to 30 percent, as a rule"
DEFAULTS = LimitSettings()
LARGEST_GROUP = 1_000_000  # numbers in the templates of models that are fitted together


def upper_limits(
    workspaces: Sequence[Mapping[str, Any]],
    settings: LimitSettings = DEFAULTS,
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

    Raises
    ------
    UmbraError
        There are no data, and no expected limits are wanted either; or pyhf is asked for what it does not have.
    """
    if not (has_data or settings.expected):
        raise UmbraError("without data and without expected limits there is nothing to calculate")
    return _ENGINES[settings.engine](workspaces, settings, has_data)


def _umbra_limits(
    workspaces: Sequence[Mapping[str, Any]], settings: LimitSettings, has_data: bool
) -> list[Limit]:
    limits: list[Limit | None] = [None] * len(workspaces)
    models, errors = _compile(workspaces, settings.poi, settings.measurement)
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


def _pyhf_limits(
    workspaces: Sequence[Mapping[str, Any]], settings: LimitSettings, has_data: bool
) -> list[Limit]:
    from umbra.statistics.pyhf_engine import pyhf_limits  # here, because pyhf takes long to import

    return pyhf_limits(workspaces, settings, has_data)


_ENGINES: dict[str, Callable[[Sequence[Mapping[str, Any]], LimitSettings, bool], list[Limit]]] = {
    "umbra": _umbra_limits,
    "pyhf": _pyhf_limits,
}


def discoveries(
    workspaces: Sequence[Mapping[str, Any]], poi: str | None = None, seed: tuple[str, ...] = ("discoveries",)
) -> list[Discovery]:
    """Fit a signal of either sign to each workspace and give its local significance.

    Parameters
    ----------
    workspaces
        HistFactory workspaces with observed data.
    poi
        Parameter of interest; the measurement's own if None.
    seed
        Names that the random numbers of toys derive from, together with the name of the measurement.

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
        local = local_p_values(hypotheses, q0, seed)
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
                z=local[k].z,
                p0=local[k].p0,
                chi2=float(chi2[k]),
                chi2_signal=float(chi2_signal[k]),
                n_bins=n_bins,
                method=local[k].method,
                status="converged",
                reason=reason,
                p0_error=local[k].error,
            )
    return [discovery for discovery in found if discovery is not None]


def fitted_expectations(workspace: Mapping[str, Any], poi: str | None = None) -> FittedExpectations:
    """Fit one workspace without and with signal and return the expected counts of every bin, for plots.

    Raises
    ------
    WorkspaceError
        The workspace cannot be used.
    """
    model = checked_model(workspace, poi)
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
        why = why_not_exact(model, has_data) if calculation == "exact" else ""
        if why:
            reason = f"the exact calculation is for whole counts in one bin with known priors, but {why}"
            limits[i] = _no_limit(poi, settings, "fit_failed", reason)
        else:
            chosen.setdefault(calculation, []).append(i)
    for name, members in chosen.items():
        some = hypotheses.take(np.array(members))
        numbers = CALCULATIONS[name](some, settings, has_data)
        for k, i in enumerate(members):
            limits[i] = _limit(some.models[k], k, numbers, settings)
            if limits[i].status in ("fit_failed", "bracket_failed") and np.isinf(some.sigma[k]):
                reason = "the background can imitate the signal at any strength"
                limits[i] = replace(limits[i], status="no_sensitivity", reason=reason)
    for i, few in enumerate(few_under_signal(hypotheses)):
        if few and limits[i].status == "converged" and limits[i].method.endswith("_asymptotic"):
            limits[i] = replace(limits[i], reason=TOO_FEW)
    return [limits[i] for i in range(len(hypotheses))]


def _limit(model: Model, index: int, numbers: Calculated, settings: LimitSettings) -> Limit:
    """Gather the numbers of one model, or say why there are none."""
    bands = np.arange(index * len(BANDS), (index + 1) * len(BANDS))
    here = np.array([index])
    poi = model.parameters[model.poi]
    for name, roots, entries in (
        ("expected", numbers.expected, bands),
        ("observed", numbers.observed, here),
        ("lower observed", numbers.low, here),
    ):
        if roots is None:
            continue
        status, reason = _trouble(name, roots, entries)
        if status != "converged":
            return _no_limit(poi, settings, status, reason, numbers.method)
    if numbers.observed is not None and numbers.observed.strength[index] <= 0.0:
        reason = "the data lie so far below the expected background that every signal strength is excluded"
        return _no_limit(poi, settings, "no_sensitivity", reason, numbers.method)
    expected = NO_BANDS
    if numbers.expected is not None:
        m2, m1, median, p1, p2 = (float(value) for value in numbers.expected.strength[bands])
        expected = (m2, m1, median, p1, p2)
    return Limit(
        poi=poi,
        cl=settings.cl,
        observed=None if numbers.observed is None else float(numbers.observed.strength[index]),
        observed_low=None if numbers.low is None else float(numbers.low.strength[index]),
        expected=expected,
        method=numbers.method,
        status="converged",
        reason="",
        observed_error=_known_error(numbers.observed_error, index),
        expected_error=_known_error(numbers.expected_error, index),
    )


def _known_error(errors: Array | None, index: int) -> float | None:
    """Error of one model; None without toys, and where too few toys lie near the limit to tell it."""
    return None if errors is None or not np.isfinite(errors[index]) else float(errors[index])


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
    workspaces: Sequence[Mapping[str, Any]], poi: str | None, measurement: str | None = None
) -> tuple[dict[int, Model], dict[int, str]]:
    """Models of the usable workspaces, and what is wrong with the others, by their place in the call."""
    models: dict[int, Model] = {}
    errors: dict[int, str] = {}
    for i, workspace in enumerate(workspaces):
        try:
            models[i] = checked_model(workspace, poi, measurement)
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
