"""A Slurm, and a project without results, for the tests of this folder."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from throwaway_slurm import ThrowawaySlurm, missing_programs


@pytest.fixture
def unmade(finished, tmp_path: Path):
    """Give a copy of the finished project, of exactly its sources, without results."""

    def made(folder: str, names: list[str]) -> list[str]:
        # At the top only: the library has a folder `results`, too.
        return [name for name in ("results", "logs", ".snakemake") if Path(folder) == finished.folder]

    return type(finished)(shutil.copytree(finished.folder, tmp_path / "umbra", ignore=made))


@pytest.fixture(scope="session")
def slurm() -> Iterator[ThrowawaySlurm]:
    """Give a Slurm of two virtual nodes; skip where Slurm is not installed."""
    if missing := missing_programs():
        pytest.skip(f"no Slurm on this machine: {', '.join(missing)} not found (Debian: slurm-wlm, munge)")
    with tempfile.TemporaryDirectory(prefix="slurm-", dir="/tmp") as folder:
        cluster = ThrowawaySlurm(Path(folder) / "cluster")
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
