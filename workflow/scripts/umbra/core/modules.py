"""Which modules of the library a stage runs, and the digest of their code.

Standard library only, because the job graph is built with it. For the same reason imports are read from the text of a
module and not from its syntax tree, which takes thirty times as long to make: a statement in a text counts, too, and at
worst runs a job again.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from umbra.core.errors import UmbraError
from umbra.core.paths import PACKAGE

_IMPORT = re.compile(
    r"^[ \t]*(?:from (umbra[\w.]*) import (\([^)]*\)|.*)|import (umbra[\w.]*))", re.MULTILINE
)
_TABLE = re.compile(r'\btables\.load\(\s*"(\w+)"')
_WORD = re.compile(r"\w+")


@cache
def code_digest(stage: str, *modules: str) -> str:
    """Digest of a stage, of every module of the package that it uses, directly or not, and of the tables they read.

    Snakemake watches the time stamp of a rule's script and never the modules that it imports; with this digest among
    its parameters a rule runs again exactly when its own code has changed. It is the same in a checkout and installed.

    Parameters
    ----------
    stage
        Name of the stage, which is that of its rule: a module of `umbra.stages`.
    *modules
        Dotted names of modules that the stage imports by name at run time (a process, a selection).

    Returns
    -------
    str
        Sixteen hexadecimal digits.

    Raises
    ------
    UmbraError
        If there is no such module.
    """
    return _library().digest([f"umbra.stages.{stage}", *modules])


@cache
def _library() -> "Modules":
    return Modules(PACKAGE)


class Modules:
    """The modules of a package, as their files are when this is made.

    Parameters
    ----------
    package
        Folder of the package `umbra`.

    Attributes
    ----------
    imports
        Dotted name of each module -> modules of the package that it imports itself, with the packages around them and
        around it. A package stands for its `__init__.py`.
    """

    def __init__(self, package: Path) -> None:
        texts = {_name(path, package): path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
        self.imports = {name: _imports(name, text, texts.keys()) for name, text in texts.items()}
        self._digests = {name: _digest(text, package / "theory" / "data") for name, text in texts.items()}
        self._package = package
        self._reached: dict[str, frozenset[str]] = {}

    def reached(self, name: str) -> frozenset[str]:
        """Return a module and all that it imports, directly or not.

        Raises
        ------
        UmbraError
            If there is no such module.
        """
        if name not in self.imports:
            raise UmbraError(f"{self._package.parent}: there is no module {name}")
        if name not in self._reached:
            seen: set[str] = set()
            waiting = {name}
            while waiting:
                module = waiting.pop()
                seen.add(module)
                waiting |= self.imports[module] - seen
            self._reached[name] = frozenset(seen)
        return self._reached[name]

    def digest(self, names: Iterable[str]) -> str:
        """Digest of modules, of all that they import and of the tables that these read; see `code_digest`."""
        reached = set().union(*(self.reached(name) for name in names))
        lines = [f"{module} {self._digests[module]}" for module in sorted(reached)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _name(path: Path, package: Path) -> str:
    """Dotted name of the module that a file holds."""
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(name: str, text: str, known: Iterable[str]) -> set[str]:
    """Modules of the package that the text of one imports."""
    named = {name}
    for module, names, alone in _IMPORT.findall(text):
        named |= {module, alone, *(f"{module}.{word}" for word in _WORD.findall(names))}
    return {part for each in named.intersection(known) for part in _with_packages(each)} - {name}


def _with_packages(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _digest(text: str, tables: Path) -> str:
    """Digest of a module's text and of the tables that it reads: those that its `tables.load("<name>")` name."""
    read = [(tables / f"{table}.yaml").read_text(encoding="utf-8") for table in _TABLE.findall(text)]
    return hashlib.sha256("\0".join([text, *read]).encode()).hexdigest()
