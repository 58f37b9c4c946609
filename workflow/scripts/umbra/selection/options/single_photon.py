"""Options of the selection `single_photon`, and the columns that it makes."""

from typing import Annotated, ClassVar

from pydantic import Strict

from umbra.core.records import Interval, Record, Several
from umbra.selection.records import SelectionOptions


class Resolution(Record):
    """Standard deviation of the recoil mass squared: `constant_gev2` + `slope` times the recoil mass squared."""

    constant_gev2: float
    slope: float


#: Coefficients of E*², E* and 1, E* in GeV, of an angle in degrees.
Parabola = Annotated[tuple[float, float, float], Strict(False)]


class AngleWindow(Record):
    """Range of the photon's angle in the laboratory that a search accepts, as parabolas in its energy E*."""

    lowest_deg: Parabola
    highest_deg: Parabola


class Options(SelectionOptions):
    """Cuts of `umbra.selection.single_photon`.

    Parameters
    ----------
    photon_theta_deg, photon_cosine_cm
        Direction of the photon, in the laboratory and in the centre of mass; -0.4 to 0.6 for BaBar.
    photon_minimum_energy_cm_gev
        Its energy; 1.8 GeV for BaBar. The trigger `single_photon` of the detector is asked for as well.
    veto_photon_energy_gev
        No other photon of more than this energy in the laboratory, measured or true: the power-law tail of the energy
        response is not trusted to hide a photon, which is what the detector's inefficiency is for. Other tracks are
        vetoed whatever their momentum, and showers that miss the calorimeter where an outer system notices them.
    recoil_resolution
        Smears the *true* recoil mass squared with a Gaussian of the resolution that a paper quotes. `null`: that of
        the calorimeter, with its tail to low energies.
    windows
        Name -> curves in the plane of energy and angle. Each makes a column `inside_<name>_deg`: how far the photon is
        from the nearer curve, positive between the two.
    gaps_theta_deg
        Where the calorimeter has narrow gaps. They make the column `recoil_from_gap_deg`, the distance of the missing
        momentum to the nearest of them.
    true_m2_recoil_gev2
        Candidates whose true recoil mass squared is in this range, to tell the peak of two photons from its radiative
        tail. `null`: all.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "m2_recoil_gev2",
        "photon_energy_cm_gev",
        "photon_theta_deg",
        "photon_cosine_cm",
        "recoil_theta_deg",
        "partner_theta_forward_deg",
        "partner_theta_backward_deg",
    )

    photon_theta_deg: Interval
    photon_cosine_cm: Interval
    photon_minimum_energy_cm_gev: float
    veto_photon_energy_gev: float
    recoil_resolution: Resolution | None
    windows: dict[str, AngleWindow]
    gaps_theta_deg: Several[float]
    true_m2_recoil_gev2: Interval | None

    @property
    def columns(self) -> tuple[str, ...]:
        """With one column for each window, and one for the gaps where there are any."""
        windows = tuple(f"inside_{name}_deg" for name in self.windows)
        return (*self.COLUMNS, *windows, *(("recoil_from_gap_deg",) if self.gaps_theta_deg else ()))
