"""Which pairs the three dark photons of an event decay to."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from umbra.generation.decays.pairs import PAIRS


def draw_pairs(
    n: int, mass2_gev2: float, others: Sequence[str], rng: np.random.Generator
) -> tuple[list[str], NDArray[np.intp]]:
    """Draw electrons or muons, with the shares of their widths, for three dark photons but those of `others`.

    Parameters
    ----------
    n
        Number of events.
    mass2_gev2
        Squared mass of the dark photon.
    others
        What else some of the three decay to.
    rng
        Random generator.

    Returns
    -------
    names, chosen
        Final states, and for each event the places of three of them in random order, shape (n, 3).
    """
    ratio = PAIRS["mumu"][1] ** 2 / mass2_gev2
    weight = (1.0 + 2.0 * ratio) * np.sqrt(max(1.0 - 4.0 * ratio, 0.0))
    names = ["ee", "mumu", *dict.fromkeys(others)]
    chosen = np.where(rng.random((n, 3)) < weight / (1.0 + weight), 1, 0)
    for column, other in enumerate(others):
        chosen[:, column] = names.index(other)
    return names, rng.permuted(chosen, axis=1)
