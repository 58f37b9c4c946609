"""Temporary files of a `./run` stay in `.snakemake/tmp/<process>`, which `run` makes and sets as TMPDIR."""

import atexit
import os
import shutil
from pathlib import Path

from umbra.core.io import is_alive


def tidy(project: Path) -> None:
    """Remove the temporary folders of processes that were killed now, and our own when this process ends."""
    folder = project / ".snakemake" / "tmp"
    given = Path(os.environ.get("TMPDIR", "")).absolute()
    if given.parts[-3:] == (
        *folder.parts[-2:],
        str(os.getpid()),
    ):  # another folder's, where the checkout is read-only
        folder = given.parent
    for left in folder.glob("[0-9]*"):
        if left.name.isdecimal() and not is_alive(int(left.name)):
            shutil.rmtree(left, ignore_errors=True)
    own = folder / str(os.getpid())
    if given == own:
        atexit.register(shutil.rmtree, own, ignore_errors=True)
