"""Options of the selection `recoil_dimuon`, and the columns that it makes."""

from typing import ClassVar

from umbra.core.records import Interval
from umbra.selection.records import SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.recoil_dimuon`.

    Parameters
    ----------
    muon_theta_deg, muon_minimum_momentum_gev
        Of both tracks; 37-120 degrees (muon system, barrel) and 0.7 GeV (reach of the muon system).
    minimum_transverse_opening_deg
        Azimuth between the tracks: 90 degrees in the two-track trigger.
    minimum_dimuon_pt_cm_gev
        Momentum of the pair across the beams in the centre of mass.
    recoil_theta_deg
        Direction of the missing momentum: 33-128 degrees, where a photon would hit the barrel of the
        calorimeter.
    veto_photon_energy_gev
        No other photon of more than this energy: 0.4 GeV, the limit on the extra energy in the paper.
    veto_near_recoil_energy_gev, veto_near_recoil_angle_deg
        Nor one of more than this energy (0.2 GeV) within this angle of the missing momentum (15 degrees).
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "m2_recoil_gev2",
        "recoil_theta_deg",
        "mass_dimuon_gev",
        "helicity_cosine",
        "recoil_pt_harder_gev",
        "recoil_pt_softer_gev",
        "dimuon_pt_gev",
        "pt_asymmetry",
    )

    muon_theta_deg: Interval
    muon_minimum_momentum_gev: float
    minimum_transverse_opening_deg: float
    minimum_dimuon_pt_cm_gev: float
    recoil_theta_deg: Interval
    veto_photon_energy_gev: float
    veto_near_recoil_energy_gev: float
    veto_near_recoil_angle_deg: float
