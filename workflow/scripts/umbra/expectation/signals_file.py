"""The file of the signals of a channel, whatever their shape: category -> sample -> signal (JSON)."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from umbra.core.io import read_json, write_json


class Writable(Protocol):
    """A signal that can be written as plain data."""

    def to_json(self) -> dict[str, Any]:
        """Plain data."""


S = TypeVar("S")


def write(path: Path, signals: Mapping[str, Mapping[str, Writable]], provenance: Mapping[str, Any]) -> None:
    """Write signals, and where they come from."""
    content = {
        category: {sample: each.to_json() for sample, each in samples.items()}
        for category, samples in signals.items()
    }
    write_json(path, {"signals": content, "provenance": dict(provenance)})


def read(path: Path, from_json: Callable[[Mapping[str, Any]], S]) -> dict[str, dict[str, S]]:
    """Read what `write` wrote; `from_json` makes a signal of plain data."""
    return {
        category: {sample: from_json(each) for sample, each in samples.items()}
        for category, samples in read_json(path)["signals"].items()
    }
