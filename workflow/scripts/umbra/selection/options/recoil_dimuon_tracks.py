"""Options of the selection `recoil_dimuon_tracks`, and the columns that it makes."""

from typing import ClassVar

from umbra.core.records import Interval
from umbra.selection.records import MassResolution, SelectionOptions, SoftMuons


class Options(SelectionOptions):
    """Cuts of `umbra.selection.recoil_dimuon_tracks`.

    Parameters
    ----------
    track_theta_deg, track_minimum_pt_gev
        Of all four tracks, laboratory. An event with a fifth track there is left out.
    mass_four_gev
        Invariant mass of the four tracks, two muons and two pions: below 9.5 GeV, which leaves room for neutrinos and
        rejects four leptons without.
    soft_muons
        How muons too soft for the muon system are called so; `null`: not at all.
    recoil_resolution_mev
        Rows (mass in GeV, width) that smear the *true* recoil mass, which holds what the beams radiated and the true
        energy of the collision. `null`: the mass that recoils against the measured muons.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "m_recoil_gev",
        "smallest_triplet_mass_gev",
    )

    track_theta_deg: Interval
    track_minimum_pt_gev: float
    mass_four_gev: Interval
    soft_muons: SoftMuons | None
    recoil_resolution_mev: MassResolution | None
