"""What the job graph is built from: every channel of a run, its samples, and what each rule looks up.

Imported while Snakemake parses the workflow.
"""

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from umbra.config import channel_yaml, checks, grid, named_curves, naming
from umbra.config.channel_yaml import Given
from umbra.config.figures import figures, has_spectra
from umbra.config.folders import TABLES, Folders
from umbra.config.joint import JointRules, read_all
from umbra.config.measurements import Block, read_table
from umbra.config.published import Range, read_ranges
from umbra.config.records import Asimov, Channel, FileData, Sample
from umbra.config.run_file import RunFile
from umbra.core.errors import UmbraError
from umbra.core.modules import code_digest
from umbra.core.provenance import digest_of
from umbra.core.records import no_such, validated
from umbra.generation.decays.registry import modules_of as decay_modules
from umbra.generation.processes.registry import PYTHIA_SAMPLES, entry_module_of
from umbra.generation.processes.registry import module_of as process_module
from umbra.generation.processes.registry import names as process_names
from umbra.selection.registry import module_of as selection_module

#: What a rule is told of a channel, a sample or a run: plain data.
Settings = dict[str, Any]


def _seen(*names: str, fit: Any = None) -> dict[str, Any]:
    return {**dict.fromkeys(names, True), **({} if fit is None else {"fit": fit})}


_EXPECTATION = (
    *("name", "luminosity", "produced", "samples", "categories", "systematics", "interpretations"),
    "lifetimes_mm",
)
#: What an expectation depends on of the fit: a window along one variable changes none, that in a plane does.
_SEEN_OF_FIT = {"method", "half_axes_sigma"}
#: What each stage of a channel sees of its record: a change elsewhere does not run it again.
BLOCKS = {
    "skim": _seen("detector", "selection"),
    "model": _seen(
        *("name", "luminosity", "samples", "categories", "masses", "lifetimes_mm"), fit=_SEEN_OF_FIT
    ),
    "data": _seen(*_EXPECTATION, "masses", "data", fit=_SEEN_OF_FIT),
    "fit": _seen(*_EXPECTATION, "data", "masses", fit=True),
    "injection": _seen(*_EXPECTATION, "masses", fit=True),
    "limit": _seen("name", "limit"),
    "audit": _seen("name", "limit"),
    "toys": _seen(*_EXPECTATION, "significance", fit=_SEEN_OF_FIT),
    "significance": _seen("name", "interpretations"),
    "table": _seen("name", "interpretations", "luminosity", "produced", "masses", "limit"),
    "plot": _seen(
        *(*_EXPECTATION, "title", "portal", "experiment", "projection", "reference", "machine", "masses"),
        "detector",
        *("selection", "limit", "data", "comparisons", "quoted", "overlays", "axes"),
        *("from_memory", "detector_from_memory", "scan"),
        fit=True,
    ),
}

#: What a joint fit sees of each of its channels.
JOINT = _seen(*_EXPECTATION, "data", "masses", "machine", fit=True)

#: A row of a table is fitted and limited in milliseconds.
_ROWS_OF_A_JOB = 800

#: The stages that gather several channels.
GATHERING = (
    *("summary", "summary_page", "validation", "cross_sections", "injections", "audits"),
    *("joint_table", "joint_plot", "joint_audit"),
)


