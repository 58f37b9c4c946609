"""CSV tables whose first lines, behind `#`, are YAML: what they are and where they were published.

Imported while Snakemake parses the workflow, so: standard library, PyYAML and pydantic only.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from umbra.config import yaml
from umbra.core.errors import UmbraError
from umbra.core.records import no_such

#: Longer tables are no tables of a paper, in bytes.
_LARGEST = 5_000_000

T = TypeVar("T")


@dataclass(frozen=True)
class HeadedCsv:
    """A table as it was read.

    Parameters
    ----------
    path
        Of the file.
    said
        Content of its head.
    columns, body
        Names of the columns, and the cells of each row below them.
    first_line
        Number of the line of the first row.
    """

    path: Path
    said: Any
    columns: Sequence[str]
    body: Sequence[Sequence[str]]
    first_line: int

    def check_columns(self, wanted: Sequence[str]) -> None:
        """Refuse unknown columns, missing ones, and one that is there twice."""
        for name in self.columns:
            if name not in wanted:
                raise UmbraError(f"{self.path}: {no_such('column', name, wanted)}")
        missing = [name for name in wanted if name not in self.columns]
        if missing or len(set(self.columns)) < len(self.columns):
            what = f"the column {missing[0]} is missing" if missing else "a column is there twice"
            raise UmbraError(f"{self.path}: {what}; the header is {','.join(self.columns)}")

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Number of the line of each row, and its cells by column."""
        for line, values in enumerate(self.body, start=self.first_line):
            yield line, _named(self.columns, values)


def kept(path: Path, make: Callable[[HeadedCsv], T]) -> T:
    """Read a table and make something of it, which is kept until the file changes.

    Raises
    ------
    UmbraError
        For a file that cannot be read or has no row, and what `make` refuses.
    """
    try:
        status = path.stat()
        if status.st_size > _LARGEST:
            raise UmbraError(f"{path}: {status.st_size} bytes are too many for a table")
        found: T = _kept(path, status.st_mtime_ns, make)
        return found
    except OSError as error:
        raise UmbraError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UmbraError(f"{path}: not encoded in UTF-8") from error


@cache
def _kept(path: Path, _modified_ns: int, make: Callable[[HeadedCsv], Any]) -> Any:
    return make(_read(path))


def _read(path: Path) -> HeadedCsv:
    lines = path.read_text(encoding="utf-8").splitlines()
    length = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    said = yaml.parse("\n".join(line[1:].removeprefix(" ") for line in lines[:length]), str(path)).content
    columns, *body = list(csv.reader(lines[length:])) or [[]]
    if not body:
        raise UmbraError(f"{path}: there is no row below the head")
    return HeadedCsv(path, said, columns, body, length + 2)


def _named(columns: Sequence[str], values: Sequence[str]) -> dict[str, Any]:
    """Cells by column, as numbers where they are; a row that is too short lacks a key, one too long has another."""
    names = [*columns, *(f"cell {i + 1}" for i in range(len(columns), len(values)))]
    return {name: _number(value) for name, value in zip(names, values, strict=False)}


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
