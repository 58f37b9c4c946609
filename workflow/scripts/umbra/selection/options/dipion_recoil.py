"""Options of the selection `dipion_recoil`, and the columns that it makes."""

from typing import ClassVar

from umbra.core.records import Interval
from umbra.selection.records import SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.dipion_recoil`.

    Parameters
    ----------
    track_theta_deg, track_minimum_pt_gev
        Of both pions, laboratory.
    veto_photon_energy_gev
        No photon of more than this energy in the laboratory, measured or true. Other tracks are vetoed whatever their
        momentum, and showers that miss the calorimeter where an outer system notices them.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "m_recoil_gev",
        "dipion_mass_gev",
        "dipion_pt_cm_gev",
    )

    track_theta_deg: Interval
    track_minimum_pt_gev: float
    veto_photon_energy_gev: float
