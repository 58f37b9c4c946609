"""Events that stand in a sample more than once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from umbra.core.errors import UmbraError
from umbra.generation.external.block import Block

#: Largest share of events that may be those of others: momenta of few digits can agree by chance.
REPEATED_SHARE = 1e-4


@dataclass
class Fingerprints:
    """A number for each event of a file: equal momenta and codes make equal numbers. 8 bytes an event."""

    path: Path
    found: list[NDArray[np.uint64]] = field(default_factory=list)

    def add(self, block: Block) -> None:
        """Note the events of the next block."""
        counts = (block.pdg_id != 0).sum(axis=1)
        rows = [
            blake2b(codes[:count].tobytes() + p4[:count].tobytes(), digest_size=8).digest()
            for codes, p4, count in zip(block.pdg_id, block.p4, counts, strict=True)
        ]
        self.found.append(np.frombuffer(b"".join(rows), dtype=np.uint64))


def refuse_repeats(files: Sequence[Fingerprints]) -> None:
    """Refuse files that have the same event more than once, among themselves too.

    Raises
    ------
    UmbraError
        If more than `REPEATED_SHARE` of the events repeat others, naming the first that does.
    """
    parts = [np.concatenate([np.empty(0, np.uint64), *file.found]) for file in files]
    every = np.concatenate([np.empty(0, np.uint64), *parts])
    _, first, inverse = np.unique(every, return_index=True, return_inverse=True)
    original = first[inverse]
    repeated = np.flatnonzero(original != np.arange(len(every)))
    if len(repeated) <= REPEATED_SHARE * len(every):
        return
    starts = np.cumsum([0, *(len(part) for part in parts)])

    def named(place: int) -> str:
        which = int(np.searchsorted(starts, place, side="right")) - 1
        return f"{files[which].path}: event {place - starts[which] + 1}"

    again, before = int(repeated[0]), int(original[repeated[0]])
    raise UmbraError(
        f"{named(again)}: it has the momenta of {named(before)}; {len(repeated)} of {len(every)} events are repeated"
    )