@dataclass
class Project:
    """All that the rules look up.

    Attributes
    ----------
    run
        The run configuration.
    records
        Name -> record of each channel.
    channels
        Name -> what the rules of its family look up: files, blocks, slices, code digests.
    samples
        Machine -> process -> key -> what the generator is told, shared by all channels.
    priorities
        Machine -> process -> key -> priority of a sample, that of the most urgent channel that asks for it.
    codes
        Code digests of the stages that gather all channels.
    published
        Files of published limits: of the user and those that come with Umbra.
    validation
        What the rules of the validation read beside them, by name.
    quoted
        Ranges that papers quote, by name.
    joints
        Joint fits whose channels are all part of the run, by name.
    """

    run: Settings
    records: dict[str, Channel] = field(default_factory=dict)
    channels: dict[str, Settings] = field(default_factory=dict)
    samples: dict[str, dict[str, dict[str, Settings]]] = field(default_factory=dict)
    priorities: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)
    validation: dict[str, str] = field(default_factory=dict)
    quoted: dict[str, Range] = field(default_factory=dict)
    joints: dict[str, JointRules] = field(default_factory=dict)

    @property
    def portals(self) -> list[str]:
        """Portals that a channel belongs to."""
        return sorted({record.portal for record in self.records.values()})

    @property
    def with_spectra(self) -> list[str]:
        """Channels whose plot stage lays simulated spectra beside published ones."""
        return [name for name, record in self.records.items() if has_spectra(record)]

    def joint_slice(self, name: str) -> Settings:
        """What the fit stage of a joint fit sees: of itself, and of each of its channels."""
        rules = self.joints[name]
        channels = {key: self.records[channel].sliced(JOINT) for key, channel in rules.channels.items()}
        return {"joint": rules.joint.model_dump(mode="json"), "channels": channels}

    def joint_code(self, name: str) -> str:
        """Digest of the code that the fit stage of a joint fit runs."""
        signals = [
            sample.process
            for channel in self.joints[name].channels.values()
            for sample in self.records[channel].samples.values()
            if sample.role == "signal" and sample.process in process_names()
        ]
        return code_digest("joint_fit", *map(process_module, sorted(set(signals))))

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
    where = "the run configuration"
    folders = Folders.of(config)
    settings = validated(RunFile, {key: _typed(value) for key, value in run.items()}, where)
    project = Project(
        run=settings.model_dump(mode="json"),
        codes={stage: code_digest(stage, *_named(stage)) for stage in GATHERING},
        published=[str(path) for path in folders.published()],
        validation={name: str(path) for name, path in folders.files("validation").items()},
        quoted={name: said for path in folders.ranges() for name, said in read_ranges(path).items()},
    )
    given = _given(settings, folders, where)
    every = [*folders.channels(shipped=settings.shipped_channels), *settings.variants]
    asked = settings.channels or every
    naming.check_channels(asked)
    for name in asked:
        project.records[name] = channel_yaml.read(given[name], folders, settings.scan, project.run["data"])
    priorities = _priorities(project.records)
    for name, channel in project.records.items():
        project.channels[name] = _family(channel, priorities[name], given[name].path, folders, project)
    project.joints = read_all(folders, project.records, list(given))
    return project


def _priorities(records: Mapping[str, Channel]) -> dict[str, int]:
    """Let channels of fewer events go first, so that plots appear all along a run and not together at its end."""
    events = {name: sum(sample.events for sample in each.samples.values()) for name, each in records.items()}
    falling = sorted(events, key=lambda name: (-events[name], name))
    return {name: priority for priority, name in enumerate(falling, start=1)}


def _given(settings: RunFile, folders: Folders, where: str) -> dict[str, Given]:
    """Channels that can be asked for, with what the run lays over their files."""
    files = folders.files("channels")
    given = {name: Given(name, path) for name, path in files.items()}
    for name, variant in settings.variants.items():
        if name in files:
            raise UmbraError(f"{where}: variants: '{name}' is the name of a channel already")
        if "of" not in variant:
            raise UmbraError(f"{where}: variants/{name}: the key 'of' is missing: the channel that it varies")
        of = variant["of"]
        if of not in files:
            raise UmbraError(f"{where}: variants/{name}/of: {no_such('channel', of, files)}")
        changes = {key: value for key, value in variant.items() if key != "of"}
        given[name] = Given(name, files[str(of)], (changes,))
    for key, names in (("channels", settings.channels), ("overrides", settings.overrides)):
        for name in names:
            if name not in given:
                raise UmbraError(f"{where}: {key}: {no_such('channel', name, given)}")
    for name, changes in settings.overrides.items():
        given[name] = Given(name, given[name].path, (*given[name].changes, changes))
    return given


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


