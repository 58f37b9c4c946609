"""Uncertainties that depend on the mass."""

import pytest

from umbra.config.systematics import Systematics
from umbra.core.errors import UmbraError
from umbra.core.records import validated


def test_rows_hold_from_their_mass_on() -> None:
    content = {"signal_efficiency_relative": [[1.0, 0.1], [3.0, 0.2]], "background_relative": 0.3}
    systematics = validated(Systematics, content, "test")
    found = [systematics.signal_efficiency_at(mass) for mass in (0.5, 1.0, 2.999, 3.0, 9.0)]
    assert found == [0.1, 0.1, 0.1, 0.2, 0.2]
    assert [systematics.background_at(mass) for mass in (0.5, 9.0)] == [0.3, 0.3]
    assert Systematics.model_validate(systematics.model_dump(mode="json")) == systematics


@pytest.mark.parametrize("rows", [[[1.0, 0.1], [3.0, 1.2]], [[3.0, 0.1], [1.0, 0.2]], []])
def test_rows_are_rising_masses_with_fractions(rows: list[list[float]]) -> None:
    with pytest.raises(UmbraError, match="signal_efficiency_relative"):
        validated(Systematics, {"signal_efficiency_relative": rows}, "test")
