"""Les Houches event files, read with pylhe.

The format is that of hep-ph/0609017, the meaning of its columns that of the accord hep-ph/0109068.
"""

import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ELECTRON
from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL
from umbra.core.kinematics import Array
from umbra.generation.external.block import INCOMING, Block, broken, pad
from umbra.generation.external.documents import Document, documents
from umbra.generation.external.opening import DAMAGE, open_binary

#: Status in the file -> ours; other particles (space-like propagators, documentation lines) are left out.
_STATUS = {-1: INCOMING, 1: FINAL, 2: DECAYED}
_PARTICLE = attrgetter("id", "status", "mother1", "px", "py", "pz", "e", "m", "lifetime")
#: What pylhe and the layers below it raise when a file is broken.
_BROKEN: tuple[type[Exception], ...] = (RuntimeWarning, ValueError, IndexError, OverflowError, *DAMAGE)


@dataclass(frozen=True)
class Init:
    """What the block `<init>` says.

    Parameters
    ----------
    electron_energy_gev, positron_energy_gev
        Beam energies.
    strategy
        IDWTUP: how the weights of the events are meant.
    cross_section_pb, cross_section_error_pb
        Sums over the processes in the file, `None` where it leaves them at zero.
    """

    electron_energy_gev: float
    positron_energy_gev: float
    strategy: int
    cross_section_pb: float | None
    cross_section_error_pb: float | None


class LheFile:
    """An LHE file, or several that were written one after the other into one.

    Attributes
    ----------
    inits
        What each of those that have been opened says: the first from the start, the others as blocks come.

    Raises
    ------
    UmbraError
        If the file does not start as an LHE file of electron-positron collisions.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with open_binary(path) as stream:
            self.inits = [_init(path, self._parsed(next(documents(stream)), 0).init)]

    def blocks(self, size: int) -> Generator[Block, None, None]:
        """Yield the events, `size` at a time, those of one document after those of the one before.

        Raises
        ------
        UmbraError
            Where the file is broken or ends too early.
        """
        read = 0
        with open_binary(self._path) as stream:
            for part, document in enumerate(documents(stream)):
                file = self._parsed(document, read)
                if part == len(self.inits):
                    self.inits.append(_init(self._path, file.init))
                events = iter(file.events)
                while True:
                    weights, counts, rows = self._chunk(events, size, read)
                    if not weights:
                        break
                    block = _block(self._path, read + 1, np.array(weights), np.array(counts), np.array(rows))
                    yield replace(block, part=part)
                    read += len(weights)

    def _parsed(self, document: Document, read: int) -> Any:
        # Takes two seconds with all that it brings along, which every job would pay that generates its own events.
        import pylhe

        try:
            with _broken_is_an_error():
                return pylhe.LHEFile.frombuffer(document, with_attributes=False)
        except _BROKEN as error:
            broken(self._path, "LHE", read, error)

    def _chunk(
        self, events: Iterator[Any], size: int, read: int
    ) -> tuple[list[float], list[int], list[tuple[float, ...]]]:
        """Read up to `size` events: their weights and numbers of particles, and the particles."""
        weights: list[float] = []
        counts: list[int] = []
        rows: list[tuple[float, ...]] = []
        try:
            with _broken_is_an_error():
                for event in islice(events, size):
                    self._check_count(event, read + len(weights) + 1)
                    weights.append(event.eventinfo.weight)
                    counts.append(len(event.particles))
                    rows.extend(map(_PARTICLE, event.particles))
        except _BROKEN as error:
            broken(self._path, "LHE", read + len(weights), error)
        return weights, counts, rows

    def _check_count(self, event: Any, number: int) -> None:
        stated, found = event.eventinfo.nparticles, len(event.particles)
        if stated != found or found == 0:
            raise UmbraError(f"{self._path}: event {number}: it states {stated} particles and has {found}")


@contextmanager
def _broken_is_an_error() -> Iterator[None]:
    """Turn pylhe's warning about broken XML, after which it ends the file in silence, into an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


def _init(path: Path, init: Any) -> Init:
    info = init.initInfo
    beams = (info.beamA, info.beamB)
    if sorted(beams) != [-ELECTRON, ELECTRON]:
        raise UmbraError(
            f"{path}: <init>: beams of particles {beams[0]} and {beams[1]}, not electron and positron"
        )
    energies = (info.energyA, info.energyB) if info.beamA == ELECTRON else (info.energyB, info.energyA)
    if abs(info.weightingStrategy) not in (1, 2, 3, 4):
        raise UmbraError(
            f"{path}: <init>: weighting strategy (IDWTUP) {info.weightingStrategy} is none of ±1 to ±4"
        )
    if len(init.procInfo) != info.numProcesses:
        raise UmbraError(f"{path}: <init>: {info.numProcesses} processes stated, {len(init.procInfo)} found")
    value = sum(process.xSection for process in init.procInfo)
    error = float(np.sqrt(sum(process.error**2 for process in init.procInfo)))
    if not np.isfinite([*energies, value, error]).all():
        raise UmbraError(f"{path}: <init>: a beam energy or cross-section is not a finite number")
    known = value > 0.0
    return Init(*energies, info.weightingStrategy, value if known else None, error if known else None)


def _block(path: Path, first: int, weight: Array, counts: NDArray[np.int64], rows: Array) -> Block:
    status_in_file = rows[:, 1].astype(int)
    status = np.zeros(len(rows), np.int8)
    for theirs, ours in _STATUS.items():
        status[status_in_file == theirs] = ours
    rows[status == 0] = 0.0
    block = Block(
        file=path,
        first=first,
        pdg_id=pad(counts, rows[:, 0], np.int32),
        status=pad(counts, status, np.int8),
        p4=pad(counts, rows[:, 3:7], np.float64),
        mass_gev=pad(counts, rows[:, 7], np.float64),
        vertex_mm=np.zeros((len(counts), counts.max(), 4)),
        proper_time_mm=pad(counts, rows[:, 8], np.float64),
        weight=weight,
    )
    _place(block, pad(counts, rows[:, 2], np.int64) - 1)
    return block


def _place(block: Block, mother: NDArray[np.int64]) -> None:
    """Put the daughters of particles that decayed in the file where their mother's life (VTIMUP) ended."""
    immortal = (block.status == DECAYED) & (block.proper_time_mm > 0.0) & (block.mass_gev <= 0.0)
    block.fail(immortal, block.mass_gev, "particle {pdg_id} of mass {value} GeV has a lifetime")
    rows = np.arange(len(block))
    for slot in range(block.pdg_id.shape[1]):
        parent = mother[:, slot]
        block.fail(
            parent >= slot,
            np.asarray(parent + 1.0),
            f"particle {slot + 1} stands before its mother {{value}}",
        )
        decayed = (parent >= 0) & (block.status[rows, parent] == DECAYED) & (block.pdg_id[:, slot] != 0)
        event, of = rows[decayed], parent[decayed]
        life = block.proper_time_mm[event, of, None]
        mass = block.mass_gev[event, of, None]
        flight = np.divide(life * block.p4[event, of], mass, out=np.zeros((len(event), 4)), where=life > 0.0)
        block.vertex_mm[event, slot] = block.vertex_mm[event, of] + flight
