"""HepMC3 ASCII files (Comput. Phys. Commun. 260 (2021) 107310), read with pyhepmc.

The reader of HepMC3 takes a truncated file for a short one. The lines are therefore counted first.
"""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pyhepmc
from numpy.typing import NDArray

from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL
from umbra.core.kinematics import Array
from umbra.generation.external.block import INCOMING, Block, broken, pad
from umbra.generation.external.opening import DAMAGE, open_binary

#: Status in the file -> ours; the others are a generator's own notes and are left out.
_STATUS = {4: INCOMING, FINAL: FINAL, DECAYED: DECAYED}
_START = b"HepMC::Asciiv3-START_EVENT_LISTING"
_END = b"HepMC::Asciiv3-END_EVENT_LISTING"
_OLD = b"HepMC::IO_GenEvent-START_EVENT_LISTING"


class HepmcFile:
    """A HepMC3 ASCII file.

    Parameters
    ----------
    path
        Where it lies.
    weight
        Name of the weight to take; without one it follows from the names, see `_nominal`.

    Attributes
    ----------
    cross_section_pb, cross_section_error_pb
        From the last event that was read, because generators write a running estimate; `None` without one.

    Raises
    ------
    UmbraError
        If the file is not HepMC3 or lacks its end.
    """

    def __init__(self, path: Path, weight: str | None = None) -> None:
        self._path = path
        self._weight = weight
        self._names: list[str] | None = None
        self._chosen = 0
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
        read, numbers = 0, []
        with open_binary(self._path) as stream, pyhepmc.open(stream, format="hepmc3") as file:
            while read < self._stated:
                chunk: list[tuple[Any, ...]] = []
                for _ in range(min(size, self._stated - read)):
                    event = self._next(file, read + len(chunk))
                    numbers.append(event.event_number)
                    chunk.append((*_event(event), self._weight_of(event, read + len(chunk) + 1)))
                self._note_cross_section(event)
                yield _block(self._path, read + 1, chunk)
                read += len(chunk)
        _refuse_equal(self._path, np.array(numbers, np.int64))

    def _next(self, file: Any, read: int) -> Any:
        try:
            event = file.read()
        except (RuntimeError, ValueError) as error:
            broken(self._path, "HepMC3", read, error)
        if event is None:
            broken(self._path, "HepMC3", read, "the next event cannot be read")
        return event

    def _weight_of(self, event: Any, number: int) -> float:
        """Nominal weight of an event, 1 where the file has no weights."""
        weights = event.weights
        if self._names is None:
            names = list(event.run_info.weight_names) if event.run_info is not None else []
            # Without names they are known by their number.
            self._names = names if len(names) == len(weights) else [str(i) for i in range(len(weights))]
            self._chosen = _nominal(self._path, self._names, self._weight)
        if len(weights) != len(self._names):
            raise UmbraError(
                f"{self._path}: event {number}: it has {len(weights)} weights, the first one has {len(self._names)}"
            )
        return float(weights[self._chosen]) if self._names else 1.0

    def _note_cross_section(self, event: Any) -> None:
        stated = event.cross_section
        if stated is None:
            return
        try:
            value, error = float(stated.xsec(self._chosen)), float(stated.xsec_err(self._chosen))
        except IndexError:
            value, error = float(stated.xsec()), float(stated.xsec_err())
        if np.isfinite(value) and value > 0.0:
            self.cross_section_pb, self.cross_section_error_pb = value, max(error, 0.0)


#: What generators call the weight that the others vary, in small letters.
_NOMINAL = ("weight", "default", "nominal")


def _nominal(path: Path, names: list[str], declared: str | None) -> int:
    """Place of the nominal weight: the declared one, the only one, or the only one with a telling name."""
    listed = ", ".join(f"'{name}'" for name in names) or "none"
    if declared is not None:
        if names.count(declared) != 1:
            raise UmbraError(f"{path}: there is no weight '{declared}'; its weights: {listed}")
        return names.index(declared)
    if len(names) <= 1:
        return 0
    telling = [place for place, name in enumerate(names) if name.strip().lower() in _NOMINAL]
    if len(telling) != 1:
        raise UmbraError(f"{path}: its names do not tell the nominal weight: give weight: one of {listed}")
    return telling[0]


def _count(path: Path) -> int:
    """Count the events of a file that has a start and an end."""
    events, starts, end = 0, 0, b""
    with open_binary(path) as stream:
        try:
            head = stream.read(1 << 12)
            if _OLD in head:
                raise UmbraError(f"{path}: HepMC2 (IO_GenEvent): convert it to HepMC3 ASCII")
            if _START not in head:
                raise UmbraError(f"{path}: not a HepMC3 ASCII file: '{_START.decode()}' is missing")
            chunk = head
            while chunk:
                # The last bytes are looked at again, joined to the next chunk.
                events += (end[-2:] + chunk).count(b"\nE ")
                starts += (end[-len(_START) + 1 :] + chunk).count(_START)
                end = (end + chunk)[-200:]
                chunk = stream.read(1 << 20)
        except DAMAGE as error:
            broken(path, "HepMC3", events, error)
    if _END not in end:
        broken(path, "HepMC3", events, f"'{_END.decode()}' is missing at its end")
    if starts > 1:
        raise UmbraError(
            f"{path}: {starts} HepMC3 files that were written one after the other: give each as a file of its own"
        )
    return events


def _event(event: Any) -> tuple[Any, ...]:
    """Codes, statuses, momenta with masses, production points, and proper decay lengths of what decayed."""
    if event.momentum_unit != pyhepmc.Units.GEV or event.length_unit != pyhepmc.Units.MM:
        event.set_units(pyhepmc.Units.GEV, pyhepmc.Units.MM)
    view = event.numpy.particles
    columns = np.stack([view.px, view.py, view.pz, view.e, view.generated_mass], axis=-1)
    vertices, lives = np.zeros((len(columns), 4)), np.zeros(len(columns))
    places = event.numpy.vertices
    if places.x.any() or places.y.any() or places.z.any() or places.t.any():
        for i, particle in enumerate(event.particles):
            origin, end = particle.production_vertex, particle.end_vertex
            if origin is not None:
                vertices[i] = _place(origin)
            if origin is not None and end is not None and particle.status == DECAYED:
                flight = np.linalg.norm(_place(end)[:3] - vertices[i, :3])
                if flight > 0.0:
                    lives[i] = flight * columns[i, 4] / np.linalg.norm(columns[i, :3])
    return view.pid.copy(), view.status.copy(), columns, vertices, lives


def _refuse_equal(path: Path, numbers: NDArray[np.int64]) -> None:
    """Refuse a number that several events have, but for that of generators which do not count (0 or less)."""
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    original = first[inverse]
    again = np.flatnonzero((original != np.arange(len(numbers))) & (numbers > 0))
    if len(again):
        place = int(again[0])
        raise UmbraError(
            f"{path}: event {place + 1}: it has the number {numbers[place]} of event {original[place] + 1}, as if it "
            f"were the same ({len(again)} of {len(numbers)} do so): number the events of merged files anew"
        )


def _place(vertex: Any) -> Array:
    at = vertex.position
    return np.array([at.x, at.y, at.z, at.t])


def _block(path: Path, first: int, chunk: list[tuple[Any, ...]]) -> Block:
    codes, statuses, columns, vertices, lives = (
        np.concatenate([event[i] for event in chunk]) for i in range(5)
    )
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
        proper_time_mm=pad(counts, lives[kept], np.float64),
        weight=np.array([event[5] for event in chunk]),
    )
