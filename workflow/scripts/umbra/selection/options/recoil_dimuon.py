"""Options of the selection `recoil_dimuon`, and the columns that it makes."""

from typing import ClassVar

from pydantic import model_validator

from umbra.core.records import Curve, Fraction, Interval
from umbra.selection.records import SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.recoil_dimuon`.

    Parameters
    ----------
    muon_theta_deg, muon_minimum_momentum_gev
        Of both tracks; 37-120 degrees (muon system, barrel) and 0.7 GeV (reach of the muon system).
    minimum_transverse_opening_deg
        Azimuth between the tracks: 90 degrees in the two-track trigger of 2018 and 2019; or rows (angle, share of the
        data that were taken with it).
    trigger_efficiency
        Of events that pass; 1 where an efficiency that is imposed holds it.
    minimum_dimuon_pt_cm_gev
        Momentum of the pair across the beams in the centre of mass.
    recoil_theta_deg
        Direction of the missing momentum: 33-128 degrees, where a photon would hit the barrel of the
        calorimeter.
    veto_photon_energy_gev
        No photon of more than this energy: the limit that papers set on the energy of all of them, seldom two.
    veto_near_recoil_energy_gev, veto_near_recoil_angle_deg
        Nor one of more than this energy within this angle of the missing momentum (15 degrees).
    m2_resolution_gev2
        Of the squared recoil mass: rows (squared mass in GeV^2, width), by which the true one is smeared; that of the
        measured muons where it is null.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "m2_recoil_gev2",
        "recoil_theta_deg",
        "recoil_from_90_deg",
        "mass_dimuon_gev",
        "helicity_cosine",
        "recoil_pt_harder_gev",
        "recoil_pt_softer_gev",
        "dimuon_pt_gev",
        "pt_asymmetry",
    )

    muon_theta_deg: Interval
    muon_minimum_momentum_gev: float
    minimum_transverse_opening_deg: float | Curve
    trigger_efficiency: Fraction
    minimum_dimuon_pt_cm_gev: float
    recoil_theta_deg: Interval
    veto_photon_energy_gev: float
    veto_near_recoil_energy_gev: float
    veto_near_recoil_angle_deg: float
    m2_resolution_gev2: Curve | None

    @model_validator(mode="after")
    def _check(self) -> "Options":
        total = sum(share for _, share in self.opening_shares)
        if abs(total - 1.0) > 1e-6:
            raise ValueError(
                f"minimum_transverse_opening_deg: shares of the data add up to {total:g}, not to 1"
            )
        return self

    @property
    def opening_shares(self) -> Curve:
        """Smallest openings, and the share of the data that were taken with each."""
        opening = self.minimum_transverse_opening_deg
        return ((opening, 1.0),) if isinstance(opening, float) else opening
