"""What a machine file may not say, and the machine that comes of one."""

from typing import Any

import pytest

from umbra.core.errors import UmbraError
from umbra.core.machine_record import MachineRecord
from umbra.core.machines import Machine
from umbra.core.records import validated

CONTENT = {
    "electron_energy_gev": 7.004,
    "positron_energy_gev": 4.002,
    "crossing_angle_mrad": 83,
    "sqrt_s_spread_gev": 0.005,
    "source": "made up for a test",
}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"electron_energy_gev": 0}, "electron_energy_gev: 0 is not above 0.000511"),
        ({"positron_energy_gev": 0.0005}, "positron_energy_gev: 0.0005 is not above 0.000511"),
        ({"positron_energy_gev": "4"}, "positron_energy_gev: '4' is not a number"),
        ({"positron_energy_gev": float("inf")}, "positron_energy_gev: inf is not a finite number"),
        ({"crossing_angle_mrad": -1}, "crossing_angle_mrad: -1 is below 0.0"),
        ({"crossing_angle_mrad": 501}, "crossing_angle_mrad: 501 is above 500.0"),
        ({"sqrt_s_spread_gev": -0.1}, "sqrt_s_spread_gev: -0.1 is below 0.0"),
        (
            {"sqrt_s_spread_gev": 1.1},
            "sqrt_s_spread_gev: 1.1 is above a tenth of sqrt(s) = 10.6 GeV",
        ),
        ({"source": "me"}, "source: 'me' is too short: 10 characters at least"),
        (
            {"crossing_angle_mard": 22},
            "(top): there is no key 'crossing_angle_mard'; did you mean 'crossing_angle_mrad'? known: "
            "electron_energy_gev, positron_energy_gev, crossing_angle_mrad, sqrt_s_spread_gev, source, kind",
        ),
    ],
)
def test_a_wrong_machine_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UmbraError) as refused:
        validated(MachineRecord, CONTENT | changes, "some.yaml")
    assert str(refused.value) == f"some.yaml: {sentence}"


@pytest.mark.parametrize("key", CONTENT)
def test_nothing_of_a_machine_may_be_missing(key: str) -> None:
    content = {name: value for name, value in CONTENT.items() if name != key}
    with pytest.raises(UmbraError, match=f"the key '{key}' is missing"):
        validated(MachineRecord, content, "some.yaml")


def test_a_machine_has_the_numbers_of_its_record() -> None:
    record = validated(MachineRecord, CONTENT, "some.yaml")
    assert Machine.from_record("superkekb", record) == Machine("superkekb", 7.004, 4.002, 83.0, 0.005)
    assert MachineRecord.model_validate(record.model_dump(mode="json")) == record
    # The crossing angle of 83 mrad takes 0.1 % off the centre-of-mass energy.
    assert record.approximate_sqrt_s_gev == pytest.approx(
        Machine.from_record("superkekb", record).sqrt_s_gev, rel=2e-3
    )
