"""The joint workspace of several inputs: categories side by side, one signal strength, named parameters shared."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from umbra.core.errors import UmbraError
from umbra.inference.workspace import Workspace

#: The parameter of interest in all workspaces of ours.
POI = "mu"


@dataclass(frozen=True)
class Correlations:
    """Nuisance parameters of several inputs that are one, and those that are added.

    Parameters
    ----------
    shared
        (input, parameter of its workspace) -> common name.
    common
        Name -> relative uncertainty of the signal, and the inputs whose signal it concerns.
    """

    shared: Mapping[tuple[str, str], str] = field(default_factory=dict)
    common: Mapping[str, tuple[float, tuple[str, ...]]] = field(default_factory=dict)


def combined(
    parts: Mapping[str, Workspace], factors: Mapping[str, float], correlations: Correlations, name: str
) -> Workspace:
    """Put workspaces of one mass side by side.

    Categories and parameters get the name of their input in front, `<input>_<name>`; a parameter that is shared has its
    common name in all of them. Nothing else of an input changes, so that with one of them the likelihood is its own.

    Parameters
    ----------
    parts
        Input -> its workspace, with a sample `signal` and the signal strength `mu`.
    factors
        Input -> what its signal is multiplied by, so that one signal strength means one coupling everywhere.
    correlations
        What the inputs have in common; of inputs that are no part it is left out.
    name
        Of the measurement.

    Returns
    -------
    dict
        Specification of version 1.0.0.

    Raises
    ------
    UmbraError
        If a parameter that shall be shared is none of its input, or a common name is that of another parameter.
    """
    channels: list[dict[str, Any]] = []
    observations: list[dict[str, Any]] = []
    parameters: dict[str, dict[str, Any]] = {}
    for input_, workspace in parts.items():
        renamed = _Renamed(input_, correlations)
        for channel in workspace["channels"]:
            changed = renamed.channel(channel, factors[input_])
            channels.append(changed)
        for each in workspace["observations"]:
            observations.append({**each, "name": renamed.category(each["name"])})
        for each in workspace["measurements"][0]["config"]["parameters"]:
            known = renamed.parameter(each["name"])
            parameters.setdefault(known, {**each, "name": known})
        _check_shared(input_, workspace, correlations)
    return {
        "channels": channels,
        "observations": observations,
        "measurements": [{"name": name, "config": {"poi": POI, "parameters": list(parameters.values())}}],
        "version": "1.0.0",
    }


@dataclass(frozen=True)
class _Renamed:
    """Names of one input in the joint workspace."""

    input: str
    correlations: Correlations

    def category(self, name: str) -> str:
        return f"{self.input}_{name}"

    def parameter(self, name: str) -> str:
        if name == POI:
            return POI
        return self.correlations.shared.get((self.input, name), f"{self.input}_{name}")

    def channel(self, content: Mapping[str, Any], factor: float) -> dict[str, Any]:
        changed = copy.deepcopy(dict(content))
        changed["name"] = self.category(changed["name"])
        for sample in changed["samples"]:
            for modifier in sample["modifiers"]:
                modifier["name"] = self.parameter(modifier["name"])
            if sample["name"] == "signal":
                sample["data"] = [factor * value for value in sample["data"]]
                sample["modifiers"] += self._common()
        return changed

    def _common(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "type": "normsys", "data": {"hi": 1.0 + relative, "lo": 1.0 / (1.0 + relative)}}
            for name, (relative, inputs) in self.correlations.common.items()
            if self.input in inputs
        ]


def _check_shared(input_: str, workspace: Workspace, correlations: Correlations) -> None:
    known = {
        modifier["name"]
        for channel in workspace["channels"]
        for sample in channel["samples"]
        for modifier in sample["modifiers"]
    }
    for (of, parameter), common in correlations.shared.items():
        if of == input_ and parameter not in known:
            raise UmbraError(
                f"shared/{common}: the workspaces of '{input_}' have no parameter '{parameter}'; "
                f"known: {', '.join(sorted(known))}"
            )
