"""The settings of format 1 as a channel record; goes with format 1."""

from collections.abc import Iterator, Mapping
from typing import Any

from umbra.config.records import Channel
from umbra.core.machines import machine_of

_NO = ("source", "unverified")


def channel(settings: Mapping[str, Any]) -> Channel:
    """Build the record of a channel."""
    main = _coupling(settings["coupling"], settings["plot"]["y_label"])
    detector = settings["detector_settings"]
    unverified = _unverified(settings, "")
    return Channel.model_validate(
        {
            "name": settings["name"],
            "title": settings["title"],
            "portal": settings["portal"],
            "experiment": settings["experiment"],
            "reference": settings["reference"],
            "machine": machine_of(settings),
            "detector": {"name": settings["detector"], "settings": detector},
            "luminosity": _without(settings["luminosity"], *_NO),
            "produced": _without(settings["parents"], *_NO) if settings["parents"] else None,
            "lifetimes_mm": settings["lifetimes_mm"],
            "masses": {
                "segments": settings["masses"]["segments"],
                "second": settings["masses"].get("second"),
                "block_points": settings["masses"]["block_points"],
                "vetoed_gev": settings["masses"]["vetoed_gev"],
            },
            "interpretations": [_interpretation(m, main, settings["models"][0]) for m in settings["models"]],
            "samples": {name: _sample(name, spec, settings) for name, spec in settings["samples"].items()},
            "selection": {"name": settings["selection"]["name"], "options": settings["selection"]["options"]},
            "categories": [_category(region) for region in settings["regions"]],
            "fit": {"method": settings["fit"]["kind"], **_without(settings["fit"], "kind", *_NO)},
            "systematics": _without(settings["systematics"], *_NO),
            "limit": {
                "method": settings["limit"]["method"],
                "level": settings["limit"]["cl"],
                "calculation": settings["limit"]["calculation"],
            },
            "significance": settings["significance"],
            "data": settings["data"],
            "comparisons": [_comparison(each) for each in settings["validation"]],
            "overlays": settings["overlays"],
            "quoted": settings["quoted"],
            "axes": {
                "mass": settings["plot"]["x_label"],
                "mass2": settings["plot"].get("mass2_label"),
                "scale": settings["plot"]["x_scale"],
                "lifetime_mm": settings["plot"].get("lifetime_mm"),
            },
            "from_memory": [f"{where}: {', '.join(keys)}" for where, keys in dict(unverified).items()],
            "detector_from_memory": len(settings["detector_memory"]),
        }
    )


def _without(content: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in keys}


def _coupling(content: Mapping[str, Any], y_label: str) -> dict[str, Any]:
    also = [_without(each, *_NO) for each in content.get("also", [])]
    return {"y_label": y_label, **_without(content, "also", *_NO), "also": also}


def _interpretation(
    model: Mapping[str, Any], main: Mapping[str, Any], first: Mapping[str, Any]
) -> dict[str, Any]:
    own = {key: model[key] for key in model if key not in ("regions", "coupling", "branching", "island")}
    if "luminosity_fb" in model:
        kind = "projection"
    elif model is not first and not (set(model) | set(first)) - _ASSUMPTIONS:
        kind = "assumption"
    else:
        kind = "interpretation"
    return {
        **own,
        "kind": kind,
        "of": None if kind == "interpretation" else first["name"],
        "categories": model.get("regions"),
        "coupling": _coupling(model["coupling"], "") if "coupling" in model else main,
        "branching": _branching(model),
        "island": _particle(model["island"]) if "island" in model else None,
    }


_ASSUMPTIONS = {
    "name",
    "label",
    "island",
    "published_efficiency",
    "background_scale",
    "background_relative",
    "background_slope_per_unit",
    "peaking_uncertainty",
}


def _particle(content: Mapping[str, Any]) -> dict[str, Any]:
    return {"particle": content["model"], **_without(content, "model")}


def _branching(owner: Mapping[str, Any]) -> dict[str, Any] | None:
    return _particle(owner["branching"]) if "branching" in owner else None


def _sample(name: str, spec: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    where = {**settings, **spec}
    return {
        "name": name,
        "role": spec["role"],
        "origin": spec.get("origin", "matrix_element"),
        "process": spec.get("process", "external"),
        "machine": machine_of(where),
        "generator": spec.get("generator", {}),
        "events": spec.get("events", 0),
        "selection_options": spec["selection_options"],
    }


def _category(region: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_without(region, "masses_gev", "branching", *_NO),
        "hypotheses_gev": region["masses_gev"],
        "branching": _branching(region),
    }


def _comparison(check: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_without(check, "bound_median_dex", "ranges", "bracket", "model", "reason"),
        "median_dex": check["bound_median_dex"],
        "ranges": [
            {"median_dex": each["bound_median_dex"], **_without(each, "bound_median_dex")}
            for each in check["ranges"]
        ],
        "between": check.get("bracket"),
        "interpretation": check.get("model"),
        "why": check["reason"],
    }


def _unverified(content: Any, where: str) -> Iterator[tuple[str, list[str]]]:
    """Places of the settings that list values as unverified, with those values' names."""
    if isinstance(content, Mapping):
        if content.get("unverified"):
            yield where, list(content["unverified"])
        if content.get("machine_memory"):
            # A machine is named once, however many samples come from it.
            yield f"machine {content['machine']}", list(content["machine_memory"])
        for key, value in content.items():
            yield from _unverified(value, f"{where} {key}".strip())
    elif isinstance(content, list):
        for value in content:
            name = value.get("name", "") if isinstance(value, Mapping) else ""
            yield from _unverified(value, f"{where} {name}".strip())
