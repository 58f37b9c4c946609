"""External files as streams of bytes, unpacked, or one sentence on why they are none."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast

from umbra.core.errors import UmbraError

#: What unpacking and reading a damaged or unreadable file may raise.
DAMAGE: tuple[type[Exception], ...] = (EOFError, OSError, zlib.error, lzma.LZMAError)


def _zstd(path: Path, mode: str) -> Any:
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        try:
            from backports import zstd
        except ImportError:
            raise UmbraError(
                f"{path}: compressed with zstd, which this Python cannot read: unpack it with zstd -d"
            ) from None
    return zstd.open(path, mode)


#: First bytes of what can be unpacked, and how.
_PACKED: dict[bytes, Callable[[Path, str], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
    b"\x28\xb5\x2f\xfd": _zstd,
}
#: Endings of their names.
SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
#: First bytes of what is often taken for LHE or HepMC3, and what it is.
_OTHERS = {
    b"PK\x03\x04": "a zip archive: unpack it",
    b"7z\xbc\xaf": "a 7z archive: unpack it",
    b"root": "a ROOT file, neither LHE nor HepMC3",
    b"\x89HDF": "an HDF5 file, neither LHE nor HepMC3 ASCII",
    b"version https://git-lfs": "a pointer of Git LFS: fetch the file itself with git lfs pull",
    b"<!DOCTYPE html": "a page of the web, not the file that it may lead to",
    b"<html": "a page of the web, not the file that it may lead to",
    b"\xff\xfe": "a text in UTF-16: convert it to UTF-8",
    b"\xfe\xff": "a text in UTF-16: convert it to UTF-8",
}
_HEAD = 512
#: Where tar archives have their name.
_TAR = slice(257, 262)


def must_be_a_file(path: Path) -> None:
    """Refuse what is missing, no file, or empty.

    Raises
    ------
    UmbraError
        Naming it and the cause.
    """
    where = f"external sample {path}"
    try:
        if path.is_dir():
            raise UmbraError(f"{where}: it is a folder, not a file")
        if not path.is_file():
            raise UmbraError(f"{where}: there is no such file")
        if path.stat().st_size == 0:
            raise UmbraError(f"{where}: it is empty (0 bytes)")
        with path.open("rb"):
            pass
    except OSError as error:
        raise UmbraError(f"{where}: it cannot be read: {error.strerror}") from error


def open_binary(path: Path) -> IO[bytes]:
    """Open a file, unpacking it where it is compressed, whatever its name says.

    Raises
    ------
    UmbraError
        If it is something else than a text, compressed or not, or ends before it can be told.
    """
    must_be_a_file(path)
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    unpack = next((unpack for magic, unpack in _PACKED.items() if head.startswith(magic)), None)
    # A GzipFile is an IO[bytes] in all but its declaration.
    opened = path.open("rb") if unpack is None else cast(IO[bytes], unpack(path, "rb"))
    try:
        head = opened.read(_HEAD)
        opened.seek(0)
    except DAMAGE as error:
        opened.close()
        raise UmbraError(f"{path}: broken or truncated: it cannot be unpacked: {error}") from error
    found = next((what for magic, what in _OTHERS.items() if head.startswith(magic)), None)
    if head[_TAR] == b"ustar":
        found = "a tar archive: unpack it"
    if not head.strip():
        found = "empty once it is unpacked" if unpack else "blank"
    if found is not None:
        opened.close()
        raise UmbraError(f"{path}: it is {found}")
    return opened
