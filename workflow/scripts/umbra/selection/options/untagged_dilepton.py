"""Options of the selection `untagged_dilepton`, and the columns that it makes."""

from typing import ClassVar, Literal

from umbra.core.records import Interval
from umbra.selection.records import MassResolution, SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.untagged_dilepton`.

    Parameters
    ----------
    final_state
        `ee`, `mumu` or `pipi`.
    track_theta_deg
        Of both tracks, laboratory; |cos theta| < 0.93, the drift chamber.
    maximum_missing_angle_rad
        Between the missing momentum and the nearer beam, in the centre of mass; 0.1 in the paper.
    missing_mass2_gev2
        Mass squared of what is missing, a photon; stands for the paper's fit with one constraint.
    track_mass_gev
        Mass that both tracks would have if a photon were all that is missing, see
        `umbra.selection.dilepton_mass.track_mass`; tells muons from pions at KLOE, which has no muon system.
        `null`: any.
    mass_resolution_mev
        Rows (mass in GeV, width) that smear the *true* mass of the pair, as a fit would find it; linear in
        between and constant beyond. `null`: the mass of the measured tracks.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "mass_gev",
        "missing_angle_rad",
        "missing_mass2_gev2",
        "track_mass_gev",
    )

    final_state: Literal["ee", "mumu", "pipi"]
    track_theta_deg: Interval
    maximum_missing_angle_rad: float
    missing_mass2_gev2: Interval
    track_mass_gev: Interval | None
    mass_resolution_mev: MassResolution | None
