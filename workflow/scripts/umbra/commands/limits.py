"""Limits of HistFactory workspaces: `umbra limits WORKSPACE.json [MORE.json ...]`.

The exit code is 0 only if every workspace has a limit, or no sensitivity to one; each has its row all the same.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

from umbra.core.errors import UmbraError
from umbra.statistics.engine import LimitSettings, upper_limits
from umbra.statistics.results import NO_BANDS, Engine, Limit
from umbra.statistics.settings import Calculation, Method
from umbra.statistics.workspace_files import NamedWorkspace, read_patch_set, read_workspace

COLUMNS = (
    "workspace",
    "poi",
    "cl",
    "observed",
    "observed_low",
    "expected_minus2",
    "expected_minus1",
    "expected",
    "expected_plus1",
    "expected_plus2",
    "observed_error",
    "expected_error",
    "method",
    "engine",
    "status",
    "reason",
)


def limits(workspace: Mapping[str, Any] | Path | str, *, has_data: bool = True, **settings: Any) -> Limit:
    """Limit on the signal strength of one HistFactory (pyhf) workspace.

    Parameters
    ----------
    workspace
        The workspace, or the JSON file that holds it.
    has_data
        False if the observations are the expected background: there is then no observed limit.
    **settings
        As for `umbra.statistics.engine.LimitSettings`: `cl` (0.95), `method` (`cls`, `bayesian`, `profile` or
        `feldman_cousins`), `calculation`, `poi`, `n_toys`, `seed`, `nuisance`.

    Returns
    -------
    Limit
        Observed and expected limits, with a status: of a workspace that cannot be fitted there are no numbers, and
        `reason` says why.

    Raises
    ------
    UmbraError
        If the file cannot be read or a setting is not known.
    """
    known = [each.name for each in fields(LimitSettings)]
    for name in settings:
        if name not in known:
            raise UmbraError(f"limits: there is no setting '{name}'; known: {', '.join(known)}")
    content = workspace if isinstance(workspace, Mapping) else read_workspace(Path(workspace))
    (limit,) = upper_limits([content], LimitSettings(**settings), has_data=has_data)
    return limit


#: How a workspace may end without the command having failed.
_RESULTS = ("converged", "no_sensitivity")


def main(arguments: Sequence[str]) -> int:
    """Read workspaces, set limits, print them to stdout.

    Returns
    -------
    int
        Exit code: 0 if every workspace has a limit or no sensitivity to one; 1 if a file cannot be read, a workspace or
        patch cannot be used, or a fit failed, which its row then says, or if the options or the patch set cannot be
        used, which stderr says. Options that are no options end with argparse's 2.
    """
    options = _parser().parse_args(arguments)
    try:
        settings = LimitSettings(
            method=options.method,
            cl=options.cl,
            calculation=options.calculation,
            poi=options.poi,
            n_toys=options.toys,
            measurement=options.measurement,
            expected=not options.observed_only,
            engine=options.engine,
        )
        named = _read(options.workspaces, options.patchset)
        usable = [workspace.content for workspace in named if workspace.content is not None]
        found = iter(upper_limits(usable, settings, has_data=not options.no_data))
    except UmbraError as error:
        print(f"umbra limits: {error}", file=sys.stderr)
        return 1
    limits = [
        _unreadable(workspace, settings) if workspace.content is None else next(found) for workspace in named
    ]
    rows = [limit_row(workspace.name, limit) for workspace, limit in zip(named, limits, strict=True)]
    if options.format == "json":
        json.dump(rows, sys.stdout, indent=2, allow_nan=False)
        sys.stdout.write("\n")
    else:
        writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return 0 if all(limit.status in _RESULTS for limit in limits) else 1


def _unreadable(workspace: NamedWorkspace, settings: LimitSettings) -> Limit:
    return Limit(
        poi=settings.poi or "",
        cl=settings.cl,
        observed=None,
        observed_low=None,
        expected=NO_BANDS,
        method=f"{settings.method}_{settings.calculation}",
        status="fit_failed",
        reason=workspace.reason,
        engine=settings.engine,
    )


def limit_row(workspace: str, limit: Limit) -> dict[str, Any]:
    """Spread a limit over the columns of the output."""
    values = (workspace, limit.poi, limit.cl, limit.observed, limit.observed_low, *limit.expected)
    errors = (limit.observed_error, limit.expected_error)
    text = (limit.method, limit.engine, limit.status, limit.reason)
    return dict(zip(COLUMNS, (*values, *errors, *text), strict=True))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="umbra limits",
        description="Limits on a signal strength from HistFactory workspaces: pyhf's JSON, or XML with ROOT files.",
    )
    parser.add_argument("workspaces", nargs="+", type=Path, metavar="WORKSPACE")
    parser.add_argument(
        "--patchset", type=Path, help="pyhf patch set: one limit for each patch of one workspace"
    )
    parser.add_argument("--poi", help="parameter of interest (default: the measurement's)")
    parser.add_argument("--measurement", help="measurement (default: the first of each workspace)")
    parser.add_argument("--cl", type=float, default=0.95, help="confidence level (default: %(default)s)")
    parser.add_argument(
        "--method",
        choices=get_args(Method),
        default="cls",
        help="default: cls",
    )
    parser.add_argument(
        "--calculation",
        choices=get_args(Calculation),
        default="auto",
        help="default: auto, which follows the counts",
    )
    parser.add_argument(
        "--toys", type=int, default=LimitSettings.n_toys, help="toys a hypothesis (default: %(default)s)"
    )
    parser.add_argument(
        "--engine",
        choices=get_args(Engine),
        default="umbra",
        help="default: umbra; pyhf sets every limit with stock pyhf (asymptotic CLs only, slow)",
    )
    parser.add_argument("--observed-only", action="store_true", help="no expected limits, which saves time")
    parser.add_argument("--no-data", action="store_true", help="the observations are the expected background")
    parser.add_argument("--format", choices=("json", "csv"), default="json", help="default: json")
    return parser


def _read(paths: Sequence[Path], patches: Path | None) -> list[NamedWorkspace]:
    """Name and content of each workspace; with a patch set, of each patched one."""
    if patches is None:
        return [_load(path) for path in paths]
    if len(paths) != 1:
        raise UmbraError(f"a patch set goes with one workspace, not with {len(paths)}")
    patched = read_patch_set(paths[0], patches)
    if not patched.digest_matches:
        print(
            f"umbra limits: {patches} says that it was made for another workspace than {paths[0]}",
            file=sys.stderr,
        )
    return list(patched.workspaces)


def _load(path: Path) -> NamedWorkspace:
    try:
        return NamedWorkspace(str(path), read_workspace(path))
    except UmbraError as error:
        return NamedWorkspace(str(path), None, str(error))
