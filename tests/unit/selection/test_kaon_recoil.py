"""Selection of B+ -> K+ + nothing."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from umbra.core.events import Events
from umbra.core.machines import Machine
from umbra.core.pdg import mass_gev
from umbra.core.seeds import generator
from umbra.detector.detector import Detector
from umbra.detector.records import DetectorRecord
from umbra.generation.decays.registry import find
from umbra.generation.processes import registry as processes
from umbra.selection.cutflow import Cutflow

from .running import selected

BELLE2 = Machine("superkekb", 7.004, 4.002, 83.0)
OPTIONS = {"track_theta_deg": [17.0, 150.0], "track_minimum_pt_gev": 0.1, "kaon_probability": 0.9}
MASS = 2.0


def decays(n: int) -> Events:
    process = processes.find("b_to_k_scalar")
    x = generator("kaon_recoil").random((n, process.dimensions))
    parameters = process.complete({"mass_gev": MASS})
    p4, _ = process.evaluate(x, np.full(n, BELLE2.sqrt_s_gev), parameters, {})
    events = Events.from_momenta(process.final_state(parameters), BELLE2.to_lab(p4))
    return find("b_x_unseen")(events, BELLE2, generator("kaon_recoil", "decays"))


def test_the_momentum_of_the_b_spreads_the_squared_mass_evenly(
    detector_settings: Callable[[str], dict[str, Any]],
) -> None:
    """Half width 2 p_B p_K (1 + ...) of the flat distribution, as the B is taken to be at rest."""
    detector = Detector.from_record(DetectorRecord.model_validate(detector_settings("belle2")))
    cutflow = Cutflow()
    found = selected(
        "kaon_recoil", detector.reconstruct(decays(20_000), generator("d")), BELLE2, OPTIONS, cutflow
    )
    m_b, m_k = mass_gev(521), mass_gev(321)
    beam = 0.5 * BELLE2.sqrt_s_gev
    p_b = np.sqrt(beam**2 - m_b**2)
    kaon = (m_b**2 + m_k**2 - MASS**2) / (2.0 * m_b)
    half = 2.0 * beam * p_b * np.sqrt(kaon**2 - m_k**2) / m_b
    middle = beam**2 + m_k**2 - 2.0 * beam**2 * kaon / m_b
    low, high = np.percentile(found["q2_gev2"], [10.0, 90.0])
    assert 0.5 * (low + high) == pytest.approx(middle, abs=0.03)
    assert high - low == pytest.approx(1.6 * half, rel=0.02)
    assert np.unique(found["weight"]) == pytest.approx(0.9 * 0.99)
    assert list(cutflow.counts) == ["all", "track in the chamber", "identified kaon"]


def test_other_mesons_are_not_looked_at(detector_settings: Callable[[str], dict[str, Any]]) -> None:
    events = decays(50)
    seen = Detector.from_record(DetectorRecord.model_validate(detector_settings("belle2"))).reconstruct(
        events, generator("d")
    )
    assert (seen.kind[:, 1:3] == 0).all()
