"""The working point of a discriminant: how much of it to cut away so that the efficiency is the published one.

Papers train networks and state the efficiency that is left. Here the discriminant is a column of the skim, and at each
generated mass the smallest value that is kept follows from the published efficiency over that of the fast simulation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from umbra.kinematics import Array
from umbra.signal_model import CORE, SignalModel, nearest_candidates
from umbra.variables import mass_at, position


@dataclass(frozen=True)
class WorkingPoint:
    """Smallest value of a column against the mass of the candidate.

    Parameters
    ----------
    variable, column
        Search variable, which tells the mass, and the discriminant.
    mass_gev, smallest
        Linear between these masses and constant beyond them, shape (k,).
    """

    variable: str
    column: str
    mass_gev: Array
    smallest: Array

    def keeps(self, candidates: Mapping[str, Array]) -> NDArray[np.bool_]:
        """Tell which candidates are kept."""
        mass = mass_at(self.variable, candidates[self.variable])
        kept: NDArray[np.bool_] = candidates[self.column] >= np.interp(mass, self.mass_gev, self.smallest)
        return kept


def find(region: Mapping[str, Any], candidates: Mapping[str, Array], model: SignalModel) -> WorkingPoint:
    """Find the working point of a region.

    Parameters
    ----------
    region
        Its settings, with `working_point` and `published_efficiency`.
    candidates
        Of the region's own signal, before the discriminant is used.
    model
        Its signal model, from the same candidates.
    """
    column = region["working_point"]
    table = np.asarray(region["published_efficiency"]["values"])
    smallest = []
    for mass, own, resolution in zip(model.mass_gev, model.efficiency, model.resolution, strict=True):
        here = np.flatnonzero(candidates["generated_mass_gev"] == mass)
        distance = np.abs(candidates[model.variable][here] - position(model.variable, mass))
        nearest = nearest_candidates(candidates["event"][here], distance)
        core = here[nearest[distance[nearest] < CORE * resolution]]
        fraction = np.interp(mass, table[:, 0], table[:, 1]) / own
        smallest.append(_upper_quantile(candidates[column][core], candidates["weight"][core], fraction))
    return WorkingPoint(model.variable, column, model.mass_gev, np.array(smallest))


def _upper_quantile(values: Array, weight: Array, fraction: float) -> float:
    """Value above which a fraction of the weight lies; the smallest one where all of it is wanted."""
    order = np.argsort(values)[::-1]
    reached = np.cumsum(weight[order]) / weight.sum()
    last = min(int(np.searchsorted(reached, fraction)), len(order) - 1)
    return float(values[order[last]])
