"""Temporary files of a `./run` stay in the project: `run` makes `.snakemake/tmp/<process>` and sets it as TMPDIR."""

import atexit
import os
import shutil
from pathlib import Path

from umbra.core.io import is_alive


def tidy(project: Path) -> None:
    """Remove the temporary folders of processes that were killed now, and our own when this process ends."""
    folder = project / ".snakemake" / "tmp"
    for left in folder.glob("[0-9]*"):
        if left.name.isdecimal() and not is_alive(int(left.name)):
            shutil.rmtree(left, ignore_errors=True)
    own = folder / str(os.getpid())
    if os.environ.get("TMPDIR") == str(own):
        atexit.register(shutil.rmtree, own, ignore_errors=True)
