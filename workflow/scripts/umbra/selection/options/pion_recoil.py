"""Options of the selection `pion_recoil`, and the columns that it makes."""

from typing import ClassVar

from umbra.core.records import Fraction, Interval, NotNegativeFloat
from umbra.selection.records import SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.pion_recoil`.

    Parameters
    ----------
    other_efficiency
        Of all that is not simulated, from the trigger to the vetoes.
    pion_theta_deg
        Of the pion, laboratory.
    pion_momentum_gev
        Of the pion, laboratory.
    kaon_momentum_percent, kaon_angle_mrad
        Resolution of the momentum of the kaon, and of each of its two angles.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "m2_missing_gev2",
        "pion_momentum_gev",
    )

    other_efficiency: Fraction
    pion_theta_deg: Interval
    pion_momentum_gev: Interval
    kaon_momentum_percent: NotNegativeFloat
    kaon_angle_mrad: NotNegativeFloat
