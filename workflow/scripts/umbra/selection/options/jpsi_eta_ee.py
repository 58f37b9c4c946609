"""Options of the selection `jpsi_eta_ee`, and the columns that it makes."""

from typing import ClassVar, Literal

from umbra.core.records import Interval
from umbra.selection.records import SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.jpsi_eta_ee`.

    Parameters
    ----------
    eta_final_state
        `gamma_gamma`: two tracks; `pi_pi_pi0`: four tracks. Two photons in both.
    track_theta_deg, photon_theta_deg
        Polar angles in the laboratory; the drift chamber and the calorimeter.
    photon_minimum_energy_gev
        Of the photons in the laboratory.
    eta_mass_gev
        Measured mass of the decay products of the eta.
    pi0_mass_gev
        Of the two photons, for `pi_pi_pi0`.
    mass_over_sqrt_s
        Mass of all products over sqrt(s): nothing is missing.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "mass_gev",
        "eta_mass_gev",
    )

    eta_final_state: Literal["gamma_gamma", "pi_pi_pi0"]
    track_theta_deg: Interval
    photon_theta_deg: Interval
    photon_minimum_energy_gev: float
    eta_mass_gev: Interval
    pi0_mass_gev: Interval
    mass_over_sqrt_s: Interval
