"""Limits that stock pyhf sets: own brackets around `pyhf.infer.hypotest`, for who trusts only that.

pyhf has one of the engine's methods, CLs with q-tilde and asymptotic distributions (arXiv:1007.1727). It runs on its
NumPy backend with SciPy's SLSQP, as it comes. Two things need care. It fits within bounds: where the measurement
states none, 0 to 10 for normalisations and 5 standard deviations for nuisance parameters. Those are widened here, that
of the signal strength with what is tested, and a limit at which a parameter rests on such a bound all the same is
refused. And it fails at times: that is a status.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pyhf

from umbra.core.errors import UmbraError
from umbra.statistics.model import WorkspaceError
from umbra.statistics.results import NO_BANDS, Limit, Status
from umbra.statistics.settings import LimitSettings
from umbra.statistics.workspace_check import check_workspace

METHOD = "cls_asymptotic"  # the one method that both have
MEDIAN = 3  # of the CLs values: the observed one and five expected ones
MAX_GROWTH, MAX_EVALUATIONS = 60, 40
CLOSE = 1e-4  # relative, of CLs at a limit
ROUNDING = 0.01  # by which CLs may rise with the strength before that counts as a failure
AT_BOUND = 1e-6  # of the width between a parameter's bounds
#: pyhf's own bounds of nuisance parameters and of normalisations, and what they become.
WIDENED = {(-5.0, 5.0): (-10.0, 10.0), (0.0, 10.0): (0.0, 100.0)}


class PyhfFailureError(UmbraError):
    """A limit that pyhf does not give, with its status."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass
class PyhfModel:
    """One workspace for pyhf, and CLs at every strength that was asked for.

    Attributes
    ----------
    model, data : pyhf's model, and its data with the auxiliary ones
    bounds : bounds of all parameters
    own : names of the parameters whose bounds the measurement does not state
    cls : strength to observed CLs and five expected values, the largest fluctuation last
    """

    model: Any
    data: list[float]
    bounds: list[tuple[float, float]]
    own: frozenset[str]
    cls: dict[float, list[float]] = field(default_factory=dict)

    @property
    def poi(self) -> str:
        """Name of the parameter of interest."""
        return str(self.model.config.poi_name)

    def at(self, strength: float) -> list[float]:
        """CLs (6,) at a strength, asked for once.

        Raises
        ------
        PyhfFailureError
            pyhf fails there, or gives something that is no number.
        """
        if strength not in self.cls:
            self.cls[strength] = self._hypotest(strength)
        return self.cls[strength]

    def from_no_signal(self, strength: float) -> list[float]:
        """CLs (6,) at a strength, with pyhf's fits started without signal in place of its own start.

        Raises
        ------
        PyhfFailureError
            As `at`.
        """
        start = list(self.model.config.suggested_init())
        start[self.model.config.poi_index] = 0.0
        return self._hypotest(strength, start)

    def _hypotest(self, strength: float, start: list[float] | None = None) -> list[float]:
        try:
            observed, expected = pyhf.infer.hypotest(
                strength,
                self.data,
                self.model,
                init_pars=start,
                par_bounds=self._bounds(strength),
                test_stat="qtilde",
                return_expected_set=True,
            )
        except Exception as error:  # SciPy's, NumPy's and pyhf's own: a failed minimisation has many names
            raise _failed(strength, error) from error
        values = [float(value) for value in (observed, *expected)]
        for value in values:
            if not 0.0 <= value <= 1.0:
                reason = f"pyhf gives a CLs of {value:g} at a signal strength of {strength:.6g}"
                raise PyhfFailureError("fit_failed", reason)
        return values

    def refuse_bounds(self, strength: float) -> None:
        """Refuse a strength at which a parameter rests on a bound of pyhf's own, other than zero.

        Raises
        ------
        PyhfFailureError
            Naming the parameter.
        """
        bounds = self._bounds(strength)
        try:
            best = pyhf.infer.mle.fixed_poi_fit(strength, self.data, self.model, par_bounds=bounds)
        except Exception as error:
            raise _failed(strength, error) from error
        for name, value, (low, high) in zip(self.model.config.par_names, best, bounds, strict=True):
            near = AT_BOUND * (high - low)
            if name.split("[")[0] in self.own and (
                value >= high - near or (low < 0.0 and value <= low + near)
            ):
                reason = f"pyhf holds '{name}' at its own bound of {value:g} at a signal strength of {strength:.6g}"
                raise PyhfFailureError("fit_failed", reason)

    def _bounds(self, strength: float) -> list[tuple[float, float]]:
        """Bounds with that of the signal strength far above a strength: zero below, as q-tilde has it."""
        bounds = list(self.bounds)
        place = self.model.config.poi_index
        bounds[place] = (0.0, max(bounds[place][1], 10.0 * strength))
        return bounds


