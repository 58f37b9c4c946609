"""Knows each result as it was made: `results/manifest.json` lists bytes and SHA-256 of every artefact.

Snakemake records when it made a file. One whose time stamp differs was changed since, by hand, by a disk or by a
killed program; unless its bytes are still those of the manifest (it was only touched), it is not to be trusted. Damage
may also keep the time stamp (a disk, `rsync -t`, a restored backup): therefore each start compares the number of bytes
of all results and the SHA-256 of small ones as well, and `./run verify --all` that of all.
"""

import base64
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from umbra.core.errors import UmbraError
from umbra.core.io import write_json
from umbra.core.provenance import file_digest

MANIFEST = Path("results/manifest.json")
#: When Snakemake made the results of the manifest. Beside it, so that equal results have equal manifests.
MADE = Path(".snakemake/umbra-made.json")
#: Results of up to this size are read at each start: 77 MB of the default scan's 3.6 GB, in 0.2 s.
SMALL_BYTES = 1 << 20


@dataclass(frozen=True)
class Entry:
    """A result as it was made.

    Parameters
    ----------
    bytes
        Its size.
    sha256
        Of its bytes, hexadecimal.
    """

    bytes: int
    sha256: str

    def matches(self, path: Path, small_bytes: float = float("inf")) -> bool:
        """Tell whether a file is still so; of one larger than `small_bytes` only the size is looked at."""
        size = path.stat().st_size
        return size == self.bytes and (size > small_bytes or file_digest(path) == self.sha256)


@dataclass(frozen=True)
class Check:
    """What a look at every result shows.

    Parameters
    ----------
    intact
        Number of results that are as they were made.
    damaged
        Names of those that are not, relative to the project.
    unknown
        Number of results that were made since the manifest was written: nothing is known of their bytes.
    """

    intact: int
    damaged: list[str]
    unknown: int


def discard_damaged(project: Path) -> list[str]:
    """Remove results that were changed since they were made, so that Snakemake makes them again when needed.

    Intact ones whose time stamp lies in the future get back the one of their record: a job that reads them would fail.

    Parameters
    ----------
    project
        The folder in which Snakemake worked, and does not work now.

    Returns
    -------
    list of str
        The files that were removed, relative to the project.
    """
    known, made, now = _listed(project), _read(project / MADE), time.time()
    damaged = []
    for name, record in _records(project):
        path = project / name
        if not path.is_file():
            continue
        if _is_damaged(path, record, known.get(name), made.get(name)):
            path.unlink()
            damaged.append(name)
        elif path.lstat().st_mtime > now >= record["endtime"]:
            end_ns = int(Decimal(record["endtime"]) * 1_000_000_000)
            os.utime(path, ns=(end_ns, end_ns), follow_symlinks=False)
    return damaged


def check_all(project: Path) -> Check:
    """Read every result that the manifest lists and compare it with what was made.

    Raises
    ------
    UmbraError
        If there is no manifest.
    """
    known, made = _listed(project), _read(project / MADE)
    if not known:
        raise UmbraError(f"{MANIFEST}: there is none, or nothing in it: a run writes it when it ends")
    ends = {name: record["endtime"] for name, record in _records(project)}
    since = {name for name, end in ends.items() if name not in known or end > made.get(name, end)}
    present = [name for name in known if name not in since and (project / name).is_file()]
    damaged = [name for name in present if not known[name].matches(project / name)]
    return Check(len(present) - len(damaged), damaged, sum((project / name).is_file() for name in since))


def write(project: Path) -> None:
    """Write the manifest of all results that Snakemake made and that are complete."""
    path = project / MANIFEST
    if not path.parent.is_dir():
        return
    known, made = _listed(project), _read(project / MADE)
    entries, ends = {}, {}
    for name, record in _records(project):
        result = project / name
        if result.is_file():
            unchanged = name in known and record["endtime"] == made.get(name)
            entries[name] = known[name] if unchanged else Entry(result.stat().st_size, file_digest(result))
            ends[name] = record["endtime"]
    if entries != known:
        write_json(path, {name: asdict(entry) for name, entry in entries.items()})
    if ends != made:
        write_json(project / MADE, ends)


def _is_damaged(path: Path, record: dict[str, Any], entry: Entry | None, made: float | None) -> bool:
    """Tell whether a result is not as it was made, as far as time stamp, size and a small file's bytes show it."""
    if not _as_recorded(path, record["endtime"]):
        return entry is None or not entry.matches(path)
    # The manifest may be older than the result, when the run that made it died.
    current = entry is not None and made is not None and record["endtime"] <= made
    return current and entry is not None and not entry.matches(path, SMALL_BYTES)


def _listed(project: Path) -> dict[str, Entry]:
    """Return the manifest; a missing or damaged one, or one of an earlier format, knows nothing."""
    try:
        return {name: Entry(**entry) for name, entry in _read(project / MANIFEST).items()}
    except TypeError:
        return {}


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _records(project: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the complete results and what Snakemake keeps about each (see its `persistence/file.py`)."""
    folder = project / ".snakemake" / "metadata"
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            encoded = "".join(part.removeprefix("@") for part in path.relative_to(folder).parts)
            name = base64.urlsafe_b64decode(encoded).decode()
            try:
                record = json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                continue  # half written by a killed Snakemake, which reads it as "no record" itself
            if (
                name.startswith("results/")
                and not _incomplete(project, path, folder)
                and record.get("endtime")
            ):
                yield name, record


def _as_recorded(path: Path, endtime: float) -> bool:
    """Tell whether a file is as old as its record; of a link into the cache, the link is, and its file no younger."""
    return path.lstat().st_mtime == endtime and path.stat().st_mtime <= endtime


def _incomplete(project: Path, record: Path, folder: Path) -> bool:
    return (project / ".snakemake" / "incomplete" / record.relative_to(folder)).exists()
