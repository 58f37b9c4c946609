"""Where each process lives: entries of `umbra.generation.processes.catalogue` and classes beside them.

The modules are imported by name when they are asked for, so that the code digest of one sample covers the module of its
own process only (`umbra.core.provenance`), and one more process changes no digest.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING

from umbra.core.errors import UmbraError
from umbra.core.records import unknown_word
from umbra.generation.processes import catalogue
from umbra.generation.processes.entry import ProcessEntry

if TYPE_CHECKING:  # the job graph asks for entries and modules only, and must not pay for NumPy
    from umbra.generation.processes.process import Process

#: Module that makes the samples of `generation/data/pythia_samples.yaml`.
PYTHIA_SAMPLES = "umbra.generation.pythia_samples"


@cache
def _catalogue() -> dict[str, tuple[str, ProcessEntry]]:
    """Name of each process -> module of its class and entry, sorted."""
    found = {
        entry.name: (module.name, entry)
        for module in iter_modules(catalogue.__path__)
        for entry in vars(import_module(f"{catalogue.__name__}.{module.name}")).values()
        if isinstance(entry, ProcessEntry)
    }
    return dict(sorted(found.items()))


def names() -> tuple[str, ...]:
    """Names of all processes, sorted."""
    return tuple(_catalogue())


def knows(name: str) -> ProcessEntry:
    """Return what is known of a process without computing anything: parameters, cuts, masses, new particles.

    Raises
    ------
    UmbraError
        If there is no such process; the message names the nearest one and all that exist.
    """
    return _located(name)[1]


def module_of(name: str) -> str:
    """Return the dotted name of the module that implements a process; see `knows` for the error."""
    return f"umbra.generation.processes.{_located(name)[0]}"


def entry_module_of(name: str) -> str:
    """Return the dotted name of the light module with the entry of a process; see `knows` for the error."""
    return f"{catalogue.__name__}.{_located(name)[0]}"


def is_per_parent(name: str | None) -> bool:
    """Tell whether a sample of this process, if it is one, counts decays of a parent (`ProcessEntry.per_parent`)."""
    return name in _catalogue() and knows(str(name)).per_parent


def title_of(name: str) -> str:
    """Return what figures call a process as a background; empty where its name will do or there is no such process."""
    return knows(name).title if name in _catalogue() else ""


def pythia_samples() -> ModuleType:
    """Return the module that makes Pythia's samples, imported by name as a process is."""
    return import_module(PYTHIA_SAMPLES)


def find(name: str) -> "Process":
    """Return the process of that name; see `knows` for the error."""
    module = import_module(module_of(name))
    process: Process = getattr(module, knows(name).implementation)()
    return process


def _located(name: str) -> tuple[str, ProcessEntry]:
    if name not in _catalogue():
        raise UmbraError(unknown_word(f"unknown process '{name}'", name, list(names())))
    return _catalogue()[name]
