"""Which files belong to the project, in a clone and in an unpacked archive of it alike."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

#: Folders of a checkout that programs make.
MADE = {".git", ".venv", ".snakemake", "results", "logs", "dist", "build"}


def source_files(project: Path) -> list[Path]:
    """Files of the project, relative to it: those that git would commit, or all but what programs make."""
    if not (project / ".git").exists():
        return sorted(walked(project))
    command = ["git", "-C", str(project), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (project / name).is_file()]


def walked(project: Path) -> Iterator[Path]:
    """Yield the files below the project, none of folders that programs make."""
    for path in project.iterdir():
        if path.is_file():
            yield path.relative_to(project)
        elif path.name not in MADE:
            yield from (
                file.relative_to(project)
                for file in path.rglob("*")
                if file.is_file() and "__pycache__" not in file.parts
            )
