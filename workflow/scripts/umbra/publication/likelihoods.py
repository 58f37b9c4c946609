"""Workspaces of a channel as pyhf's pair of a workspace without signal and a set of patches, one for each point."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from umbra.core.io import atomic_open
from umbra.inference.hypothesis import FittedPoint, LimitedPoint
from umbra.inference.workspace import Workspace

#: What stands for the record of HEPData, whose number pyhf's patch sets must name, before it exists.
NO_RECORD = "ins0000000"


@dataclass(frozen=True)
class Likelihood:
    """A point with its workspace and its limit.

    Parameters
    ----------
    fit, limit
        What was fitted, and the limit on the signal strength.
    workspace
        Of pyhf.
    """

    fit: FittedPoint
    limit: LimitedPoint
    workspace: Workspace

    @property
    def patch(self) -> str:
        """Name of its patch: masses, and the lifetime where there are several."""
        parts = [f"{mass:.6f}" for mass in self.fit.point.masses.values()]
        if self.fit.lifetime_mm is not None:
            parts.append(f"{self.fit.lifetime_mm:g}mm")
        return re.sub(r"[^A-Za-z0-9]+", "_", "m_" + "_".join(parts))


def write(folder: Path, channel: str, likelihoods: Sequence[Likelihood], record: str = NO_RECORD) -> None:
    """Write `background_only.json`, `patchset.json` and `signal_strengths.json` of one interpretation.

    Each point has a window and bins of its own, so that its patch replaces channels, observations and measurement.

    Parameters
    ----------
    folder
        Of the interpretation.
    channel
        Name, for the description.
    likelihoods
        At least one.
    record
        Identifier of INSPIRE, `ins` and seven digits.
    """
    first = likelihoods[0].workspace
    plain = {**first, "channels": [_without_signal(each) for each in first["channels"]]}
    labels = [*likelihoods[0].fit.point.masses, *_lifetime_label(likelihoods[0])]
    content = {
        "metadata": {
            "references": {"hepdata": record},
            "digests": {"sha256": digest(plain)},
            "labels": labels,
            "description": f"signal and window of each hypothesis of {channel}",
        },
        "patches": [_patch(each) for each in likelihoods],
        "version": "1.0.0",
    }
    _write(folder / "background_only.json", plain)
    _write(folder / "patchset.json", content)
    _write(folder / "signal_strengths.json", list(_strengths(likelihoods)))


def digest(workspace: Mapping[str, Any]) -> str:
    """Digest by which pyhf knows the workspace that a patch set belongs to."""
    text = json.dumps(workspace, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_signal(channel: Mapping[str, Any]) -> dict[str, Any]:
    return {**channel, "samples": [each for each in channel["samples"] if each["name"] != "signal"]}


def _lifetime_label(each: Likelihood) -> list[str]:
    return [] if each.fit.lifetime_mm is None else ["lifetime_mm"]


def _patch(each: Likelihood) -> dict[str, Any]:
    values: list[float] = [*each.fit.point.masses.values()]
    if each.fit.lifetime_mm is not None:
        values.append(each.fit.lifetime_mm)
    blocks = ("channels", "observations", "measurements")
    changes = [{"op": "replace", "path": f"/{name}", "value": each.workspace[name]} for name in blocks]
    return {"metadata": {"name": each.patch, "values": values}, "patch": changes}


def _strengths(likelihoods: Sequence[Likelihood]) -> Iterator[dict[str, Any]]:
    """What a signal strength of 1 means, and the limits on it."""
    for each in likelihoods:
        limit = each.limit
        yield {
            "patch": each.patch,
            **each.fit.point.masses,
            "lifetime_mm": each.fit.lifetime_mm,
            "events": limit.yield_per_mu,
            limit.production: limit.production_per_mu,
            "coupling_to_its_power": limit.coupling_power_per_mu,
            "method": limit.method,
            "observed": limit.observed,
            "expected": list(limit.expected),
        }


def _write(path: Path, content: Any) -> None:
    with atomic_open(path) as stream:
        json.dump(content, stream, allow_nan=False, sort_keys=True)
        stream.write("\n")
