"""Options of the selection `radiative_dilepton`, and the columns that it makes."""

from typing import ClassVar, Literal

from umbra.core.records import Interval
from umbra.selection.records import MassResolution, SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.radiative_dilepton`.

    Parameters
    ----------
    final_state
        `ee` or `mumu`.
    photon_theta_deg, photon_minimum_energy_cm_gev
        Of the photon, laboratory and centre of mass; 15.8-141.8 degrees and 0.2 GeV in the paper. The energy
        is also what another photon must not have.
    track_theta_deg, track_minimum_pt_gev
        Of both tracks, laboratory; 17.2-152.6 degrees, the drift chamber, and 0.1 GeV.
    minimum_photon_track_angle_deg
        Between the photon and either track, laboratory; 5 degrees, an assumption: the paper's isolation is
        not at hand and changes the limit by less than 1%.
    identified_leptons
        How many tracks must be identified, 1 or 2: at least one electron, both muons in the paper.
    maximum_helicity_cosine
        Largest |cosine| between a lepton in the rest frame of the pair and the direction of the pair in the
        centre of mass; 0.95 for muons in the paper, which keep out radiative Bhabha and pion pairs. `null`:
        no cut.
    minimum_positron_cosine, maximum_electron_cosine
        Of the polar angles in the centre of mass: -0.5 and 0.5 for electrons in the paper, against radiative
        Bhabha scattering, whose electron keeps its direction. `null`: no cut.
    mass_resolution_mev
        Rows (mass in GeV, width) that smear the *true* mass of the pair, linear in between and constant
        beyond. They stand in for the fit of the paper, which constrains the pair and the photon to the beams
        and is better than the tracks alone. `null`: the mass of the measured tracks.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "mass_gev",
        "reduced_mass_gev",
        "cos_theta_photon",
        "helicity_cosine",
    )

    final_state: Literal["ee", "mumu"]
    photon_theta_deg: Interval
    photon_minimum_energy_cm_gev: float
    track_theta_deg: Interval
    track_minimum_pt_gev: float
    minimum_photon_track_angle_deg: float
    identified_leptons: Literal[1, 2]
    maximum_helicity_cosine: float | None
    minimum_positron_cosine: float | None
    maximum_electron_cosine: float | None
    mass_resolution_mev: MassResolution | None
