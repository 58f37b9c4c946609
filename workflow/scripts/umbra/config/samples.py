"""Samples of a channel in one scan: for every data set, and for the parts that they are split into."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from umbra.config.channel_file import (
    ChannelFile,
    EventsByScan,
    PointsByScan,
    SampleBlock,
    ToysByScan,
)
from umbra.config.experiment_file import ExperimentFile
from umbra.config.measurements import Table
from umbra.config.published_bins import PublishedBins
from umbra.config.records import Coupling, Detector, Sample
from umbra.core.errors import UmbraError
from umbra.core.machines import KnownMachine
from umbra.core.records import unknown_word, validated
from umbra.generation.settings import GeneratorSettings

#: Whatever its `chunk_events`, a sample has no more chunks than this, unless they become longer than that: the jobs of
#: full scans take minutes, not seconds, and samples of 10⁹ events are still shared out.
FEW_CHUNKS, LONG_CHUNK_EVENTS = 5, 2_000_000


@dataclass(frozen=True)
class Surroundings:
    """What a channel file points at.

    Parameters
    ----------
    experiment
        Content of the experiment's file.
    machines
        Name -> machine, of all data sets.
    detector
        Of the search.
    tables
        Name -> table of a paper, of all interpretations that have one.
    bins
        Name -> bins of a paper, of all categories that have some.
    pythia
        Name -> definition of Pythia's samples.
    from_memory, detector_from_memory
        What no source shows, see `umbra.config.records.Channel`.
    """

    experiment: ExperimentFile
    machines: Mapping[str, KnownMachine]
    detector: Detector
    tables: Mapping[str, Table]
    bins: Mapping[str, PublishedBins]
    pythia: Mapping[str, Any]
    from_memory: Sequence[str]
    detector_from_memory: int


def known_word(word: str, known: Mapping[str, Any], where: str) -> str:
    """Return a word if it is known; the error names the nearest one."""
    if word not in known:
        sentence = unknown_word(f"'{word}' is not known", word, list(known))
        raise UmbraError(f"{where}: {sentence}")
    return word


def of_scan(value: Any, scan: str) -> Any:
    """Number of a scan, where it is given for each."""
    return getattr(value, scan) if isinstance(value, PointsByScan | EventsByScan | ToysByScan) else value


def samples(
    file: ChannelFile, raw: Mapping[str, Any], around: Surroundings, scan: str, coupling: Coupling | None
) -> Iterator[Sample]:
    """Samples of all data sets, and of the parts that they are split into."""
    for name, block in file.samples.items():
        external = block.external or ()
        signal = block.masses_gev is not None or any("mass_gev" in each for each in external)
        for set_name in block.data_sets or file.data_sets:
            known_word(set_name, file.data_sets, f"samples/{name}/data_sets")
            told = _told(raw[name], block, around, scan, f"samples/{name}")
            if coupling is None:
                pass  # what is seen of a signal does not depend on its rate
            elif signal and block.process is not None:
                told["parameters"].setdefault("coupling", coupling.reference)
            elif signal:
                told["reference_coupling"] = {"value": coupling.reference, "power": coupling.power}
            generator = validated(GeneratorSettings, told, f"samples/{name}")
            for part, options in (block.split or {"": {}}).items():
                yield Sample(
                    name=sample_name(file, f"{name}/{part}" if part else name, set_name),
                    role="signal" if signal else "background",
                    origin="external" if external else block.origin,
                    process=block.process or "external",
                    machine=around.machines[file.data_sets[set_name].machine],
                    generator=generator,
                    events=of_scan(block.events, scan) or 0,
                    selection_options={**block.options, **options},
                )


def sample_name(file: ChannelFile, name: str, set_name: str) -> str:
    """Name of a sample in one data set; that of the set only where there are several."""
    plain = name.replace("/", "_")
    return plain if len(file.data_sets) == 1 else f"{plain}_{set_name}"


#: What a generator is told of a sample, and what it takes for granted; in the order of the seeds.
_TOLD = (
    "process",
    "radiation",
    "parameters",
    "cuts",
    "decay",
    "weighted",
    "masses_gev",
    "masses2_gev",
    "external",
)
_GRANTED: Mapping[str, Any] = {"radiation": "none", "parameters": {}, "cuts": {}, "weighted": False}


def _told(
    raw: Mapping[str, Any], block: SampleBlock, around: Surroundings, scan: str, where: str
) -> dict[str, Any]:
    """What the generator is told, as it is written."""
    told = {key: raw[key] for key in _TOLD if raw.get(key) is not None}
    if block.origin == "pythia":
        definition = around.pythia[known_word(str(block.process), around.pythia, f"{where}/process")]
        settings = [*definition["settings"], *block.pythia_settings]
        told["pythia"] = {**definition, "settings": settings, "fraction": raw.get("fraction", 1)}
    elif block.process is not None:
        told = {**{key: _copied(value) for key, value in _GRANTED.items()}, **_copied(told)}
    events = of_scan(block.events, scan) or 0
    enough = min(math.ceil(events / FEW_CHUNKS), LONG_CHUNK_EVENTS)
    told["chunk_events"] = min(events, max(block.chunk_events or events, enough))
    return told


def _copied(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {key: _copied(value) for key, value in content.items()}
    return [_copied(value) for value in content] if isinstance(content, list) else content
