"""Where each decay chain lives: imported by name, so that a sample's code digest covers its own chain only.

A chain takes events in the laboratory, the machine whose beams made them (for the axis of polarisation) and a
random generator, and returns them with the products appended and vertices in the laboratory.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from umbra.core.errors import UmbraError

if TYPE_CHECKING:  # the job graph asks for `module_of` only, and must not pay for NumPy
    import numpy as np

    from umbra.core.events import Events
    from umbra.core.machines import Machine

    Decay = Callable[[Events, Machine, np.random.Generator], Events]

#: Name in the configuration -> module below `umbra.generation.decays` and function.
LOCATIONS: dict[str, tuple[str, str]] = {
    "alp_to_photons": ("alp", "to_photons"),
    "b_alp_to_photons": ("b_meson", "alp_to_photons"),
    "b_scalar_to_ee": ("b_meson", "scalar_to_ee"),
    "b_scalar_to_kk": ("b_meson", "scalar_to_kk"),
    "b_scalar_to_mumu": ("b_meson", "scalar_to_mumu"),
    "b_scalar_to_pipi": ("b_meson", "scalar_to_pipi"),
    "dark_photon_to_ee": ("dark_photon", "to_ee"),
    "dark_photon_to_mumu": ("dark_photon", "to_mumu"),
    "dark_photon_to_mumu_beside_higgs": ("dark_higgs", "to_mumu"),
    "dark_photons_to_six_leptons": ("dark_higgs", "to_six_leptons"),
    "dark_photons_to_four_leptons_and_pions": ("dark_higgs", "to_four_leptons_and_pions"),
    "dark_photons_to_two_leptons_and_pions": ("dark_higgs", "to_two_leptons_and_pions"),
    "dark_photons_to_four_leptons_and_anything": ("dark_higgs", "to_four_leptons_and_anything"),
    "eta_to_photons_or_pions": ("eta", "to_photons_or_pions"),
    "inelastic_narrow_to_ee": ("inelastic", "narrow_to_ee"),
    "inelastic_narrow_to_mumu": ("inelastic", "narrow_to_mumu"),
    "inelastic_wide_to_ee": ("inelastic", "wide_to_ee"),
    "inelastic_wide_to_mumu": ("inelastic", "wide_to_mumu"),
    "zprime_to_taus": ("ditau", "zprime_to_taus"),
    "scalar_to_taus": ("ditau", "scalar_to_taus"),
    "alp_to_taus": ("ditau", "alp_to_taus"),
    "tau_pairs_to_one_prongs": ("ditau", "one_prongs"),
    "tau_pairs_to_one_and_three_prongs": ("ditau", "one_and_three_prongs"),
    "scalar_to_mumu": ("dimuon", "scalar_to_mumu"),
    "zprime_to_mumu": ("dimuon", "zprime_to_mumu"),
    "tau_plus_to_pions": ("tau", "plus_to_pions"),
    "tau_pairs_to_electron_and_pions": ("tau", "to_electron_and_pions"),
    "tau_pairs_to_muon_and_pions": ("tau", "to_muon_and_pions"),
    "tau_pairs": ("tau", "decay_taus"),
    "tau_pairs_to_leptons": ("tau", "to_leptons"),
    "tau_pairs_to_muons": ("tau", "to_muons"),
    "tau_pairs_with_pion_pair": ("tau_scalar", "with_pion_pair"),
    "tautau_scalar_to_ee": ("tau_scalar", "to_ee"),
    "tautau_scalar_to_mumu": ("tau_scalar", "to_mumu"),
}


def module_of(name: str) -> str:
    """Return the dotted name of the module with a decay chain.

    Raises
    ------
    UmbraError
        If there is no such chain; the message lists those that exist.
    """
    if name not in LOCATIONS:
        raise UmbraError(f"unknown decay '{name}'; known: {', '.join(sorted(LOCATIONS))}")
    return f"umbra.generation.decays.{LOCATIONS[name][0]}"


def find(name: str) -> "Decay":
    """Return the function that decays events; see `module_of` for the error."""
    function: Decay = getattr(import_module(module_of(name)), LOCATIONS[name][1])
    return function
