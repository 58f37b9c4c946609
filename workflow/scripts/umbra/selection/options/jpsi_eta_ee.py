"""Options of the selection `jpsi_eta_ee`, and the columns that it makes."""

from typing import ClassVar, Literal

from umbra.core.records import Interval
from umbra.selection.records import SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.jpsi_eta_ee`.

    Parameters
    ----------
    eta_final_state
        Of the eta: `gamma_gamma`, two tracks and two photons; `pi_pi_pi0`, four and two. Of the eta':
        `gamma_pi_pi`, four tracks and a photon; `pi_pi_eta`, four and two.
    track_theta_deg, photon_theta_deg
        Polar angles in the laboratory; the drift chamber and the calorimeter.
    photon_minimum_energy_gev
        Of the photons in the laboratory.
    eta_mass_gev
        Measured mass of the decay products of the eta, or the eta'.
    pair_mass_gev
        Of the two photons where they come from a pi0 or an eta; `null`: any.
    mass_over_sqrt_s
        Mass of all products over sqrt(s): nothing is missing.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "mass_gev",
        "eta_mass_gev",
    )

    eta_final_state: Literal["gamma_gamma", "pi_pi_pi0", "gamma_pi_pi", "pi_pi_eta"]
    track_theta_deg: Interval
    photon_theta_deg: Interval
    photon_minimum_energy_gev: float
    eta_mass_gev: Interval
    pair_mass_gev: Interval | None
    mass_over_sqrt_s: Interval
