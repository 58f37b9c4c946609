"""Lifetimes of new particles that come with a file rather than with a model."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from umbra.core import particles
from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL, Events
from umbra.core.kinematics import Array, mass_squared
from umbra.generation.external.ancestry import mothers
from umbra.generation.external.block import Block
from umbra.generation.external.declaration import Declaration


class Lifetimes:
    """Which particles of one file live for a while, and whether all of them do.

    Attributes
    ----------
    flying
        Our code of the undecayed particle that has a lifetime, `None` where none has, or before any was read.
    ctau_mm
        Its mean proper decay length, where it is declared rather than written in the file.
    """

    def __init__(self, declaration: Declaration) -> None:
        declared = {
            p.pdg_id: p.lifetime_mm for p in declaration.pdg_id_map.values() if p.lifetime_mm is not None
        }
        if len(declared) > 1:
            raise UmbraError(
                f"external sample {declaration.file}: pdg_id_map: {len(declared)} particles have a lifetime_mm; only "
                "one undecayed particle of an event can fly, decay the others in the generator"
            )
        self.flying: int | None = next(iter(declared), None)
        self.ctau_mm: float | None = next(iter(declared.values()), None)
        self._lived: dict[tuple[int, int], bool] = {}

    def of(self, block: Block) -> Array | None:
        """Proper decay length of the undecayed particle of each event, shape (n,); `None` where the file has none.

        Parameters
        ----------
        block
            Events with our codes.

        Raises
        ------
        UmbraError
            For negative lifetimes, a kind of particle of which only some have one, lifetimes that are both declared
            and in the file, or more than one flying particle in an event.
        """
        times = block.proper_time_mm
        new = particles.is_new(block.pdg_id)
        block.fail(new & (times < 0.0), times, "particle {pdg_id} has a proper lifetime of {value} mm")
        self._all_or_none(block, new)
        undecayed = new & (block.status == FINAL)
        alive = undecayed & (times > 0.0)
        if self.ctau_mm is not None:
            block.fail(
                alive,
                times,
                f"both lifetime_mm = {self.ctau_mm:g} and VTIMUP = {{value}} mm are given for {{pdg_id}}",
            )
            self._one(block, undecayed & (block.pdg_id == self.flying), f"lifetime_mm = {self.ctau_mm:g}")
            return None
        if not alive.any():
            return None
        self.flying = int(block.pdg_id[alive][0])
        block.fail(
            alive & (block.pdg_id != self.flying),
            times,
            "a second kind of particle, {pdg_id}, has a lifetime",
        )
        self._one(block, alive, "a lifetime (VTIMUP)")
        longest: Array = np.where(alive, times, 0.0).max(axis=1)
        return longest

    def _one(self, block: Block, flies: NDArray[np.bool_], what: str) -> None:
        count = flies.sum(axis=1).astype(float)
        block.fail(
            count != 1, count, f"{what} is given; it has {{value}} undecayed particles of that kind, not 1"
        )
        twin = (block.status == DECAYED) & (block.pdg_id == self.flying)
        block.fail(
            twin, block.pdg_id.astype(float), f"{what} is given, but a particle {{pdg_id}} of it is decayed"
        )

    def _all_or_none(self, block: Block, new: NDArray[np.bool_]) -> None:
        """Refuse a kind of particle, decayed or undecayed, of which some have a lifetime and others do not."""
        for code in np.unique(block.pdg_id[new]):
            for status in (FINAL, DECAYED):
                here = (block.pdg_id == code) & (block.status == status)
                if not here.any():
                    continue
                lived = self._lived.setdefault((int(code), status), bool(block.proper_time_mm[here][0] > 0.0))
                block.fail(
                    here & ((block.proper_time_mm > 0.0) != lived),
                    block.proper_time_mm,
                    "particle {pdg_id} has a proper lifetime of {value} mm, where the first of its kind has "
                    f"{'one' if lived else 'none'}: write those of all events (in MadGraph5_aMC@NLO, those below "
                    "the threshold of time_of_flight, too)",
                )


def fly(decayed: Events, proper_mm: Array, code: int) -> Events:
    """Move the decays of a new particle, which a decay chain put at its origin, along its flight.

    Parameters
    ----------
    decayed
        Events after the chain, with momenta and production points in the same frame.
    proper_mm
        Proper decay length of the particle in each event, shape (n,).
    code
        Which particle it is.

    Raises
    ------
    UmbraError
        If it did not decay, or already decays away from its origin.
    """
    mother = mothers(decayed)
    rows = np.arange(len(decayed))
    shift = np.zeros_like(decayed.vertex_mm)
    flying = (decayed.pdg_id == code) & (decayed.status == DECAYED)
    if not flying.any(axis=1).all():
        raise UmbraError("a new particle has a lifetime but does not decay: give the sample a decay chain")
    for slot in range(mother.shape[1]):
        has = mother[:, slot] >= 0
        event, parent = rows[has], mother[has, slot]
        flies = flying[event, parent]
        if np.any(decayed.vertex_mm[event, slot][flies] != decayed.vertex_mm[event, parent][flies]):
            raise UmbraError("a new particle has a lifetime in the sample and another in its decay chain")
        p4 = decayed.p4[event, parent]
        mass = np.sqrt(np.maximum(mass_squared(p4), 0.0))
        per_gev = np.divide(proper_mm[event], mass, out=np.zeros(len(p4)), where=flies)
        shift[event, slot] = shift[event, parent] + p4[:, :3] * per_gev[:, None]
    return replace(decayed, vertex_mm=decayed.vertex_mm + shift)
