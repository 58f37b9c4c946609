"""Who decayed into whom, which `Events` does not store."""

import numpy as np
from numpy.typing import NDArray

from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, Events
from umbra.core.kinematics import Array, mass_squared, momentum

#: Largest momentum by which daughters may miss their mother, over her energy.
_TOLERANCE = 1e-6


def mothers(batch: Events) -> NDArray[np.int64]:
    """Find each particle's mother by momentum conservation.

    The daughters of a decayed particle stand in neighbouring slots after her; the shortest such run whose
    momenta add up to hers is taken.

    Returns
    -------
    numpy.ndarray
        Slot of the mother, -1 for particles of the hard process and empty slots, shape (n, k).

    Raises
    ------
    UmbraError
        If a decayed particle has no such run.
    """
    n, slots = batch.pdg_id.shape
    found = np.full((n, slots), -1)
    sums = np.concatenate([np.zeros((n, 1, 4)), np.cumsum(batch.p4, axis=1)], axis=1)
    for mother in range(slots):
        open_ = batch.status[:, mother] == DECAYED
        for length in range(2, slots - mother):
            for first in range(mother + 1, slots - length + 1):
                if not open_.any():
                    break
                daughters = slice(first, first + length)
                gap = np.abs(sums[:, first + length] - sums[:, first] - batch.p4[:, mother]).max(axis=1)
                match = open_ & (gap < _TOLERANCE * batch.p4[:, mother, 3])
                match &= (batch.pdg_id[:, daughters] != 0).all(axis=1) & (found[:, daughters] < 0).all(axis=1)
                found[match, daughters] = mother
                open_ &= ~match
        if open_.any():
            code = int(batch.pdg_id[np.argmax(open_), mother])
            raise UmbraError(f"a decayed particle {code} has no daughters whose momenta add up to its own")
    return found


def proper_times_mm(batch: Events, mother: NDArray[np.int64]) -> Array:
    """Proper decay lengths c tau of the particles that decayed, in mm, zero for the others, shape (n, k).

    Parameters
    ----------
    batch
        Events with momenta and production points in the same frame.
    mother
        From `mothers`.
    """
    times = np.zeros(batch.pdg_id.shape)
    rows = np.arange(len(batch))
    for slot in range(mother.shape[1]):
        has = mother[:, slot] >= 0
        event, parent = rows[has], mother[has, slot]
        flight = np.linalg.norm(batch.vertex_mm[event, slot] - batch.vertex_mm[event, parent], axis=-1)
        p4 = batch.p4[event, parent]
        mass = np.sqrt(np.maximum(mass_squared(p4), 0.0))
        times[event, parent] = np.divide(
            flight * mass, momentum(p4), out=np.zeros(len(p4)), where=flight > 0.0
        )
    return times
