"""Where each process lives: entries of `umbra.generation.processes.catalogue` and classes beside them.

The modules are imported by name when they are asked for, so that the code digest of one sample covers the module of its
own process only (`umbra.core.provenance`), and one more process changes no digest.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from umbra.core.catalogue import Catalogue
from umbra.generation.processes import catalogue
from umbra.generation.processes.entry import ProcessEntry

if TYPE_CHECKING:  # the job graph asks for entries and modules only, and must not pay for NumPy
    from umbra.generation.processes.process import Process

#: Module that makes the samples of `generation/data/pythia_samples.yaml`.
PYTHIA_SAMPLES = "umbra.generation.pythia_samples"

_CATALOGUE = Catalogue(catalogue, ProcessEntry, "process")


def names() -> tuple[str, ...]:
    """Names of all processes, sorted."""
    return _CATALOGUE.names()


def knows(name: str) -> ProcessEntry:
    """Return what is known of a process without computing anything: parameters, cuts, masses, new particles.

    Raises
    ------
    UmbraError
        If there is no such process; the message names the nearest one and all that exist.
    """
    return _CATALOGUE.entry(name)


def module_of(name: str) -> str:
    """Return the dotted name of the module that implements a process; see `knows` for the error."""
    return f"umbra.generation.processes.{_CATALOGUE.stem(name)}"


def entry_module_of(name: str) -> str:
    """Return the dotted name of the light module with the entry of a process; see `knows` for the error."""
    return _CATALOGUE.module(name)


def is_per_parent(name: str | None) -> bool:
    """Tell whether a sample of this process, if it is one, counts decays of a parent (`ProcessEntry.per_parent`)."""
    return name is not None and name in names() and knows(name).per_parent


def title_of(name: str) -> str:
    """Return what figures call a process as a background; empty where its name will do or there is no such process."""
    return knows(name).title if name in names() else ""


def pythia_samples() -> ModuleType:
    """Return the module that makes Pythia's samples, imported by name as a process is."""
    return import_module(PYTHIA_SAMPLES)


def find(name: str) -> "Process":
    """Return the process of that name; see `knows` for the error."""
    process: Process = getattr(import_module(module_of(name)), knows(name).implementation)()
    return process
