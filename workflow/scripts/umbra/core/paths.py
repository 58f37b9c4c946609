"""Where this library lies, and what comes with it.

It runs from a checkout, in `workflow/scripts/umbra`, or installed by pip. The wheel holds the configuration and the
schemas of the checkout in `umbra/_shipped` (`pyproject.toml` puts them there), so that both offer the same. Standard
library only, because the job graph is built with it.
"""

import os
from pathlib import Path

#: Folder of the package.
PACKAGE = Path(__file__).resolve().parents[1]


def checkout() -> Path | None:
    """Top folder of the checkout that this library runs from; `None` where pip has installed it."""
    top = PACKAGE.parents[2]
    inside = top / "workflow" / "scripts" / PACKAGE.name == PACKAGE
    return top if inside and (top / "pyproject.toml").is_file() else None


def hand_on() -> None:
    """Let the processes that are started from here import this library, even where another one is installed.

    Snakemake puts the folder of a rule's script at the end of the path, behind all that is installed.
    """
    if checkout() is not None:
        given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        others = [place for place in given if place and Path(place).resolve() != PACKAGE.parent]
        os.environ["PYTHONPATH"] = os.pathsep.join([str(PACKAGE.parent), *others])


def shipped_config() -> Path:
    """Folder of the configuration that comes with the library: `channels/`, `machines/`, `published/` …."""
    top = checkout()
    return PACKAGE / "_shipped" / "config" if top is None else top / "config"


def schemas() -> Path:
    """Folder of the JSON schemas of the configuration's files."""
    top = checkout()
    return PACKAGE / "_shipped" / "schemas" if top is None else top / "workflow" / "schemas"
