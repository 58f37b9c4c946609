"""Limits of HistFactory workspaces: `umbra limits WORKSPACE.json [MORE.json ...]`."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from jsonpatch import JsonPatchException, apply_patch

from umbra.core.errors import UmbraError
from umbra.core.io import read_json
from umbra.statistics.engine import LimitSettings, upper_limits
from umbra.statistics.results import NO_BANDS, Limit

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
    "method",
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
    content = workspace if isinstance(workspace, Mapping) else read_json(workspace)
    (limit,) = upper_limits([content], LimitSettings(**settings), has_data=has_data)
    return limit


def main(arguments: Sequence[str]) -> int:
    """Read workspaces, set limits, print them to stdout.

    A workspace that cannot be read or used has a row with its status; that is a result, not a failure.

    Returns
    -------
    int
        0.

    Raises
    ------
    UmbraError
        If the options or the patch set cannot be used.
    """
    options = _parser().parse_args(arguments)
    settings = LimitSettings(
        method=options.method,
        cl=options.cl,
        calculation=options.calculation,
        poi=options.poi,
        n_toys=options.toys,
    )
    named = _read(options.workspaces, options.patchset)
    usable = [workspace for _, workspace in named if not isinstance(workspace, _Unreadable)]
    limits = iter(upper_limits(usable, settings, has_data=not options.no_data))
    rows = [
        limit_row(name, workspace.limit(settings) if isinstance(workspace, _Unreadable) else next(limits))
        for name, workspace in named
    ]
    if options.format == "json":
        json.dump(rows, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return 0


@dataclass(frozen=True)
class _Unreadable:
    """A file that is no JSON, or is not there."""

    reason: str

    def limit(self, settings: LimitSettings) -> Limit:
        return Limit(
            settings.poi or "", settings.cl, None, None, NO_BANDS, settings.method, "fit_failed", self.reason
        )


def limit_row(workspace: str, limit: Limit) -> dict[str, Any]:
    """Spread a limit over the columns of the output."""
    values = (workspace, limit.poi, limit.cl, limit.observed, limit.observed_low, *limit.expected)
    return dict(zip(COLUMNS, (*values, limit.method, limit.status, limit.reason), strict=True))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="umbra limits",
        description="Limits on a signal strength from HistFactory (pyhf) workspaces.",
    )
    parser.add_argument("workspaces", nargs="+", type=Path, metavar="WORKSPACE.json")
    parser.add_argument(
        "--patchset", type=Path, help="pyhf patch set: one limit for each patch of one workspace"
    )
    parser.add_argument("--poi", help="parameter of interest (default: the measurement's)")
    parser.add_argument("--cl", type=float, default=0.95, help="confidence level (default: %(default)s)")
    parser.add_argument(
        "--method",
        choices=("cls", "bayesian", "profile", "feldman_cousins"),
        default="cls",
        help="default: cls",
    )
    parser.add_argument(
        "--calculation",
        choices=("auto", "exact", "toys", "asymptotic"),
        default="auto",
        help="default: auto, which follows the counts",
    )
    parser.add_argument(
        "--toys", type=int, default=LimitSettings.n_toys, help="toys a hypothesis (default: %(default)s)"
    )
    parser.add_argument("--no-data", action="store_true", help="the observations are the expected background")
    parser.add_argument("--format", choices=("json", "csv"), default="json", help="default: json")
    return parser


def _read(paths: Sequence[Path], patchset: Path | None) -> list[tuple[str, Any]]:
    """Name and content of each workspace; with a patch set, of each patched one."""
    if patchset is None:
        return [(str(path), _load(path)) for path in paths]
    if len(paths) != 1:
        raise UmbraError(f"a patch set goes with one workspace, not with {len(paths)}")
    workspace = read_json(paths[0])
    content = read_json(patchset)
    try:
        return [(p["metadata"]["name"], apply_patch(workspace, p["patch"])) for p in content["patches"]]
    except (KeyError, TypeError) as error:
        raise UmbraError(f"{patchset}: not a pyhf patch set: {error!r}") from error
    except JsonPatchException as error:
        raise UmbraError(f"{patchset}: does not fit {paths[0]}: {error}") from error


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return _Unreadable(f"{path} cannot be read as JSON: {error}")
