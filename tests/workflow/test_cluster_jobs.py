"""The command that a cluster's node runs for a job, with an executor that leaves to Snakemake what is put before it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SNAKEFILE = """
rule all:
    input: "results/tiny.txt"
    localrule: True

rule tiny:
    output: "results/tiny.txt"
    shell: "echo done > {output}"
"""


@pytest.fixture
def commands(tmp_path: Path, project: Path):
    """Return a function that runs one job with a given module and returns its command."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    path = os.pathsep.join(str(project / each) for each in ("workflow/scripts", "tests/helpers/plugins"))

    def run(module: str) -> tuple[int, str]:
        (tmp_path / "commands.txt").unlink(missing_ok=True)
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                module,
                "--executor",
                "recorder",
                "--jobs",
                "1",
                "--seconds-between-status-checks",
                "1",
            ],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": path, "PATH": "/usr/bin:/bin"},  # without pip, as on a node
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, (tmp_path / "commands.txt").read_text()

    return run


def test_a_job_of_the_front_door_installs_nothing(commands, tmp_path: Path):
    code, command = commands("umbra.commands.front_door")
    assert "pip" not in command
    assert "-m snakemake" in command
    assert code == 0
    assert (tmp_path / "results/tiny.txt").read_text() == "done\n"
