"""Reading a channel: from its YAML, and what a run lays over it, to the record for a scan.

Imported while Snakemake parses the workflow.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from umbra.config import checks, tables, yaml
from umbra.config.channel_file import OWN_SOURCES, ChannelFile
from umbra.config.expansion import expand
from umbra.config.experiment_file import ExperimentFile
from umbra.config.files import load_detector, load_machine
from umbra.config.folders import TABLES, Folders
from umbra.config.measurements import Table, read_table
from umbra.config.published_bins import PublishedBins, read_bins
from umbra.config.records import Channel, Detector
from umbra.config.samples import Surroundings
from umbra.config.yaml import Document, Place
from umbra.core.errors import UmbraError
from umbra.core.machines import of_record
from umbra.core.paths import PACKAGE
from umbra.core.records import no_such, validated
from umbra.generation.pythia_file import PythiaFile
from umbra.selection.registry import options_of

#: What Pythia can be asked for.
PYTHIA_SAMPLES_FILE = PACKAGE / "generation" / "data" / "pythia_samples.yaml"

#: Keys of format 1 at the top of a channel, and where their content stands now.
_FORMAT_1 = {
    "portal": "search/portal",
    "experiment": "search/experiment",
    "reference": "search/arxiv and search/citation",
    "machine": "data_sets/<name>/machine",
    "detector": "the experiment's file, or search/detector",
    "luminosity": "data_sets/<name>/luminosity_fb and systematics/luminosity_relative",
    "parents": "produced",
    "coupling": "limit/coupling",
    "models": "interpretations, assumptions and projections",
    "regions": "categories",
    "validation": "compare",
    "plot": "figures",
}


@dataclass(frozen=True)
class Given:
    """A channel as it is asked for.

    Parameters
    ----------
    name
        Of the channel, which may be a variant of another.
    path
        Its file.
    changes
        What variants and overrides lay over the file, in order.
    """

    name: str
    path: Path
    changes: Sequence[Mapping[str, Any]] = ()


def read(given: Given, folders: Folders, scan: str, data: Mapping[str, Any]) -> Channel:
    """Read a channel, and check all that can be known before a job runs.

    Parameters
    ----------
    given
        Which, and what is laid over its file.
    folders
        Where the files that it points at are looked for.
    scan
        `tiny`, `default` or `full`.
    data
        What plays the part of the data, where the channel says nothing else.

    Raises
    ------
    UmbraError
        For anything that is wrong: one sentence with file, key and value.
    """
    document = yaml.read(given.path)
    _refuse_format_1(document.content, given.path)
    content = document.content
    for change in given.changes:
        content = merged(content, change)
    content = {"data": dict(data), **_without_removed(content)}
    try:
        content = tables.filled(content, folders)
    except UmbraError as error:
        raise UmbraError(f"{given.path}: {error}") from None
    file = validated(ChannelFile, content, given.path)
    try:
        _check_sources(file)
        around = _surroundings(file, document, content, folders)
        channel = expand(given.name, file, content, around, scan)
        checks.check(channel)
    except UmbraError as error:
        raise UmbraError(f"{given.path}: {error}") from None
    return channel


#: Blocks of named parts, of which a variant takes one away with null.
_PARTS = ("data_sets", "samples", "categories", "interpretations", "assumptions", "projections")


def _without_removed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the parts of a channel that what is laid over it has set to null."""
    return {
        key: {name: part for name, part in block.items() if part is not None}
        if key in _PARTS and isinstance(block, Mapping)
        else block
        for key, block in content.items()
    }


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


def _refuse_format_1(content: Any, path: Path) -> None:
    """Name the new keys to whoever writes a channel as it was in format 1."""
    if not isinstance(content, Mapping):
        raise UmbraError(f"{path}: (top): a channel is a mapping of keys to values")
    if content.get("format") == 2:
        return
    old = [f"'{key}' is now {new}" for key, new in _FORMAT_1.items() if key in content]
    hint = f"; of its keys {', '.join(old)}" if old else ""
    raise UmbraError(f"{path}: format: {content.get('format')!r} is not 2, see config/README.md{hint}")


def _check_sources(file: ChannelFile) -> None:
    known = ["paper", *file.sources, *OWN_SOURCES]
    unused = dict.fromkeys(file.sources)
    for where, names in _pointers(file, ()):
        for name in [names] if isinstance(names, str) else names:
            if name not in known:
                raise UmbraError(f"{where}: {no_such('source', name, known)}")
            unused.pop(name, None)
    for name in file.sources:
        if name in ("paper", *OWN_SOURCES):
            raise UmbraError(f"sources/{name}: the word has a meaning of its own")
    for name in unused:
        raise UmbraError(f"sources/{name}: nothing is from there")


