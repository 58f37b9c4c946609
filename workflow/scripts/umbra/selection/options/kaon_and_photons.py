"""Options of the selection `kaon_and_photons`, and the columns that it makes."""

from typing import ClassVar, Literal

from umbra.core.records import Interval, Record
from umbra.selection.records import SelectionOptions


class Surface(Record):
    """Front of the calorimeter: a cylinder around the beams and a plane across them at its forward end."""

    radius_mm: float
    forward_z_mm: float


class Options(SelectionOptions):
    """Cuts of `umbra.selection.kaon_and_photons`.

    Parameters
    ----------
    track_theta_deg, track_minimum_pt_gev
        Of the kaon, laboratory.
    kaon_probability, misidentified_probability
        That a kaon, or another charged hadron, passes as a kaon.
    photon_theta_deg, photon_minimum_energy_gev
        Of both photons, laboratory, as seen from the collision.
    calorimeter
        Surface on which photons are seen. Those that start beyond it are not.
    energy_difference_gev
        Largest |E_B - sqrt(s)/2| in the centre of mass.
    b_momentum_below_gev
        Largest momentum of the candidate in the centre of mass: 0.46 GeV is m_ES > 5.27 GeV.
    widened_energy, widened_momentum
        The two cuts above are wider by these factors, and candidates have as much less weight, as if they were
        spread evenly over energy and momentum space there: more of a simulated background is used so. 1 and 1: not.
    widened_density
        Multiplies these weights: how much denser they are within the box than on average in the widened one.
    constrained
        1: the energies of the photons are moved, each by its resolution, so that the candidate has the energy of a
        beam. 0: they are as measured, which a widened sample of background needs.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "diphoton_mass_gev",
    )

    track_theta_deg: Interval
    track_minimum_pt_gev: float
    kaon_probability: float
    misidentified_probability: float
    photon_theta_deg: Interval
    photon_minimum_energy_gev: float
    calorimeter: Surface
    energy_difference_gev: float
    b_momentum_below_gev: float
    widened_energy: float
    widened_momentum: float
    widened_density: float
    constrained: Literal[0, 1]
