"""Events as they stand in a file, before they are checked and taken to our frame and codes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array

#: Status of a beam particle; the others are those of `umbra.core.events`.
INCOMING = -1


@dataclass(frozen=True)
class Block:
    """Neighbouring events of one file in padded arrays, `pdg_id == 0` marking an empty slot.

    Parameters
    ----------
    file, first
        Where they stand: the file, and the number of the first event in it, counted from 1.
    pdg_id, status
        Shape (n, k); status is `INCOMING`, `umbra.core.events.FINAL` or `DECAYED`.
    p4
        Momenta in GeV, shape (n, k, 4).
    mass_gev
        Masses that the file states, shape (n, k).
    vertex_mm
        Production points (x, y, z, ct), shape (n, k, 4).
    proper_time_mm
        Proper decay lengths c tau that the file states, shape (n, k), 0 where it does not.
    weight
        Shape (n,).
    part
        Which of the files that were written one after the other into this one.
    """

    file: Path
    first: int
    pdg_id: NDArray[np.int32]
    status: NDArray[np.int8]
    p4: Array
    mass_gev: Array
    vertex_mm: Array
    proper_time_mm: Array
    weight: Array
    part: int = 0

    def __len__(self) -> int:
        return len(self.weight)

    def fail(self, wrong: NDArray[np.bool_], value: Array, message: str) -> None:
        """Raise if any event or particle is wrong, naming the first one.

        Parameters
        ----------
        wrong, value
            The verdict and the number that it was found from, shape (n,) or (n, k).
        message
            What is wrong; `{value}` and, for particles, `{pdg_id}` are filled in.
        """
        if not wrong.any():
            return
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        pdg_id = int(self.pdg_id[where]) if len(where) == 2 else 0
        text = message.format(value=f"{float(value[where]):.8g}", pdg_id=pdg_id)
        raise UmbraError(f"{self.file}: event {self.first + where[0]}: {text}")


def pad(counts: NDArray[np.int64], column: NDArray[Any], dtype: type) -> NDArray[Any]:
    """Spread values of particles that stand one after the other over padded events.

    Parameters
    ----------
    counts
        Number of particles of each event, shape (n,).
    column
        Shape (sum of counts, ...).

    Returns
    -------
    numpy.ndarray
        Shape (n, largest count, ...), zero in empty slots.
    """
    filled = np.arange(counts.max(initial=0)) < counts[:, None]
    out = np.zeros((*filled.shape, *column.shape[1:]), dtype)
    out[filled] = column
    return out


def broken(path: Path, kind: str, read: int, error: object) -> NoReturn:
    """Raise the error for a file that cannot be read on after `read` good events."""
    raise UmbraError(f"{path}: broken or truncated {kind} file after event {read}: {error}")
