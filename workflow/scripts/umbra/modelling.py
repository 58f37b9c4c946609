"""The model stage: from the skims of a channel to its signal models and background templates."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from umbra import signal_model, skimming, templates
from umbra.io import read_json, write_json
from umbra.kinematics import Array
from umbra.search import Search
from umbra.signal_model import SignalModel
from umbra.templates import Template, Templates

log = logging.getLogger(__name__)


def model(
    skims: Mapping[str, Path],
    slice_: Mapping[str, Any],
    signal: Path,
    background: Path,
    code: Mapping[str, Any],
) -> None:
    """Write signal models (JSON) and background templates (ROOT).

    Parameters
    ----------
    skims
        Sample -> skim; the JSON file with its normalisation lies beside it.
    slice_
        `name`, `regions`, `masses` and `samples` of the channel.
    signal, background
        Output files.
    code
        Provenance.
    """
    models: dict[str, SignalModel] = {}
    found: Templates = {}
    for region in slice_["regions"]:
        name = region["name"]
        models[name] = _signal(region, skims, slice_["name"])
        edges = templates.axis(
            models[name], mass_range(region, slice_["masses"]), region.get("variable_range")
        )
        found[name] = {sample: _background(region, edges, skims[sample]) for sample in region["backgrounds"]}
        for sample, template in found[name].items():
            log.info(
                "%s %s: %.4g pb visible, %.4g effective events",
                name,
                sample,
                template.visible_pb.sum(),
                template.effective_events(),
            )
    write_json(
        signal, {"regions": {name: m.to_json() for name, m in models.items()}, "provenance": dict(code)}
    )
    templates.write(background, found)


def read_signal(path: Path) -> dict[str, SignalModel]:
    """Read the signal model of each region."""
    return {name: SignalModel.from_json(content) for name, content in read_json(path)["regions"].items()}


def read_search(settings: Mapping[str, Any], output: Sequence[str | Path]) -> Search:
    """Put a channel together from its settings and the two files that `model` wrote."""
    signal, background = (Path(path) for path in output)
    regions = {region["name"]: region["backgrounds"] for region in settings["regions"]}
    return Search(settings, read_signal(signal), templates.read(background, regions))


def mass_range(region: Mapping[str, Any], masses: Mapping[str, Any]) -> tuple[float, float]:
    """Lowest and highest hypothesis that a region can have."""
    low = max(region["masses_gev"][0], masses["segments"][0]["from_gev"])
    high = min(region["masses_gev"][1], masses["segments"][-1]["to_gev"])
    return low, high


def _signal(region: Mapping[str, Any], skims: Mapping[str, Path], channel: str) -> SignalModel:
    path = skims[region["signal"]]
    candidates = _required(skimming.read(path), region["requirements"])
    generated = read_json(Path(path).with_suffix(".json"))["generated"]
    return signal_model.build(
        region["variable"], candidates, generated, f"channel {channel}, region {region['name']}"
    )


def _background(region: Mapping[str, Any], edges: Array, path: Path) -> Template:
    candidates = _required(skimming.read(path), region["requirements"])
    (generated,) = read_json(Path(path).with_suffix(".json"))["generated"]
    scale_pb = generated["cross_section_pb"] / generated["weight"]
    return templates.build(edges, candidates[region["variable"]], candidates["weight"] * scale_pb)


def _required(
    candidates: Mapping[str, Array], requirements: Mapping[str, tuple[float | None, float | None]]
) -> dict[str, Array]:
    """Keep the candidates that meet the requirements of a region."""
    keep = np.ones(len(candidates["weight"]), dtype=bool)
    for name, (low, high) in requirements.items():
        if low is not None:
            keep &= candidates[name] >= low
        if high is not None:
            keep &= candidates[name] < high
    return {name: column[keep] for name, column in candidates.items()}
