"""Configuration: reading, checking, and what the job graph is built from.

Imported while Snakemake parses the workflow, so: standard library, PyYAML, pydantic and jsonschema only.
"""

import contextlib
import copy
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from umbra.config import grid, legacy
from umbra.config.files import load_detector, load_machine
from umbra.config.folders import Folders
from umbra.config.interpretations import (
    PRODUCTION_FIGURES,
    exclusion_figures,
    production_quantity,
    signal_sample,
)
from umbra.core.errors import UmbraError
from umbra.core.paths import PACKAGE, schemas
from umbra.core.provenance import code_digest, digest_of
from umbra.generation.decays.registry import modules_of as decay_modules
from umbra.generation.external.declaration import Coupling, checked_declarations
from umbra.generation.processes.registry import PYTHIA_SAMPLES, entry_module_of, is_per_parent
from umbra.generation.processes.registry import module_of as process_module
from umbra.generation.processes.registry import names as process_names
from umbra.selection.registry import module_of as selection_module

SCHEMAS = schemas()
#: What Pythia can be asked for.
PYTHIA_SAMPLES_FILE = PACKAGE / "generation" / "data" / "pythia_samples.yaml"

Settings = dict[str, Any]

_PHYSICS = (
    "name",
    "machine",
    "machine_settings",
    "luminosity",
    "parents",
    "coupling",
    "samples",
    "regions",
    "systematics",
    "models",
    "lifetimes_mm",
    "fit_kind",
)

#: Whatever its `chunk_events`, a sample has no more chunks than this, unless they become longer than that: the jobs of
#: full scans take minutes, not seconds, and samples of 10⁹ events are still shared out.
FEW_CHUNKS, LONG_CHUNK_EVENTS = 5, 2_000_000

#: What each stage of a channel sees of its settings: a change elsewhere does not run it again.
SLICES = {
    "skim": ("machine", "machine_settings", "detector_settings", "selection"),
    "model": (
        "name",
        "machine_settings",
        "luminosity",
        "samples",
        "regions",
        "masses",
        "lifetimes_mm",
        "half_axes_sigma",
    ),
    "data": (
        "name",
        "machine",
        "machine_settings",
        "luminosity",
        "parents",
        "coupling",
        "samples",
        "regions",
        "models",
        "lifetimes_mm",
        "fit_kind",
        "data",
    ),
    "fit": (*_PHYSICS, "fit", "data", "masses"),
    "injection": (*_PHYSICS, "fit", "masses"),
    "limit": ("name", "limit", "data"),
    "toys": (*_PHYSICS, "significance"),
    "significance": ("name", "models"),
    "table": ("name", "coupling", "luminosity", "masses", "models", "limit"),
    "plot": (
        "machine_memory",
        *_PHYSICS,
        *(
            "title",
            "portal",
            "experiment",
            "reference",
            "masses",
            "detector",
            "detector_memory",
            "selection",
            "fit",
            "limit",
            "data",
            "validation",
            "quoted",
            "plot",
        ),
    ),
}


_EXPECTATION = (
    *("name", "machine", "luminosity", "produced", "samples", "categories", "systematics", "interpretations"),
    *("lifetimes_mm", "fit"),
)
#: What each stage of a channel sees of its record: a change elsewhere does not run it again.
BLOCKS = {
    "skim": ("detector", "selection"),
    "model": ("name", "luminosity", "samples", "categories", "masses", "lifetimes_mm", "fit"),
    "data": (*_EXPECTATION, "data"),
    "fit": (*_EXPECTATION, "data", "masses"),
    "injection": (*_EXPECTATION, "masses"),
    "limit": ("name", "limit", "data"),
    "toys": (*_EXPECTATION, "significance"),
    "significance": ("name", "interpretations"),
    "table": ("name", "interpretations", "luminosity", "produced", "masses", "limit"),
    "plot": (
        *(*_EXPECTATION, "title", "portal", "experiment", "reference", "masses", "detector", "selection"),
        *(
            "limit",
            "data",
            "comparisons",
            "quoted",
            "overlays",
            "axes",
            "from_memory",
            "detector_from_memory",
        ),
    ),
}


#: The scripts that gather all channels.
GATHERING = ("summary", "validation", "cross_sections", "injections")


