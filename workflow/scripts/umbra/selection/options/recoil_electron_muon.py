"""Options of the selection `recoil_electron_muon`, and the columns that it makes."""

from typing import ClassVar

from umbra.selection.options import recoil_dimuon


class Options(recoil_dimuon.Options):
    """Cuts of `umbra.selection.recoil_dimuon`, which hold for the electron as for the muon."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "m2_recoil_gev2",
        "recoil_theta_deg",
        "recoil_pt_harder_gev",
        "recoil_pt_softer_gev",
        "pair_pt_gev",
        "pt_asymmetry",
        "log_signal_to_tau_pairs",
    )