def _failed(strength: float, error: Exception) -> PyhfFailureError:
    what = " ".join(f"{type(error).__name__}: {error}".split())[:120]
    reason = f"pyhf failed at a signal strength of {strength:.6g}: {what}"
    return PyhfFailureError("fit_failed", reason)


def why_no_equivalent(method: str) -> str:
    """Why pyhf cannot set the limits of a method of the engine, such as `cls_toys`; empty if it can.

    This is the one place that says so. Its toys have no counterpart either: they take their auxiliary measurements
    and random numbers from elsewhere, so that they would agree within their errors only.
    """
    if method == METHOD:
        return ""
    return f"'{method}' has no equivalent in pyhf, which sets limits by '{METHOD}' only"


def pyhf_limits(
    workspaces: Sequence[Mapping[str, Any]], settings: LimitSettings, has_data: bool = True
) -> list[Limit]:
    """Set the limit of every workspace with stock pyhf, one after the other.

    Parameters
    ----------
    workspaces
        HistFactory workspaces.
    settings
        `method` must be `cls`, `calculation` must be `auto` or `asymptotic`.
    has_data
        False if the observations are the expected background: there is then no observed limit.

    Returns
    -------
    list of Limit
        In the order of the workspaces, with `engine="pyhf"`.

    Raises
    ------
    UmbraError
        The settings ask for what pyhf does not have.
    """
    calculation = "asymptotic" if settings.calculation == "auto" else settings.calculation
    if why := why_no_equivalent(f"{settings.method}_{calculation}"):
        raise UmbraError(f"the engine 'pyhf' cannot do what is asked for: {why}")
    with stock_pyhf():
        return [_limit(workspace, settings, has_data) for workspace in workspaces]


@contextmanager
def stock_pyhf() -> Iterator[None]:
    """Run pyhf as it comes, whatever backend was set before, and set that again."""
    before = pyhf.get_backend()
    log = logging.getLogger("pyhf")
    level = log.level
    log.setLevel(logging.CRITICAL)  # what it reports there it raises, too
    pyhf.set_backend("numpy", pyhf.optimize.scipy_optimizer())
    try:
        with warnings.catch_warnings():
            # Numbers that are none are noticed below; the texts of NumPy's warnings about them say nothing more.
            warnings.simplefilter("ignore")
            yield
    finally:
        pyhf.set_backend(*before)
        log.setLevel(level)


def _limit(workspace: Mapping[str, Any], settings: LimitSettings, has_data: bool) -> Limit:
    poi = settings.poi or ""
    try:
        model = pyhf_model(workspace, settings)
        poi = model.poi
        wanted = [*([0] if has_data else []), *(range(1, 6) if settings.expected else [])]
        limits = _search(model, wanted, 1.0 - settings.cl)
        for place in (0, MEDIAN):
            if place in limits:
                model.refuse_bounds(limits[place])
    except PyhfFailureError as failure:
        return _no_limit(poi, settings, failure.status, str(failure))
    except UmbraError as error:
        return _no_limit(poi, settings, "fit_failed", str(error))
    bands = tuple(limits[k] for k in range(1, 6)) if settings.expected else NO_BANDS
    return Limit(
        poi=poi,
        cl=settings.cl,
        observed=limits[0] if has_data else None,
        observed_low=None,
        expected=bands,  # type: ignore[arg-type]
        method=METHOD,
        status="converged",
        reason="",
        engine="pyhf",
    )


def _no_limit(poi: str, settings: LimitSettings, status: Status, reason: str) -> Limit:
    return Limit(poi, settings.cl, None, None, NO_BANDS, METHOD, status, reason, engine="pyhf")


