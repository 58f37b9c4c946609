"""What a detector file may not say."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import pytest

from umbra.core.errors import UmbraError
from umbra.core.records import validated
from umbra.detector.records import DetectorRecord


def changed(content: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Set the value at `path`, or take the key away for `...`."""
    *blocks, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    block = reduce(lambda inner, key: inner[key], blocks, content)
    if value is ...:
        del block[last]
    else:
        block[last] = value
    return content


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("calorimeter/colour", "blue", "calorimeter: there is no key 'colour'; known: regions, "),
        ("calorimter", {}, "(top): there is no key 'calorimter'; did you mean 'calorimeter'? known: "),
        ("tracker/source", ..., "tracker: the key 'source' is missing"),
        ("tracker/source", "none", "tracker/source: 'none' is too short: 10 characters at least"),
        ("tracker", ..., "(top): the key 'tracker' is missing"),
        (
            "calorimeter/regions/0/theta_deg",
            [31.4, 12.4],
            "calorimeter/regions/0/theta_deg: the interval is reversed or empty: 31.4 is not below 12.4",
        ),
        ("tracker/theta_deg", [17.0, 181.0], "tracker/theta_deg/1: 181.0 is above 180.0"),
        ("tracker/theta_deg", [-1.0, 150.0], "tracker/theta_deg/0: -1.0 is below 0.0"),
        (
            "beam_background/theta_deg",
            [20, 20],
            "beam_background/theta_deg: the interval is reversed or empty",
        ),
        (
            "identification/muon/theta_deg",
            [155, 25],
            "identification/muon/theta_deg: the interval is reversed",
        ),
        ("calorimeter/regions", [], "calorimeter/regions: [] has too few entries: 0, and 1 at least"),
        (
            "calorimeter/regions/0/inefficiency",
            [0.1, 0.2],
            "calorimeter/regions/0/energy_gev: it has 1 entries and inefficiency has 2",
        ),
        (
            "calorimeter/regions/0/inefficiency",
            [1.5],
            "calorimeter/regions/0/inefficiency/0: 1.5 is above 1.0",
        ),
        (
            "calorimeter/regions/0/energy_gev",
            [0.1],
            "calorimeter/regions/0/energy_gev: it begins at 0.1, not at 0: nothing holds below",
        ),
        (
            "calorimeter/regions/1/name",
            "forward",
            "calorimeter/regions: two regions have the name 'forward'",
        ),
        (
            "calorimeter/regions/1/theta_deg",
            [31.0, 128.7],
            "calorimeter/regions: the regions 'forward' and 'barrel' overlap: 12.4 to 31.4 and 31 to 128.7 degrees",
        ),
        (
            "calorimeter/energy_resolution/constant_percent",
            0,
            "calorimeter/energy_resolution/constant_percent: 0 is not above 0.0",
        ),
        (
            "calorimeter/energy_resolution/tail_index",
            1.0,
            "calorimeter/energy_resolution/tail_index: 1.0 is not above 1.0",
        ),
        ("calorimeter/minimum_separation_deg", 91, "calorimeter/minimum_separation_deg: 91 is above 90.0"),
        (
            "calorimeter/angular_resolution/minimum_mrad",
            "4",
            "calorimeter/angular_resolution/minimum_mrad: '4' is not a number",
        ),
        ("tracker/efficiency/muon", 1.01, "tracker/efficiency/muon: 1.01 is above 1.0"),
        ("tracker/efficiency/kaon", 0.9, "tracker/efficiency: there is no key 'kaon'; known: electron, "),
        ("tracker/efficiency/hadron", ..., "tracker/efficiency: the key 'hadron' is missing"),
        ("tracker/minimum_pt_gev", -0.1, "tracker/minimum_pt_gev: -0.1 is below 0.0"),
        (
            "tracker/vertex_resolution/transverse_um",
            True,
            "tracker/vertex_resolution/transverse_um: True is not",
        ),
        ("identification/muon/probability/muon", -1, "identification/muon/probability/muon: -1 is below 0.0"),
        (
            "identification/muon/harder",
            [{"momentum_gev": 0.7, "electron": 0.0, "muon": 0.9, "hadron": 0.03}],
            "identification/muon: the momenta of harder tracks do not increase: 0.7 is followed by 0.7",
        ),
        ("identification/muon/harder/0/hadron", 2.0, "identification/muon/harder/0/hadron: 2.0 is above 1.0"),
        (
            "identification/muon/harder/0/momentum_gev",
            ...,
            "identification/muon/harder/0: the key 'momentum_gev' is",
        ),
        ("identification/tau", {}, "identification: there is no key 'tau'; known: electron, muon"),
        ("beam_background/clusters_per_event", 11, "beam_background/clusters_per_event: 11 is above 10.0"),
        ("beam_background/timing_efficiency", 0.0, "beam_background/timing_efficiency: 0.0 is not above 0.0"),
        (
            "triggers/single_photon/values",
            [2.0, 1.0],
            "triggers/single_photon/values: they do not increase: 2 is followed by 1",
        ),
        (
            "triggers/single_photon/values",
            [1.0, 1.0, 2.0],
            "triggers/single_photon/values: it has 3 entries and efficiency has 2",
        ),
        ("triggers/single_photon/values", [1.0], "triggers/single_photon/values: [1.0] has too few entries"),
        (
            "triggers/single_photon/efficiency",
            [0.0, 1.2],
            "triggers/single_photon/efficiency/1: 1.2 is above",
        ),
        (
            "triggers/single_photon/values",
            [1.0, float("nan")],
            "triggers/single_photon/values/1: nan is not a finite number",
        ),
    ],
)
def test_a_wrong_detector_is_refused(
    detector_settings: Callable[[str], dict[str, Any]], path: str, value: Any, sentence: str
) -> None:
    content = changed(detector_settings("belle2"), path, value)
    with pytest.raises(UmbraError) as refused:
        validated(DetectorRecord, content, "some.yaml")
    assert str(refused.value).startswith(f"some.yaml: {sentence}")


