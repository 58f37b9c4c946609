"""Knows each result as it was made: `results/manifest.json` lists the SHA-256 of every artefact.

Snakemake records when it made a file. One whose time stamp differs was changed since, by hand, by a disk or by a
killed program; unless its bytes are still those of the manifest (it was only touched), it is not to be trusted.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from umbra.core.provenance import file_digest

MANIFEST = Path("results/manifest.json")


def discard_damaged(project: Path) -> list[str]:
    """Remove results that were changed since they were made, so that Snakemake makes them again when needed.

    Parameters
    ----------
    project
        The folder in which Snakemake worked, and does not work now.

    Returns
    -------
    list of str
        The files that were removed, relative to the project.
    """
    known = _listed(project)
    damaged = [
        name
        for name, record in _records(project)
        if (project / name).is_file()
        and not _as_recorded(project / name, record["endtime"])
        and file_digest(project / name) != known.get(name)
    ]
    for name in damaged:
        (project / name).unlink()
    return damaged


def remove_leftovers(project: Path) -> None:
    """Remove the temporary files (`umbra.core.io.atomic_path`) of jobs that were killed while they wrote."""
    for path in (project / "results").rglob(".*"):
        if path.is_file() and not path.name.startswith(".snakemake"):
            path.unlink()


def write(project: Path) -> None:
    """Write the manifest of all results that Snakemake made and that are complete."""
    path = project / MANIFEST
    if not path.parent.is_dir():
        return
    known = _listed(project)
    written = path.stat().st_mtime if known else 0.0
    digests = {}
    for name, record in _records(project):
        result = project / name
        if result.is_file():
            unchanged = name in known and record["endtime"] < written
            digests[name] = known[name] if unchanged else file_digest(result)
    if digests != known:
        temporary = path.with_name(".manifest.json")
        try:
            temporary.write_text(json.dumps(digests, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def _listed(project: Path) -> dict[str, str]:
    """Return the manifest; a missing or damaged one knows nothing."""
    try:
        listed = json.loads((project / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return listed if isinstance(listed, dict) else {}


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