def pyhf_model(workspace: Mapping[str, Any], settings: LimitSettings) -> PyhfModel:
    """Give pyhf's model of a workspace.

    Raises
    ------
    WorkspaceError
        The workspace is unclear, or pyhf does not take it.
    """
    check_workspace(workspace)
    try:
        spec = pyhf.Workspace(dict(workspace))
        options = {} if settings.poi is None else {"poi_name": settings.poi}
        model = spec.model(measurement_name=settings.measurement, **options)
        data = [float(value) for value in spec.data(model)]
        config = spec.get_measurement(measurement_name=settings.measurement)["config"]
    except Exception as error:  # whatever pyhf raises on input: it has no common class for it
        raise WorkspaceError(f"pyhf does not take the workspace: {type(error).__name__}: {error}") from error
    if model.config.poi_name is None:
        raise WorkspaceError("the measurement names no parameter of interest and none was given")
    stated = {entry["name"] for entry in config["parameters"] if "bounds" in entry}
    own = frozenset(model.config.par_order) - stated - {model.config.poi_name}
    bounds = [
        WIDENED.get(tuple(bound), tuple(bound)) if name in own else tuple(bound)
        for name, bound in zip(model.config.par_names, model.config.suggested_bounds(), strict=True)
    ]
    return PyhfModel(model, data, bounds, own)


def _search(curve: PyhfModel, wanted: Sequence[int], alpha: float) -> dict[int, float]:
    """Strengths at which the wanted CLs values fall to alpha; what one search evaluates serves the others."""
    high = first_strength(curve.model, curve.data)
    for _ in range(MAX_GROWTH):
        if all(curve.at(high)[k] < alpha for k in wanted):
            break
        high *= 2.0
    else:
        raise PyhfFailureError("no_sensitivity", f"pyhf finds no limit up to a signal strength of {high:.3g}")
    return {k: _crossing(curve, k, alpha) for k in wanted}


def first_strength(model: Any, data: Sequence[float]) -> float:
    """Scale of the signal strength: some signal events beyond the fluctuation of the background under them."""
    parameters = np.array(model.config.suggested_init(), dtype=float)
    parameters[model.config.poi_index] = 0.0
    background = np.asarray(model.expected_actualdata(parameters))
    parameters[model.config.poi_index] = 1.0
    signal = np.asarray(model.expected_actualdata(parameters)) - background
    events = float(signal.sum())
    if not (math.isfinite(events) and events > 0.0):
        raise PyhfFailureError("no_sensitivity", "no sample with events depends on the signal strength")
    under = float((np.maximum(np.asarray(data[: len(signal)]), 0.0) * signal).sum() / events)
    return (math.sqrt(under) + 3.0) / events


def _crossing(curve: PyhfModel, k: int, alpha: float) -> float:
    """Last strength at which one CLs value is alpha, by secants in its logarithm inside a bracket."""

    def height(strength: float) -> float:
        return math.log(max(curve.at(strength)[k], 1e-300) / alpha)

    known = [(strength, curve.at(strength)[k]) for strength in sorted(curve.cls)]
    for (left, a), (right, b) in pairwise(known):
        if b > a + ROUNDING:
            where = f"between the signal strengths {left:.6g} and {right:.6g}"
            raise PyhfFailureError("bracket_failed", f"pyhf's CLs rises from {a:.4f} to {b:.4f} {where}")
    above = [strength for strength, value in known if value >= alpha]
    low = above[-1] if above else 0.0
    high = next(strength for strength, _ in known if strength > low)
    top = height(low) if above else -math.log(alpha)  # CLs is one where there is no signal
    bottom = height(high)
    for _ in range(MAX_EVALUATIONS):
        share = min(max(top / (top - bottom), 0.05), 0.95)
        middle = low + share * (high - low)
        value = height(middle)
        if abs(value) < CLOSE:
            return middle
        low, top, high, bottom = (middle, value, high, bottom) if value > 0.0 else (low, top, middle, value)
    reason = f"pyhf's CLs jumps over {alpha:g} between the signal strengths {low:.6g} and {high:.6g}"
    raise PyhfFailureError("bracket_failed", reason)
