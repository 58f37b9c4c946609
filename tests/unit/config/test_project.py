"""What building the job graph costs, at every run and in every job of a cluster, and what it holds."""

import subprocess
import sys
from pathlib import Path

import pytest

from umbra.config.project import load
from umbra.core.errors import UmbraError
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


def test_channels_of_fewer_events_and_their_samples_go_first() -> None:
    names = ["zprime_mumu_belle2", "zprime_tautau_belle2", "alp_3gamma_belle2"]
    project = load({"scan": "default", "channels": names}, shipped_config())
    events = {n: sum(s.events for s in r.samples.values()) for n, r in project.records.items()}
    ranks = {name: channel["priority"] for name, channel in project.channels.items()}
    assert sorted(names, key=ranks.__getitem__) == sorted(names, key=events.__getitem__, reverse=True)

    wanted: dict[str, int] = {}
    for channel in project.channels.values():
        for files in channel["sample_files"].values():
            sample = Path(files[0]).stem.rsplit("-", 1)[0]
            wanted[sample] = max(channel["priority"], wanted.get(sample, 0))
    shared = {
        key: priority
        for processes in project.priorities.values()
        for keys in processes.values()
        for key, priority in keys.items()
    }
    assert shared == wanted


def test_what_a_generator_is_told_knows_nothing_of_the_channels_that_run() -> None:
    alone = load({"scan": "default", "channels": ["zprime_mumu_belle2"]}, shipped_config()).samples
    both = load(
        {"scan": "default", "channels": ["zprime_mumu_belle2", "na62_k_pi_x"]}, shipped_config()
    ).samples
    assert alone["superkekb"] == both["superkekb"]


def test_a_variable_that_tells_nothing_of_the_mass_is_counted_in_all_bins() -> None:
    name = "na64_invisible"
    asked = {"channels": [name], "overrides": {name: {"fit": {"count_within_sigma": 2.0}}}}
    with pytest.raises(UmbraError, match="ecal_energy_gev tells nothing of the mass"):
        load(asked, shipped_config())
