"""Files: atomic writing, JSON. An output exists whole or not at all."""

import errno
import json
import math
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO, Any

from umbra.core.errors import UmbraError

#: How the name of a file begins that is being written; the number of the writing process follows.
PART = ".umbra-part-"

#: What the system says where a file cannot be written, whatever its content.
_UNWRITABLE = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS),
    *(errno.EACCES, errno.EPERM, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EIO),
)
#: Signals that end a process without another word.
_ENDING = (signal.SIGTERM, signal.SIGHUP)

_parts: set[Path] = set()


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Give a temporary path beside `path`, which takes its place when the block ends without an error.

    Nothing stays beside `path` when the block fails, nor when SIGTERM or SIGHUP ends the process within it.

    Raises
    ------
    UmbraError
        If the file cannot be written: the disk is full or read-only, the folder belongs to somebody else.
    """
    path = Path(path)
    temporary: Path | None = None
    with _removed_by_ending_signals():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(
                prefix=f"{PART}{os.getpid()}-", suffix=path.suffix, dir=path.parent
            )
            temporary = Path(name)
            _parts.add(temporary)
            os.close(handle)
            yield temporary
            # mkstemp makes files that only their owner can read; results are for everybody the umask allows.
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o666 & ~umask)
            temporary.replace(path)
        except OSError as error:
            if error.errno in _UNWRITABLE and _about(error, path):
                raise UmbraError(f"{path}: cannot be written: {error.strerror}") from error
            raise
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)
                _parts.discard(temporary)


@contextmanager
def atomic_open(path: Path | str) -> Iterator[IO[str]]:
    """Open a text file that appears only when the block ends without an error."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        yield stream


def remove_parts(folder: Path) -> None:
    """Remove what processes that were killed while they wrote have left under a folder; the living keep theirs."""
    for part in folder.rglob(f"{PART}*"):
        writer = part.name.removeprefix(PART).split("-")[0]
        if writer.isdecimal() and not is_alive(int(writer)):
            part.unlink(missing_ok=True)


def is_alive(pid: int) -> bool:
    """Tell whether a process of this number lives on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it lives, and is another user's
        return True
    return True


def write_json(path: Path | str, content: Any) -> None:
    """Write JSON with sorted keys.

    Raises
    ------
    UmbraError
        If a number is infinite or NaN, which are not JSON: the sentence names its place.
    """
    text = json_text(content, path, indent=1, sort_keys=True)
    with atomic_open(path) as stream:
        stream.write(text + "\n")


def json_text(content: Any, where: Path | str, **options: Any) -> str:
    """Give content as JSON.

    Raises
    ------
    UmbraError
        If a number is infinite or NaN, such as from an input of 1e300 that was squared.
    """
    try:
        return json.dumps(content, allow_nan=False, **options)
    except ValueError as error:
        for place, value in _not_finite(content, ()):
            raise UmbraError(
                f"{where}: {'/'.join(map(str, place))} came out as {value}: some input has a size that nothing can have"
            ) from error
        raise


def _not_finite(content: Any, place: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], float]]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _not_finite(value, (*place, key))
    elif isinstance(content, list | tuple):
        for number, value in enumerate(content):
            yield from _not_finite(value, (*place, number))
    elif isinstance(content, float) and not math.isfinite(content):
        yield place, content


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


def _about(error: OSError, path: Path) -> bool:
    """Tell whether an error is about `path`, its folders or its temporary file, or names no file (a full disk)."""
    if error.filename is None:
        return True
    named = Path(os.fsdecode(error.filename))
    return named in (path, *path.parents) or named.name.startswith(PART)


@contextmanager
def _removed_by_ending_signals() -> Iterator[None]:
    """Have the unfinished files removed by signals that end the process, where nobody else handles them."""
    mine: list[int] = []
    if threading.current_thread() is threading.main_thread():
        mine = [number for number in _ENDING if signal.getsignal(number) == signal.SIG_DFL]
    for number in mine:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _: FrameType | None) -> None:
    for part in tuple(_parts):
        part.unlink(missing_ok=True)
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
