"""The LHE documents of one file, cleaned of what stands in the way of an XML parser and tells nothing of events.

Headers of LHE files are XML by their tags only: run cards in them have `<` and `&`, and names of people any encoding.
"""

from collections.abc import Iterator
from typing import IO

_END = b"</LesHouchesEvents>"
#: What is left out: opening and end.
_DROPPED = ((b"<header", b"</header>"), (b"<!--", b"-->"))
#: Where lines that were left out become empty ones, so that the parser counts lines as an editor does.
_PLACES = (b"<event", b"<init")
#: No line is longer, and no more stands before an event or within one, in bytes: packed files may swell without end.
LONGEST = 1 << 25


class Document:
    """One document: a stream of bytes that ends with `</LesHouchesEvents>`, or where the file ends.

    Headers, comments and blank lines are left out; lines that are not UTF-8 are taken for Latin-1.
    """

    def __init__(self, lines: "_Lines") -> None:
        self._lines = lines

    def __enter__(self) -> "Document":
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the file open: the next document stands in it."""

    def read(self, size: int = -1) -> bytes:
        """Return about `size` bytes (whole lines), nothing at the end."""
        parts: list[bytes] = []
        length = 0
        while size < 0 or length < size:
            line = self._lines.next()
            if line is None:
                break
            parts.append(line)
            length += len(line)
        return b"".join(parts)

    def drain(self) -> None:
        """Go on to the end."""
        while self.read(1 << 16):
            pass


def documents(stream: IO[bytes]) -> Iterator[Document]:
    """Yield the documents of a file, at least one; each must be read before the next is asked for."""
    lines = _Lines(stream)
    document = Document(lines)
    yield document
    document.drain()
    while lines.begin_again():
        document = Document(lines)
        yield document
        document.drain()


class _Lines:
    """Lines of a file up to the end of a document, and then of the next one.

    Raises
    ------
    ValueError
        For lines, and for runs of lines without an event, that no file of events has.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._ahead = b""
        self._until: bytes | None = None
        self._left_out = 0
        self._since_event = 0
        self._ended = False

    def next(self) -> bytes | None:
        """Next line, `None` after the last one of the document."""
        while not self._ended:
            line = self._ahead or self._line()
            self._ahead = b""
            if not line:
                self._ended = True
                return None
            kept = self._kept(line) if self._until or b"<" in line else line
            if not kept.strip():
                self._left_out += 1
                continue
            if _END in kept:
                kept, end, self._ahead = kept.partition(_END)
                self._ended = True
                return kept + end
            if not kept.isascii():
                kept = _as_utf8(kept)
            self._count(kept)
            if self._left_out and kept.lstrip().startswith(_PLACES):
                kept = b"\n" * self._left_out + kept
                self._left_out = 0
            return kept
        return None

    def begin_again(self) -> bool:
        """Whether there is something after the end of a document, which is then read as another."""
        while not self._ahead.strip():
            self._ahead = self._line()
            if not self._ahead:
                return False
        self._ended = False
        return True

    def _line(self) -> bytes:
        line = self._stream.readline(LONGEST + 1)
        if len(line) > LONGEST:
            raise ValueError(f"a line is longer than {LONGEST >> 20} MiB")
        return line

    def _count(self, line: bytes) -> None:
        self._since_event = len(line) + (0 if line.lstrip().startswith(b"<event") else self._since_event)
        if self._since_event > LONGEST:
            raise ValueError(f"more than {LONGEST >> 20} MiB stand before an event or within one")

    def _kept(self, line: bytes) -> bytes:
        """Cut headers and comments out of a line."""
        kept = b""
        while line:
            if self._until is not None:
                _, found, line = line.partition(self._until)
                if found:
                    self._until = None
                continue
            starts = [(line.find(opening), end) for opening, end in _DROPPED if opening in line]
            if not starts:
                return kept + line
            start, self._until = min(starts)
            kept, line = kept + line[:start], line[start:]
        return kept


def _as_utf8(line: bytes) -> bytes:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1").encode("utf-8")
    return line
