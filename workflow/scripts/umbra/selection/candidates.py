"""Which candidates of a signal count: those near the mass, the nearest one of each event."""

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array

#: Candidates within this many resolutions count for the efficiency.
CORE = 5.0


def nearest_candidates(event: Array, distance: Array) -> NDArray[np.intp]:
    """Candidate of each event that is nearest to the mass: the right one, nearly always, where there are several."""
    order = np.lexsort((distance, event))
    first: NDArray[np.intp] = order[np.flatnonzero(np.diff(event[order], prepend=-1))]
    return first
