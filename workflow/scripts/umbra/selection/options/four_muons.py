"""Options of the selection `four_muons`, and the columns that it makes."""

from typing import ClassVar, Literal

from umbra.core.records import Interval
from umbra.selection.records import MassResolution, SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.four_muons`.

    Parameters
    ----------
    track_theta_deg, track_minimum_pt_gev
        Of all four tracks, laboratory; the drift chamber (17.2-152.6 degrees for BaBar) and 0.1 GeV. An event
        with a fifth track there is left out.
    identified_muons
        At least so many of the four must be identified as muons: 2 (BaBar), 3 (Belle II).
    mass_four_gev
        Invariant mass of the four tracks as muons: near the energy of the beams, which limits what the beams
        radiated.
    mass_resolution_mev
        Rows (mass in GeV, width) that smear the *true* mass of each pair, linear in between and constant
        beyond. `null`: the mass of the measured tracks.
    kinematic_fit
        Whether masses are those after a fit of the four muons to the momentum of the beams
        (`umbra.selection.kinematic_fit`): of the measured tracks to the nominal one, or, where a width is given, of the
        true muons to the momentum of all that was made, so that the width is smeared over what lost photons do.
    discriminant
        `matrix_element` adds the column `log_signal_to_background`: the logarithm of the squared amplitude of
        a vector radiated by the other two muons over that of four muons, at the *true* momenta. At tree level
        no discriminant can be better, so that it bounds what the papers' networks can do.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "mass_gev",
        "reduced_mass_gev",
        "log_signal_to_background",
    )

    track_theta_deg: Interval
    track_minimum_pt_gev: float
    identified_muons: Literal[0, 1, 2, 3, 4]
    mass_four_gev: Interval
    mass_resolution_mev: MassResolution | None
    kinematic_fit: bool
    discriminant: Literal["none", "matrix_element"]

    @property
    def columns(self) -> tuple[str, ...]:
        """All but the discriminant, where there is none."""
        return self.COLUMNS if self.discriminant != "none" else self.COLUMNS[:-1]
