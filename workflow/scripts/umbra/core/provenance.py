"""What made a result: digests of its configuration and of files, versions, commit.

Standard library only, because the job graph is built with it.
"""

import hashlib
import json
import platform
import subprocess
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from umbra.core.errors import UmbraError
from umbra.core.paths import PACKAGE, checkout

#: Libraries whose version may change a number.
LIBRARIES = (
    "numpy",
    "scipy",
    "numba",
    "pyhf",
    "hist",
    "uproot",
    "awkward",
    "pylhe",
    "pyhepmc",
    "pythia8mc",
)


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
    # Git refuses to look at another user's repository, whose code we are running already.
    command = ["git", "-c", f"safe.directory={checkout()}", "-C", str(PACKAGE), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
