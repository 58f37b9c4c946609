"""Where a particle of given mass shows up in each search variable (`umbra.core.search_variables.VARIABLES`)."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.constants import MUON_MASS_GEV
from umbra.core.kinematics import Array
from umbra.core.search_variables import VARIABLES

_POSITIONS: Mapping[str, Callable[[Array], Array]] = {
    "mass": np.positive,
    "mass_squared": np.square,
    # The reduced mass makes the dimuon spectrum smooth at threshold: arXiv:1406.2980.
    "reduced_mass": lambda mass: np.sqrt(np.maximum(np.square(mass) - 4.0 * MUON_MASS_GEV**2, 0.0)),
    "nothing": np.zeros_like,
}


#: The same but for what tells nothing of the mass, where it is the mass.
_SCALES: Mapping[str, Callable[[Array], Array]] = {**_POSITIONS, "nothing": np.positive}


def position(variable: str, mass_gev: ArrayLike) -> Array:
    """Value of the search variable at which a particle of this mass peaks; the shape is that of the mass."""
    return _POSITIONS[VARIABLES[variable].measures](np.asarray(mass_gev, dtype=float))


def scale_of(variable: str, mass_gev: ArrayLike) -> Array:
    """Quantity in whose logarithm signals are interpolated: the position, or the mass where that tells nothing."""
    return _SCALES[VARIABLES[variable].measures](np.asarray(mass_gev, dtype=float))


def mass_at(variable: str, x: ArrayLike) -> Array:
    """Mass of a particle that peaks at `x`: the inverse of `position`, 0 where no mass does or nothing tells it."""
    value: Array = np.maximum(np.asarray(x, dtype=float), 0.0)
    measures = VARIABLES[variable].measures
    if measures == "nothing":
        return np.zeros_like(value)
    if measures == "mass":
        return value
    squared: Array = np.square(value) + 4.0 * MUON_MASS_GEV**2 if measures == "reduced_mass" else value
    root: Array = np.sqrt(squared)
    return root
