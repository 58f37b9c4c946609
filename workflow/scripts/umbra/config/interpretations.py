"""What the readings of a channel (the entries of `models`) say: which signal is sought, in which coupling.

Imported while Snakemake parses the workflow, so: standard library only.
"""

from collections.abc import Mapping
from typing import Any

#: Quantity that limits on production are set on -> name of their figure.
PRODUCTION_FIGURES = {"cross_section_fb": "cross_section", "branching_fraction": "branching_fraction"}

#: What readings differ in that are assumptions on one search.
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

Region = Mapping[str, Any]
#: One entry of `models` in the channel: a reading of the same data.
Reading = Mapping[str, Any]


def coupling_of(settings: Mapping[str, Any], reading: Reading | None = None) -> Mapping[str, Any]:
    """Coupling that a reading sets limits on: its own, or that of the channel."""
    coupling: Mapping[str, Any] = (reading or {}).get("coupling", settings["coupling"])
    return coupling


def couplings_of(settings: Mapping[str, Any], reading: Reading | None = None) -> list[Mapping[str, Any]]:
    """Coupling that a reading sets limits on, and those that are the same limit in another convention."""
    coupling = coupling_of(settings, reading)
    return [coupling, *coupling.get("also", [])]


def luminosity_fb(settings: Mapping[str, Any], reading: Reading | None = None) -> float:
    """Luminosity of a reading: its own, where it is a projection, or that of the channel."""
    return float((reading or {}).get("luminosity_fb", settings["luminosity"]["luminosity_fb"]))


def other_assumptions(settings: Mapping[str, Any]) -> list[str]:
    """Names of readings that only assume something else of the main one's search, such as no background."""
    main, *others = settings["models"]
    if set(main) - _ASSUMPTIONS:
        return []
    return [model["name"] for model in others if set(model) <= _ASSUMPTIONS]


def signal_sample(region: Region, reading: Reading | None = None) -> str:
    """Name of the signal sample that a reading seeks in a region: the region's own, unless it names another."""
    return str((reading or {}).get("signals", {}).get(region["name"], region["signal"]))


def production_quantity(settings: Mapping[str, Any]) -> str:
    """What limits on production are called: a branching fraction where signals are decays of counted parents."""
    return "branching_fraction" if settings.get("parents") else "cross_section_fb"


def exclusion_figures(settings: Mapping[str, Any]) -> dict[str, str]:
    """Coupling -> name of its exclusion plot; the main model's comes first and has the plain name."""
    names = (each["name"] for model in settings["models"] for each in couplings_of(settings, model))
    first, *others = dict.fromkeys(names)
    return {first: "exclusion", **{name: f"exclusion_{name}" for name in others}}