def _family(channel: Channel, priority: int, path: Path, folders: Folders, project: Project) -> Settings:
    """Put together what the rules of one channel look up."""
    samples = channel.samples
    with_data = channel.data != Asimov()
    files = {name: _register(sample, priority, path, project) for name, sample in samples.items()}
    toys = channel.significance
    # The global significance is that of a scan of one mass; in a plane there are local p-values only. A projection to
    # another luminosity has no data.
    with_toys = with_data and channel.masses.second is None and channel.simulated.luminosity_fb is None
    try:
        published = named_curves.files(channel, folders)
        named_curves.check_quoted(channel, project.quoted)
    except UmbraError as error:
        raise UmbraError(f"{path}: {error}") from None
    return {
        "name": channel.name,
        "priority": priority,
        "samples": {name: sample.model_dump(mode="json") for name, sample in samples.items()},
        "sample_files": files,
        "sample_infos": {
            name: [str(Path(f).with_suffix(".json")) for f in each] for name, each in files.items()
        },
        "blocks": _blocks(channel, folders, path),
        "code": _codes(channel),
        "slices": {stage: channel.sliced(blocks) for stage, blocks in BLOCKS.items()},
        "data_files": [channel.data.file] if isinstance(channel.data, FileData) else [],
        "toy_chunks": [f"{chunk:03d}" for chunk in range(math.ceil(toys.toys / toys.chunk_toys))],
        "significance_files": [f"results/{channel.name}/significance.json"] if with_toys else [],
        "figures": figures(channel),
        "published_files": published,
    }


def _blocks(channel: Channel, folders: Folders, path: Path) -> dict[str, Settings]:
    """Hypotheses of each job: of the grid and of tables that papers publish, those of the main interpretation first."""
    points: list[Any] = list(checks.hypotheses(channel))
    of_grid = [Block(masses_gev=tuple(run)) for run in grid.blocks(points, channel.masses.block_points)]
    of_tables: list[Block] = []
    for name in dict.fromkeys(each.published.table for each in channel.interpretations if each.published):
        rows = read_table(folders.find(TABLES, name, ".csv")).rows
        checks.check_rows(channel, rows, f"{path}: {name}")
        of_tables += [
            Block(table=name, rows=rows[start : start + _ROWS_OF_A_JOB])
            for start in range(0, len(rows), _ROWS_OF_A_JOB)
        ]
    blocks = [*of_tables, *of_grid] if channel.main.published else [*of_grid, *of_tables]
    return {f"block_{i:03d}": block.model_dump(mode="json") for i, block in enumerate(blocks)}


def _register(sample: Sample, priority: int, path: Path, project: Project) -> list[str]:
    """Enter a sample into the table of shared samples and return its files."""
    told = sample.generator.to_json()
    key = digest_of(told)[:8]
    machine = sample.machine.name
    urgency = project.priorities.setdefault(machine, {}).setdefault(sample.process, {})
    urgency[key] = max(priority, urgency.get(key, 0))
    project.samples.setdefault(machine, {}).setdefault(sample.process, {})[key] = {
        "generator": told,
        "machine": asdict(sample.machine),
        "code": code_digest("generate", *_modules(sample)),
        "files": [str(each.file) for each in sample.generator.declarations],
    }
    chunks = math.ceil(sample.events / sample.generator.chunk_events) if sample.events else 1
    return [f"results/samples/{machine}/{sample.process}/{key}-{chunk:03d}.root" for chunk in range(chunks)]


def _modules(sample: Sample) -> list[str]:
    """Modules that make the events of a sample."""
    decay = sample.generator.decay
    source = {
        "external": "umbra.generation.external.sample",
        "pythia": PYTHIA_SAMPLES,
    }.get(sample.origin) or process_module(sample.process)
    return [source, *(() if decay is None else decay_modules(decay))]


def _codes(channel: Channel) -> dict[str, str]:
    signals = {sample.process for sample in channel.samples.values() if sample.role == "signal"}
    formulas = [process_module(name) for name in sorted(signals) if name in process_names()]
    titles = {sample.process for sample in channel.samples.values()} & set(process_names())
    more = {
        "skim": [selection_module(channel.selection.name)],
        "data": formulas,
        "fit": formulas,
        "injection": formulas,
        "toys": formulas,
        "plot": [entry_module_of(name) for name in sorted(titles)],
    }
    return {stage: code_digest(stage, *more.get(stage, [])) for stage in sorted(BLOCKS)}


def _named(stage: str) -> list[str]:
    """Modules that a gathering stage imports by name."""
    return sorted({process_module(name) for name in process_names()}) if stage == "cross_sections" else []


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
    entries: Iterable[Any] = content.values() if isinstance(content, Mapping) else content
    if isinstance(content, Mapping | list):
        for value in entries:
            yield from _leaves(value)
    else:
        yield content


def _map_leaves(content: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(content, Mapping):
        return {key: _map_leaves(value, change) for key, value in content.items()}
    if isinstance(content, list):
        return [_map_leaves(value, change) for value in content]
    return change(content)
