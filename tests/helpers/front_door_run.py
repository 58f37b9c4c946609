"""Runs of `umbra.commands.front_door`, what `./run` is behind its set-up, in a copy of the project."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path


class FrontDoorRun:
    """Starts `umbra.commands.front_door` in a copy of the project and keeps what it says in `run.log` there.

    Parameters
    ----------
    folder
        The copy.
    command
        Makes the command line of plain `snakemake` from targets and options.
    options
        Options of each call.
    environment
        What to add to the environment.
    """

    def __init__(
        self,
        folder: Path,
        command: Callable[..., list[str]],
        options: tuple[str, ...],
        environment: dict[str, str],
    ) -> None:
        self.folder = folder
        self.command = command
        self.options = options
        self.environment = os.environ | environment | {"PYTHONPATH": str(folder / "workflow/scripts")}

    def start(self, *targets: str) -> subprocess.Popen[bytes]:
        """Start a run."""
        python, _, _, *arguments = self.command(*targets, *self.options)
        with (self.folder / "run.log").open("w") as log:
            return subprocess.Popen(
                [python, "-m", "umbra.commands.front_door", *arguments],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def run(self, *targets: str) -> str:
        """Run to the end, which must be a good one, and return what was said."""
        return self.finish(self.start(*targets))

    def finish(self, process: subprocess.Popen[bytes]) -> str:
        """Wait for the end, which must be a good one, and return what was said."""
        code = process.wait(900)
        assert code == 0, self.log()[-8000:]
        return self.log()

    def log(self) -> str:
        """Return what the last run has said so far."""
        return (self.folder / "run.log").read_text()
