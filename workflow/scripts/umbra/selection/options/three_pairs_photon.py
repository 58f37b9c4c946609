"""Options of the selection `three_pairs_photon`, and the columns that it makes."""

from typing import ClassVar, Literal

from umbra.core.records import Interval, PositiveFloat
from umbra.selection.records import Chamber, SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.three_pairs_photon`.

    Parameters
    ----------
    track_theta_deg, track_minimum_pt_gev
        Of all tracks, laboratory. Events with another number of tracks there than six, or with a total charge, are left
        out.
    chamber
        See `umbra.detector.helix.DriftChamber`: every track must cross so many layers.
    photon_theta_deg
        Where the photon must be seen that the six tracks recoil against; elsewhere it may be lost.
    photon_separation_rad
        Largest angle between the photon and the momentum that recoils.
    recoil_mass2_gev2
        Largest squared mass, either sign, of what recoils against the tracks.
    mass_difference_gev
        Largest distance of the mass of a pair from the mean of the three.
    most_pion_pairs
        Of the three.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = ("weight", "event", "mass_gev", "mass_six_gev", "pions")

    track_theta_deg: Interval
    track_minimum_pt_gev: float
    chamber: Chamber
    photon_theta_deg: Interval
    photon_separation_rad: PositiveFloat
    recoil_mass2_gev2: PositiveFloat
    mass_difference_gev: PositiveFloat
    most_pion_pairs: Literal[0, 1, 2, 3]
