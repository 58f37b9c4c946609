"""Options of the selection `three_pairs`, and the columns that it makes."""

from typing import ClassVar, Literal

from umbra.core.records import Interval
from umbra.selection.records import SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.three_pairs`.

    Parameters
    ----------
    track_theta_deg, track_minimum_pt_gev
        Of all tracks, laboratory; the drift chamber and 0.1 GeV. Events with other numbers of tracks there than six
        or four, or with a total charge, are left out.
    mass_six_gev
        Invariant mass of six tracks: near the energy of the beams.
    mass_difference_gev
        Largest distance of the mass of a pair from the mean of the pairs.
    recoil_difference_gev2
        With four tracks: largest distance of the squared recoil mass from the square of that mean.
    most_pion_pairs
        Of six tracks: 2 (BaBar) or 3 (Belle).
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "mass_gev",
        "mass2_gev",
        "pions",
    )

    track_theta_deg: Interval
    track_minimum_pt_gev: float
    mass_six_gev: Interval
    mass_difference_gev: float
    recoil_difference_gev2: float
    most_pion_pairs: Literal[0, 1, 2, 3]
