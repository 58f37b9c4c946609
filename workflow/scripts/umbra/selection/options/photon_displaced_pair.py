"""Options of the selection `photon_displaced_pair`, and the columns that it makes."""

from typing import ClassVar, Literal

from umbra.core.records import Interval
from umbra.selection.records import SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.photon_displaced_pair`.

    Parameters
    ----------
    final_state
        `ee` or `mumu`.
    photon_theta_deg, photon_minimum_energy_gev
        Of the photon, laboratory: 22-158 degrees and 0.5 GeV.
    track_theta_deg, track_minimum_momentum_gev
        Of the leptons, laboratory: 17-150 degrees and 0.1 GeV.
    minimum_opening_rad
        Between the leptons: 0.1.
    minimum_pair_mass_gev, vetoed_pion_pair_mass_gev
        0.03 GeV against conversions, and 0.48-0.52 GeV against K_S, of which the latter takes the tracks for pions.
    vertex_z_mm
        -550 to 1400 mm. Regions cut on the distance across the beams.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "m2_recoil_gev2",
        "photon_energy_cm_gev",
        "pair_mass_gev",
        "flight_mm",
        "pointing_rad",
    )

    final_state: Literal["ee", "mumu"]
    photon_theta_deg: Interval
    photon_minimum_energy_gev: float
    track_theta_deg: Interval
    track_minimum_momentum_gev: float
    minimum_opening_rad: float
    minimum_pair_mass_gev: float
    vetoed_pion_pair_mass_gev: Interval
    vertex_z_mm: Interval
