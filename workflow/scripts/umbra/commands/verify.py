"""Verify results: make a channel again from nothing and compare every number, or read all files and their digests.

`umbra verify [CHANNEL] [--config key=value …]` makes a channel again in a scratch folder; without a channel, the one
with the fewest events. `umbra verify --all` makes nothing, but compares the bytes of every result with the manifest.
"""

import argparse
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from umbra.commands import manifest, temporary
from umbra.config.folders import Folders
from umbra.config.project import Project, load
from umbra.config.records import Channel
from umbra.core.errors import UmbraError
from umbra.core.io import read_json
from umbra.core.records import no_such
from umbra.results.limits import VALUES, LimitRow, read_limits

#: What a run reads; everything else in the folder is left behind.
_SOURCES = ("Snakefile", "pyproject.toml", "workflow", "config", "profiles", "envs", "tests/data")
#: Relative difference up to which numbers are equal: what other kernels of libraries change is below 1e-12
#: (`umbra.core.arithmetic`), what another seed or code changes is above.
TOLERANCE = 1e-9
#: Where the second run works, inside the folder that Snakemake keeps to itself.
SCRATCH = Path(".snakemake") / "verify"


def main(arguments: Sequence[str]) -> int:
    """Verify a channel of the project in the working directory; 0 if all its numbers are identical."""
    parser = argparse.ArgumentParser(prog="umbra verify", description=__doc__)
    parser.add_argument("channel", nargs="?")
    parser.add_argument("--config", nargs="+", default=[], metavar="KEY=VALUE")
    parser.add_argument("--cores", default="all")
    parser.add_argument(
        "--all", action="store_true", help="read every result and compare it with the manifest"
    )
    parser.add_argument("--discard", action="store_true", help="with --all: remove what is damaged")
    options = parser.parse_args(arguments)
    if options.discard and not options.all:
        parser.error("--discard goes with --all")
    if options.all and options.channel:
        parser.error("--all looks at the results of all channels")
    project = Path.cwd()
    temporary.tidy(project)
    if options.all:
        found = verify_all(project, options.discard)
    else:
        found = verify(project, options.channel, options.config, options.cores)
    for difference in found:
        print(difference)
    return 1 if found else 0


def verify_all(project: Path, discard: bool) -> list[str]:
    """Compare the bytes of every result with the manifest.

    Parameters
    ----------
    project
        Folder of the project.
    discard
        Whether to remove what is damaged, so that the next run makes it again.

    Returns
    -------
    list of str
        The results that are damaged.

    Raises
    ------
    UmbraError
        If there is no manifest.
    """
    check = manifest.check_all(project)
    _say(f"{check.intact} results are as they were made, {len(check.damaged)} are damaged")
    if check.unknown:
        _say(f"{check.unknown} results were made since the manifest: the next run that ends lists them")
    if discard:
        for name in check.damaged:
            (project / name).unlink()
    elif check.damaged:
        _say("./run verify --all --discard removes them, and the next run makes again what something needs")
    return check.damaged


def verify(project: Path, channel: str | None, config: Sequence[str], cores: str) -> list[str]:
    """Make a channel again and compare.

    Parameters
    ----------
    project
        Folder of the project; its results are made first if they are not there.
    channel
        Name of the channel; the one with the fewest events if `None`.
    config, cores
        As for Snakemake.

    Returns
    -------
    list of str
        One line for each number that differs by more than `TOLERANCE`.

    Raises
    ------
    UmbraError
        For an unknown channel, or if a run fails.
    """
    _check_workflow(project)
    name = channel or cheapest(load({}, project / "config"))
    table = Path("results") / name / "limits.csv"
    if not (project / table).is_file():
        known = Folders.of(project / "config").channels(shipped=True)
        if name not in known and not any(word.startswith("variants=") for word in config):
            raise UmbraError(no_such("channel", name, known))
        _say(f"{table} is not there yet: making it")
        _make(project, table, config, cores)
    scratch = project / SCRATCH
    _copy_sources(project, scratch)
    _say(f"making {table} again, from nothing, in {SCRATCH}")
    _make(scratch, table, config, cores)
    old, new = (read_limits(folder / table) for folder in (project, scratch))
    if (scratch / table).read_bytes() == (project / table).read_bytes():
        _say(f"{name}: identical, {len(old)} rows")
        return []
    for difference in other_arithmetic(project / table.parent, scratch / table.parent):
        _say(difference)
    found = list(differences(old, new))
    if not found:
        cells, largest = last_digits(old, new)
        _say(
            f"{name}: equal within {TOLERANCE:g}, {len(old)} rows; "
            f"{cells} numbers differ, by at most {largest:.1g} of their value"
        )
    return found


