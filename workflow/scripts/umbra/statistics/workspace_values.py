"""The lists of a workspace as arrays, and what is wrong with those that are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from umbra.statistics.model import Array, WorkspaceError


def chosen_measurement(workspace: Mapping[str, Any], name: str | None) -> Mapping[str, Any]:
    """Return the measurement of a name, or the first one."""
    measurements: Sequence[Mapping[str, Any]] = workspace["measurements"]
    if not measurements:
        raise WorkspaceError("the workspace has no measurement")
    if name is None:
        return measurements[0]
    for entry in measurements:
        if entry["name"] == name:
            return entry
    raise WorkspaceError(f"the workspace has no measurement '{name}'")


def channel_sizes(workspace: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of bins of each channel, in the order of the workspace."""
    channels: dict[str, int] = {}
    for channel in workspace["channels"]:
        if channel["name"] in channels:
            raise WorkspaceError(f"there are two channels '{channel['name']}'")
        if not channel["samples"]:
            raise WorkspaceError(f"channel '{channel['name']}' has no samples")
        channels[channel["name"]] = len(channel["samples"][0]["data"])
    if not channels or 0 in channels.values():
        raise WorkspaceError("the workspace has no bins")
    return channels


def observations(workspace: Mapping[str, Any], channels: Mapping[str, int]) -> Array:
    """Return the observed counts of all bins, channel after channel."""
    given = {entry["name"]: entry["data"] for entry in workspace["observations"]}
    parts = []
    for name, n in channels.items():
        if name not in given:
            raise WorkspaceError(f"channel '{name}' has no observation")
        counts = numbers(given[name], n, f"the observation of channel '{name}'")
        if np.any(counts < 0.0):
            worst = int(np.argmin(counts))
            raise WorkspaceError(
                f"bin {worst} of channel '{name}' has the negative observation {counts[worst]}"
            )
        parts.append(counts)
    return np.concatenate(parts)


def numbers(values: Any, n: int, where: str) -> Array:
    """Return a list of `n` finite numbers as an array."""
    array = np.asarray(values, dtype=object if values is None else None)
    if array.dtype.kind not in "fiu" or array.ndim != 1:
        raise WorkspaceError(f"{where} is not a list of numbers")
    if len(array) != n:
        raise WorkspaceError(f"{where} has {len(array)} values where {n} are expected")
    array = array.astype(float, copy=False)
    if not np.isfinite(array).all():
        bad = int(np.argmin(np.isfinite(array)))
        raise WorkspaceError(f"{where} has the value {array[bad]} in bin {bad}")
    return array
