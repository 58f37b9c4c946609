"""Selection of a photon and hadrons that are left as one."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from umbra.core.events import Events
from umbra.core.machines import Machine
from umbra.core.seeds import generator
from umbra.detector.detector import Detector
from umbra.generation.processes.registry import find
from umbra.generation.sampling import Sampler
from umbra.selection.cutflow import Cutflow

from .running import selected

select = partial(selected, "radiative_hadrons")

BELLE2 = Machine("superkekb", 7.004, 4.002, 83.0)
OPTIONS: dict[str, Any] = {
    "photon_theta_deg": [0.0, 180.0],
    "photon_minimum_energy_cm_gev": 0.2,
    "hadron_theta_deg": [0.0, 180.0],
    "mass_resolution_mev": [[1.0, 10.0], [10.0, 20.0]],
}


@pytest.fixture(name="events", scope="module")
def _events() -> Events:
    rng = generator("test radiative hadrons")
    cuts = {"cos_theta": (-0.9, 0.9)}
    made = Sampler(find("gamma_aprime"), BELLE2, {"mass_gev": 3.0}, cuts, rng=rng).generate(5_000, rng).events
    return made.with_p4(BELLE2.to_lab(made.p4))


def chosen(ideal: Callable[..., Detector], events: Events, **options: Any) -> dict[str, np.ndarray]:
    whole = {"name": "all", "theta_deg": [0, 180], "energy_gev": [0], "inefficiency": [0]}
    seen = ideal(regions=[whole]).reconstruct(events, generator("test"))
    return select(seen, BELLE2, OPTIONS | options, Cutflow())


def test_the_mass_is_smeared_with_the_resolution(ideal: Callable[..., Detector], events: Events) -> None:
    found = chosen(ideal, events)
    assert len(found["weight"]) == len(events)
    width = 0.010 + 0.010 * 2.0 / 9.0
    assert found["hadron_mass_gev"].mean() == pytest.approx(3.0, abs=4.0 * width / len(events) ** 0.5)
    assert found["hadron_mass_gev"].std() == pytest.approx(width, rel=0.05)


def test_hadrons_outside_of_the_detector_and_soft_photons_are_lost(
    ideal: Callable[..., Detector], events: Events
) -> None:
    some = chosen(ideal, events, hadron_theta_deg=[60.0, 120.0])
    assert 0.1 < len(some["weight"]) / len(events) < 0.99
    assert len(chosen(ideal, events, photon_minimum_energy_cm_gev=5.0)["weight"]) == 0
