"""Print a workspace of a channel that has been run: `umbra workspace CHANNEL --mass M`."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from umbra.config.folders import Folders
from umbra.core.errors import UmbraError
from umbra.core.records import no_such, unknown_word
from umbra.inference.workspace import Workspace, members, read_archive


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
    known = {*Folders.of(Path("config")).channels(shipped=True), *(p.name for p in options.results.glob("*"))}
    if options.channel not in known:
        raise UmbraError(no_such("channel", options.channel, sorted(known)))
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
        raise UmbraError(f"{folder}: no workspaces; run the channel first: ./run {folder.parent.name}")
    places = [(mass, path, name) for path in archives for name, mass in members(path).items()]
    if not places:
        raise UmbraError(f"{archives[0]}: an archive without a workspace")
    chosen = model or places[0][2].split("/")[0]
    of_model = [place for place in places if place[2].startswith(f"{chosen}/")]
    if not of_model:
        known = sorted({name.split("/")[0] for _, _, name in places})
        raise UmbraError(f"{folder}: {unknown_word(f'no interpretation {chosen!r}', chosen, known)}")
    _, path, name = min(of_model, key=lambda place: abs(place[0] - mass_gev))
    return read_archive(path)[name]
