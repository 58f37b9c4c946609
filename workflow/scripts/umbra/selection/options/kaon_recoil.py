"""Options of the selection `kaon_recoil`, and the columns that it makes."""

from typing import ClassVar

from umbra.core.records import Fraction, Interval
from umbra.selection.records import SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.kaon_recoil`.

    Parameters
    ----------
    track_theta_deg, track_minimum_pt_gev
        Of the kaon, laboratory.
    kaon_probability
        That a kaon passes as one.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "q2_gev2",
    )

    track_theta_deg: Interval
    track_minimum_pt_gev: float
    kaon_probability: Fraction
