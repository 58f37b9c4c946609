"""A HistFactory model as arrays.

The expectation of every bin is written as a sum over rows of templates,

    nu_b = sum_r c_r(theta) T_rb ,        c_r(theta) = prod_k f_k(theta_k) ,

where each factor f is a function of one parameter. Per-bin parameters that are not part of theta are eliminated
analytically. `compilation` says how a workspace becomes such a model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from umbra.core.errors import UmbraError
from umbra.statistics.interpolation import Array as Array
from umbra.statistics.interpolation import Slot

NO_GAMMA, NORMAL, POISSON, FREE = 0, 1, 2, 3  # kinds of per-bin parameters


class WorkspaceError(UmbraError):
    """The workspace is not a HistFactory model that the engine can use."""


@dataclass(frozen=True)
class Eliminated:
    """Entries `offset` and following of the per-bin set `name`, `size` of them, belong to bins `start` and following.

    A `staterror` whose name stands in several channels is one set, with entries of its own for each of them.
    """

    name: str
    start: int
    offset: int
    size: int


@dataclass(frozen=True, eq=False)
class Model:
    """One workspace as arrays: P parameters, R rows, B bins (padded with empty ones to a common width).

    Attributes
    ----------
    templates : (R, B) expected counts of each row
    slots : the factors of each row
    families : (R,) equal for rows that share all factors but the one that varies a shape
    initial, lower, upper, centre, strength : (P,) start value, bounds, auxiliary measurement and its strength
        (1/sigma^2 of a normal constraint, tau of a Poisson one, 0 for a free parameter)
    poisson : (P,) whether the constraint is a Poisson one
    gamma_rows : (R, B) which templates the per-bin parameter of bin b multiplies
    gamma_kind, gamma_centre, gamma_strength : (B,) the same for the eliminated per-bin parameters
    observed : (B,) observed counts
    channels : name and number of bins of each channel, in the order of the bins
    eliminated : the per-bin parameters that are not part of theta, channel by channel
    """

    name: str
    parameters: tuple[str, ...]
    poi: int
    slots: tuple[tuple[Slot, ...], ...]
    families: tuple[int, ...]
    templates: Array
    initial: Array
    lower: Array
    upper: Array
    centre: Array
    strength: Array
    poisson: npt.NDArray[np.bool_]
    gamma_rows: npt.NDArray[np.bool_]
    gamma_kind: npt.NDArray[np.int8]
    gamma_centre: Array
    gamma_strength: Array
    observed: Array
    channels: tuple[tuple[str, int], ...]
    eliminated: tuple[Eliminated, ...]

    @property
    def n_bins(self) -> int:
        """Number of bins without the padding."""
        return sum(n for _, n in self.channels)

    @property
    def structure(self) -> tuple[object, ...]:
        """What two models must share to be fitted in one batch."""
        layout = tuple(tuple((slot.parameter, slot.kind) for slot in row) for row in self.slots)
        shape = (self.templates.shape, len(self.parameters), self.poi)
        return (*shape, layout, self.families, bool(self.gamma_kind.any()))

    def bin_label(self, index: int) -> str:
        """Name a bin for an error message."""
        for channel, n in self.channels:
            if index < n:
                return f"bin {index} of channel '{channel}'"
            index -= n
        raise IndexError(index)
