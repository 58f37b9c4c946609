"""Options of the selection `missing_energy`, and the columns that it makes."""

from typing import ClassVar

from umbra.core.records import Fraction, PositiveFloat
from umbra.selection.records import SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.missing_energy`.

    Parameters
    ----------
    other_efficiency
        Of all that is not simulated, from the tag of the incoming electron to the vetoes.
    largest_ecal_energy_gev
        That the target itself may measure.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = ("weight", "event", "ecal_energy_gev")

    other_efficiency: Fraction
    largest_ecal_energy_gev: PositiveFloat
