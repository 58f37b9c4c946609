"""Options of the selection `lepton_against_tau`, and the columns that it makes."""

from typing import ClassVar, Literal

from umbra.core.records import Fraction, Interval
from umbra.selection.records import SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.lepton_against_tau`.

    Parameters
    ----------
    lepton
        `electron` or `muon`. Pions that are taken for it are not considered.
    track_theta_deg, track_minimum_pt_gev
        Of all tracks, laboratory.
    soft_lepton_probability
        That the chamber and the calorimeter alone identify a lepton below the smallest momentum of the
        detector's identification.
    residual_efficiency
        Of what the parametrised detector does not have, such as the trigger and requirements against other
        backgrounds; multiplies all weights.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "m2_invisible_gev2",
        "energy_fraction",
    )

    lepton: Literal["electron", "muon"]
    track_theta_deg: Interval
    track_minimum_pt_gev: float
    soft_lepton_probability: Fraction
    residual_efficiency: float