def _pointers(record: Any, place: Place) -> Iterator[tuple[str, Any]]:
    """All `from` of a file, with their places."""
    entries: Iterable[tuple[str | int, Any]] = ()
    if isinstance(record, Mapping):
        entries = record.items()
    elif hasattr(record, "model_fields_set"):
        entries = [(name, getattr(record, name)) for name in type(record).model_fields]
    for name, value in entries:
        if name == "from_" and value is not None:
            yield "/".join(map(str, (*place, "from"))), value
        else:
            yield from _pointers(value, (*place, name))


def _surroundings(
    file: ChannelFile, document: Document, content: Mapping[str, Any], folders: Folders
) -> Surroundings:
    experiment_path = _found(folders, "experiments", file.search.experiment, "search/experiment")
    experiment_document = yaml.read(experiment_path)
    experiment = validated(ExperimentFile, experiment_document.content, experiment_path)
    name = file.search.detector or experiment.detector
    detector, detector_memory = load_detector(_found(folders, "detectors", name, "search/detector"))
    machines, memory = {}, {}
    for set_name, data_set in file.data_sets.items():
        where = f"data_sets/{set_name}/machine"
        record, marks = load_machine(_found(folders, "machines", data_set.machine, where))
        machines[data_set.machine] = of_record(data_set.machine, record)
        memory[f"machine {data_set.machine}"] = marks
    words = [text for owner, marks in memory.items() for text in _in_words(owner, marks)]
    words += _in_words("experiment", (p for p in experiment_document.memory if _asks_experiment(file, p)))
    kept = [place for place in document.memory if _same(document.content, content, place)]
    return Surroundings(
        experiment=experiment,
        machines=machines,
        detector=Detector(name=name, settings=detector),
        tables=_tables(file, folders),
        bins=_bins(file, folders),
        pythia=_pythia(),
        from_memory=[*words, *_in_words("", kept)],
        detector_from_memory=len(detector_memory),
    )


def _tables(file: ChannelFile, folders: Folders) -> dict[str, Table]:
    """Tables of papers that interpretations take for the data."""
    found = {}
    for kind in ("interpretations", "assumptions", "projections"):
        for name, reading in getattr(file, kind).items():
            if reading.data is not None:
                path = _found(folders, TABLES, reading.data.table, f"{kind}/{name}/data/table", ".csv")
                found[reading.data.table] = read_table(path)
    return found


def _bins(file: ChannelFile, folders: Folders) -> dict[str, PublishedBins]:
    """Bins of papers that categories take for theirs."""
    return {
        block.bins: read_bins(_found(folders, TABLES, block.bins, f"categories/{name}/bins", ".csv"))
        for name, block in file.categories.items()
        if block.bins is not None
    }


def _asks_experiment(file: ChannelFile, place: Place) -> bool:
    """Whether a channel takes a value from the file of its experiment."""
    if place == ("luminosity_relative",):
        return file.systematics.luminosity_relative is None
    known = options_of(file.selection.name).model_fields
    return place[0] == "selection" and place[1] in known and place[1] not in file.selection.options


def _found(folders: Folders, kind: str, name: str, where: str, suffix: str = ".yaml") -> Path:
    try:
        return folders.find(kind, name, suffix)
    except UmbraError as error:
        raise UmbraError(f"{where}: {error}") from None


@cache
def _pythia() -> Mapping[str, Any]:
    content = yaml.read(PYTHIA_SAMPLES_FILE).content
    validated(PythiaFile, content, PYTHIA_SAMPLES_FILE)
    samples: Mapping[str, Any] = content["samples"]
    return samples


def _in_words(owner: str, marks: Iterable[Place]) -> list[str]:
    """Marked keys in words, `block: key`; entries of a list share one."""
    listed = []
    for place in marks:
        *block, key = [part for part in place if isinstance(part, str)]
        where = " ".join([owner, *block]).strip()
        listed.append(f"{where}: {key}" if where else key)
    return list(dict.fromkeys(listed))


def _same(before: Any, after: Any, place: Place) -> bool:
    """Whether a value is still the one of the file."""
    for part in place:
        try:
            before, after = before[part], after[part]
        except (KeyError, IndexError, TypeError):
            return False
    return bool(before == after)
