"""Print a workspace of a channel that has been run: `umbra workspace CHANNEL --mass M`."""

import argparse
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from umbra.core.errors import UmbraError
from umbra.inference.workspace import Workspace, read_archive


def main(arguments: Sequence[str]) -> int:
    """Print the workspace of a channel whose mass is nearest to the one asked for; 0."""
    parser = argparse.ArgumentParser(prog="umbra workspace", description=main.__doc__)
    parser.add_argument("channel")
    parser.add_argument("--mass", type=float, required=True, metavar="GEV")
    parser.add_argument("--model", help="reading of the channel; the main one if missing")
    parser.add_argument(
        "--results", type=Path, default=Path("results"), metavar="FOLDER", help="default: %(default)s"
    )
    options = parser.parse_args(arguments)
    folder = options.results / options.channel / "workspaces"
    print(json.dumps(nearest(folder, options.mass, options.model), indent=1))
    return 0


def nearest(folder: Path, mass_gev: float, model: str | None = None) -> Workspace:
    """Workspace of the hypothesis whose (first) mass is nearest.

    Parameters
    ----------
    folder
        The archives of a channel, `results/<channel>/workspaces`.
    mass_gev
        Mass that is asked for.
    model
        Reading of the channel; the first if `None`.

    Raises
    ------
    UmbraError
        If there are no archives, or no such reading in them.
    """
    archives = sorted(folder.glob("block_*.zip"))
    if not archives:
        raise UmbraError(f"{folder}: no workspaces; run the channel first")
    places = [(path, name) for path in archives for name in _members(path)]
    chosen = model or places[0][1].split("/")[0]
    of_model = [(path, name) for path, name in places if name.startswith(f"{chosen}/")]
    if not of_model:
        known = sorted({name.split("/")[0] for _, name in places})
        raise UmbraError(f"{folder}: no model '{chosen}'; known: {', '.join(known)}")
    path, name = min(
        of_model, key=lambda place: abs(float(place[1].split("/")[1].removesuffix(".json")) - mass_gev)
    )
    return read_archive(path)[name.removesuffix(".json")]


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        raise UmbraError(f"{path}: not a readable archive of workspaces: {error}") from error
