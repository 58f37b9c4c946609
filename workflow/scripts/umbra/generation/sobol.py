"""Scrambled Sobol sequences: points that fill the unit cube more evenly than random numbers do.

Directions are those of S. Joe and F. Y. Kuo, SIAM J. Sci. Comput. 30 (2008) 2635. `scipy.stats.qmc` has the same
sequences, but takes longer to import than most integrals take.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array

_BITS = 30
#: Primitive polynomial of each axis, as bits of its coefficients, and the numbers that its recurrence begins with.
_AXES = (
    *((1, (1,)), (3, (1,)), (7, (1, 3)), (11, (1, 3, 1)), (13, (1, 1, 1)), (19, (1, 1, 3, 3))),
    *((25, (1, 3, 5, 13)), (37, (1, 1, 5, 5, 17)), (41, (1, 1, 5, 5, 5)), (47, (1, 1, 7, 11, 19))),
    *((55, (1, 1, 5, 1, 1)), (59, (1, 1, 1, 3, 11)), (61, (1, 3, 5, 5, 31)), (67, (1, 3, 3, 9, 7, 49))),
    *((91, (1, 1, 1, 15, 21, 21)), (97, (1, 3, 1, 13, 27, 49))),
)
#: Most axes of a point.
MOST_DIMENSIONS = len(_AXES)


def scrambled(dimensions: int, power: int, rng: np.random.Generator) -> Array:
    """Return the first points of a sequence with a random linear scrambling of digits and a random digital shift.

    Each point is uniform by itself, so that means are without bias (J. Matoušek, J. Complexity 14 (1998) 527).

    Parameters
    ----------
    dimensions
        Number of axes, at most `MOST_DIMENSIONS`.
    power
        Logarithm to base two of the number of points.
    rng
        Random numbers of the scrambling.

    Returns
    -------
    Array
        Shape (2**power, dimensions), within (0, 1).

    Raises
    ------
    ValueError
        For more axes than there are directions for.
    """
    if dimensions > MOST_DIMENSIONS:
        raise ValueError(f"{dimensions} axes: directions are at hand for {MOST_DIMENSIONS}")
    directions = _directions()[:dimensions]
    places = np.arange(_BITS - 1, -1, -1)
    # Each digit gets a random combination of those before it.
    before = rng.integers(0, 2**_BITS, (dimensions, _BITS)) & (2**_BITS - 2 ** (places + 1))
    digits = np.bitwise_count((before | 2**places)[:, :, None] & directions[:, None, :]) & 1
    mixed = (digits.astype(np.int64) << places[:, None]).sum(axis=1)
    points = rng.integers(0, 2**_BITS, (dimensions, 1))
    for place in range(power):
        points = np.concatenate([points, points ^ mixed[:, place, None]], axis=1)
    return np.ascontiguousarray(((points + 0.5) / 2**_BITS).T)


@lru_cache
def _directions() -> NDArray[np.int64]:
    """Direction numbers by axis and by digit of a point's number, the last digit first."""
    rows = []
    for axis, (polynomial, first) in enumerate(_AXES):
        numbers = list(first)
        degree = polynomial.bit_length() - 1
        while len(numbers) < _BITS:
            following = numbers[-degree] if axis else 1
            for i in range(1, degree + 1):
                if polynomial >> (degree - i) & 1:
                    following ^= numbers[-i] << i
            numbers.append(following)
        rows.append([number << (_BITS - 1 - digit) for digit, number in enumerate(numbers)])
    return np.array(rows)
