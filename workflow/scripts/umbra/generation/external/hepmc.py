"""HepMC3 ASCII files (Comput. Phys. Commun. 260 (2021) 107310), read with pyhepmc.

The reader of HepMC3 takes a truncated file for a short one. The lines are therefore counted first.
"""

import zlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pyhepmc

from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL
from umbra.generation.external.block import INCOMING, Block, broken, open_binary, pad

#: Status in the file -> ours; the others are a generator's own notes and are left out.
_STATUS = {4: INCOMING, FINAL: FINAL, DECAYED: DECAYED}
_START = b"HepMC::Asciiv3-START_EVENT_LISTING"
_END = b"HepMC::Asciiv3-END_EVENT_LISTING"


class HepmcFile:
    """A HepMC3 ASCII file.

    Attributes
    ----------
    cross_section_pb, cross_section_error_pb
        From the last event that was read, because generators write a running estimate; `None` without one.

    Raises
    ------
    UmbraError
        If the file is not HepMC3 or lacks its end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stated = _count(path)
        self.cross_section_pb: float | None = None
        self.cross_section_error_pb: float | None = None

    def blocks(self, size: int) -> Generator[Block, None, None]:
        """Yield the events, `size` at a time.

        Raises
        ------
        UmbraError
            Where an event cannot be read.
        """
        read = 0
        with open_binary(self._path) as stream, pyhepmc.open(stream, format="hepmc3") as file:
            while read < self._stated:
                chunk: list[tuple[Any, ...]] = []
                for _ in range(min(size, self._stated - read)):
                    event = file.read()
                    if event is None:
                        broken(self._path, "HepMC3", read + len(chunk), "the next event cannot be read")
                    chunk.append(_event(self._path, read + len(chunk) + 1, event))
                self._note_cross_section(event)
                yield _block(self._path, read + 1, chunk)
                read += len(chunk)

    def _note_cross_section(self, event: Any) -> None:
        stated = event.cross_section
        if stated is not None and np.isfinite(stated.xsec()) and stated.xsec() > 0.0:
            self.cross_section_pb = float(stated.xsec())
            self.cross_section_error_pb = max(float(stated.xsec_err()), 0.0)


def _count(path: Path) -> int:
    """Count the events of a file that has a start and an end."""
    events, end = 0, b""
    try:
        with open_binary(path) as stream:
            head = stream.read(1 << 12)
            if _START not in head:
                raise UmbraError(f"{path}: not a HepMC3 ASCII file: '{_START.decode()}' is missing")
            chunk = head
            while chunk:
                joined = end[-2:] + chunk
                events += joined.count(b"\nE ")
                # The last two bytes are looked at again, joined to the next chunk.
                end = (end + chunk)[-200:]
                chunk = stream.read(1 << 20)
    except (EOFError, zlib.error, OSError) as error:
        broken(path, "HepMC3", events, error)
    if _END not in end:
        broken(path, "HepMC3", events, f"'{_END.decode()}' is missing at its end")
    return events


def _event(path: Path, number: int, event: Any) -> tuple[Any, ...]:
    if event.momentum_unit != pyhepmc.Units.GEV or event.length_unit != pyhepmc.Units.MM:
        event.set_units(pyhepmc.Units.GEV, pyhepmc.Units.MM)
    view = event.numpy.particles
    columns = np.stack([view.px, view.py, view.pz, view.e, view.generated_mass], axis=-1)
    vertices = np.zeros((len(columns), 4))
    places = event.numpy.vertices
    if places.x.any() or places.y.any() or places.z.any() or places.t.any():
        for i, particle in enumerate(event.particles):
            origin = particle.production_vertex
            if origin is not None:
                at = origin.position
                vertices[i] = at.x, at.y, at.z, at.t
    weights = event.weights
    if len(weights) == 0:
        raise UmbraError(f"{path}: event {number}: it has no weight")
    return view.pid.copy(), view.status.copy(), columns, vertices, float(weights[0])


def _block(path: Path, first: int, chunk: list[tuple[Any, ...]]) -> Block:
    codes, statuses, columns, vertices = (np.concatenate([event[i] for event in chunk]) for i in range(4))
    kept = np.isin(statuses, list(_STATUS))
    status = np.zeros(len(codes), np.int8)
    for theirs, ours in _STATUS.items():
        status[statuses == theirs] = ours
    starts = np.cumsum([0, *(len(event[0]) for event in chunk)])
    counts = np.diff(np.concatenate([[0], np.cumsum(kept)])[starts])
    return Block(
        file=path,
        first=first,
        pdg_id=pad(counts, codes[kept], np.int32),
        status=pad(counts, status[kept], np.int8),
        p4=pad(counts, columns[kept, :4], np.float64),
        mass_gev=pad(counts, columns[kept, 4], np.float64),
        vertex_mm=pad(counts, vertices[kept], np.float64),
        proper_time_mm=np.zeros((len(chunk), counts.max(initial=0))),
        weight=np.array([event[4] for event in chunk]),
    )
