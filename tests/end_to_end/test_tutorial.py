"""The commands of the tutorial, in their order, in a project that has just run its smallest scan."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

#: What `./run` does behind its set-up.
RUN = """#!/usr/bin/env bash
case "$1" in
    workspace|limits) exec "$PYTHON" -m umbra "$@" ;;
    *) exec "$PYTHON" -m umbra.commands.front_door "$@" ;;
esac
"""


@pytest.fixture
def tutorial(project: Path) -> str:
    return (project / "docs/tutorial.md").read_text()


@pytest.fixture
def reader(finished, tmp_path: Path):
    """Return a function that runs a line of the shell, or Python's text, in a copy of the finished project."""
    folder = Path(shutil.copytree(finished.folder, tmp_path / "umbra", symlinks=True))
    (folder / "run").write_text(RUN)
    environment = os.environ | {"PYTHON": sys.executable, "PYTHONPATH": "workflow/scripts"}

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout + done.stderr

    run.folder = folder
    return run


@pytest.mark.nightly  # as long as a channel takes
def test_every_command_of_the_tutorial_does_what_it_says(tutorial: str, reader):
    scenario = re.search(r"```yaml\n# (\S+)\n(.*?)```", tutorial, flags=re.DOTALL)
    (reader.folder / scenario[1]).write_text(scenario[2])
    commands = re.findall(r"^    (\./run .*)$", tutorial, flags=re.MULTILINE)
    said = {command: reader("bash", "-c", command) for command in commands}

    assert len(said) == 6
    ours, pyhfs = (said[each] for each in commands if each.startswith("./run limits"))
    numbers = [float(re.search(r'"observed": ([\d.e+-]+)', text)[1]) for text in (ours, pyhfs)]
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-3)
    assert (reader.folder / "results/alp_3gamma_fifty/exclusion.png").exists()

    code = re.search(r"```python\n(.*?)```", tutorial, flags=re.DOTALL)[1]
    assert len(eval(reader(sys.executable, "-c", code))) == 3  # masses and their expected limits
