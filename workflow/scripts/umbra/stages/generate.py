"""The generate stage: one chunk of a sample, from random numbers or another generator's file to a ROOT file."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from umbra.core import events, seeds
from umbra.core.events import Events
from umbra.core.kinematics import Array
from umbra.core.machines import KnownMachine, of_plain
from umbra.core.provenance import stamp
from umbra.generation.decays import registry as decays
from umbra.generation.external.combination import ExternalFiles
from umbra.generation.generated import Accuracy, Generated, Rate, Sidecar
from umbra.generation.integration import cross_section
from umbra.generation.processes import registry as processes
from umbra.generation.sampling import Sampler
from umbra.generation.settings import GeneratorSettings
from umbra.stages.job import stage

log = logging.getLogger(__name__)

#: Events that are in memory at once.
BATCH = 100_000


@dataclass(frozen=True)
class Request:
    """One chunk of a sample.

    Parameters
    ----------
    machine
        Where the collisions happen.
    process
        Name of the process, or `external`.
    generator
        What the configuration says of the sample.
    chunk
        Number of the chunk.
    """

    machine: KnownMachine
    process: str
    generator: GeneratorSettings
    chunk: int

    @property
    def seed(self) -> tuple[str | int | float, ...]:
        """Names that fix the events of the sample but for mass and chunk; no channel is among them."""
        told = self.generator.seed()
        return (self.machine.name, self.process, *(f"{key}={told[key]}" for key in sorted(told)))


def generate(request: Request, path: Path, info: Path, code: str) -> None:
    """Write the events of a chunk in the laboratory frame, and their cross-section and provenance beside them.

    Parameters
    ----------
    request
        What to generate.
    path, info
        ROOT file with the tree `events`, and JSON file.
    code
        Code digest, for the provenance.

    Raises
    ------
    UmbraError
        For parameters that the process refuses and for external files that fail a check; nothing is left behind.
    """
    # Filled while the events stream to the file.
    records: list[Generated] = []
    total = events.write(path, _source(request)(request, records))
    log.info("%s: %d events", path, total)
    provenance = stamp(request.generator.to_json(), code, seed=list(request.seed))
    Sidecar(machine=request.machine, samples=tuple(records), provenance=provenance).write(info)


def _source(request: Request) -> Callable[[Request, list[Generated]], Iterator[Events]]:
    if request.process == "external":
        return _external
    return _generated if request.generator.pythia is None else _pythia


def _generated(request: Request, records: list[Generated]) -> Iterator[Events]:
    for masses in request.generator.points:
        yield from _one_point(request, masses, records)


def _one_point(request: Request, masses: Mapping[str, float], records: list[Generated]) -> Iterator[Events]:
    """Generate a chunk at one mass (`mass_gev`), at one pair of masses (`mass2_gev` too) or without any."""
    generator = request.generator
    process = processes.find(request.process)
    mass_gev = masses.get("mass_gev")
    parameters = {**(generator.parameters or {}), **masses}
    cuts = generator.ranges
    names = (*request.seed, "mass", "none" if mass_gev is None else mass_gev)
    names = (*names, "mass2", masses["mass2_gev"]) if "mass2_gev" in masses else names
    sampler = Sampler(
        process,
        request.machine,
        parameters,
        cuts,
        isr=generator.radiation or "none",
        rng=seeds.generator(*names, "adaptation"),
        weighted=bool(generator.weighted),
    )
    # Couplings of signals refer to lowest order; backgrounds need the visible cross-section only.
    born = sampler.cross_section
    if mass_gev is not None:
        rng = seeds.generator(*names, "born")
        born = cross_section(
            process, request.machine.sqrt_s_gev, parameters, cuts, relative_error=1e-3, rng=rng
        )
    rng = seeds.generator(*names, "chunk", request.chunk)
    tally = _Tally(mass_gev, masses.get("mass2_gev"))
    for size in _batch_sizes(generator.chunk_events):
        sample = sampler.generate(size, rng)
        batch = _finished(sample.events, request, rng, masses)
        tally.add(sample.events.weight, sample.trials, sample.overflow_fraction)
        yield batch
    rate = Rate(
        cross_section_pb=sampler.cross_section.value_pb,
        cross_section_error_pb=sampler.cross_section.error_pb,
        born_pb=born.value_pb,
        born_error_pb=born.error_pb,
        accuracy=sampler.cross_section.accuracy,
        born_accuracy=born.accuracy,
        generator="umbra",
    )
    records.append(tally.generated(rate))
    log.info("%s, %s: %s", request.process, masses, records[-1].to_json())
    for kind, estimate in (("visible", sampler.cross_section), ("born", born)):
        if estimate.accuracy is not Accuracy.REACHED:
            log.warning(
                "process %s, %s: the %s cross-section of %g pb has a relative error of %.2g: accuracy %s",
                *(
                    request.process,
                    dict(masses),
                    kind,
                    estimate.value_pb,
                    estimate.relative_error,
                    estimate.accuracy,
                ),
            )


def _external(request: Request, records: list[Generated]) -> Iterator[Events]:
    generator = request.generator
    files = ExternalFiles(generator.declarations, request.machine, generator.reference_coupling)
    for point in files.points():
        tally = _Tally(point.masses_gev.get("mass_gev"), point.masses_gev.get("mass2_gev"))
        for source in point.sources:
            # The file's content, not its place, fixes the decays.
            rng = seeds.generator(request.machine.name, "external", source.sha256)
            for batch in point.batches(source):
                tally.add(batch.weight, len(batch), 0.0)
                yield _tagged(source.displaced(_decayed(batch, request, rng), rng), point.masses_gev)
        records.append(tally.generated(point.rate()))


def _pythia(request: Request, records: list[Generated]) -> Iterator[Events]:
    samples = processes.pythia_samples()
    definition, machine = request.generator.pythia, request.machine
    assert definition is not None
    cross_section_pb = samples.cross_section_pb(request.process, definition, machine)
    names = (*request.seed, "chunk", request.chunk)
    tally = _Tally(None)
    for batch in samples.batches(definition, machine, request.generator.chunk_events, *names):
        tally.add(batch.weight, len(batch), 0.0)
        yield batch
    rate = Rate(
        cross_section_pb=cross_section_pb,
        cross_section_error_pb=0.0,
        born_pb=cross_section_pb,
        born_error_pb=0.0,
        generator=samples.GENERATOR,
    )
    records.append(tally.generated(rate))
    log.info("%s: %s", request.process, records[-1].to_json())


def _finished(
    batch: Events, request: Request, rng: np.random.Generator, masses: Mapping[str, float]
) -> Events:
    """Boost a batch from the centre of mass, and decay it where its vertices are wanted."""
    lab = batch.with_p4(request.machine.to_lab(batch.p4))
    return _tagged(_decayed(lab, request, rng), masses)


def _decayed(batch: Events, request: Request, rng: np.random.Generator) -> Events:
    if request.generator.decay is None:
        return batch
    return decays.find(request.generator.decay)(batch, request.machine, rng)


def _tagged(batch: Events, masses: Mapping[str, float]) -> Events:
    return batch.with_extra(**{name: np.full(len(batch), float(value)) for name, value in masses.items()})


def _batch_sizes(total: int) -> list[int]:
    full, rest = divmod(total, BATCH)
    return [BATCH] * full + ([rest] if rest else [])


@dataclass
class _Tally:
    """Sums over the events of one mass or pair of masses."""

    mass_gev: float | None
    mass2_gev: float | None = None
    events: int = 0
    trials: int = 0
    weight: float = 0.0
    weight2: float = 0.0
    overflows: float = 0.0

    def add(self, weight: Array, trials: int, overflow_fraction: float) -> None:
        self.events += len(weight)
        self.trials += trials
        self.weight += float(weight.sum())
        self.weight2 += float((weight**2).sum())
        self.overflows += overflow_fraction * len(weight)

    def generated(self, rate: Rate) -> Generated:
        return Generated(
            **dict(rate),
            mass_gev=self.mass_gev,
            mass2_gev=self.mass2_gev,
            events=self.events,
            weight=self.weight,
            effective_events=self.weight**2 / self.weight2 if self.weight2 else 0.0,
            unweighting_efficiency=self.events / self.trials if self.trials else 1.0,
            overflow_fraction=self.overflows / self.events if self.events else 0.0,
        )


@stage
def main(rule: Any) -> None:
    """Generate, decay and boost the events."""
    params = rule.params
    machine = of_plain(params.sample["machine"])
    settings = GeneratorSettings.model_validate(params.sample["generator"])
    request = Request(machine, params.process, settings, int(params.chunk))
    generate(request, Path(rule.output.events), Path(rule.output.info), params.sample["code"])
