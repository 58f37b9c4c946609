"""What building the job graph costs: it happens at every run and in every job of a cluster."""

import subprocess
import sys

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
