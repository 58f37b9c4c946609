"""Skims: flat trees of the candidates that a selection leaves."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from umbra.core.root import open_root

#: A flat table: name -> column.
Table = dict[str, NDArray[Any]]


def read(path: Path) -> Table:
    """Read the candidates of a skim.

    Raises
    ------
    UmbraError
        If the file is missing, truncated or has no tree `candidates`.
    """
    with open_root(path, "not a readable skim (tree 'candidates')") as file:
        return dict(file["candidates"].arrays(library="np"))


def append(file: Any, columns: Table) -> None:
    """Add candidates to the tree of an open file."""
    if "candidates" not in file:
        file.mktree("candidates", {name: column.dtype for name, column in columns.items()})
    file["candidates"].extend(columns)
