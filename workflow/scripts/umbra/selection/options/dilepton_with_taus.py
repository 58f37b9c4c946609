"""Options of the selection `dilepton_with_taus`, and the columns that it makes."""

from typing import ClassVar

from umbra.core.records import Interval
from umbra.selection.records import Chamber, SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.dilepton_with_taus`.

    Parameters
    ----------
    track_theta_deg, track_minimum_pt_gev
        Of all four tracks, laboratory. An event with a fifth track there is left out.
    chamber
        Drift chamber in which tracks are found, wherever they start.
    photon_minimum_energy_gev
        Photons of at least this energy in the laboratory belong to the event.
    visible_mass_gev
        Mass of all tracks and photons together: the neutrinos of two taus keep it below the energy of the beams.
    missing_theta_deg
        What is missing points into the detector, laboratory: photons that are lost along the beams do not.
    tau_mass_below_gev
        Each track that is not of the pair, with the photons that are nearer to it than to the other one, is
        lighter than this.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "flavour",
        "mass_gev",
        "reduced_mass_gev",
    )

    track_theta_deg: Interval
    track_minimum_pt_gev: float
    chamber: Chamber
    photon_minimum_energy_gev: float
    visible_mass_gev: Interval
    missing_theta_deg: Interval
    tau_mass_below_gev: float