@pytest.mark.parametrize("energies", [[0.0, 0.2, 0.1], [0.0, 0.1, 0.1]])
def test_energies_of_a_table_increase(
    detector_settings: Callable[[str], dict[str, Any]], energies: list[float]
) -> None:
    content = detector_settings("kloe")
    content["calorimeter"]["regions"][0]["energy_gev"] = energies
    words = (
        f"calorimeter/regions/0/energy_gev: it does not increase: {energies[1]} is followed by {energies[2]}"
    )
    with pytest.raises(UmbraError, match=words):
        validated(DetectorRecord, content, "some.yaml")


def test_a_third_efficiency_at_one_value_is_no_step(
    detector_settings: Callable[[str], dict[str, Any]],
) -> None:
    content = detector_settings("belle2")
    content["triggers"]["single_photon"] |= {"values": [1, 1, 1], "efficiency": [0, 0.5, 1]}
    with pytest.raises(UmbraError, match="values: they hold 1 more than twice; two make a step"):
        validated(DetectorRecord, content, "some.yaml")


def test_touching_regions_and_a_detector_without_options_are_fine(
    detector_settings: Callable[[str], dict[str, Any]],
) -> None:
    content = detector_settings("belle2")
    content["calorimeter"]["regions"][0]["theta_deg"] = [12.4, 32.2]
    for key in ("outer_veto", "beam_background", "triggers"):
        del content[key]
    found = validated(DetectorRecord, content, "some.yaml")
    assert (found.outer_veto, found.beam_background, found.triggers) == (None, None, {})


@pytest.mark.parametrize("name", ["babar", "belle2", "belle2_single_photon", "kloe"])
def test_a_detector_survives_json(detector_settings: Callable[[str], dict[str, Any]], name: str) -> None:
    found = validated(DetectorRecord, detector_settings(name), name)
    assert DetectorRecord.model_validate(found.model_dump(mode="json")) == found
    assert DetectorRecord.model_validate_json(found.model_dump_json()) == found
