"""What every model of a new particle offers: widths, branching fractions and lifetime against its mass."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from umbra.core.constants import HBARC_GEV_MM
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array


class Model(ABC):
    """Decay of a new particle whose partial widths are all proportional to the square of one coupling.

    Class attributes
    ----------------
    name
        What messages call it.
    coupling_name
        Name of the coupling in `limits.csv`, with its unit.
    final_states
        Names that `partial_width_gev` and `branching_fraction` accept; together they exhaust the width.
    parts
        Names that they accept besides, each a part of one of these.
    """

    name: ClassVar[str]
    coupling_name: ClassVar[str]
    final_states: tuple[str, ...]
    parts: tuple[str, ...] = ()

    @abstractmethod
    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """Partial width in GeV; masses and couplings broadcast."""

    def width_gev(self, mass_gev: ArrayLike, coupling: ArrayLike) -> Array:
        """Total width in GeV; masses and couplings broadcast."""
        parts = [self.partial_width_gev(mass_gev, final_state, coupling) for final_state in self.final_states]
        total: Array = np.sum(parts, axis=0)
        return total

    def branching_fraction(self, mass_gev: ArrayLike, final_state: str) -> Array:
        """Branching fraction into one final state, shape of `mass_gev`.

        Raises
        ------
        UmbraError
            For an unknown final state, or a mass at which nothing can decay.
        """
        self.check(final_state)
        total = self.width_gev(mass_gev, 1.0)
        if not np.all(total > 0.0):
            closed = np.broadcast_to(mass_gev, total.shape)[total <= 0.0]
            raise UmbraError(f"model {self.name}: no decay is open at a mass of {closed[0]:g} GeV")
        fraction: Array = self.partial_width_gev(mass_gev, final_state, 1.0) / total
        return fraction

    def ctau_mm(self, mass_gev: ArrayLike, coupling: ArrayLike) -> Array:
        """Mean proper decay length in mm; infinite for a particle that cannot decay."""
        with np.errstate(divide="ignore"):
            length: Array = HBARC_GEV_MM / self.width_gev(mass_gev, coupling)
        return length

    def check(self, final_state: str) -> None:
        """Refuse a final state that the model does not know."""
        names = (*self.final_states, *self.parts)
        if final_state not in names:
            known = ", ".join(names)
            raise UmbraError(f"model {self.name}: unknown final state '{final_state}'; it knows: {known}")


class InvisibleModel(Model):
    """New particle that always decays to dark matter, by a coupling much larger than the one under study.

    The width is set by that other coupling, which searches assume to leave it below their resolution.
    """

    final_states = ("invisible",)

    def branching_fraction(self, mass_gev: ArrayLike, final_state: str) -> Array:
        """One, for `invisible`."""
        self.check(final_state)
        return np.ones_like(np.asarray(mass_gev, float))

    def partial_width_gev(self, mass_gev: ArrayLike, final_state: str, coupling: ArrayLike) -> Array:
        """Not a function of the coupling, see the class.

        Raises
        ------
        UmbraError
            Always.
        """
        raise UmbraError(f"model {self.name}: its width does not follow from {self.coupling_name}")
