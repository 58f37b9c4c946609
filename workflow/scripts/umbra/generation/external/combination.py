"""Several external files as one sample.

Files with the same mass (or none) are put together: those of one `process` are runs of it, whose events are pooled and
whose cross-sections are averaged; different processes add up. Every file counts with its own cross-section, and the
order in which files are listed changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.machines import AnyMachine
from umbra.generation.external import checks
from umbra.generation.external.declaration import Coupling, Declaration, check_processes, scale_to
from umbra.generation.external.repeats import refuse_repeats
from umbra.generation.external.sample import ExternalSample
from umbra.generation.generated import Rate, SourceFile


class ExternalFiles:
    """The files of a sample.

    Parameters
    ----------
    declarations
        What the configuration says of them.
    machine
        Where the collisions happen.
    coupling
        Coupling that the cross-sections of a signal are wanted at.

    Raises
    ------
    UmbraError
        If declarations, or what can be known of files without their events, are wrong.
    """

    def __init__(
        self, declarations: Sequence[Declaration], machine: AnyMachine, coupling: Coupling | None = None
    ) -> None:
        check_processes(declarations)
        sources = [ExternalSample(each, machine) for each in declarations]
        self._runs = sorted(
            (_Run(source, scale_to(source.declaration, coupling)) for source in sources), key=_order
        )
        seen: dict[str, Path] = {}
        for source in sources:
            file = source.declaration.file
            if source.sha256 in seen:
                raise UmbraError(f"external sample {file}: it is the same file as {seen[source.sha256]}")
            seen[source.sha256] = file

    def points(self) -> Iterator["Point"]:
        """Yield the masses (or pairs of masses) in ascending order, or the only point of a background."""
        for masses_gev, runs in groupby(self._runs, lambda run: run.source.declaration.masses_gev):
            yield Point(masses_gev, tuple(runs))


class Point:
    """The files of one mass or one pair of masses, or those of a background.

    Attributes
    ----------
    masses_gev
        The masses by their names, `mass_gev` and `mass2_gev`.
    sources
        The files.
    """

    def __init__(self, masses_gev: Mapping[str, float], runs: tuple["_Run", ...]) -> None:
        self.masses_gev = masses_gev
        self.sources = tuple(run.source for run in runs)
        self._runs = runs
        self._factors = {run.source.sha256: 1.0 for run in runs}
        if len(runs) > 1:
            self._find_factors()

    def batches(self, source: ExternalSample) -> Iterator[Events]:
        """Read the events of one of the files, with weights in proportion to its part of the cross-section."""
        factor = self._factors[source.sha256]
        for batch in source.batches():
            yield batch if factor == 1.0 else batch.with_weight(batch.weight * factor)

    def rate(self) -> Rate:
        """Cross-section and origin, once all batches have been read."""
        parts, error = _parts(self._runs)
        value = sum(parts)
        return Rate(
            cross_section_pb=value,
            cross_section_error_pb=error,
            born_pb=value,
            born_error_pb=error,
            generator=", ".join(sorted({source.generator for source in self.sources})),
            files=tuple(_source_file(run) for run in self._runs),
        )

    def _find_factors(self) -> None:
        """Read all files for the sums of their weights; afterwards the mean weight of the point is 1."""
        for source in self.sources:
            source.read_through()
        for _, same in groupby(self.sources, lambda source: source.declaration.process):
            refuse_repeats([source.fingerprints for source in same])
        parts, _ = _parts(self._runs)
        events = sum(source.events for source in self.sources)
        for source, part in zip(self.sources, parts, strict=True):
            self._factors[source.sha256] = part / sum(parts) * events / source.weight


@dataclass(frozen=True)
class _Run:
    """A file, and what takes its cross-section to the coupling that is asked for."""

    source: ExternalSample
    scale: float

    @property
    def cross_section_pb(self) -> float:
        return self.source.cross_section_pb * self.scale

    @property
    def error_pb(self) -> float:
        return self.source.cross_section_error_pb * self.scale


def _order(run: _Run) -> tuple[list[float], str, str]:
    source = run.source
    return [*source.declaration.masses_gev.values()], source.declaration.process or "", source.sha256


def _parts(runs: Sequence[_Run]) -> tuple[list[float], float]:
    """Part of the cross-section that each file stands for, in pb, and the error of their sum.

    Runs of one process share its cross-section in proportion to their effective numbers of events, so that equal
    events count equally, and average theirs with the same weights.
    """
    parts, variance = [], 0.0
    # Runs of one process are neighbours, see `_order`.
    for process, neighbours in groupby(runs, lambda run: run.source.declaration.process):
        same = list(neighbours)
        for run in same[1:]:
            checks.same_process(
                f"{run.source.declaration.file}: process '{process}'",
                (run.cross_section_pb, run.error_pb),
                (same[0].cross_section_pb, same[0].error_pb),
            )
        numbers = np.array([run.source.effective_events for run in same])
        shares = numbers / numbers.sum()
        value = float(shares @ [run.cross_section_pb for run in same])
        variance += float(((shares * [run.error_pb for run in same]) ** 2).sum())
        parts += [value * float(share) for share in shares]
    return parts, float(np.sqrt(variance))


def _source_file(run: _Run) -> SourceFile:
    declaration = run.source.declaration
    return SourceFile(
        sha256=run.source.sha256,
        process=declaration.process,
        coupling=declaration.coupling,
        events=run.source.events,
        cross_section_pb=run.source.cross_section_pb,
        cross_section_error_pb=run.source.cross_section_error_pb,
    )
