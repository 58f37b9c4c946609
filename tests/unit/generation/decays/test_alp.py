"""Axion-like particles that leave the detector."""

import numpy as np
import pytest

from umbra.core.events import Events
from umbra.core.kinematics import momentum
from umbra.core.machines import Machine
from umbra.core.particles import ALP
from umbra.core.seeds import generator
from umbra.generation.decays import chain, registry
from umbra.generation.decays.displaced import ESCAPE_COLUMN, escape_weights
from umbra.generation.processes import registry as processes

SUPERKEKB = Machine("superkekb", 7.004, 4.002, 83.0)


@pytest.mark.parametrize(
    ("name", "beyond_mm"), [("alp_escapes_belle2", 3000.0), ("alp_escapes_babar", 2430.0)]
)
@pytest.mark.parametrize("ctau_mm", [3.0, 30.0, 300.0])
def test_the_weight_is_the_share_that_flies_farther(name: str, beyond_mm: float, ctau_mm: float) -> None:
    process = processes.find("gamma_alp")
    given = process.complete({"mass_gev": 0.05})
    x = generator("test escape").random((40_000, process.dimensions))
    p4, _ = process.evaluate(x, np.full(len(x), SUPERKEKB.sqrt_s_gev), given, {})
    events = Events.from_momenta(process.final_state(given), SUPERKEKB.to_lab(p4))
    left = registry.find(name)(events, SUPERKEKB, generator("test escape", "decay"))
    flown = chain.flight(
        chain.momenta(left, chain.slot_of(left, ALP)), ctau_mm, generator("test escape", ctau_mm)
    )
    share = (np.linalg.norm(flown, axis=1) > beyond_mm).mean()
    expected = escape_weights(left.extra[ESCAPE_COLUMN], ctau_mm).mean()
    assert share == pytest.approx(expected, abs=4.0 * np.sqrt(expected / len(x)))


def test_the_length_is_that_of_the_flight_in_the_laboratory() -> None:
    p4 = np.array([[[0.0, 0.0, -3.0, 3.0], [0.0, 0.0, 3.0, np.hypot(3.0, 0.1)]]])
    left = registry.find("alp_escapes_belle2")(
        Events.from_momenta((22, ALP), p4), SUPERKEKB, generator("test escape")
    )
    assert momentum(p4[:, 1]) == pytest.approx(3.0)
    assert left.extra[ESCAPE_COLUMN] == pytest.approx(3000.0 * 0.1 / 3.0)
