"""Couplings with which a vector explains the magnetic moment of the muon."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.constants import ALPHA
from umbra.core.kinematics import Array
from umbra.theory import tables
from umbra.theory.zprime import preferred_coupling

#: Coupling that limits are on -> the vector coupling to muons at one.
TO_MUONS: Mapping[str, float] = {"epsilon": float(np.sqrt(4.0 * np.pi * ALPHA)), "g_prime": 1.0}
#: Half-width of the band, in standard deviations.
SIGMA = 2.0


@dataclass(frozen=True)
class PreferredBand:
    """Couplings within two standard deviations of a measured excess.

    Parameters
    ----------
    name, source
        Of the excess.
    low, high
        Shape of the masses.
    """

    name: str
    source: str
    low: Array
    high: Array


def preferred_bands(quantity: str, mass_gev: ArrayLike) -> list[PreferredBand]:
    """Bands of a coupling against mass, one for each excess; none for couplings that are not of a vector to muons."""
    if quantity not in TO_MUONS:
        return []
    found = []
    for row in tables.load("muon_magnetic_moment")["excesses"]:
        ends = [row["value"] + side * SIGMA * row["error"] for side in (-1.0, 1.0)]
        low, high = (preferred_coupling(mass_gev, end) / TO_MUONS[quantity] for end in ends)
        found.append(PreferredBand(row["name"], row["source"], low, high))
    return found