@dataclass
class Project:
    """All that the rules look up.

    Attributes
    ----------
    channels
        Name -> settings, complete and resolved for the scan, with `blocks`, `sample_files`, `code` … added.
    samples
        Machine -> process -> key -> what the generator is told, shared by all channels.
    codes
        Code digests of the scripts that gather all channels.
    published
        Files of published limits: of the user and those that come with Umbra.
    validation
        What the rules of the validation read beside them, by name.
    """

    run: Settings
    channels: dict[str, Settings] = field(default_factory=dict)
    samples: dict[str, dict[str, dict[str, Settings]]] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)
    validation: dict[str, str] = field(default_factory=dict)

    @property
    def portals(self) -> list[str]:
        """Portals that a channel belongs to."""
        return sorted({channel["portal"] for channel in self.channels.values()})

    @property
    def plot_slices(self) -> dict[str, Settings]:
        """What figures of several channels see of each."""
        return {name: channel["slices"]["plot"] for name, channel in self.channels.items()}


def load(run: Mapping[str, Any], config: Path = Path("config")) -> Project:
    """Read and check everything that a run needs.

    Parameters
    ----------
    run
        The run configuration, as Snakemake has merged it from files and command line.
    config
        Folder of the user's configuration; what is not there is taken from the one that comes with Umbra.

    Raises
    ------
    UmbraError
        For anything that is wrong: one sentence with file, key and value.
    """
    folders = Folders.of(config)
    given = {key: _typed(value) for key, value in run.items()}
    settings = checked(given, "config", "the run configuration")
    project = Project(
        run=settings,
        codes={stage: code_digest(stage, *_named(stage)) for stage in GATHERING},
        published=[str(path) for path in folders.published()],
        validation={name: str(path) for name, path in folders.files("validation").items()},
    )
    known = list(folders.files("channels"))
    for name, variant in settings["variants"].items():
        if name in known:
            raise UmbraError(f"the run configuration: variants: '{name}' is the name of a channel already")
        if variant["of"] not in known:
            raise UmbraError(
                f"the run configuration: variants/{name}/of: there is no channel '{variant['of']}'; "
                f"known: {', '.join(known)}"
            )
    known += settings["variants"]
    for name in [*settings["channels"], *settings["overrides"]]:
        if name not in known:
            raise UmbraError(
                f"the run configuration: there is no channel '{name}'; known: {', '.join(known)}"
            )
    every = [*folders.channels(shipped=settings["shipped_channels"]), *settings["variants"]]
    for name in settings["channels"] or every:
        project.channels[name] = _channel(name, settings, folders, project)
    return project


def entry(content: Mapping[str, Any], *names: str) -> Callable[[Any], Any]:
    """Give the function for a rule that follows wildcards of these names into a mapping.

    Snakemake's `lookup` does the same, but walks through the whole mapping at each call.
    """

    def find(wildcards: Any) -> Any:
        found: Any = content
        for name in names:
            found = found[wildcards[name]]
        return found

    return find


def _typed(content: Any) -> Any:
    """Give values their type where Snakemake left text: mappings on the command line, and `true` for its `True`."""
    if isinstance(content, str):
        return _WORDS.get(content, content)
    if isinstance(content, Mapping) and all(isinstance(value, str) for value in _leaves(content)):
        return _map_leaves(content, _scalar)
    return content


