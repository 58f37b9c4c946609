"""Missing energy in the calorimeter that is the target."""

from pathlib import Path

import numpy as np
import pytest

from umbra.config.files import load_detector, load_machine
from umbra.core.events import Events
from umbra.core.machines import of_record
from umbra.core.particles import DARK_PHOTON
from umbra.core.seeds import generator
from umbra.detector.detector import Detector
from umbra.selection.cutflow import Cutflow

from .running import selected


def test_what_the_calorimeter_does_not_see_is_missing(project: Path) -> None:
    """Electron, unseen A' and what the shower has radiated before: their energies, the angles do not matter."""
    machine = of_record("sps_na64", load_machine(project / "config" / "machines" / "sps_na64.yaml")[0])
    n = 4000
    p4 = np.zeros((n, 3, 4))
    p4[:, 0] = [0.0, 0.6, -0.8, 1.0]
    p4[:, 1] = [0.0, 0.0, np.sqrt(79.0**2 - 0.01), 79.0]
    p4[:, 2] = [0.001, 0.0, 20.0, 20.0]
    p4[: n // 2, 1:, :] *= np.array([40.0 / 79.0, 59.0 / 20.0])[:, None]
    events = Events.from_momenta((11, DARK_PHOTON, 22), p4)
    detector = Detector.from_record(load_detector(project / "config" / "detectors" / "na64.yaml")[0])
    seen = detector.reconstruct(events, generator("missing_energy"))
    options = {"other_efficiency": 0.25, "largest_ecal_energy_gev": 50.0}
    cutflow = Cutflow()
    found = selected("missing_energy", seen, machine, options, cutflow)  # type: ignore[arg-type]
    # 60 GeV are seen in the first half: above 50 by three resolutions, 1.5 GeV and 4 %.
    lost = found["event"] >= n // 2
    assert lost.sum() == n // 2
    assert (~lost).sum() < 0.02 * n
    energy = found["ecal_energy_gev"][lost]
    assert energy.mean() == pytest.approx(21.0, abs=0.1)
    assert energy.std() == pytest.approx(np.hypot(20.0 * np.hypot(0.1 / np.sqrt(20.0), 0.04), 0.1), rel=0.1)
    assert found["weight"] == pytest.approx(0.25)
