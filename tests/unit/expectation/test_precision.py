"""Flags of cross-sections travel from samples to figures and pages, and nothing is said where there is none."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from umbra.core.io import write_json
from umbra.expectation.precision import Imprecise, imprecise, note
from umbra.generation.generated import Accuracy, Generated, added_up
from umbra.plotting.figures import Findings
from umbra.plotting.mass_scan import SpectrumFigures

GOOD: dict[str, Any] = {
    "mass_gev": 1.0,
    "events": 10,
    "weight": 8.0,
    "effective_events": 9.0,
    "cross_section_pb": 2.0,
    "cross_section_error_pb": 0.002,
    "born_pb": 1.0,
    "born_error_pb": 0.002,
    "accuracy": "reached",
    "born_accuracy": "reached",
    "generator": "umbra",
    "unweighting_efficiency": 1.0,
    "overflow_fraction": 0.0,
}
POOR = {"accuracy": "not_reached", "cross_section_error_pb": 0.05}


def skim(folder: Path, name: str, *records: dict[str, Any]) -> Path:
    """The JSON file of a skim of two chunks with these records."""
    path = folder / f"{name}.json"
    made = [Generated.model_validate(each) for each in records]
    write_json(path, {"generated": [each.to_json() for each in added_up([*made, *made], path)]})
    return path


def test_good_samples_and_those_without_a_flag_are_not_mentioned(tmp_path: Path) -> None:
    external = {key: value for key, value in GOOD.items() if "accuracy" not in key}
    found = imprecise(
        [skim(tmp_path, "signal", GOOD), skim(tmp_path, "external", external | {"mass_gev": None})]
    )
    assert found == []
    assert note(found) == ""


def test_each_flag_of_a_sample_has_its_number_of_masses_and_worst_error(tmp_path: Path) -> None:
    records = [
        GOOD | POOR,
        GOOD | {"mass_gev": 2.0, "born_accuracy": "not_reached", "born_error_pb": 0.004},
        GOOD | {"mass_gev": 3.0, "accuracy": "few_trials", "cross_section_error_pb": 0.02},
        # Both cross-sections of one mass: still one mass, with the larger error.
        GOOD | POOR | {"mass_gev": 4.0, "born_accuracy": "not_reached", "born_error_pb": 0.03},
    ]
    found = imprecise([skim(tmp_path, "dark_photon", *records), skim(tmp_path, "eegamma", GOOD | POOR)])
    assert [(each.sample, each.accuracy, each.masses, each.relative_error) for each in found] == [
        ("dark_photon", Accuracy.FEW_TRIALS, 1, 0.01),
        ("dark_photon", Accuracy.NOT_REACHED, 3, 0.03),
        ("eegamma", Accuracy.NOT_REACHED, 1, 0.025),
    ]
    assert note(found) == (
        "Cross-sections known less well than asked: dark photon (1 %, error unknown, single trials carry the "
        "integral); dark photon at 3 masses (3 %, error larger than asked for); eegamma (2.5 %, error larger than "
        "asked for)."
    )
    assert [Imprecise.from_json(asdict(each)) for each in found] == found


def test_the_note_is_on_every_figure(make_channel, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    nothing: dict[str, Any] = {
        "table": [], "contours": [], "published": [], "expectation": None, "data": None,
        "cutflows": {}, "fits": [], "archives": [],
    }  # fmt: skip
    channel = make_channel()
    plain = SpectrumFigures(tmp_path, channel, Findings(**nothing)).labels
    said = SpectrumFigures(tmp_path, channel, Findings(**nothing, precision="Known badly.")).labels
    assert said.notes == (*plain.notes, "Known badly.")
