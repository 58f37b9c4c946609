"""Where each decay chain lives: entries of `umbra.generation.decays.catalogue` and functions beside them.

The modules are imported by name, so that a sample's code digest covers its own chain only, and one more chain changes
no digest.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from umbra.core.catalogue import Catalogue
from umbra.generation.decays import catalogue
from umbra.generation.decays.entry import DecayEntry

if TYPE_CHECKING:  # the job graph asks for entries and modules only, and must not pay for NumPy
    import numpy as np

    from umbra.core.events import Events
    from umbra.core.machines import AnyMachine

    Decay = Callable[[Events, AnyMachine, np.random.Generator], Events]

_CATALOGUE = Catalogue(catalogue, DecayEntry, "decay")


def names() -> tuple[str, ...]:
    """Names of all decay chains, sorted."""
    return _CATALOGUE.names()


def knows(name: str) -> DecayEntry:
    """Return what is known of a decay chain without computing anything: which particles decay, and whether they fly.

    Raises
    ------
    UmbraError
        If there is no such chain; the message names the nearest one and all that exist.
    """
    return _CATALOGUE.entry(name)


def module_of(name: str) -> str:
    """Return the dotted name of the module with the function of a chain; see `knows` for the error."""
    return f"umbra.generation.decays.{_CATALOGUE.stem(name)}"


def modules_of(name: str) -> tuple[str, str]:
    """Return the dotted names of the modules with the function and with its arguments; see `knows` for the error."""
    return module_of(name), _CATALOGUE.module(name)


def find(name: str) -> "Decay":
    """Return the function that decays events; see `knows` for the error."""
    entry = knows(name)
    function: Callable[..., Events] = getattr(import_module(module_of(name)), entry.function)
    return partial(function, **entry.arguments)
