"""Options of the selection `single_photon`, and the columns that it makes."""

from typing import ClassVar

from umbra.core.records import Interval, Record
from umbra.selection.records import SelectionOptions


class Resolution(Record):
    """Standard deviation of the recoil mass squared: `constant_gev2` + `slope` times the recoil mass squared."""

    constant_gev2: float
    slope: float


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
    true_m2_recoil_gev2: Interval | None
