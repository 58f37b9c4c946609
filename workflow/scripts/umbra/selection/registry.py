"""Where each selection lives: a module of its name here, and one in `umbra.selection.options`, which makes it known.

The modules are imported by name, so that the code digest of a channel covers its own selection only, and one more
selection changes no digest.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from umbra.core.errors import UmbraError
from umbra.core.records import unknown_word
from umbra.selection import options as known_options
from umbra.selection.records import SelectionOptions

if TYPE_CHECKING:  # the job graph asks for names, options and columns only, and must not pay for NumPy
    from umbra.core.kinematics import Array
    from umbra.core.machines import AnyMachine
    from umbra.detector.detector import Reconstructed
    from umbra.selection.cutflow import Cutflow

    Select = Callable[[Reconstructed, AnyMachine, Any, Cutflow], dict[str, Array]]


@cache
def names() -> tuple[str, ...]:
    """Names of all selections, sorted."""
    return tuple(sorted(module.name for module in iter_modules(known_options.__path__)))


def module_of(name: str) -> str:
    """Return the dotted name of the module with a selection.

    Raises
    ------
    UmbraError
        If there is no such selection; the message names the nearest one and all that exist.
    """
    if name not in names():
        raise UmbraError(unknown_word(f"unknown selection '{name}'", name, list(names())))
    return f"umbra.selection.{name}"


def options_of(name: str) -> type[SelectionOptions]:
    """Return the record of the options of a selection; see `module_of` for the error."""
    module_of(name)
    record: type[SelectionOptions] = import_module(f"{known_options.__name__}.{name}").Options
    return record


def columns_of(name: str, options: SelectionOptions | None = None) -> tuple[str, ...]:
    """Return the columns that a selection makes with these options; without any, all that it can make."""
    return options_of(name).COLUMNS if options is None else options.columns


def find(name: str) -> "Select":
    """Return the function that selects candidates; see `module_of` for the error.

    It takes the reconstructed events, the machine, the options as the record `options_of(name)`, and the cutflow, to
    which it adds, and returns columns of equal length with one row for each candidate: those of `columns_of`.
    """
    select: Select = import_module(module_of(name)).select
    return select
