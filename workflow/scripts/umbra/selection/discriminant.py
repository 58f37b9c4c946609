"""The working point of a discriminant: how much of it to cut away so that the efficiency is the published one.

Papers train networks and state the efficiency that is left. Here the discriminant is a column of the skim, and at each
generated mass the smallest value that is kept follows from the published efficiency over that of the fast simulation
(`find`), or from a figure of merit (`find_punzi`) where no efficiency is published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from umbra.core.kinematics import Array
from umbra.core.variables import mass_at, position
from umbra.selection.candidates import CORE, nearest_candidates
from umbra.selection.records import PunziPoint

#: Half-width of the window of the figure of merit, in resolutions.
COUNTED = 2.0


@dataclass(frozen=True)
class WorkingPoint:
    """Smallest value of a column against the mass of the candidate.

    Parameters
    ----------
    variable, column
        Search variable, which tells the mass, and the discriminant.
    mass_gev, smallest
        Linear between these masses and constant beyond them, shape (k,).
    rest
        Keep the smaller values instead.
    """

    variable: str
    column: str
    mass_gev: Array
    smallest: Array
    rest: bool = False

    def keeps(self, candidates: Mapping[str, Array]) -> NDArray[np.bool_]:
        """Tell which candidates are kept."""
        mass = mass_at(self.variable, candidates[self.variable])
        large: NDArray[np.bool_] = candidates[self.column] >= np.interp(mass, self.mass_gev, self.smallest)
        return ~large if self.rest else large


class Simulated(Protocol):
    """What is known of a simulated signal at the generated masses, each of shape (k,)."""

    @property
    def variable(self) -> str:
        """Search variable."""

    @property
    def mass_gev(self) -> Array:
        """Generated masses."""

    @property
    def efficiency(self) -> Array:
        """Efficiency of the fast simulation, without the discriminant."""

    @property
    def resolution(self) -> Array:
        """Standard deviation of the search variable."""


def half(candidates: Mapping[str, Array], number: int) -> dict[str, Array]:
    """Candidates of every other event, with twice the weight: 0 tells a cut, 1 what it leaves.

    A cut that is chosen on the very events that are then counted is biased: it follows their fluctuations downwards.
    """
    chosen = candidates["event"] % 2 == number
    found = {name: column[chosen] for name, column in candidates.items()}
    return {**found, "weight": 2.0 * found["weight"]}


@dataclass(frozen=True)
class Scored:
    """Simulated background candidates, shape (m,) each.

    Parameters
    ----------
    x
        Search variable.
    score
        The discriminant.
    events
        Expected events that each stands for.
    """

    x: Array
    score: Array
    events: Array


def find(column: str, efficiency: Array, candidates: Mapping[str, Array], model: Simulated) -> WorkingPoint:
    """Find the working point with a published efficiency.

    Parameters
    ----------
    column
        The discriminant.
    efficiency
        Masses in GeV and the published efficiencies, shape (k, 2): linear between them and constant beyond.
    candidates
        Of the region's own signal, before the discriminant is used.
    model
        Its signal model, from the same candidates.
    """
    smallest = []
    for mass, own, resolution in zip(model.mass_gev, model.efficiency, model.resolution, strict=True):
        here = np.flatnonzero(candidates["generated_mass_gev"] == mass)
        distance = np.abs(candidates[model.variable][here] - position(model.variable, mass))
        nearest = nearest_candidates(candidates["event"][here], distance)
        core = here[nearest[distance[nearest] < CORE * resolution]]
        fraction = np.interp(mass, efficiency[:, 0], efficiency[:, 1]) / own
        smallest.append(_upper_quantile(candidates[column][core], candidates["weight"][core], fraction))
    return WorkingPoint(model.variable, column, model.mass_gev, np.array(smallest))


def find_punzi(
    wanted: PunziPoint, candidates: Mapping[str, Array], model: Simulated, background: Scored
) -> WorkingPoint:
    """Find the working point with the largest efficiency / (a/2 + error of the background).

    G. Punzi, arXiv:physics/0308063. Signal and background are those within two resolutions of the mass. The error is
    the root of the expected events and of the variance that the simulation leaves them; cuts that leave fewer
    effective simulated events than asked for are not tried, because nothing would be known of the background. The
    optimum is flat and simulated events are few: each cut is the median of those of three neighbouring masses.

    Parameters
    ----------
    wanted
        The discriminant, a, and the fewest effective simulated events.
    candidates, model
        As for `find`.
    background
        All backgrounds together.
    """
    smallest = []
    for mass, resolution in zip(model.mass_gev, model.resolution, strict=True):
        centre, reach = float(position(model.variable, mass)), COUNTED * resolution
        here = (candidates["generated_mass_gev"] == mass) & (
            np.abs(candidates[model.variable] - centre) < reach
        )
        near = np.abs(background.x - centre) < reach
        smallest.append(
            _punzi_cut(
                (candidates[wanted.column][here], candidates["weight"][here]),
                (background.score[near], background.events[near]),
                wanted.punzi_sigma,
                wanted.fewest_simulated,
            )
        )
    smooth = median_filter(np.array(smallest), size=3, mode="nearest")
    return WorkingPoint(model.variable, wanted.column, model.mass_gev, smooth, wanted.keeps == "rest")


def _punzi_cut(
    signal: tuple[Array, Array], background: tuple[Array, Array], sigma: float, fewest: float
) -> float:
    """Best smallest score; all are kept where the background is not simulated well enough for any cut."""
    order = np.argsort(background[0])[::-1]
    score, events = background[0][order], background[1][order]
    expected, variance = np.cumsum(events), np.cumsum(events**2)
    known = np.flatnonzero(expected**2 >= fewest * variance)
    if len(known) == 0:
        return float(score.min(initial=0.0)) - 1e3
    sorted_signal = np.argsort(signal[0])
    above = np.cumsum(signal[1][sorted_signal][::-1])[::-1]
    # Cut at the score of each simulated background event, which is kept.
    first = np.searchsorted(signal[0][sorted_signal], score[known])
    efficiency = np.append(above, 0.0)[first]
    merit = efficiency / (0.5 * sigma + np.sqrt(expected[known] + variance[known]))
    return float(score[known[int(np.argmax(merit))]])


def _upper_quantile(values: Array, weight: Array, fraction: float) -> float:
    """Value above which a fraction of the weight lies; the smallest one where all of it is wanted."""
    order = np.argsort(values)[::-1]
    reached = np.cumsum(weight[order]) / weight.sum()
    last = min(int(np.searchsorted(reached, fraction)), len(order) - 1)
    return float(values[order[last]])