def _check_workflow(project: Path) -> None:
    if find_spec("snakemake") is None:
        raise UmbraError("Snakemake is not installed: pip install 'umbra[workflow]'")
    if not any((project / name).is_file() for name in ("Snakefile", "workflow/Snakefile")):
        raise UmbraError(f"{project}: there is no workflow here: neither Snakefile nor workflow/Snakefile")


def cheapest(project: Project) -> str:
    """Name of the channel with the fewest events."""
    return min(project.records, key=lambda name: (_events(project.records[name]), name))


def differences(old: Sequence[LimitRow], new: Sequence[LimitRow]) -> Iterator[str]:
    """Say which numbers differ between two tables by more than `TOLERANCE`, and by how much."""
    before, after = _by_place(old), _by_place(new)
    for place in sorted(before.keys() ^ after.keys(), key=str):
        yield f"{_where(place)}: only in the {'old' if place in before else 'new'} table"
    for place in before.keys() & after.keys():
        for column in (*VALUES, "method", "status"):
            was, is_now = getattr(before[place], column), getattr(after[place], column)
            if not _equal(was, is_now):
                yield f"{_where(place)}: {column} was {was} and is {is_now}{_relative(was, is_now)}"


def last_digits(old: Sequence[LimitRow], new: Sequence[LimitRow]) -> tuple[int, float]:
    """Count the numbers that differ between two tables of equal rows, and give the largest relative difference."""
    before, after = _by_place(old), _by_place(new)
    pairs = [
        (getattr(before[place], column), getattr(after[place], column))
        for place in before
        for column in VALUES
    ]
    apart = [abs(is_now - was) / max(abs(was), abs(is_now)) for was, is_now in pairs if was != is_now]
    return len(apart), max(apart, default=0.0)


def other_arithmetic(old: Path, new: Path) -> Iterator[str]:
    """Say which processor and kernels made two tables, where these differ."""
    before, after = (read_json(folder / "limits.provenance.json") for folder in (old, new))
    for key in ("processor", "arithmetic"):
        if before.get(key) != after.get(key):
            yield f"{key}: was {before.get(key, 'not recorded')}, is {after.get(key)}"


def _by_place(rows: Sequence[LimitRow]) -> dict[tuple[Any, ...], LimitRow]:
    return {(row.key, row.mass_gev, row.quantity): row for row in rows}


def _equal(was: Any, is_now: Any) -> bool:
    numbers = isinstance(was, float) and isinstance(is_now, float)
    return bool(was == is_now or (numbers and math.isclose(was, is_now, rel_tol=TOLERANCE, abs_tol=0.0)))


def _events(channel: Channel) -> int:
    return sum(sample.events * max(len(sample.masses_gev), 1) for sample in channel.samples.values())


def _where(place: tuple[Any, ...]) -> str:
    key, mass_gev, quantity = place
    names = [str(part) for part in key if part is not None]
    return ", ".join([*names, f"{mass_gev:g} GeV", quantity])


def _relative(was: Any, is_now: Any) -> str:
    if isinstance(was, float) and isinstance(is_now, float) and was:
        return f" ({100.0 * (is_now / was - 1.0):+.3g} %)"
    return ""


def _copy_sources(project: Path, scratch: Path) -> None:
    shutil.rmtree(scratch, ignore_errors=True)
    for name in _SOURCES:
        source, target = project / name, scratch / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copy2(source, target)


def _make(folder: Path, table: Path, config: Sequence[str], cores: str) -> None:
    command = [sys.executable, "-m", "snakemake", "--cores", cores, str(table)]
    # The copy of a checkout must use its own library, not the one of the project that is verified.
    library = folder / "workflow" / "scripts"
    environment = os.environ | ({"PYTHONPATH": str(library)} if (library / "umbra").is_dir() else {})
    if config:
        command += ["--config", *config]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=sys.stderr, check=False)
    if done.returncode != 0:
        raise UmbraError(f"Snakemake failed in {folder} with status {done.returncode}")


def _say(text: str) -> None:
    print(f"umbra: {text}", file=sys.stderr, flush=True)
