"""Files: atomic writing, JSON. An output exists whole or not at all."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from umbra.core.errors import UmbraError


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Give a temporary path beside `path`, which takes its place when the block ends without an error."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files that only their owner can read; results are for everybody the umask allows.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_open(path: Path | str) -> Iterator[IO[str]]:
    """Open a text file that appears only when the block ends without an error."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        yield stream


def write_json(path: Path | str, content: Any) -> None:
    """Write JSON with sorted keys; NaN and infinity are refused because they are not JSON."""
    with atomic_open(path) as stream:
        json.dump(content, stream, indent=1, sort_keys=True, allow_nan=False)
        stream.write("\n")


def read_json(path: Path | str) -> Any:
    """Read JSON.

    Raises
    ------
    UmbraError
        If the file is missing, truncated or not JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UmbraError(f"{path}: not readable as JSON: {error}") from error
