"""Cutflow, options, registry and the questions that selections share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest

from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import from_spherical
from umbra.core.machines import Machine
from umbra.detector.detector import PHOTON, Detector
from umbra.selection import registry
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import energy_cm, unseen, within_theta
from umbra.selection.options import Interval, parse

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


@dataclass(frozen=True)
class Inner:
    """A record inside another."""

    slope_mev: float


@dataclass(frozen=True)
class Record:
    """One option of each type."""

    state: Literal["ee", "mumu"]
    theta_deg: Interval
    number: int
    cut_gev: float | None
    inner: Inner | None


GOOD: dict[str, Any] = {
    "state": "ee",
    "theta_deg": [10, 20.5],
    "number": 2,
    "cut_gev": None,
    "inner": {"slope_mev": 1},
}


def test_options_become_typed() -> None:
    assert parse(Record, GOOD, "here") == Record("ee", (10.0, 20.5), 2, None, Inner(1.0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 1}, "unknown option 'colour'; it knows: state, theta_deg"),
        ({"state": "tautau"}, "'tautau' is none of ee, mumu"),
        ({"theta_deg": [20, 10]}, "the interval"),
        ({"theta_deg": [20]}, "expected two numbers"),
        ({"number": 2.5}, "expected a whole number, not 2.5"),
        ({"number": True}, "expected a whole number, not True"),
        ({"cut_gev": "1"}, "option 'cut_gev': expected a number, not '1'"),
        ({"inner": {"slope_gev": 1}}, "option 'inner': unknown option 'slope_gev'"),
        ({"inner": 3}, "expected options by name"),
    ],
)
def test_wrong_options_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UmbraError, match=f"^selection x: .*{message.replace('[', '.')}"):
        parse(Record, GOOD | change, "selection x")


def test_a_missing_option_is_refused() -> None:
    with pytest.raises(UmbraError, match="selection x: option 'number' is missing"):
        parse(Record, {name: value for name, value in GOOD.items() if name != "number"}, "selection x")


def test_every_selection_can_be_found() -> None:
    for name in registry.LOCATIONS:
        assert registry.find(name).__module__ == registry.module_of(name)
    with pytest.raises(UmbraError, match=r"unknown selection 'four_photons'; known: .*three_photons"):
        registry.find("four_photons")


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
