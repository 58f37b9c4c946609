"""What made a result: digests of code and configuration, versions, commit.

Standard library only, because the job graph is built with it.
"""

import ast
import hashlib
import json
import platform
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from umbra.core.errors import UmbraError
from umbra.core.paths import PACKAGE, checkout

#: Folder that holds the package.
LIBRARY = PACKAGE.parent

#: Folder of the tables that `umbra.theory.tables` reads.
TABLES = PACKAGE / "theory" / "data"

#: Libraries whose version may change a number.
LIBRARIES = (
    "numpy",
    "scipy",
    "numba",
    "vegas",
    "pyhf",
    "hist",
    "uproot",
    "awkward",
    "pylhe",
    "pyhepmc",
    "pythia8mc",
)


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
    files = _closure([path for name in (f"umbra.stages.{stage}", *modules) for path in _found(name)])
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(str(path.relative_to(LIBRARY)).encode() + b"\0" + _content(path))
    for path in sorted({table for file in files for table in _tables(file)}):
        digest.update(path.name.encode() + b"\0" + _content(path))
    return digest.hexdigest()[:16]


def digest_of(content: Any) -> str:
    """Digest of JSON-like content, sixteen hexadecimal digits, whatever the order of its keys."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_digest(path: Path | str) -> str:
    """SHA-256 of a file's bytes."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def stamp(configuration: Any, code: str, **more: Any) -> dict[str, Any]:
    """Describe how a file was made, to be written beside it.

    It holds no time and no host, so that equal results have equal side-cars.
    """
    from umbra.core import arithmetic  # a job has NumPy, the job graph is built without it

    return {
        "umbra_commit": commit(),
        "umbra_version": library_version(),
        "configuration_digest": digest_of(configuration),
        "code_digest": code,
        "python": platform.python_version(),
        "libraries": versions(),
        "arithmetic": arithmetic.in_use(),
        **more,
    }


@cache
def library_version() -> str:
    """Version of this library: of the checkout that it runs from, or else of what pip has installed."""
    top = checkout()
    if top is None:
        return metadata.version("umbra")
    return _version(top / "pyproject.toml")


def _version(about: Path) -> str:
    return str(tomllib.loads(about.read_text(encoding="utf-8"))["project"]["version"])


def check_version(about: Path | str) -> None:
    """Check that this library is of the version of the rules that use it, where it does not come with them.

    Parameters
    ----------
    about
        The file `pyproject.toml` of the rules.

    Raises
    ------
    UmbraError
        If they are of another version.
    """
    rules = _version(Path(about))
    if rules != library_version():
        raise UmbraError(
            f"the workflow is of umbra {rules} and the library that is installed of umbra {library_version()}: "
            "install it from the repository and tag of the workflow"
        )


@cache
def commit() -> str:
    """Commit that the library is of, with `+changes` where files of the checkout differ from it.

    Installed by pip from a git URL, the library knows its commit from there; `unknown` where nothing tells.
    """
    if checkout() is None:
        return _installed_commit()
    try:
        head = _git("rev-parse", "HEAD")
        return head + ("+changes" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


@cache
def versions() -> dict[str, str]:
    """Return the versions of the installed libraries that matter for numbers."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _installed_commit() -> str:
    try:
        origin = metadata.distribution("umbra").read_text("direct_url.json")  # PEP 610
        return str(json.loads(origin or "{}")["vcs_info"]["commit_id"])
    except (metadata.PackageNotFoundError, ValueError, KeyError):
        return "unknown"


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(LIBRARY), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _closure(roots: Iterable[Path]) -> set[Path]:
    seen: set[Path] = set()
    waiting = list(roots)
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting.extend(_imports(path))
    return seen


@cache
def _content(path: Path) -> bytes:
    return path.read_bytes()


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    """Imports and calls of a module, which is parsed once: the job graph is built with thousands of them."""
    tree = ast.parse(_content(path), filename=str(path))
    return tuple(each for each in ast.walk(tree) if isinstance(each, ast.Import | ast.ImportFrom | ast.Call))


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(file for name in _imported_names(path) for file in _module_files(name)))


@cache
def _tables(path: Path) -> tuple[Path, ...]:
    """Tables that a module reads: those that its calls `tables.load("<name>")` name."""
    read = [
        node.args[0]
        for node in _nodes(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "load"
        and ast.unparse(node.func) == "tables.load"
    ]
    return tuple(TABLES / f"{ast.literal_eval(name)}.yaml" for name in read)


def _imported_names(path: Path) -> Iterator[str]:
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _found(name: str) -> list[Path]:
    files = list(_module_files(name))
    if not files:
        raise UmbraError(f"{LIBRARY}: there is no module {name}")
    return files


def _module_files(name: str) -> Iterator[Path]:
    """Files that importing `name` runs, if it is a module of this package: its own, and the packages around it."""
    if name.split(".")[0] != "umbra":
        return
    base = LIBRARY.joinpath(*name.split("."))
    own = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    if own.is_file():
        yield own
        yield from (LIBRARY.joinpath(*parent, "__init__.py") for parent in _parents(name))


def _parents(name: str) -> Iterator[list[str]]:
    parts = name.split(".")
    for length in range(1, len(parts)):
        yield parts[:length]
