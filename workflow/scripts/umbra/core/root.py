"""ROOT files; apart from other files because uproot takes long to import."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uproot

from umbra.core.errors import UmbraError
from umbra.core.io import atomic_path


@contextmanager
def open_root(path: Path | str, what: str) -> Iterator[Any]:
    """Open a ROOT file for reading with uproot.

    Parameters
    ----------
    path
        The file.
    what
        What is wrong with it if it cannot be read, such as "not a readable sample".

    Raises
    ------
    UmbraError
        If the file, or what the block reads from it, is missing or truncated.
    """
    try:
        with uproot.open(path) as file:
            yield file
    except (OSError, ValueError, KeyError, EOFError, uproot.DeserializationError) as error:
        raise UmbraError(f"{path}: {what}: {error}") from error


@contextmanager
def new_root_file(path: Path | str) -> Iterator[Any]:
    """Open a new ROOT file for writing with uproot; it appears only when the block ends without an error.

    Zstandard packs momenta as tightly as uproot's default does, in a fifth of the time.
    """
    with atomic_path(path) as temporary, uproot.recreate(temporary, compression=uproot.ZSTD(1)) as file:
        yield file
