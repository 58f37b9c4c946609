"""The searches that can be run: `umbra channels`, and `umbra channels NAME` for the file of one.

umbra channels alp_3gamma_belle2 > config/channels/mine.yaml      # to start one of one's own
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from umbra.config.folders import Folders
from umbra.config.yaml import read


@dataclass(frozen=True)
class Listed:
    """What the list says about a channel.

    Parameters
    ----------
    name
        Stem of its file.
    experiment, title, portal
        As its file has them.
    file
        Where it lies.
    """

    name: str
    experiment: str
    title: str
    portal: str
    file: str


def main(arguments: Sequence[str]) -> int:
    """Print the list, or one file; 0."""
    parser = argparse.ArgumentParser(
        prog="umbra channels", description="The searches that can be run, or the file of one."
    )
    parser.add_argument("name", nargs="?", help="print the file of this channel")
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("config"),
        metavar="FOLDER",
        help="configuration of one's own, searched before the shipped one; default: %(default)s",
    )
    parser.add_argument("--json", action="store_true", help="the list with portals and files, as JSON")
    options = parser.parse_args(arguments)
    folders = Folders.of(options.config)
    if options.name is not None:
        sys.stdout.write(folders.find("channels", options.name).read_text(encoding="utf-8"))
        return 0
    found = channels(folders)
    if options.json:
        print(json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False))
        return 0
    widths = [
        max((len(text) for text in column), default=0) for column in zip(*map(_cells, found), strict=True)
    ]
    for each in found:
        print("  ".join(f"{text:{width}}" for text, width in zip(_cells(each), widths, strict=True)).rstrip())
    return 0


def channels(folders: Folders) -> list[Listed]:
    """List all channels of the folders, one's own and shipped ones."""
    found = []
    for name, path in folders.files("channels").items():
        content = read(path).content
        search = content.get("search", {})
        found.append(
            Listed(
                name=name,
                experiment=str(search.get("experiment", "")),
                title=str(content.get("title", "")),
                portal=str(search.get("portal", "")),
                file=str(path),
            )
        )
    return found


def _cells(listed: Listed) -> tuple[str, str, str]:
    return listed.name, listed.experiment, listed.title
