"""A sample of another generator, as a stream of checked events in our frame and codes."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np

from umbra.core.constants import ELECTRON
from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.generation.external import checks
from umbra.generation.external.block import INCOMING, Block
from umbra.generation.external.checks import Weights
from umbra.generation.external.declaration import CENTRE_OF_MASS, LAB, LHE, Declaration
from umbra.generation.external.hepmc import HepmcFile
from umbra.generation.external.lhe import LheFile
from umbra.generation.external.lifetimes import fly


def open_source(given: Mapping[str, Any], machine: Machine) -> "ExternalSample":
    """Open the sample that a section of the configuration declares; see `Declaration` for its keys."""
    return ExternalSample(Declaration.from_mapping(given), machine)


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
    sha256
        Checksum of the file.

    Raises
    ------
    UmbraError
        In one sentence with the file and the value that is wrong.
    """

    def __init__(self, declaration: Declaration, machine: Machine) -> None:
        self._declaration = declaration
        self._machine = machine
        self.sha256 = declaration.checksum()
        self._file: LheFile | HepmcFile
        if declaration.format == LHE:
            self._file = LheFile(declaration.file)
            checks.beams(declaration.file, self._file.init, declaration.frame, machine)
            self._cross_section_from(self._file.init.cross_section_pb, self._file.init.cross_section_error_pb)
        else:
            self._file = HepmcFile(declaration.file)
        self._weights = Weights()
        self._scale: float | None = None

    def batches(self, size: int = 10_000, frame: str = LAB) -> Iterator[Events]:
        """Read all events, once, checking each.

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
            if it is declared, and `proper_time_mm` if an LHE file gives the undecayed new particle a lifetime
            (VTIMUP).

        Raises
        ------
        UmbraError
            At the first event that fails a check, or at the end where the sums do; what was yielded before
            must then be thrown away, as `umbra.core.events.write` does.
        """
        declaration, machine = self._declaration, self._machine
        total = _total(machine, declaration.frame)
        lived: bool | None = None
        with closing(self._file.blocks(size)) as blocks:
            for block in blocks:
                checks.finite(block)
                ours = _turned(self._translated(block))
                checks.identities(ours, declaration)
                checks.on_shell(ours, declaration)
                checks.conservation(ours, total, machine.sqrt_s_gev)
                self._weights.add(ours.weight)
                lifetimes, lived = self._lifetimes(ours, lived)
                yield self._events(ours, frame, lifetimes)
        self._finish()

    @property
    def mass_gev(self) -> float | None:
        """Declared mass of the new particle."""
        return self._declaration.mass_gev

    @property
    def generator(self) -> str:
        """Declared name of the generator."""
        return self._declaration.generator

    @property
    def ctau_mm(self) -> float | None:
        """Declared proper decay length of the undecayed new particle."""
        return self._declaration.ctau_mm

    @property
    def cross_section_pb(self) -> float:
        """Cross-section of the file, once all batches have been read."""
        return self._cross_section[0]

    @property
    def cross_section_error_pb(self) -> float:
        """Standard error of `cross_section_pb`."""
        return self._cross_section[1]

    def displaced(self, decayed: Events, rng: np.random.Generator) -> Events:
        """Give new particles that a decay chain let decay at once the lifetime of the sample, if it has one.

        Parameters
        ----------
        decayed
            A batch after the chain, in the laboratory.
        rng
            Draws the lives under `ctau_mm`; those of the file (VTIMUP) are drawn already.

        Raises
        ------
        UmbraError
            See `umbra.generation.external.lifetimes.fly`.
        """
        try:
            if "proper_time_mm" in decayed.extra:
                return fly(decayed, decayed.extra["proper_time_mm"])
            if self.ctau_mm is not None:
                return fly(decayed, rng.exponential(self.ctau_mm, len(decayed)))
        except UmbraError as error:
            raise UmbraError(f"{self._declaration.file}: {error}") from error
        return decayed

    def _cross_section_from(self, value: float | None, error: float | None) -> None:
        """Settle the cross-section from what the file says and what is declared."""
        declaration = self._declaration
        declared, declared_error = declaration.cross_section_pb, declaration.cross_section_error_pb
        if value is not None and error is not None:
            if declared is not None and declared_error is not None:
                checks.agreement(declaration.file, (value, error), (declared, declared_error))
            self._cross_section = (value, error)
        elif declared is not None and declared_error is not None:
            self._cross_section = (declared, declared_error)
        else:
            raise UmbraError(
                f"external sample {declaration.file}: the file states no cross-section; "
                "give cross_section_pb and cross_section_error_pb"
            )

    def _translated(self, block: Block) -> Block:
        codes = block.pdg_id.copy()
        for theirs, ours in self._declaration.pdg_id_map.items():
            codes[block.pdg_id == theirs] = ours
        return replace(block, pdg_id=codes)

    def _lifetimes(self, block: Block, lived: bool | None) -> tuple[Array | None, bool]:
        """Proper decay lengths of the undecayed new particle, and whether the sample has them."""
        undecayed = checks.new_and_undecayed(block)
        times = np.where(undecayed, block.proper_time_mm, 0.0)
        block.fail(times < 0.0, times, "particle {pdg_id} has a proper lifetime of {value} mm")
        given = bool(times.any())
        ctau = self._declaration.ctau_mm
        if ctau is not None:
            block.fail(times > 0.0, times, f"both ctau_mm = {ctau:g} and VTIMUP = {{value}} mm are given")
            count = undecayed.sum(axis=1).astype(float)
            block.fail(count == 0, count, f"ctau_mm = {ctau:g} is declared; it has {{value}} undecayed ones")
        if lived is not None and lived != given:
            raise UmbraError(f"{block.file}: only some events give the new particle a lifetime (VTIMUP)")
        return (times.max(axis=1) if given else None), given

    def _events(self, block: Block, frame: str, lifetimes: Array | None) -> Events:
        machine, p4, vertex = self._machine, block.p4, block.vertex_mm
        if frame != self._declaration.frame:
            move = machine.to_cm if frame == CENTRE_OF_MASS else machine.to_lab
            p4, vertex = move(p4), move(vertex)
        kept = (block.pdg_id != 0) & (block.status != INCOMING)
        order = np.argsort(~kept, axis=1, kind="stable")[:, : kept.sum(axis=1).max()]
        keep = np.take_along_axis(kept, order, axis=1)
        slots = order[..., None]
        events = Events(
            pdg_id=np.where(keep, np.take_along_axis(block.pdg_id, order, axis=1), 0),
            p4=np.take_along_axis(p4, slots, axis=1) * keep[..., None],
            weight=block.weight / self._weight_scale(block),
            vertex_mm=np.take_along_axis(vertex, slots, axis=1)[..., :3] * keep[..., None],
            status=np.where(keep, np.take_along_axis(block.status, order, axis=1), 0),
        )
        if self._declaration.mass_gev is not None:
            events = events.with_extra(mass_gev=np.full(len(events), self._declaration.mass_gev))
        return events if lifetimes is None else events.with_extra(proper_time_mm=lifetimes)

    def _weight_scale(self, block: Block) -> float:
        """Return the weight that counts as 1: the cross-section if the file says so, else the first one."""
        if self._scale is None:
            if isinstance(self._file, LheFile) and abs(self._file.init.strategy) != 3:
                self._scale = self._cross_section[0]
            else:
                sizes = np.abs(block.weight[block.weight != 0.0])
                if len(sizes) == 0:
                    raise UmbraError(f"{block.file}: the first {len(block)} events have zero weights")
                self._scale = float(sizes[0])
        return self._scale

    def _finish(self) -> None:
        path = self._declaration.file
        self._weights.check(path)
        if isinstance(self._file, LheFile):
            self._weights.check_against(path, self._file.init.strategy, *self._cross_section)
        else:
            self._cross_section_from(self._file.cross_section_pb, self._file.cross_section_error_pb)


def _total(machine: Machine, frame: str) -> Array:
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
