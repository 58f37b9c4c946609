"""A sample of another generator, as a stream of checked events in our frame and codes."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

import numpy as np

from umbra.core.constants import ELECTRON
from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import Array
from umbra.core.machines import AnyMachine
from umbra.generation.external import checks
from umbra.generation.external.block import INCOMING, Block
from umbra.generation.external.checks import Weights
from umbra.generation.external.declaration import CENTRE_OF_MASS, LAB, LHE, Declaration
from umbra.generation.external.hepmc import HepmcFile
from umbra.generation.external.lhe import Init, LheFile
from umbra.generation.external.lifetimes import Lifetimes, fly
from umbra.generation.external.masses import Masses
from umbra.generation.external.repeats import Fingerprints, refuse_repeats


class ExternalSample:
    """Events of a declared file at a machine.

    Opening it checks what can be known without the events, such as the checksum and the beams.

    Parameters
    ----------
    declaration
        What the configuration says about the file.
    machine
        The machine whose data the sample stands for.

    Attributes
    ----------
    declaration
        As given.
    sha256
        Checksum of the file.
    fingerprints
        Of the events that have been read.

    Raises
    ------
    UmbraError
        In one sentence with the file and the value that is wrong.
    """

    def __init__(self, declaration: Declaration, machine: AnyMachine) -> None:
        self.declaration = declaration
        self._machine = machine
        self.sha256 = declaration.checksum()
        self._file: LheFile | HepmcFile
        if declaration.format == LHE:
            self._file = LheFile(declaration.file)
            self._check_init(self._file.inits[0])
        else:
            self._file = HepmcFile(declaration.file, declaration.weight)
        self._begin()

    def _begin(self) -> None:
        """Forget what has been read."""
        self.fingerprints = Fingerprints(self.declaration.file)
        self._lifetimes = Lifetimes(self.declaration)
        self._parts: list[_Part] = []

    def batches(self, size: int = 10_000, frame: str = LAB) -> Iterator[Events]:
        """Read all events, checking each.

        Parameters
        ----------
        size
            Number of events in memory at a time.
        frame
            `lab` (the machine's) or `centre_of_mass` (electron along +z): the frame of the events returned,
            whatever that of the file.

        Yields
        ------
        Events
            Final-state and decayed particles; weights are 1 for unweighted events. Extra columns: `mass_gev`
            and `mass2_gev` if they are declared, and `proper_time_mm` if an LHE file gives the undecayed new
            particle a lifetime (VTIMUP).

        Raises
        ------
        UmbraError
            At the first event that fails a check, or at the end where the sums do; what was yielded before
            must then be thrown away, as `umbra.core.events.write` does.
        """
        declaration, machine = self.declaration, self._machine
        total = _total(machine, declaration.frame)
        masses = Masses(declaration)
        self._begin()
        with closing(self._file.blocks(size)) as blocks:
            for block in blocks:
                checks.finite(block)
                self.fingerprints.add(block)
                theirs = _turned(block)
                ours = self._translated(theirs)
                checks.identities(ours, declaration)
                checks.on_shell(ours)
                masses.check(theirs, ours)
                checks.conservation(ours, total, machine.sqrt_s_gev)
                self._part_of(block).weights.add(ours.weight)
                lifetimes = self._lifetimes.of(ours)
                yield self._events(ours, frame, lifetimes)
        masses.finish(declaration.file)
        self._finish()
        refuse_repeats([self.fingerprints])

    def read_through(self) -> "ExternalSample":
        """Read all events for their sums alone, and return itself."""
        for _ in self.batches():
            pass
        return self

    @property
    def generator(self) -> str:
        """Declared name of the generator."""
        return self.declaration.generator

    @property
    def cross_section_pb(self) -> float:
        """Cross-section of the file, once all batches have been read."""
        if len(self._parts) == 1:
            return self._parts[0].cross_section_pb
        return sum(part.cross_section_pb * n for part, n in self._counted()) / self.events

    @property
    def cross_section_error_pb(self) -> float:
        """Standard error of `cross_section_pb`."""
        if len(self._parts) == 1:
            return self._parts[0].error_pb
        return float(np.linalg.norm([part.error_pb * n for part, n in self._counted()])) / self.events

    @property
    def events(self) -> int:
        """Number of events, once all batches have been read."""
        return sum(n for _, n in self._counted())

    @property
    def weight(self) -> float:
        """Sum of the weights of all events as `batches` gave them, once it did."""
        return sum(part.weights.sum / part.scale for part in self._parts)

    @property
    def effective_events(self) -> float:
        """Number of events of equal weights that would have the same relative error."""
        squares = sum(part.weights.squares / part.scale**2 for part in self._parts)
        return self.weight**2 / squares

    def displaced(self, decayed: Events, rng: np.random.Generator) -> Events:
        """Give the new particle that a decay chain let decay at once the lifetime of the sample, if it has one.

        Parameters
        ----------
        decayed
            A batch after the chain, in the laboratory.
        rng
            Draws the lives under `lifetime_mm`; those of the file (VTIMUP) are drawn already.

        Raises
        ------
        UmbraError
            See `umbra.generation.external.lifetimes.fly`.
        """
        flying, ctau_mm = self._lifetimes.flying, self._lifetimes.ctau_mm
        if flying is None:
            return decayed
        times = decayed.extra["proper_time_mm"] if ctau_mm is None else rng.exponential(ctau_mm, len(decayed))
        try:
            return fly(decayed, times, flying)
        except UmbraError as error:
            raise UmbraError(f"{self.declaration.file}: {error}") from error

    def _counted(self) -> list[tuple["_Part", int]]:
        """Parts of the file with their numbers of events."""
        if not self._parts:
            raise RuntimeError(
                f"{self.declaration.file}: the sums over its events are known once they were read"
            )
        return [(part, part.weights.events) for part in self._parts]

    def _check_init(self, init: Init) -> None:
        checks.beams(self.declaration.file, init, self.declaration.frame, self._machine)
        self._cross_section(init.cross_section_pb, init.cross_section_error_pb)

    def _part_of(self, block: Block) -> "_Part":
        """Sums of the part of the file that a block is of; parts begin with their first block."""
        while len(self._parts) <= block.part:
            self._parts.append(self._new_part(len(self._parts), block))
        return self._parts[block.part]

    def _new_part(self, number: int, block: Block) -> "_Part":
        if isinstance(self._file, HepmcFile):
            return _Part(_first_weight(block), 0)
        init = self._file.inits[number]
        self._check_init(init)
        value, error = self._cross_section(init.cross_section_pb, init.cross_section_error_pb)
        if number:
            first = self._parts[0]
            checks.same_process(
                f"{block.file}: part {number + 1}, from event {block.first} on",
                (value, error),
                (first.cross_section_pb, first.error_pb),
            )
        scale = value if abs(init.strategy) != 3 else _first_weight(block)
        return _Part(scale, init.strategy, value, error)

    def _cross_section(self, value: float | None, error: float | None) -> tuple[float, float]:
        """Cross-section with its error, from what the file says and what is declared."""
        declaration = self.declaration
        declared, declared_error = declaration.cross_section_pb, declaration.cross_section_error_pb
        if value is not None and error is not None:
            if declared is not None and declared_error is not None:
                checks.agreement(declaration.file, (value, error), (declared, declared_error))
            return value, error
        if declared is not None and declared_error is not None:
            return declared, declared_error
        raise UmbraError(
            f"external sample {declaration.file}: the file states no cross-section; "
            "give cross_section_pb and cross_section_error_pb"
        )

    def _translated(self, block: Block) -> Block:
        codes = block.pdg_id.copy()
        for code in np.unique(block.pdg_id):
            particle = self.declaration.particle_of(int(code))
            if particle is not None:
                codes[block.pdg_id == code] = particle.pdg_id
        return replace(block, pdg_id=codes)

    def _events(self, block: Block, frame: str, lifetimes: Array | None) -> Events:
        machine, p4, vertex = self._machine, block.p4, block.vertex_mm
        if frame != self.declaration.frame:
            move = machine.to_cm if frame == CENTRE_OF_MASS else machine.to_lab
            p4, vertex = move(p4), move(vertex)
        kept = (block.pdg_id != 0) & (block.status != INCOMING)
        order = np.argsort(~kept, axis=1, kind="stable")[:, : kept.sum(axis=1).max()]
        keep = np.take_along_axis(kept, order, axis=1)
        slots = order[..., None]
        events = Events(
            pdg_id=np.where(keep, np.take_along_axis(block.pdg_id, order, axis=1), 0),
            p4=np.take_along_axis(p4, slots, axis=1) * keep[..., None],
            weight=block.weight / self._part_of(block).scale,
            vertex_mm=np.take_along_axis(vertex, slots, axis=1)[..., :3] * keep[..., None],
            status=np.where(keep, np.take_along_axis(block.status, order, axis=1), 0),
        )
        columns = {name: np.full(len(events), mass) for name, mass in self.declaration.masses_gev.items()}
        events = events.with_extra(**columns)
        return events if lifetimes is None else events.with_extra(proper_time_mm=lifetimes)

    def _finish(self) -> None:
        path = self.declaration.file
        if not self._parts:
            raise UmbraError(f"{path}: it has no events")
        for part in self._parts:
            part.weights.check(path)
            if isinstance(self._file, HepmcFile):
                part.cross_section_pb, part.error_pb = self._cross_section(
                    self._file.cross_section_pb, self._file.cross_section_error_pb
                )
            else:
                part.weights.check_against(path, part.strategy, part.cross_section_pb, part.error_pb)


@dataclass
class _Part:
    """Sums over one of the files that were written one after the other into one.

    Parameters
    ----------
    scale
        The weight that counts as 1: the cross-section if the file says so, else the first one.
    strategy
        How the weights are meant (IDWTUP), 0 for HepMC3.
    cross_section_pb, error_pb
        Of a HepMC3 file they are known at its end.
    """

    scale: float
    strategy: int
    cross_section_pb: float = 0.0
    error_pb: float = 0.0
    weights: Weights = field(default_factory=Weights)


def _first_weight(block: Block) -> float:
    sizes = np.abs(block.weight[block.weight != 0.0])
    if len(sizes) == 0:
        raise UmbraError(f"{block.file}: the first {len(block)} events have zero weights")
    return float(sizes[0])


def _total(machine: AnyMachine, frame: str) -> Array:
    if frame == CENTRE_OF_MASS:
        return np.array([0.0, 0.0, 0.0, machine.sqrt_s_gev])
    return machine.total


def _turned(block: Block) -> Block:
    """Turn events whose electrons come along -z about the y axis by 180 degrees."""
    electrons = (block.status == INCOMING) & (block.pdg_id == ELECTRON)
    backwards = ((block.p4[..., 2] * electrons).sum(axis=1) < 0.0)[:, None, None]
    turn = np.array([-1.0, 1.0, -1.0, 1.0])
    signs = np.where(backwards, turn, 1.0)
    return replace(block, p4=block.p4 * signs, vertex_mm=block.vertex_mm * signs)
