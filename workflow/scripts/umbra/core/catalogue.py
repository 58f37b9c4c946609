"""Catalogues: packages of light modules whose records are found by their type, so that a new one registers itself."""

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Generic, Protocol, TypeVar

from umbra.core.errors import UmbraError
from umbra.core.records import unknown_word


class Entry(Protocol):
    """A record with a name."""

    @property
    def name(self) -> str:
        """The word that the configuration has for it."""


E = TypeVar("E", bound=Entry)


class Catalogue(Generic[E]):
    """Records of one type at the top of the modules of a package.

    Parameters
    ----------
    package
        The package with a light module for each module of implementations.
    record
        Type of the entries.
    kind
        What an entry is, for messages.
    """

    def __init__(self, package: ModuleType, record: type[E], kind: str) -> None:
        self._package = package
        self._record = record
        self._kind = kind

    @cached_property
    def _found(self) -> Mapping[str, tuple[str, E]]:
        """Name -> module and entry, sorted; read when first asked for.

        Raises
        ------
        UmbraError
            If two entries have one name.
        """
        found: dict[str, tuple[str, E]] = {}
        for module in iter_modules(self._package.__path__):
            for entry in vars(import_module(f"{self._package.__name__}.{module.name}")).values():
                if not isinstance(entry, self._record):
                    continue
                if found.get(entry.name, (module.name, entry))[1] is not entry:
                    raise UmbraError(f"{self._package.__name__}: two entries have the name '{entry.name}'")
                found.setdefault(entry.name, (module.name, entry))
        return dict(sorted(found.items()))

    def names(self) -> tuple[str, ...]:
        """Names of all entries, sorted."""
        return tuple(self._found)

    def entry(self, name: str) -> E:
        """Return the entry of that name.

        Raises
        ------
        UmbraError
            If there is none; the message names the nearest one and all that exist.
        """
        return self._located(name)[1]

    def stem(self, name: str) -> str:
        """Return the last part of the name of the module with an entry; see `entry` for the error."""
        return self._located(name)[0]

    def module(self, name: str) -> str:
        """Return the dotted name of the module with an entry; see `entry` for the error."""
        return f"{self._package.__name__}.{self.stem(name)}"

    def _located(self, name: str) -> tuple[str, E]:
        if name not in self._found:
            raise UmbraError(unknown_word(f"unknown {self._kind} '{name}'", name, list(self._found)))
        return self._found[name]
