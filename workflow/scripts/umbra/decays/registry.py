"""Where each decay chain lives: imported by name, so that a sample's code digest covers its own chain only."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from umbra.errors import UmbraError

if TYPE_CHECKING:  # the job graph asks for `module_of` only, and must not pay for NumPy
    import numpy as np

    from umbra.events import Events

#: Name in the configuration -> module below `umbra.decays` and function.
LOCATIONS: dict[str, tuple[str, str]] = {
    "alp_to_photons": ("alp", "to_photons"),
    "dark_photon_to_ee": ("dark_photon", "to_ee"),
    "dark_photon_to_mumu": ("dark_photon", "to_mumu"),
    "tau_pairs": ("tau", "decay_taus"),
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
    return f"umbra.decays.{LOCATIONS[name][0]}"


def find(name: str) -> "Callable[[Events, np.random.Generator], Events]":
    """Return the function that decays events given in the centre of mass; see `module_of` for the error."""
    function: Callable[[Events, np.random.Generator], Events] = getattr(import_module(module_of(name)), LOCATIONS[name][1])
    return function
