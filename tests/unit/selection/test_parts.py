"""Cutflow, options, registry and the questions that selections share."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import from_spherical
from umbra.core.machines import Machine
from umbra.core.records import validated
from umbra.core.search_variables import VARIABLES
from umbra.detector.detector import PHOTON, Detector
from umbra.selection import options as known_options
from umbra.selection import registry
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import choices, energy_cm, unseen, within_theta
from umbra.selection.options import untagged_dilepton
from umbra.selection.records import SelectionOptions

SUPERKEKB = Machine("superkekb", 7.004, 4.002, 83.0)


def test_a_cutflow_adds_up_over_batches_and_files() -> None:
    parts = [Cutflow(), Cutflow()]
    for part, weight in zip(parts, ([1.0, 2.0, 0.0], [0.5]), strict=True):
        part.count("all", np.array(weight))
        part.count("half", 0.5 * np.array(weight))
    total = Cutflow.from_json(parts[0].to_json())
    total.add(parts[1])
    assert total.to_json() == [
        {"cut": "all", "events": 3, "weight": 3.5, "weight_squared": 5.25},
        {"cut": "half", "events": 3, "weight": 1.75, "weight_squared": 1.3125},
    ]
    other = Cutflow()
    other.count("something else", np.ones(1))
    with pytest.raises(UmbraError, match="something else"):
        total.add(other)


GOOD: dict[str, Any] = {
    "final_state": "ee",
    "track_theta_deg": [21.6, 158],
    "maximum_missing_angle_rad": 0.1,
    "missing_mass2_gev2": [-0.5, 0.5],
    "mass_resolution_mev": [[0.2, 1.1], [10, 6]],
    "track_mass_gev": None,
}


def read(content: Any) -> SelectionOptions:
    return validated(registry.options_of("untagged_dilepton"), content, "channel.yaml: selection/options")


def test_options_become_typed() -> None:
    options = read(GOOD)
    assert isinstance(options, untagged_dilepton.Options)
    assert options.track_theta_deg == (21.6, 158.0)
    assert options.mass_resolution_mev == ((0.2, 1.1), (10.0, 6.0))
    assert read(GOOD | {"mass_resolution_mev": None}) != options


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"track_theta": [1, 2]}, "there is no key 'track_theta'; did you mean 'track_theta_deg'"),
        ({"final_state": "tautau"}, "final_state: 'tautau' is not known; known: ee, mumu"),
        ({"track_theta_deg": [20, 10]}, "track_theta_deg: the interval"),
        ({"track_theta_deg": [20]}, "track_theta_deg"),
        ({"maximum_missing_angle_rad": "1"}, "maximum_missing_angle_rad: '1' is not a number"),
        ({"maximum_missing_angle_rad": True}, "maximum_missing_angle_rad: True is not a number"),
        (
            {"maximum_missing_angle_rad": float("nan")},
            "maximum_missing_angle_rad: nan is not a finite number",
        ),
        (
            {"mass_resolution_mev": [[3.0, 1.0], [2.0, 1.5]]},
            "mass_resolution_mev: the masses must increase: 2",
        ),
        ({"mass_resolution_mev": 3}, "mass_resolution_mev: 3 is not a list"),
    ],
)
def test_wrong_options_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UmbraError, match=f"^channel.yaml: selection/options: .*{message}"):
        read(GOOD | change)


@pytest.mark.parametrize("lost", GOOD)
def test_a_missing_option_is_refused(lost: str) -> None:
    with pytest.raises(UmbraError, match=f"the key '{lost}' is missing"):
        read({name: value for name, value in GOOD.items() if name != lost})


def test_every_selection_can_be_found() -> None:
    modules = {path.stem for path in Path(next(iter(known_options.__path__))).parent.glob("*.py")}
    assert len(registry.names()) >= 15
    for name in registry.names():
        assert name in modules
        assert registry.find(name).__module__ == registry.module_of(name)
        columns = registry.columns_of(name)
        assert columns[:2] == ("weight", "event")
        assert len(set(columns)) == len(columns)
        assert any(column in VARIABLES for column in columns), "a selection makes a search variable"
    with pytest.raises(
        UmbraError, match=r"unknown selection 'four_photons'; did you mean '(three_photons|four_muons)'"
    ):
        registry.find("four_photons")


def test_the_job_graph_knows_selections_without_numpy() -> None:
    asked = "from umbra.selection import registry as r; [r.columns_of(n) for n in r.names()]"
    program = f"import sys; {asked}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_polar_range_and_energy_in_the_centre_of_mass() -> None:
    rng = np.random.default_rng(1)
    p4 = from_spherical(rng.uniform(0.1, 5.0, 500), rng.uniform(-1, 1, 500), rng.uniform(-3, 3, 500), 0.1)
    theta = np.degrees(np.arctan2(np.hypot(p4[:, 0], p4[:, 1]), p4[:, 2]))
    np.testing.assert_array_equal(within_theta(p4, (30.0, 100.0)), (theta >= 30.0) & (theta <= 100.0))
    assert not within_theta(np.zeros((1, 4)), (0.0, 180.0)).any()
    np.testing.assert_allclose(energy_cm(p4, SUPERKEKB), SUPERKEKB.to_cm(p4)[:, 3], rtol=1e-12)


def test_veto_weights_agree_with_dice(detector_settings: Callable, ideal: Callable[..., Detector]) -> None:
    regions = detector_settings("belle2")["calorimeter"]["regions"]
    for region, probability in zip(regions, (0.3, 0.2, 0.4), strict=True):
        region["inefficiency"] = [probability]
    detector = ideal(regions=regions)
    n = 40_000
    rng = np.random.default_rng(6)
    # Four photons anywhere; the first one is the candidate's own.
    p4 = from_spherical(np.full((n, 4), 1.0), rng.uniform(-1, 1, (n, 4)), rng.uniform(-3, 3, (n, 4)), 0.0)
    reco = detector.reconstruct(Events.from_momenta([22] * 4, p4), rng)
    own = [np.zeros(n, np.intp)]
    weight = unseen(reco, reco.kind == PHOTON, own)
    noticed = rng.random((n, 4)) >= reco.loss
    by_dice = ~noticed[:, 1:].any(axis=1)
    error = by_dice.std() / np.sqrt(n)
    assert weight.mean() == pytest.approx(by_dice.mean(), abs=4.0 * error)
    assert weight.std() < 0.8 * by_dice.std(), "weights fluctuate less than dice"
    all_lost = (reco.kind[:, 1:] == 0).all(axis=1)
    assert all_lost.any()
    assert (weight[all_lost] == 1.0).all()


def test_choices_are_all_and_ordered() -> None:
    rng = np.random.default_rng(4)
    first, second = rng.random((40, 5)) < 0.4, rng.random((40, 5)) < 0.4
    second &= ~first
    expected = [
        (event, i, j)
        for event in range(40)
        for i in range(5)
        for j in range(5)
        if first[event, i] and second[event, j]
    ]
    assert len(expected) > 50
    assert choices(first, second).tolist() == [list(row) for row in expected]
    assert choices(first, np.zeros_like(first)).shape == (0, 3)
    assert choices(first[:0], second[:0], first[:0]).shape == (0, 4)
