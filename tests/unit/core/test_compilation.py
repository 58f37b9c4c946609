"""Compiled functions run wherever the project lies."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import numba.core.caching
# As on a file system that nobody can write to.
numba.core.caching.CacheImpl._locator_classes = []
from umbra.core.compilation import compiled

def twice(x):
    return 2.0 * x

print(compiled(twice)(21.0))
"""


def test_without_a_folder_for_machine_code() -> None:
    scripts = Path(__file__).resolve().parents[3] / "workflow/scripts"
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"PYTHONPATH": str(scripts)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == "42.0\n", result.stderr
