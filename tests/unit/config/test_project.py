"""What building the job graph costs, at every run and in every job of a cluster, and what it holds."""

import subprocess
import sys

from umbra.config.project import load
from umbra.core.paths import shipped_config

PROGRAM = """
import sys
from umbra.config.project import load
from umbra.core.paths import shipped_config
load({}, shipped_config())
print(*sorted({"numpy", "scipy", "numba", "awkward", "matplotlib", "particle"} & set(sys.modules)))
"""


def test_all_channels_are_read_without_numerical_libraries():
    done = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""


def test_a_curve_that_is_compared_twice_is_drawn_once() -> None:
    name = "zprime_tautau_belle2"
    project = load({"channels": [name]}, shipped_config())
    compared = [each.curve for each in project.records[name].comparisons]
    assert len(set(compared)) < len(compared)
    files = project.channels[name]["published_files"]
    assert len(set(files)) == len(files)
