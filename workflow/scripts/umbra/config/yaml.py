"""Reading YAML: safe, no duplicate keys, and `!memory` on a value that no source at hand shows.

Imported while Snakemake parses the workflow, so: standard library and PyYAML only.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from umbra.core.errors import UmbraError

#: Tag of a value that is from memory until a source is found.
MEMORY = "!memory"
#: No file of the configuration is longer, in bytes, or has more nodes once its aliases are followed.
LARGEST_FILE, MOST_NODES = 2_000_000, 200_000

#: Keys and positions that lead to a value.
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """Content of a file.

    Parameters
    ----------
    content
        Plain mappings, lists and scalars.
    memory
        Places of the values marked `!memory`, in the order of the file.
    """

    content: Any
    memory: tuple[Place, ...] = ()


@dataclass(frozen=True)
class _Memory:
    """A marked value, while the file is read."""

    value: Any


def read(path: Path) -> Document:
    """Read a file; what is read is kept until the file changes, and must not be changed.

    Raises
    ------
    UmbraError
        If the file cannot be read, is not UTF-8 or not safe YAML, names a key twice, contains itself, or is larger than
        any configuration.
    """
    try:
        status = path.stat()
        if status.st_size > LARGEST_FILE:
            raise UmbraError(f"{path}: {status.st_size} bytes are too many for a configuration")
        return _kept(path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise UmbraError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UmbraError(
            f"{path}: not encoded in UTF-8: byte {error.object[error.start]:#x} at {error.start}"
        ) from error


@cache
def _kept(path: Path, _modified_ns: int, _size: int) -> Document:
    return parse(path.read_text(encoding="utf-8"), str(path))


def parse(text: str, where: str) -> Document:
    """Read the text of a file; see `read` for the errors, which call the file `where`."""
    try:
        loader = _Loader(text)
        try:
            tree = loader.get_single_node()
            _check_size(tree, where, text)
            raw = None if tree is None else loader.construct_document(tree)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise UmbraError(f"{where}: not valid YAML: {' '.join(str(error).split())}") from error
    except (RecursionError, ValueError) as error:
        raise UmbraError(f"{where}: not valid YAML: {error}") from error
    marks: list[Place] = []
    return Document(_plain(raw, (), marks), tuple(marks))


def _plain(content: Any, place: Place, marks: list[Place]) -> Any:
    """Unwrap the marked values and note where they stand."""
    if isinstance(content, _Memory):
        marks.append(place)
        return _plain(content.value, place, marks)
    if isinstance(content, Mapping):
        return {key: _plain(value, (*place, key), marks) for key, value in content.items()}
    if isinstance(content, list):
        return [_plain(value, (*place, i), marks) for i, value in enumerate(content)]
    return content


def _check_size(tree: yaml.Node | None, where: str, text: str) -> None:
    """Refuse what would never end or fill the memory: aliases of aliases, and a value that contains itself."""
    known: dict[int, int] = {}
    waiting: set[int] = set()

    def count(node: yaml.Node) -> int:
        if id(node) in waiting:
            raise UmbraError(f"{where}: line {node.start_mark.line + 1}: a value contains itself")
        if id(node) not in known:
            waiting.add(id(node))
            known[id(node)] = 1 + sum(count(each) for each in _children(node))
            waiting.discard(id(node))
        if known[id(node)] > MOST_NODES:
            named = ", ".join(re.findall(r"&[\w-]+", text)[:3])
            raise UmbraError(
                f"{where}: more than {MOST_NODES} values, once its aliases are followed ({named or 'there are none'})"
            )
        return known[id(node)]

    if tree is not None:
        count(tree)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML without duplicate keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float):
                raise yaml.constructor.ConstructorError(
                    None, None, f"a key must be a word or a number, not {key!r}", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"duplicate key '{key}'", key_node.start_mark
                )
            seen.add(key)
        return dict(super().construct_mapping(node, deep=deep))


def _construct_memory(loader: _Loader, node: yaml.Node) -> _Memory:
    """Read the value under the mark as if the mark were not there."""
    if isinstance(node, yaml.MappingNode):
        return _Memory(loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return _Memory(loader.construct_sequence(node, deep=True))
    assert isinstance(node, yaml.ScalarNode)
    plain = yaml.ScalarNode(
        loader.resolve(yaml.ScalarNode, node.value, (not node.style, bool(node.style))),
        node.value,
        node.start_mark,
        node.end_mark,
        node.style,
    )
    return _Memory(loader.construct_object(plain, deep=True))


_Loader.add_constructor(MEMORY, _construct_memory)
# YAML 1.1 takes 1e5 for a text.
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)
