"""Generated events: the container that passes from a generator to the detector, and its ROOT file.

Particles are kept in padded arrays, `pdg_id == 0` marking an empty slot, because nearly all samples have a fixed
number of particles and NumPy is then faster and plainer than jagged arrays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array
from umbra.core.root import new_root_file, open_root

#: Status codes as in HepMC: 1 is a final-state particle, 2 one that decayed.
FINAL, DECAYED = 1, 2

#: Particles that are read at once; with more the arrays leave the cache of the processor.
PARTICLES = 100_000


@dataclass(frozen=True)
class Events:
    """A batch of events.

    Parameters
    ----------
    pdg_id
        Shape (n, k), 0 for an empty slot.
    p4
        Momenta (px, py, pz, e) in GeV, shape (n, k, 4).
    weight
        Relative weights, shape (n,): 1 for unweighted events. Their mean stands for the cross-section.
    vertex_mm
        Production points (x, y, z) in mm, shape (n, k, 3).
    status
        `FINAL` or `DECAYED`, shape (n, k).
    extra
        Further columns per event, shape (n,), such as the generated mass.
    """

    pdg_id: NDArray[np.int32]
    p4: Array
    weight: Array
    vertex_mm: Array
    status: NDArray[np.int8]
    extra: dict[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.weight)

    @classmethod
    def from_momenta(cls, pdg_ids: Sequence[int], p4: Array, weight: Array | None = None) -> "Events":
        """Prompt, final-state events with the same particles in each: `p4` has shape (n, k, 4)."""
        n, k = p4.shape[:2]
        return cls(
            pdg_id=np.broadcast_to(np.asarray(pdg_ids, np.int32), (n, k)).copy(),
            p4=p4,
            weight=np.ones(n) if weight is None else weight,
            vertex_mm=np.zeros((n, k, 3)),
            status=np.full((n, k), FINAL, np.int8),
        )

    def select(self, mask: NDArray[np.bool_] | NDArray[np.int_] | slice) -> "Events":
        """Return the chosen events."""
        return Events(
            self.pdg_id[mask],
            self.p4[mask],
            self.weight[mask],
            self.vertex_mm[mask],
            self.status[mask],
            {name: column[mask] for name, column in self.extra.items()},
        )

    def with_p4(self, p4: Array) -> "Events":
        """Return the same events with other momenta, for instance in another frame."""
        return replace(self, p4=p4)

    def with_weight(self, weight: Array) -> "Events":
        """Return the same events with other weights."""
        return replace(self, weight=weight)

    def with_extra(self, **columns: Array) -> "Events":
        """Return the same events with further columns."""
        return replace(self, extra={**self.extra, **columns})

    def padded(self, slots: int) -> "Events":
        """Return the same events with room for `slots` particles."""
        if slots == self.pdg_id.shape[1]:
            return self
        return replace(
            self,
            pdg_id=widened(self.pdg_id, slots),
            p4=widened(self.p4, slots),
            vertex_mm=widened(self.vertex_mm, slots),
            status=widened(self.status, slots),
        )

    def without_empty_slots(self) -> "Events":
        """Return the same events without the last slots that none of them uses."""
        used = np.flatnonzero(self.pdg_id.any(axis=0))
        slots = int(used[-1]) + 1 if len(used) else 0
        if slots == self.pdg_id.shape[1]:
            return self
        return replace(
            self,
            pdg_id=self.pdg_id[:, :slots],
            p4=self.p4[:, :slots],
            vertex_mm=self.vertex_mm[:, :slots],
            status=self.status[:, :slots],
        )


def widened(column: NDArray[Any], slots: int) -> NDArray[Any]:
    """Copy an array of shape (n, k, ...) into one with `slots` particles, 0 in the new ones."""
    n, k = column.shape[:2]
    if slots < k:
        raise ValueError(f"cannot shrink {k} particle slots to {slots}")
    wide = np.empty((n, slots, *column.shape[2:]), column.dtype)
    wide[:, :k] = column
    wide[:, k:] = 0
    return wide


def concatenate(batches: Sequence[Events]) -> Events:
    """Join batches; they must have the same extra columns, the number of slots is made equal."""
    slots = max(batch.pdg_id.shape[1] for batch in batches)
    wide = [batch.padded(slots) for batch in batches]
    return Events(
        np.concatenate([b.pdg_id for b in wide]),
        np.concatenate([b.p4 for b in wide]),
        np.concatenate([b.weight for b in wide]),
        np.concatenate([b.vertex_mm for b in wide]),
        np.concatenate([b.status for b in wide]),
        {name: np.concatenate([b.extra[name] for b in wide]) for name in wide[0].extra},
    )


def write(path: Path, batches: Iterator[Events] | Sequence[Events]) -> int:
    """Write batches to the tree `events` of a ROOT file, atomically, and return the number of events."""
    total = 0
    with new_root_file(path) as file:
        for batch in batches:
            columns = _columns(batch)
            if "events" not in file:
                file.mktree("events", {name: (c.dtype, c.shape[1:]) for name, c in columns.items()})
            file["events"].extend(columns)
            total += len(batch)
    return total


def read(path: Path, step: int | None = None) -> Iterator[Events]:
    """Read a ROOT file in batches, whose slots end with the last one that is used.

    Parameters
    ----------
    path
        The file.
    step
        Events of a batch; by default `PARTICLES` over the slots of an event.

    Raises
    ------
    UmbraError
        If the file is missing, truncated or has no tree `events`.
    """
    with open_root(path, "not a readable sample (tree 'events')") as file:
        tree = file["events"]
        slots = tree["pdg_id"].interpretation.inner_shape[0]
        for arrays in tree.iterate(step_size=step or PARTICLES // slots, library="np"):
            yield _events(arrays).without_empty_slots()


def _columns(batch: Events) -> dict[str, NDArray[Any]]:
    components = {name: batch.p4[..., i].astype(np.float64) for i, name in enumerate(("px", "py", "pz", "e"))}
    vertices = {name: batch.vertex_mm[..., i].astype(np.float32) for i, name in enumerate(("vx", "vy", "vz"))}
    return {
        "pdg_id": batch.pdg_id,
        **components,
        **vertices,
        "status": batch.status,
        "weight": batch.weight,
        **{f"extra_{name}": column for name, column in batch.extra.items()},
    }


def _events(arrays: dict[str, NDArray[Any]]) -> Events:
    return Events(
        pdg_id=arrays["pdg_id"],
        p4=np.stack([arrays[name] for name in ("px", "py", "pz", "e")], axis=-1),
        weight=arrays["weight"],
        vertex_mm=np.stack([arrays[name] for name in ("vx", "vy", "vz")], axis=-1).astype(np.float64),
        status=arrays["status"],
        extra={
            name.removeprefix("extra_"): column
            for name, column in arrays.items()
            if name.startswith("extra_")
        },
    )
