"""Audit of the engine by stock pyhf: which CLs pyhf finds at the limits that the engine set."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.seeds import generator
from umbra.statistics.asymptotic import cls_values
from umbra.statistics.profile import prepare
from umbra.statistics.pyhf_engine import (
    MEDIAN,
    PyhfFailureError,
    PyhfModel,
    pyhf_model,
    stock_pyhf,
    why_no_equivalent,
)
from umbra.statistics.results import Limit, Status
from umbra.statistics.settings import LimitSettings
from umbra.statistics.workspace_check import checked_model

TOLERANCE = 1e-3  # of CLs at a limit

#: Which of a limit's numbers are audited, and which of pyhf's CLs values must be 1 - CL there.
_AUDITED: tuple[tuple[Literal["observed", "expected"], int], ...] = (("observed", 0), ("expected", MEDIAN))


@dataclass(frozen=True)
class Audit:
    """What stock pyhf says about one limit.

    Attributes
    ----------
    workspace : name of the workspace
    quantity : `observed`, or `expected` for the median expected limit
    strength : the limit of the engine, on the signal strength
    cls : CLs that pyhf gives there; None where it gives none
    wanted : 1 - confidence level
    difference : cls - wanted; None where there is no CLs
    seconds_pyhf, seconds_engine : processor time of pyhf's `hypotest`, and of the engine for the same question,
        which is CLs, observed and expected, of this strength; model building not counted for pyhf, but for the engine
    status : `converged`, or `fit_failed` where pyhf gives no CLs
    reason : a sentence where it does not, or where a bound of pyhf's own explains the difference
    """

    workspace: str
    quantity: Literal["observed", "expected"]
    strength: float
    cls: float | None
    wanted: float
    difference: float | None
    seconds_pyhf: float
    seconds_engine: float
    status: Status
    reason: str

    @property
    def agrees(self) -> bool:
        """Whether pyhf gives a CLs, and it is the wanted one within TOLERANCE."""
        return self.difference is not None and abs(self.difference) <= TOLERANCE


def audit(
    workspaces: Mapping[str, Mapping[str, Any]],
    limits: Mapping[str, Limit],
    settings: LimitSettings,
) -> list[Audit]:
    """Ask stock pyhf for CLs at the observed and the median expected limits of the engine.

    Parameters
    ----------
    workspaces
        Workspaces by name.
    limits
        Limits that the engine set with `settings`, by the names of their workspaces; those that did not converge, or
        whose method has no equivalent in pyhf (`pyhf_engine.why_no_equivalent`), are passed over.
    settings
        Parameter of interest and measurement.

    Returns
    -------
    list of Audit
        In the order of the limits, the observed one first.

    Raises
    ------
    UmbraError
        A limit has no workspace, or one that cannot be used.
    """
    records: list[Audit] = []
    with stock_pyhf():
        for name, limit in limits.items():
            if limit.status != "converged" or why_no_equivalent(limit.method):
                continue
            if name not in workspaces:
                raise UmbraError(f"the limit '{name}' that is to be audited has no workspace")
            records += _audit(name, workspaces[name], limit, settings)
    return records


def choose(limits: Mapping[str, Limit], n_random: int, seed: tuple[str, ...]) -> list[str]:
    """Choose limits to audit: of each method the first, the last, the strongest and some at random.

    Parameters
    ----------
    limits
        Limits by the names of their workspaces; only those that `audit` can do are chosen from.
    n_random
        How many to choose at random, for each method, beside the other three.
    seed
        Names that the random choice derives from.

    Returns
    -------
    list of str
        Names in the order of the limits, none twice.
    """
    kinds: dict[str, list[str]] = {}
    for name, limit in limits.items():
        if limit.status == "converged" and not why_no_equivalent(limit.method):
            kinds.setdefault(limit.method, []).append(name)
    chosen: set[str] = set()
    for method, names in kinds.items():
        strongest = min(names, key=lambda name: _strength(limits[name]))
        chosen |= {names[0], names[-1], strongest}
        rest = [name for name in names if name not in chosen]
        places = generator(*seed, method).permutation(len(rest))[:n_random]
        chosen |= {rest[place] for place in places}
    return [name for name in limits if name in chosen]


def _strength(limit: Limit) -> float:
    known = [value for value in (limit.observed, limit.expected[2]) if value is not None]
    return min(known)


def disagreements(records: Sequence[Audit]) -> list[Audit]:
    """Select the records in which pyhf and the engine disagree, or pyhf gives nothing, largest difference first."""
    wrong = [record for record in records if not record.agrees]
    return sorted(
        wrong, key=lambda record: -abs(record.difference) if record.difference is not None else -1.0
    )


def _audit(name: str, workspace: Mapping[str, Any], limit: Limit, settings: LimitSettings) -> list[Audit]:
    model = pyhf_model(workspace, settings)
    wanted = 1.0 - limit.cl
    records = []
    for quantity, place in _AUDITED:
        strength = limit.observed if quantity == "observed" else limit.expected[2]
        if strength is None:
            continue
        seconds_engine = _seconds_of_engine(workspace, settings, strength)
        start = time.process_time()
        cls: float | None = None
        status: Status = "converged"
        reason = ""
        try:
            cls = model.at(strength)[place]
            if abs(cls - wanted) > TOLERANCE:  # its fits may have ended above the minimum
                again = model.from_no_signal(strength)[place]
                if abs(again - wanted) <= TOLERANCE:
                    reason = f"started without signal; CLs {cls:.6f} from pyhf's own start"
                    cls = again
        except PyhfFailureError as failure:
            status, reason = failure.status, str(failure)
        seconds = time.process_time() - start
        difference = None if cls is None else cls - wanted
        if difference is not None and abs(difference) > TOLERANCE:
            reason = _why_not(model, strength)
        records.append(
            Audit(name, quantity, strength, cls, wanted, difference, seconds, seconds_engine, status, reason)
        )
    return records


def _why_not(model: PyhfModel, strength: float) -> str:
    """Whether pyhf's own bounds explain a difference; empty if they do not."""
    try:
        model.refuse_bounds(strength)
    except PyhfFailureError as failure:
        return str(failure)
    return ""


def _seconds_of_engine(workspace: Mapping[str, Any], settings: LimitSettings, strength: float) -> float:
    start = time.process_time()
    model = checked_model(workspace, settings.poi, settings.measurement)
    cls_values(prepare([model]), np.array([strength]))
    return time.process_time() - start
