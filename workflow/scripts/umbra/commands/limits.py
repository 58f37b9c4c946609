"""Limits from the command line: `python -m umbra.commands.limits WORKSPACE.json [MORE.json ...]`."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonpatch import JsonPatchException, apply_patch

from umbra.core.errors import UmbraError
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Read workspaces, set limits, print them to stdout.

    Returns
    -------
    int
        Exit code: 0, or 1 if the options or the patch set cannot be used. A workspace that cannot be read or used
        has a row with its status; that is a result, not a failure.
    """
    options = _parser().parse_args(arguments)
    try:
        settings = LimitSettings(
            method=options.method,
            cl=options.cl,
            calculation=options.calculation,
            poi=options.poi,
            n_toys=options.toys,
        )
        named = _read(options.workspaces, options.patchset)
    except (UmbraError, OSError, json.JSONDecodeError, JsonPatchException, KeyError) as error:
        print(f"umbra limits: {error}", file=sys.stderr)
        return 1
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
        prog="python -m umbra.commands.limits",
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
    workspace = json.loads(paths[0].read_text(encoding="utf-8"))
    patches = json.loads(patchset.read_text(encoding="utf-8"))["patches"]
    return [(p["metadata"]["name"], apply_patch(workspace, p["patch"])) for p in patches]


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return _Unreadable(f"{path} cannot be read as JSON: {error}")


if __name__ == "__main__":
    sys.exit(main())