def _scalar(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    for number in (int, float):
        with contextlib.suppress(ValueError):
            return number(text)
    return text


_WORDS = {"true": True, "false": False, "null": None}


def _leaves(content: Any) -> Iterator[Any]:
    if isinstance(content, Mapping):
        for value in content.values():
            yield from _leaves(value)
    elif isinstance(content, list):
        for value in content:
            yield from _leaves(value)
    else:
        yield content


def _map_leaves(content: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(content, Mapping):
        return {key: _map_leaves(value, change) for key, value in content.items()}
    if isinstance(content, list):
        return [_map_leaves(value, change) for value in content]
    return change(content)


def _named(stage: str) -> list[str]:
    """Modules that a gathering script imports by name."""
    return sorted({process_module(name) for name in process_names()}) if stage == "cross_sections" else []


def read_yaml(path: Path) -> Any:
    """Read safe YAML; duplicate keys, which YAML would silently merge, are errors."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except OSError as error:
        raise UmbraError(f"{path}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise UmbraError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error


def checked(content: Any, schema: str, where: str | Path) -> Settings:
    """Check content against a schema of `workflow/schemas` and return a copy with the defaults filled in."""
    tree = _schema(schema)
    error = best_match(Draft202012Validator(tree, registry=_registry()).iter_errors(content), key=_depth)
    if error is not None:
        error = _in_branch(error)
        raise UmbraError(f"{where}: {_path(error.absolute_path)}: {error.message}")
    for path, value in _numbers(content, ()):
        if not math.isfinite(value):
            raise UmbraError(f"{where}: {_path(path)}: {value} is not a finite number")
    filled = copy.deepcopy(content)
    _fill_defaults(filled, tree, schema)
    return dict(filled)


def merged(base: Any, changes: Any) -> Any:
    """Lay `changes` over `base`: mappings are merged key by key, anything else is replaced."""
    if isinstance(base, Mapping) and isinstance(changes, Mapping):
        return {
            key: merged(base[key], changes[key])
            if key in base and key in changes
            else changes.get(key, base.get(key))
            for key in [*base, *(key for key in changes if key not in base)]
        }
    return copy.deepcopy(changes)


def for_scan(content: Any, scan: str) -> Any:
    """Replace each mapping `{full: , default: , tiny: }` by its value for the scan."""
    if isinstance(content, Mapping):
        if set(content) == {"full", "default", "tiny"}:
            return content[scan]
        return {key: for_scan(value, scan) for key, value in content.items()}
    if isinstance(content, list):
        return [for_scan(value, scan) for value in content]
    return content


def _channel(name: str, run: Settings, folders: Folders, project: Project) -> Settings:
    variant = dict(run["variants"].get(name, {}))
    path = folders.find("channels", variant.pop("of", name))
    content = merged(merged(read_yaml(path), variant), run["overrides"].get(name, {}))
    settings: Settings = for_scan(checked(content, "channel", path), run["scan"])
    settings["name"] = name
    settings.setdefault("data", run["data"])
    settings.setdefault("parents", None)
    settings["fit_kind"] = settings["fit"]["kind"]
    settings["half_axes_sigma"] = settings["fit"].get("half_axes_sigma")
    for kind in ("machine", "detector"):
        settings |= _named_settings(kind, settings[kind], path, folders)
    for spec in settings["samples"].values():
        if "machine" in spec:
            spec.update(_named_settings("machine", spec["machine"], path, folders))
    _check_references(settings, path)
    # A scenario lays its samples over those of the channel; what no region uses is not made.
    used = set()
    for region in settings["regions"]:
        sought = {signal_sample(region, model) for model in settings["models"]}
        region["other_signals"] = sorted(sought - {region["signal"]})
        used |= {region["signal"], *region["other_signals"], *region["backgrounds"]}
    settings["samples"] = {name: spec for name, spec in settings["samples"].items() if name in used}
    for spec in settings["samples"].values():
        if spec["role"] == "signal" and "process" in spec:
            spec["parameters"].setdefault("coupling", settings["coupling"]["reference"])
    for sample, spec in settings["samples"].items():
        if "external" in spec:
            _check_external(sample, spec, settings, path)
    settings["blocks"] = _blocks(settings, path)
    settings["sample_files"] = {
        sample: _register(sample, _defined(spec, f"{path}: samples/{sample}"), settings, path, project)
        for sample, spec in settings["samples"].items()
    }
    settings["sample_infos"] = {
        sample: [str(Path(file).with_suffix(".json")) for file in files]
        for sample, files in settings["sample_files"].items()
    }
    settings["code"] = _codes(settings, path)
    settings["data_files"] = [settings["data"]["file"]] if settings["data"]["kind"] == "file" else []
    with_data = settings["data"] != {"kind": "asimov"}
    # The global significance is that of a scan of one mass; in a plane there are local p-values only. A projection to
    # another luminosity has no data.
    projection = "luminosity_fb" in settings["models"][0]
    with_toys = with_data and settings["fit_kind"] != "ellipse" and not projection
    toys = settings["significance"]
    chunks = math.ceil(toys["toys"] / toys["chunk_toys"])
    settings["toy_chunks"] = [f"{chunk:03d}" for chunk in range(chunks)]
    settings["significance_files"] = [f"results/{name}/significance.json"] if with_toys else []
    settings["figures"] = _figures(settings)
    drawn = {
        "validation": [check["curve"] for check in settings["validation"]],
        "overlays": settings["overlays"],
    }
    settings["published_files"] = [
        _published(key, curve, path, folders) for key, curves in drawn.items() for curve in curves
    ]
    record = legacy.channel(settings)
    settings["sample_records"] = {name: each.model_dump(mode="json") for name, each in record.samples.items()}
    settings["record"] = record
    settings["records"] = {stage: record.sliced(*blocks) for stage, blocks in BLOCKS.items()}
    settings["slices"] = {stage: {key: settings[key] for key in keys} for stage, keys in SLICES.items()}
    return settings


def _named_settings(kind: str, name: str, path: Path, folders: Folders) -> Settings:
    """Read the file of a machine or a detector, and say which of its values are from memory."""
    try:
        file = folders.find(f"{kind}s", name)
    except UmbraError as error:
        raise UmbraError(f"{path}: {kind}: {error}") from None
    record, memory = load_machine(file) if kind == "machine" else load_detector(file)
    return {
        f"{kind}_settings": record.model_dump(mode="json"),
        f"{kind}_memory": ["/".join(map(str, place)) for place in memory],
    }


def _figures(settings: Settings) -> list[str]:
    """Name the figures that the plot stage makes."""
    fits = "fits" if settings["fit_kind"] in ("peak", "templates") else "counts"
    scans = [] if settings["data"] == {"kind": "asimov"} else ["p_values"]
    production = PRODUCTION_FIGURES[production_quantity(settings)]
    return [*exclusion_figures(settings).values(), production, "efficiency", "cutflow", fits, *scans]


def _published(key: str, curve: str, path: Path, folders: Folders) -> str:
    try:
        return str(folders.find("published", curve))
    except UmbraError as error:
        raise UmbraError(f"{path}: {key}: {error}") from None


def _check_references(settings: Settings, path: Path) -> None:
    """Check what a schema cannot: that names meet, masses are possible and ranges are ordered."""
    sqrt_s = _sqrt_s_gev(settings)
    for i, segment in enumerate(settings["masses"]["segments"]):
        if segment["from_gev"] >= segment["to_gev"]:
            raise UmbraError(
                f"{path}: masses/segments/{i}: from_gev {segment['from_gev']} is not below to_gev {segment['to_gev']}"
            )
        if segment["to_gev"] >= sqrt_s:
            raise UmbraError(
                f"{path}: masses/segments/{i}/to_gev: {segment['to_gev']} GeV is above the kinematic limit, "
                f"sqrt(s) = {sqrt_s:.2f} GeV"
            )
    _check_names_and_ranges(settings, path)
    _check_plane(settings, path, sqrt_s)
    for sample, spec in settings["samples"].items():
        limit = _sqrt_s_gev({**settings, **spec})
        for mass in spec.get("masses_gev", []):
            if mass >= limit:
                raise UmbraError(
                    f"{path}: samples/{sample}/masses_gev: {mass} GeV is above the kinematic limit, "
                    f"sqrt(s) = {limit:.2f} GeV"
                )
        if is_per_parent(spec.get("process")) and not settings["parents"]:
            raise UmbraError(
                f"{path}: samples/{sample}: process '{spec['process']}' is a decay, and the channel has no 'parents'"
            )
        if spec["role"] == "signal" and settings["parents"] and not is_per_parent(spec.get("process")):
            raise UmbraError(f"{path}: samples/{sample}: in a channel with 'parents' a signal is their decay")
        if spec["role"] == "signal" and "process" in spec and "masses_gev" not in spec:
            raise UmbraError(f"{path}: samples/{sample}: a signal needs masses_gev")
    for region in settings["regions"]:
        sought = [region["signal"], *(signal_sample(region, model) for model in settings["models"])]
        for role, names in (("signal", sought), ("background", region["backgrounds"])):
            for sample in names:
                if settings["samples"].get(sample, {}).get("role") != role:
                    raise UmbraError(
                        f"{path}: regions/{region['name']}: '{sample}' is not a {role} sample of this channel"
                    )
        for key in ("peaking_backgrounds", "smooth_backgrounds"):
            for name in region[key]:
                if name not in region["backgrounds"]:
                    raise UmbraError(
                        f"{path}: regions/{region['name']}/{key}: '{name}' is none of its backgrounds"
                    )
        samples = [settings["samples"][sample] for sample in (*sought, *region["backgrounds"])]
        machines = sorted({sample.get("machine", settings["machine"]) for sample in samples})
        if len(machines) > 1:
            raise UmbraError(
                f"{path}: regions/{region['name']}: its samples come from several machines, {', '.join(machines)}"
            )

    regions = [region["name"] for region in settings["regions"]]
    for model in settings["models"]:
        for name in [*model.get("regions", []), *model.get("signals", {})]:
            if name not in regions:
                raise UmbraError(f"{path}: models/{model['name']}: there is no region '{name}'")
    for region in settings["regions"]:
        if isinstance(region.get("working_point"), str) and "published_efficiency" not in region:
            raise UmbraError(
                f"{path}: regions/{region['name']}: a working_point needs a published_efficiency"
            )


def _check_names_and_ranges(settings: Settings, path: Path) -> None:
    """Check that regions and models have names of their own, and that ranges of mass hold one."""
    for low, high in settings["masses"]["vetoed_gev"]:
        if low > high:
            raise UmbraError(f"{path}: masses/vetoed_gev: {low:g} to {high:g} GeV holds no mass")
    for region in settings["regions"]:
        low, high = region["masses_gev"]
        if low >= high:
            raise UmbraError(
                f"{path}: regions/{region['name']}/masses_gev: {low:g} is not below {high:g} GeV"
            )
    for key in ("regions", "models"):
        names = [each["name"] for each in settings[key]]
        for name in names:
            if names.count(name) > 1:
                raise UmbraError(f"{path}: {key}: the name '{name}' occurs twice")


def _sqrt_s_gev(owner: Settings) -> float:
    """Centre-of-mass energy of whatever has the settings of a machine, to the accuracy of a check."""
    machine = owner["machine_settings"]
    return 2.0 * math.sqrt(machine["electron_energy_gev"] * machine["positron_energy_gev"])


def _check_plane(settings: Settings, path: Path, sqrt_s: float) -> None:
    """Check that all parts of a channel agree on whether it scans one mass or a plane of two."""
    plane = "second" in settings["masses"]
    if plane != (settings["fit_kind"] == "ellipse"):
        raise UmbraError(f"{path}: masses/second and fit/kind: ellipse need each other")
    if plane and settings["masses"]["second"]["largest_sum_gev"] >= sqrt_s:
        raise UmbraError(
            f"{path}: masses/second/largest_sum_gev: {settings['masses']['second']['largest_sum_gev']} GeV is "
            f"above the kinematic limit, sqrt(s) = {sqrt_s:.2f} GeV"
        )
    if plane and "mass2_label" not in settings["plot"]:
        raise UmbraError(f"{path}: plot: a plane of two masses needs mass2_label")
    for region in settings["regions"]:
        if plane != ("variable2" in region):
            raise UmbraError(f"{path}: regions/{region['name']}: masses/second and variable2 need each other")
        for key in ("published_efficiency", "working_point"):
            if plane and key in region:
                raise UmbraError(f"{path}: regions/{region['name']}: {key} is not for a plane of two masses")
    for sample, spec in settings["samples"].items():
        if spec["role"] != "signal":
            continue
        if plane and "process" not in spec:
            raise UmbraError(f"{path}: samples/{sample}: events of another generator have no second mass")
        if len(spec.get("masses2_gev", [])) != (len(spec.get("masses_gev", [])) if plane else 0):
            raise UmbraError(
                f"{path}: samples/{sample}/masses2_gev: needs one second mass for each of masses_gev in a scan "
                "of two masses, and none elsewhere"
            )
        for mass, second in zip(spec["masses_gev"], spec["masses2_gev"], strict=True) if plane else ():
            if mass + second >= sqrt_s:
                raise UmbraError(
                    f"{path}: samples/{sample}: masses {mass} and {second} GeV are together above the kinematic "
                    f"limit, sqrt(s) = {sqrt_s:.2f} GeV"
                )


def _blocks(settings: Settings, path: Path) -> dict[str, list[float] | list[tuple[float, float]]]:
    """Hypotheses of each job: masses, or pairs of masses where a plane is scanned."""
    scan = settings["masses"]
    masses = _masses(scan["segments"], f"{path}: masses/segments")
    runs: list[Any] = grid.blocks(masses, scan["block_points"])
    if "second" in scan:
        second = scan["second"]
        seconds = _masses(second["segments"], f"{path}: masses/second/segments")
        points = grid.plane(masses, seconds, second["ratio"], second["largest_sum_gev"])
        if not points:
            raise UmbraError(f"{path}: masses/second: no pair of masses is within ratio and largest_sum_gev")
        runs = grid.blocks(points, scan["block_points"])
    return {f"block_{i:03d}": run for i, run in enumerate(runs)}


def _masses(segments: list[Settings], where: str) -> list[float]:
    masses: list[float] = []
    for segment in segments:
        masses += grid.spaced(
            segment["from_gev"], segment["to_gev"], segment["points"], segment["spacing_gev"]
        )
    if sorted(set(masses)) != masses:
        raise UmbraError(f"{where}: the masses must increase from segment to segment")
    return masses


def _check_external(name: str, spec: Settings, settings: Settings, path: Path) -> None:
    """Check what is said of external files, and say which coupling the cross-sections of a signal are taken to."""
    reference = {"value": settings["coupling"]["reference"], "power": settings["coupling"]["power"]}
    try:
        checked_declarations(spec["external"], spec["role"], Coupling.model_validate(reference))
    except UmbraError as error:
        raise UmbraError(f"{path}: samples/{name}: {error}") from error
    if spec["role"] == "signal":
        spec["reference_coupling"] = reference


def _register(name: str, spec: Settings, settings: Settings, path: Path, project: Project) -> list[str]:
    """Enter a sample into the table of shared samples and return its files."""
    process = spec.get("process", "external")
    try:
        modules = [_source(spec)]
        modules += decay_modules(spec["decay"]) if "decay" in spec else []
    except UmbraError as error:
        raise UmbraError(f"{path}: samples: {error}") from error
    generator = {key: value for key, value in spec.items() if key not in _NOT_FOR_THE_GENERATOR}
    events = spec.get("events", 0)
    enough = min(math.ceil(events / FEW_CHUNKS), LONG_CHUNK_EVENTS)
    generator["chunk_events"] = min(events, max(spec.get("chunk_events", events), enough))
    key = digest_of(generator)[:8]
    where = {**settings, **spec}
    machine = where["machine"]
    settings["samples"][name]["generator"] = generator
    project.samples.setdefault(machine, {}).setdefault(process, {})[key] = {
        "generator": generator,
        "machine": where["machine_settings"],
        "code": code_digest("generate", *modules),
        "files": [str(external["file"]) for external in spec.get("external", [])],
    }
    chunks = math.ceil(events / generator["chunk_events"]) if events else 1
    return [f"results/samples/{machine}/{process}/{key}-{chunk:03d}.root" for chunk in range(chunks)]


def _defined(spec: Settings, where: str) -> Settings:
    """Put Pythia's definition of a sample, with the settings that the channel adds, in the place of its name."""
    if spec["origin"] != "pythia":
        return spec
    known = _pythia_samples(PYTHIA_SAMPLES_FILE)
    if spec["process"] not in known:
        raise UmbraError(
            f"{where}/process: Pythia makes no sample '{spec['process']}'; known: {', '.join(sorted(known))}"
        )
    definition = known[spec["process"]]
    settings = [*definition["settings"], *spec["settings"]]
    rest = {key: value for key, value in spec.items() if key not in ("settings", "fraction")}
    return {**rest, "pythia": {**definition, "settings": settings, "fraction": spec["fraction"]}}


@cache
def _pythia_samples(file: Path) -> Settings:
    return dict(checked(read_yaml(file), "pythia_samples", file)["samples"])


def _source(spec: Settings) -> str:
    """Name the module that makes the events of a sample."""
    if "process" not in spec:
        return "umbra.generation.external.sample"
    return PYTHIA_SAMPLES if spec["origin"] == "pythia" else process_module(spec["process"])


def _codes(settings: Settings, path: Path) -> dict[str, str]:
    try:
        signals = {
            spec["process"]
            for spec in settings["samples"].values()
            if spec["role"] == "signal" and "process" in spec
        }
        closed_forms = [process_module(process) for process in sorted(signals)]
        made = {spec.get("process") for spec in settings["samples"].values()} & set(process_names())
        more = {
            "skim": [selection_module(settings["selection"]["name"])],
            "data": closed_forms,
            "fit": closed_forms,
            "injection": closed_forms,
            "toys": closed_forms,
            "plot": sorted(map(entry_module_of, made)),
        }
    except UmbraError as error:
        raise UmbraError(f"{path}: selection/name: {error}") from error
    return {stage: code_digest(stage, *more.get(stage, [])) for stage in sorted(SLICES)}


#: Keys of a sample that say what is done with the events, not how they are made.
_NOT_FOR_THE_GENERATOR = (
    "role",
    "origin",
    "machine",
    "machine_settings",
    "machine_memory",
    "events",
    "chunk_events",
    "selection_options",
    "generator",
    "source",
    "unverified",
)


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"duplicate key '{key}'", key_node.start_mark
                )
            seen.add(key)
        return dict(super().construct_mapping(node, deep=deep))


@cache
def _schema(name: str) -> Any:
    return read_yaml(SCHEMAS / f"{name}.schema.yaml")


@cache
def _registry() -> Registry[Any]:
    files = SCHEMAS.glob("*.schema.yaml")
    return Registry().with_resources(
        (path.name, DRAFT202012.create_resource(_schema(path.name.removesuffix(".schema.yaml"))))
        for path in files
    )


def _fill_defaults(content: Any, schema: Any, document: str) -> None:
    """Fill in the defaults of a valid document, following references and the branch that fits."""
    schema, document = _resolved(schema, document)
    for branch in schema.get("oneOf", []):
        if Draft202012Validator(_absolute(branch, document), registry=_registry()).is_valid(content):
            _fill_defaults(content, branch, document)
    if isinstance(content, dict):
        for key, rule in schema.get("properties", {}).items():
            target, _ = _resolved(rule, document)
            default = rule.get("default", target.get("default"))
            if default is not None:
                content.setdefault(key, copy.deepcopy(default))
            if key in content:
                _fill_defaults(content[key], rule, document)
        rest = schema.get("additionalProperties")
        for key in content.keys() - schema.get("properties", {}).keys() if isinstance(rest, dict) else ():
            _fill_defaults(content[key], rest, document)
    if isinstance(content, list) and isinstance(schema.get("items"), dict):
        for item in content:
            _fill_defaults(item, schema["items"], document)


def _resolved(schema: Any, document: str) -> tuple[Any, str]:
    while "$ref" in schema:
        file, _, pointer = schema["$ref"].partition("#/")
        document = file.removesuffix(".schema.yaml") or document
        target = _schema(document)
        for part in pointer.split("/"):
            target = target[part]
        schema = target
    return schema, document


def _absolute(branch: Any, document: str) -> Any:
    """Give a branch the definitions of its document, so that its references can be followed."""
    return {**branch, "$defs": _schema(document).get("$defs", {})}


def _depth(error: ValidationError) -> int:
    """Prefer errors near the top; alternatives are looked into afterwards."""
    return -len(error.path)


def _in_branch(error: ValidationError) -> ValidationError:
    """Follow an error into the alternative that was meant: the one whose fixed words fit, with the fewest errors."""
    while error.validator == "oneOf" and error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        meant = min(
            branches.values(), key=lambda found: (any(e.validator == "const" for e in found), len(found))
        )
        error = best_match(meant) or meant[0]
    return error


def _numbers(content: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], float]]:
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from _numbers(value, (*path, key))
    elif isinstance(content, list):
        for i, value in enumerate(content):
            yield from _numbers(value, (*path, i))
    elif isinstance(content, float):
        yield path, content


def _path(parts: Any) -> str:
    return "/".join(str(part) for part in parts) or "(top)"
