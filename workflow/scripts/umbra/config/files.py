"""Detector and machine files: from YAML to a record, and the places of the values that are from memory.

Imported while Snakemake parses the workflow, so: standard library, PyYAML and pydantic only.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from umbra.config import yaml
from umbra.config.yaml import MEMORY, Document, Place
from umbra.core.errors import UmbraError
from umbra.core.machine_record import AnyMachineRecord, record_of
from umbra.core.records import Record, validated
from umbra.detector.records import DetectorRecord

R = TypeVar("R", bound=Record)


def load_detector(path: Path) -> tuple[DetectorRecord, tuple[Place, ...]]:
    """Read `config/detectors/<name>.yaml`.

    Returns
    -------
    record
        What the file says.
    memory
        Keys and positions that lead to each value that is marked as from memory, in the order of the file.

    Raises
    ------
    UmbraError
        For anything that is wrong: one sentence with file, key and value.
    """
    document = _document(path)
    return validated(DetectorRecord, document.content, path), document.memory


def load_machine(path: Path) -> tuple[AnyMachineRecord, tuple[Place, ...]]:
    """Read `config/machines/<name>.yaml`; see `load_detector`."""
    document = _document(path)
    return record_of(document.content, path), document.memory


def _document(path: Path) -> Document:
    document = yaml.read(path)
    _refuse_lists_of_unverified(document.content, (), path)
    _refuse_marked_sources(document, path)
    return document


def _refuse_lists_of_unverified(content: Any, place: Place, path: Path) -> None:
    """Name the mark to whoever writes a file as it was in format 1."""
    if isinstance(content, Mapping):
        if "unverified" in content:
            where = "/".join(map(str, (*place, "unverified")))
            raise UmbraError(
                f"{path}: {where}: this key is no more; write {MEMORY} before each value that it lists, "
                f"as in '{_example(content)}: {MEMORY} 1.0'"
            )
        for key, value in content.items():
            _refuse_lists_of_unverified(value, (*place, key), path)
    elif isinstance(content, list):
        for i, value in enumerate(content):
            _refuse_lists_of_unverified(value, (*place, i), path)


def _example(content: Mapping[Any, Any]) -> str:
    """Name a key that the list may mean: its first entry, or the first key beside it."""
    listed = content["unverified"]
    return str(listed[0] if isinstance(listed, list) and listed else next(iter(content)))


def _refuse_marked_sources(document: Document, path: Path) -> None:
    """Refuse marks that say nothing of a value: those on a source, or on a block that has one of its own."""
    for place in document.memory:
        where = "/".join(map(str, place)) or "(top)"
        if place[-1:] == ("source",) or _has_source(_value_at(document.content, place)):
            raise UmbraError(f"{path}: {where}: {MEMORY} marks a value, not a source or a block that has one")


def _value_at(content: Any, place: Place) -> Any:
    for part in place:
        content = content[part]
    return content


def _has_source(content: Any) -> bool:
    if isinstance(content, Mapping):
        return "source" in content or any(map(_has_source, content.values()))
    return isinstance(content, list) and any(map(_has_source, content))
