"""Where each selection lives.

The modules are imported by name, so that the code digest of a channel covers its own selection only.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from umbra.core.errors import UmbraError

if TYPE_CHECKING:  # the job graph asks for `module_of` only, and must not pay for NumPy
    from umbra.core.kinematics import Array
    from umbra.core.machines import Machine
    from umbra.detector.detector import Reconstructed
    from umbra.selection.cutflow import Cutflow

    Select = Callable[[Reconstructed, Machine, Mapping[str, Any], Cutflow], dict[str, Array]]

#: Name in the configuration -> module below `umbra.selection`, which has a function `select`.
LOCATIONS: dict[str, str] = {
    "b_to_kaon_displaced": "b_to_kaon_displaced",
    "photon_displaced_pair": "photon_displaced_pair",
    "three_photons": "three_photons",
    "untagged_dilepton": "untagged_dilepton",
    "radiative_dilepton": "radiative_dilepton",
    "recoil_dimuon": "recoil_dimuon",
    "recoil_dimuon_likelihood": "recoil_dimuon_likelihood",
    "recoil_dimuon_tracks": "recoil_dimuon_tracks",
    "four_muons": "four_muons",
    "three_pairs": "three_pairs",
    "dilepton_with_taus": "dilepton_with_taus",
    "jpsi_eta_ee": "jpsi_eta_ee",
    "lepton_against_tau": "lepton_against_tau",
    "single_photon": "single_photon",
    "kaon_and_photons": "kaon_and_photons",
}


def module_of(name: str) -> str:
    """Return the dotted name of the module with a selection.

    Raises
    ------
    UmbraError
        If there is no such selection; the message lists those that exist.
    """
    if name not in LOCATIONS:
        raise UmbraError(f"unknown selection '{name}'; known: {', '.join(sorted(LOCATIONS))}")
    return f"umbra.selection.{LOCATIONS[name]}"


def find(name: str) -> "Select":
    """Return the function that selects candidates; see `module_of` for the error.

    It takes the reconstructed events, the machine, the options of the channel and the cutflow, to which it
    adds, and returns columns of equal length with one row for each candidate: `weight`, `event` (row number
    in the batch), the search variables and what regions cut on.
    """
    select: Select = import_module(module_of(name)).select
    return select
