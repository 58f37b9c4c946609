"""Workspaces in the JSON of the HEP Statistics Serialization Standard (HS3), version 0.2.

Each category is a `histfactory_dist` over an axis that counts its bins, with the data beside it; one likelihood holds
all, and one analysis says which parameter limits are on. https://github.com/hep-statistics-serialization-standard
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from umbra.core.errors import UmbraError
from umbra.core.io import atomic_open
from umbra.core.provenance import library_version
from umbra.inference.workspace import Workspace
from umbra.publication.likelihoods import Likelihood

VERSION = "0.2"
#: Names of the parts that there is one of.
LIKELIHOOD, DOMAIN, START, ANALYSIS = "likelihood", "domain", "start", "limit"
#: Working bounds of a parameter that states none, in standard deviations or in units of one: as pyhf has them.
_GAUSSIAN, _FACTOR = (-5.0, 5.0), (1e-10, 10.0)


def converted(workspace: Workspace) -> dict[str, Any]:
    """Write a workspace of ours as HS3 has it.

    Parameters
    ----------
    workspace
        HistFactory, as `umbra.inference.workspace.build` or `umbra.joint.workspace.combined` makes it.

    Returns
    -------
    dict
        Content of the file. A normfactor keeps its name as a parameter; one with a standard Gaussian constraint is
        called `alpha_<name>`, and `staterror` has `gamma_<name>_<bin>`. Interpolation is pyhf's, code 4 and 4p.

    Raises
    ------
    UmbraError
        For a kind of modifier that workspaces of ours do not have.
    """
    measurement = workspace["measurements"][0]["config"]
    channels: Sequence[Mapping[str, Any]] = workspace["channels"]
    names = [channel["name"] for channel in channels]
    axes = {channel["name"]: _axis(channel) for channel in channels}
    return {
        "metadata": {"hs3_version": VERSION, "packages": [{"name": "umbra", "version": library_version()}]},
        "distributions": [_distribution(channel, axes[channel["name"]]) for channel in channels],
        "data": [
            {
                "name": f"data_{each['name']}",
                "type": "binned",
                "axes": [axes[each["name"]]],
                "contents": each["data"],
            }
            for each in sorted(workspace["observations"], key=lambda each: names.index(each["name"]))
        ],
        "likelihoods": [
            {
                "name": LIKELIHOOD,
                "distributions": [f"model_{name}" for name in names],
                "data": [f"data_{name}" for name in names],
            }
        ],
        "domains": [
            {
                "name": DOMAIN,
                "type": "product_domain",
                "axes": [
                    {"name": name, "min": low, "max": high}
                    for name, (_, low, high) in _parameters(workspace).items()
                ],
            }
        ],
        "parameter_points": [
            {
                "name": START,
                "parameters": [
                    {"name": name, "value": value} for name, (value, _, _) in _parameters(workspace).items()
                ],
            }
        ],
        "analyses": [
            {
                "name": ANALYSIS,
                "likelihood": LIKELIHOOD,
                "parameters_of_interest": [measurement["poi"]],
                "domains": [DOMAIN],
                "init": START,
            }
        ],
    }


def write(folder: Path, likelihoods: Iterable[Likelihood]) -> None:
    """Write one file a point, `<patch>.json`."""
    for each in likelihoods:
        with atomic_open(folder / f"{each.patch}.json") as stream:
            json.dump(converted(each.workspace), stream, allow_nan=False, sort_keys=True)
            stream.write("\n")


def _axis(channel: Mapping[str, Any]) -> dict[str, Any]:
    bins = len(channel["samples"][0]["data"])
    return {"name": f"bin_{channel['name']}", "min": 0.0, "max": float(bins), "nbins": bins}


def _distribution(channel: Mapping[str, Any], axis: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": f"model_{channel['name']}",
        "type": "histfactory_dist",
        "axes": [axis],
        "samples": [_sample(sample) for sample in channel["samples"]],
    }


def _sample(sample: Mapping[str, Any]) -> dict[str, Any]:
    errors = next(
        (each["data"] for each in sample["modifiers"] if each["type"] == "staterror"),
        [0.0] * len(sample["data"]),
    )
    bins = len(sample["data"])
    return {
        "name": sample["name"],
        "data": {"contents": sample["data"], "errors": errors},
        "modifiers": [_kind(each).write(each, bins) for each in sample["modifiers"]],
    }


class _Kind:
    """A kind of modifier: how it is written, and its parameters with start and bounds."""

    def __init__(
        self,
        parameters: Callable[[str, int], Sequence[str]],
        start: float,
        bounds: tuple[float, float],
        more: Callable[[Mapping[str, Any]], dict[str, Any]],
        *,
        by_bin: bool = False,
    ) -> None:
        self.parameters, self.start, self.bounds, self._more, self._by_bin = (
            *(parameters, start, bounds),
            *(more, by_bin),
        )

    def write(self, modifier: Mapping[str, Any], bins: int) -> dict[str, Any]:
        """Give the modifier of a sample with so many bins."""
        names = self.parameters(modifier["name"], bins)
        named: dict[str, Any] = {"parameters": list(names)} if self._by_bin else {"parameter": names[0]}
        return {"name": modifier["name"], "type": modifier["type"], **named, **self._more(modifier)}


def _histosys(modifier: Mapping[str, Any]) -> dict[str, Any]:
    sides = {side: {"contents": modifier["data"][f"{side}_data"]} for side in ("hi", "lo")}
    return {"constraint": "Gauss", "data": sides}


_KINDS: Mapping[str, _Kind] = {
    "normfactor": _Kind(lambda name, _: [name], 1.0, (0.0, 10.0), lambda _: {}),
    "normsys": _Kind(
        lambda name, _: [f"alpha_{name}"],
        0.0,
        _GAUSSIAN,
        lambda modifier: {"constraint": "Gauss", "data": dict(modifier["data"])},
    ),
    "histosys": _Kind(lambda name, _: [f"alpha_{name}"], 0.0, _GAUSSIAN, _histosys),
    "staterror": _Kind(
        lambda name, bins: [f"gamma_{name}_{i}" for i in range(bins)],
        1.0,
        _FACTOR,
        lambda _: {"constraint": "Gauss"},
        by_bin=True,
    ),
}


def _kind(modifier: Mapping[str, Any]) -> _Kind:
    found = _KINDS.get(modifier["type"])
    if found is None:
        raise UmbraError(
            f"HS3: modifiers of the type '{modifier['type']}' are none of ours: {', '.join(_KINDS)}"
        )
    return found


def _parameters(workspace: Workspace) -> dict[str, tuple[float, float, float]]:
    """Parameters in the order in which they first occur: start, lower and upper bound."""
    stated = {each["name"]: each for each in workspace["measurements"][0]["config"]["parameters"]}
    found: dict[str, tuple[float, float, float]] = {}
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            for modifier in sample["modifiers"]:
                kind = _kind(modifier)
                for name in kind.parameters(modifier["name"], len(sample["data"])):
                    own = stated.get(modifier["name"], {})
                    start = own.get("inits", [kind.start])[0]
                    low, high = own.get("bounds", [kind.bounds])[0]
                    found.setdefault(name, (start, low, high))
    return found
