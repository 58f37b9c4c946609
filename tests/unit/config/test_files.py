"""Detector and machine files: what is marked as from memory, and marks that say nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from umbra.config.files import load_detector, load_machine
from umbra.config.yaml import Place, read
from umbra.core.errors import UmbraError
from umbra.core.paths import shipped_config

FILES = sorted(shipped_config().glob("detectors/*.yaml")) + sorted(shipped_config().glob("machines/*.yaml"))

#: Values from memory in each file: a lower number needs a source for what lost its mark.
MARKS = {
    **{"babar": 23, "belle": 19, "belle2": 20, "belle2_2018": 19, "belle2_single_photon": 21, "besiii": 22},
    **{
        "kloe": 21,
        "bepcii_3773": 2,
        "bepcii_jpsi": 2,
        "daphne": 2,
        "daphne_1000": 2,
        "kekb": 1,
        "kekb_y3s": 3,
        "pep2": 1,
        "pep2_y2s": 3,
    },
    **{"pep2_y3s": 3, "superkekb": 1, "superkekb_2018": 1, "sps_k12": 0, "na62": 20},
    **{"sps_na64": 0, "na64": 4},
}

MACHINE = """\
electron_energy_gev: !memory 8.647
positron_energy_gev: 3.1
crossing_angle_mrad: 0
sqrt_s_spread_gev: !memory 0.005
source: "made up for a test"
"""


def blocks(content: Any, place: Place = ()) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Walk through all mappings that have a source."""
    if isinstance(content, dict):
        if "source" in content:
            yield place, content
        for key, value in content.items():
            yield from blocks(value, (*place, key))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_block_has_marks_exactly_where_its_source_is_no_source(path: Path) -> None:
    load = load_machine if path.parent.name == "machines" else load_detector
    _, memory = load(path)
    assert len(memory) == MARKS[path.stem]
    marked = {place[:-1] for place in memory}
    found = dict(blocks(read(path).content))
    assert marked <= found.keys(), "a mark stands in a block that has a source"
    for place, block in found.items():
        unsure = any(word in block["source"].lower() for word in ("memory", "assumption"))
        assert unsure == (place in marked), (place, block["source"])


def test_a_machine_and_its_marks(tmp_path: Path) -> None:
    path = tmp_path / "ring.yaml"
    path.write_text(MACHINE)
    record, memory = load_machine(path)
    assert record.electron_energy_gev == 8.647
    assert memory == (("electron_energy_gev",), ("sqrt_s_spread_gev",))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "source:",
            "unverified: [sqrt_s_spread_gev]\nsource:",
            "unverified: this key is no more; write !memory before each value that it lists, as in "
            "'sqrt_s_spread_gev: !memory 1.0'",
        ),
        (
            "source:",
            "unverified: []\nsource:",
            "unverified: this key is no more; write !memory before each value that it lists, as in "
            "'electron_energy_gev: !memory 1.0'",
        ),
        ("source:", "source: !memory", "source: !memory marks a value, not a source or a block that has one"),
        ("3.1", "!memory three", "positron_energy_gev: 'three' is not a number"),
        ("3.1", "!memory", "positron_energy_gev: None is not a number"),
        ("3.1", "!guess 3.1", "not valid YAML: could not determine a constructor for the tag '!guess'"),
        ("3.1", "3.1\npositron_energy_gev: 3.1", "not valid YAML: duplicate key 'positron_energy_gev'"),
    ],
)
def test_a_wrong_machine_file_is_refused(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    path = tmp_path / "ring.yaml"
    path.write_text(MACHINE.replace(old, new))
    with pytest.raises(UmbraError) as refused:
        load_machine(path)
    assert str(refused.value).startswith(f"{path}: {sentence}")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "  muon:\n",
            "  muon:\n    unverified: [theta_deg, probability]\n",
            "identification/muon/unverified: this key is no more; write !memory before each value",
        ),
        (
            "calorimeter:",
            "calorimeter: !memory",
            "calorimeter: !memory marks a value, not a source or a block",
        ),
        ("triggers:", "triggers: !memory", "triggers: !memory marks a value, not a source or a block"),
        (
            "tail_index: !memory 3.0",
            "tail_index: !memory 0.5",
            "calorimeter/energy_resolution/tail_index: 0.5",
        ),
    ],
)
def test_a_wrong_detector_file_is_refused(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    text = (shipped_config() / "detectors" / "belle2.yaml").read_text()
    assert text.count(old) == 1
    path = tmp_path / "belle3.yaml"
    path.write_text(text.replace(old, new))
    with pytest.raises(UmbraError) as refused:
        load_detector(path)
    assert str(refused.value).startswith(f"{path}: {sentence}")
