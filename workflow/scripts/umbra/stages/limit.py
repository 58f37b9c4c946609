"""The limit stage: from workspaces to limits on the signal strength, then to yield, cross-section and coupling."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from umbra.config.interpretations import couplings_of
from umbra.config.interpretations import luminosity_fb as luminosity_of
from umbra.core.io import read_json, write_json
from umbra.inference import workspace
from umbra.results import islands
from umbra.results.contours import Contour, write_contours
from umbra.results.limits import LimitRow, write_limits
from umbra.stages.job import provenance, stage
from umbra.statistics.engine import LimitSettings, upper_limits
from umbra.statistics.results import Limit

log = logging.getLogger(__name__)

Point = dict[str, Any]

#: What tells hypotheses of one mass and model apart, in channels that have several.
_OPTIONAL = ("mass2_gev", "lifetime_mm")
#: The limits of a row, in the order of the engine.
_EXPECTED = ("expected_minus2", "expected_minus1", "expected", "expected_plus1", "expected_plus2")


def limit_block(
    fits: Path, archive: Path, slice_: Mapping[str, Any], output: Path, provenance: Mapping[str, Any]
) -> None:
    """Set the limits of a block and write them (JSON) with what a signal strength of 1 means.

    Parameters
    ----------
    fits, archive
        Output of the fit stage.
    slice_
        `name`, `limit` and `data` of the channel.
    output
        JSON file.
    provenance
        Written into it.
    """
    points: list[Point] = read_json(fits)["points"]
    workspaces = workspace.read_archive(archive)
    wanted = slice_["limit"]
    settings = LimitSettings(
        method=wanted["method"],
        cl=wanted["cl"],
        calculation=wanted["calculation"],
        seed=(slice_["name"], archive.stem),
    )
    usable = [point for point in points if point["status"] == "converged"]
    limits = upper_limits(
        [workspaces[point["member"]] for point in usable],
        settings,
        has_data=slice_["data"] != {"kind": "asimov"},
    )
    found = {point["member"]: limit for point, limit in zip(usable, limits, strict=True)}
    results = [_result(point, found.get(point["member"])) for point in points]
    for result in results:
        if result["status"] not in ("converged", "excluded_window"):
            log.warning(
                "mass %s GeV, model %s: %s: %s",
                *(result[key] for key in ("mass_gev", "model", "status", "reason")),
            )
    write_json(output, {"channel": slice_["name"], "points": results, "provenance": dict(provenance)})


def write_table(blocks: Sequence[Path], slice_: Mapping[str, Any], output: Path) -> list[Point]:
    """Gather blocks into `limits.csv`: for each model and mass the yield, the production and the coupling.

    Production is a cross-section in fb, or a branching fraction where the channel counts parents.

    Where there are several lifetimes, none of them belongs to a limit on the coupling: regions of the coupling that
    fixes its own lifetime are those of `write_islands`.

    Parameters
    ----------
    blocks
        Output of `limit_block`, in order of mass.
    slice_
        `coupling`, `luminosity` and `models` of the channel.
    output
        CSV file.

    Returns
    -------
    list of dict
        The points without a limit, with the reason.
    """
    points = [point for block in blocks for point in read_json(block)["points"]]
    models = {model["name"]: model for model in slice_["models"]}
    order = {name: i for i, name in enumerate(models)}
    points.sort(
        key=lambda point: (
            order[point["model"]],
            point.get("lifetime_mm", 0.0),
            point["mass_gev"],
            point.get("mass2_gev", 0.0),
        )
    )
    rows: list[LimitRow] = []
    keys = _keys(slice_)
    for point in points:
        reading = models[point["model"]]
        rows += _rows(point, couplings_of(slice_, reading), keys[point["model"]])
    write_limits(output, rows)
    return [point for point in points if point["status"] != "converged"]


def write_islands(blocks: Sequence[Path], slice_: Mapping[str, Any], output: Path) -> None:
    """Write `contours.csv`: what is excluded of couplings that fix the lifetime of the particle.

    Parameters
    ----------
    blocks
        Output of `limit_block`, in order of mass.
    slice_
        `coupling`, `masses` and `models` of the channel.
    output
        CSV file; without a contour it has its header only.
    """
    points = [point for block in blocks for point in read_json(block)["points"]]
    keys = _keys(slice_)
    found: list[Contour] = []
    for model in slice_["models"]:
        if "island" in model:
            mine = [point for point in points if point["model"] == model["name"]]
            outlines = islands.contours(
                mine, model["island"], couplings_of(slice_, model)[0], slice_["masses"]["vetoed_gev"]
            )
            found += [replace(outline, **keys[model["name"]]) for outline in outlines]
    write_contours(output, found)


def _keys(slice_: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Columns that tell the readings of a channel apart, by name: model and luminosity where there are several."""
    several = len(slice_["models"]) > 1
    projected = any("luminosity_fb" in model for model in slice_["models"])
    return {
        model["name"]: {
            "model": model["name"] if several else None,
            "luminosity_fb": luminosity_of(slice_, model) if projected else None,
        }
        for model in slice_["models"]
    }


def _result(point: Point, limit: Limit | None) -> Point:
    kept = ("mass_gev", "model", "yield_per_mu", "production", "production_per_mu", "coupling_power_per_mu")
    result = {key: point[key] for key in (*kept, *(key for key in _OPTIONAL if key in point))}
    if limit is None:
        return result | {
            "status": point["status"],
            "reason": point["reason"],
            "method": "",
            "observed": None,
            "expected": None,
        }
    return result | {
        "status": limit.status,
        "reason": limit.reason,
        "method": limit.method,
        "observed": limit.observed,
        "expected": None if limit.expected[0] is None else list(limit.expected),
    }


def _rows(
    point: Point, couplings: Sequence[Mapping[str, Any]], keys: Mapping[str, Any]
) -> Iterator[LimitRow]:
    coupling, *others = couplings
    per_mu, power = point["coupling_power_per_mu"], 1.0 / coupling["power"]
    scales = (
        ("yield", point["yield_per_mu"], 1.0, 1.0),
        (point["production"], point["production_per_mu"], 1.0, 1.0),
        (coupling["name"], per_mu, power, 1.0),
        *((other["name"], per_mu, power * other["exponent"], other["factor"]) for other in others),
    )
    lifetime = point.get("lifetime_mm")
    for quantity, scale, power, factor in scales if lifetime is None else scales[:2]:
        yield LimitRow(
            mass_gev=point["mass_gev"],
            mass2_gev=point.get("mass2_gev"),
            quantity=quantity,
            method=point["method"],
            status=point["status"],
            lifetime_mm=lifetime,
            **{**keys, **_values(point, scale, power, factor)},
        )


def _values(point: Point, scale: float, power: float, factor: float) -> dict[str, float | None]:
    names = ("observed", *_EXPECTED)
    strengths = [point["observed"], *(point["expected"] or [None] * len(_EXPECTED))]
    return {
        name: None
        if strength is None or point["status"] != "converged"
        else factor * (strength * scale) ** power
        for name, strength in zip(names, strengths, strict=True)
    }


@stage
def main(rule: Any) -> None:
    """Write the limits."""
    fits, archive = Path(rule.input.fits), Path(rule.input.workspaces)
    limit_block(fits, archive, rule.params.slice, Path(rule.output[0]), provenance(rule))
