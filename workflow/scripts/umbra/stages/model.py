"""The model stage: from the skims of a channel to its signal models and background templates."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from umbra.core.io import read_json, write_json
from umbra.core.kinematics import Array
from umbra.core.records import validated
from umbra.expectation import background, candidates, signal, signal_plane
from umbra.expectation.background import Template, Templates
from umbra.expectation.candidates import PlaneSearch, Points
from umbra.expectation.channel import PB_PER_FB, Search
from umbra.expectation.signal import SignalModel
from umbra.expectation.signal_plane import PlaneModel
from umbra.selection import discriminant, skims
from umbra.selection.discriminant import Scored, WorkingPoint
from umbra.selection.records import PunziPoint
from umbra.stages.job import provenance, stage

log = logging.getLogger(__name__)


def model(
    skims: Mapping[str, Path],
    slice_: Mapping[str, Any],
    signal: Path,
    templates: Path,
    code: Mapping[str, Any],
) -> None:
    """Write signal models (JSON) and background templates (ROOT).

    Parameters
    ----------
    skims
        Sample -> skim; the JSON file with its normalisation lies beside it.
    slice_
        `name`, `regions`, `masses`, `samples`, `luminosity`, `lifetimes_mm` and `half_axes_sigma` of the channel.
    signal, templates
        Output files.
    code
        Provenance.
    """
    if any("variable2" in region for region in slice_["regions"]):
        _plane(skims, slice_, signal, templates, code)
        return
    models: dict[str, SignalModel] = {}
    others: dict[str, dict[str, SignalModel]] = {}
    found: Templates = {}
    for region in slice_["regions"]:
        name = region["name"]
        where = f"channel {slice_['name']}, region {name}"
        point = _working_point(region, skims, slice_, where)
        lifetimes = slice_["lifetimes_mm"]
        models[name] = _signal(region, skims[region["signal"]], point, where, lifetimes)
        others[name] = {
            sample: _signal(region, skims[sample], point, where, lifetimes)
            for sample in region["other_signals"]
        }
        edges = background.axis(
            models[name], mass_range(region, slice_["masses"]), region.get("variable_range")
        )
        found[name] = {
            sample: _background(region, edges, skims[sample], point) for sample in region["backgrounds"]
        } or background.nothing(edges)
        for sample, template in found[name].items():
            log.info(
                "%s %s: %.4g pb visible, %.4g effective events",
                name,
                sample,
                template.visible_pb.sum(),
                template.effective_events(),
            )
    write_json(
        signal,
        {
            "regions": {name: m.to_json() for name, m in models.items()},
            "other_signals": {
                name: {sample: m.to_json() for sample, m in each.items()} for name, each in others.items()
            },
            "provenance": dict(code),
        },
    )
    background.write(templates, found)


def _plane(
    skims: Mapping[str, Path],
    slice_: Mapping[str, Any],
    signal: Path,
    templates: Path,
    code: Mapping[str, Any],
) -> None:
    """Write what a scan of two masses needs: signals over the plane, and the background candidates themselves."""
    models, found = {}, {}
    for region in slice_["regions"]:
        name, path = region["name"], skims[region["signal"]]
        variables = region["variable"], region["variable2"]
        models[name] = signal_plane.build(
            variables,
            slice_["half_axes_sigma"],
            _candidates(region, path, None),
            _generated(path),
            f"channel {slice_['name']}, region {name}",
        )
        found[name] = {sample: _points(region, skims[sample]) for sample in region["backgrounds"]}
    write_json(
        signal,
        {"regions": {name: m.to_json() for name, m in models.items()}, "provenance": dict(code)},
    )
    candidates.write_candidates(templates, found)


def _points(region: Mapping[str, Any], path: Path) -> Points:
    candidates = _candidates(region, path, None)
    weight = candidates["weight"] * _scale_pb(path)
    log.info("%s %s: %.4g pb visible, %d candidates", region["name"], path.stem, weight.sum(), len(weight))
    return Points(candidates[region["variable"]], candidates[region["variable2"]], weight)


def _generated(path: Path) -> Any:
    return read_json(Path(path).with_suffix(".json"))["generated"]


def _scale_pb(path: Path) -> float:
    """Cross-section that a candidate of weight 1 of a background stands for."""
    (generated,) = _generated(path)
    return float(generated["cross_section_pb"] / generated["weight"])


def read_signals(path: Path) -> tuple[dict[str, SignalModel], dict[str, dict[str, SignalModel]]]:
    """Read the signal model of each region, and by sample those of other particles that readings seek in it."""
    content = read_json(path)
    own = {name: SignalModel.from_json(each) for name, each in content["regions"].items()}
    others = {
        name: {sample: SignalModel.from_json(each) for sample, each in samples.items()}
        for name, samples in content["other_signals"].items()
    }
    return own, others


def read_search(settings: Mapping[str, Any], output: Sequence[str | Path]) -> Search:
    """Put a channel together from its settings and the two files that `model` wrote."""
    signals, templates = (Path(path) for path in output)
    regions = {
        region["name"]: region["backgrounds"] or [background.NO_BACKGROUND] for region in settings["regions"]
    }
    own, others = read_signals(signals)
    return Search(settings, own, background.read(templates, regions), others)


def read_plane_search(settings: Mapping[str, Any], output: Sequence[str | Path]) -> PlaneSearch:
    """Do the same for a channel that scans two masses."""
    signals, templates = (Path(path) for path in output)
    regions = {region["name"]: region["backgrounds"] for region in settings["regions"]}
    models = {name: PlaneModel.from_json(each) for name, each in read_json(signals)["regions"].items()}
    return PlaneSearch(settings, models, candidates.read_candidates(templates, regions))


def mass_range(region: Mapping[str, Any], masses: Mapping[str, Any]) -> tuple[float, float]:
    """Lowest and highest hypothesis that a region can have."""
    low = max(region["masses_gev"][0], masses["segments"][0]["from_gev"])
    high = min(region["masses_gev"][1], masses["segments"][-1]["to_gev"])
    return low, high


def _working_point(
    region: Mapping[str, Any], skims: Mapping[str, Path], slice_: Mapping[str, Any], where: str
) -> WorkingPoint | None:
    wanted = region.get("working_point")
    if wanted is None:
        return None
    path = skims[region["signal"]]
    candidates, signal = _candidates(region, path, None), _signal(region, path, None, where)
    if isinstance(wanted, str):
        efficiency = np.asarray(region["published_efficiency"]["values"])
        return discriminant.find(wanted, efficiency, candidates, signal)
    punzi = validated(PunziPoint, wanted, f"{where}: working_point")
    events_per_pb = region.get("luminosity_fb", slice_["luminosity"]["luminosity_fb"]) / PB_PER_FB
    parts = []
    for sample in region["backgrounds"]:
        found = _candidates(region, skims[sample], None)
        events = found["weight"] * _scale_pb(skims[sample]) * events_per_pb
        parts.append((found[region["variable"]], found[punzi.column], events))
    background = Scored(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    return discriminant.find_punzi(punzi, candidates, signal, background)


def _signal(
    region: Mapping[str, Any],
    path: Path,
    point: WorkingPoint | None,
    where: str,
    lifetimes_mm: Sequence[float] = (),
) -> SignalModel:
    before = None if point is None else _signal(region, path, None, where)
    candidates = _candidates(region, path, point)
    found = signal.build(
        region["variable"],
        candidates,
        _generated(path),
        where,
        before,
        lifetimes_mm,
        region.get("shape_lifetime_mm"),
    )
    for closure in found.held_out():
        if not closure.holds:
            log.warning(
                "%s, %s: at %g GeV the other masses give an efficiency that is off by %.1f +- %.1f %%: "
                "generate more masses there",
                where,
                path.stem,
                closure.mass_gev,
                100.0 * closure.efficiency,
                100.0 * closure.efficiency_error,
            )
    return found


def _background(region: Mapping[str, Any], edges: Array, path: Path, point: WorkingPoint | None) -> Template:
    candidates = _candidates(region, path, point)
    return background.build(edges, candidates[region["variable"]], candidates["weight"] * _scale_pb(path))


def _candidates(region: Mapping[str, Any], path: Path, point: WorkingPoint | None) -> dict[str, Array]:
    """Candidates of a skim that meet the requirements of a region and pass its discriminant."""
    candidates = _required(skims.read(path), region["requirements"])
    if point is None:
        return candidates
    keep = point.keeps(candidates)
    return {name: column[keep] for name, column in candidates.items()}


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


@stage
def main(rule: Any) -> None:
    """Write the signal models and the templates."""
    skims = {Path(path).stem: Path(path) for path in rule.input.skims}
    output = rule.output
    model(skims, rule.params.slice, Path(output.signal), Path(output.templates), provenance(rule))
