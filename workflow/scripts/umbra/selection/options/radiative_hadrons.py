"""Options of the selection `radiative_hadrons`, and the columns that it makes."""

from typing import ClassVar

from umbra.core.records import Interval
from umbra.selection.records import MassResolution, SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.radiative_hadrons`.

    Parameters
    ----------
    photon_theta_deg, photon_minimum_energy_cm_gev
        Of the photon, laboratory and centre of mass.
    hadron_theta_deg
        Of the sum of the hadrons, laboratory.
    mass_resolution_mev
        Rows (mass in GeV, width) that smear the *true* mass of the hadrons, linear in between and constant beyond.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = ("weight", "event", "hadron_mass_gev", "cos_theta_photon")

    photon_theta_deg: Interval
    photon_minimum_energy_cm_gev: float
    hadron_theta_deg: Interval
    mass_resolution_mev: MassResolution
