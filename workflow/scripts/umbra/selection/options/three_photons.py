"""Options of the selection `three_photons`, and the columns that it makes."""

from typing import ClassVar

from umbra.core.records import Interval
from umbra.selection.records import SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.three_photons`.

    Parameters
    ----------
    theta_deg
        Polar angle of every photon in the laboratory; 37.3-123.7 degrees in the paper, well inside the
        barrel.
    minimum_energy_gev
        Energy of every photon in the laboratory; 0.65 GeV in the paper for masses above 4 GeV, 1 GeV below.
    mass_over_sqrt_s
        Invariant mass of the three photons over sqrt(s); 0.88-1.03 in the paper.
    minimum_delta_theta_rad, minimum_delta_phi_rad
        Any two photons differ by more than the first in theta or by more than the second in phi (laboratory);
        0.014 and 0.400 in the paper, against photons that converted.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "m2_pair_gev2",
        "m2_recoil_gev2",
        "min_photon_energy_gev",
        "helicity_cosine",
        "max_helicity_cosine",
        "separation_deg",
        "recoil_slot",
    )

    theta_deg: Interval
    minimum_energy_gev: float
    mass_over_sqrt_s: Interval
    minimum_delta_theta_rad: float
    minimum_delta_phi_rad: float
