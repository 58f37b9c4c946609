"""Thermal targets in figures of limits on y."""

import csv
from dataclasses import replace

import pytest

from umbra.config.thermal import ThermalTargets
from umbra.plotting.exclusion import plot_limits
from umbra.plotting.targets import Target, targets
from umbra.theory import registry, relic

from .test_exclusion import LABELS, row

SETTINGS = ThermalTargets(kinds=("scalar", "pseudo_dirac"), alpha_d=0.1, mass_ratio=0.25)


def test_targets_are_against_the_mass_of_the_dark_photon() -> None:
    found = targets(SETTINGS, [0.0, 0.1, 1.0])
    assert [each.kind for each in found] == ["scalar", "pseudo_dirac"]
    assert (found[0].mass_gev[0], found[0].mass_gev[-1]) == pytest.approx((0.1, 1.0))
    expected = relic.target_y(registry.find("dark_photon"), "scalar", 0.25, 0.1, 0.25)
    assert found[0].y[-1] == pytest.approx(float(expected), rel=1e-3)
    # Eight GeV of dark matter would freeze out before hadrons formed: the curve ends at two.
    assert max(targets(replace_kinds("scalar"), [0.5, 32.0])[0].mass_gev) == pytest.approx(8.0)


def replace_kinds(kind: str) -> ThermalTargets:
    return SETTINGS.model_copy(update={"kinds": (kind,)})


def test_nothing_is_computed_where_nothing_is_asked() -> None:
    assert targets(None, [0.1, 1.0]) == []
    assert targets(SETTINGS, []) == []
    # All masses lie above.
    assert targets(SETTINGS, [20.0, 30.0]) == []


def test_targets_are_drawn_and_listed(tmp_path) -> None:
    rows = [replace(row(mass, 1e-9), quantity="y") for mass in (0.1, 1.0)]
    shown = [Target("scalar", [0.1, 1.0], [1e-11, 3e-8], "as computed")]
    plot_limits(tmp_path / "y", rows, "y", LABELS, targets=shown)
    with (tmp_path / "y.csv").open(newline="") as stream:
        listed = [line for line in csv.DictReader(stream) if line["series"] == "relic_density:scalar"]
    assert [(float(line["mass_gev"]), float(line["value"])) for line in listed] == [(0.1, 1e-11), (1.0, 3e-8)]
