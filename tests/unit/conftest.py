"""Detectors as they ship, and variants of them."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from umbra.config.files import load_detector
from umbra.core.paths import shipped_config
from umbra.detector.detector import Detector
from umbra.detector.records import DetectorRecord


@pytest.fixture(scope="session")
def detector_settings() -> Callable[[str], dict[str, Any]]:
    """Give the content of a detector file, to be changed at will."""
    records = {path.stem: load_detector(path)[0] for path in (shipped_config() / "detectors").glob("*.yaml")}

    def of(name: str) -> dict[str, Any]:
        return records[name].model_dump(mode="json")

    return of


@pytest.fixture(scope="session")
def ideal(detector_settings: Callable[[str], dict[str, Any]]) -> Callable[..., Detector]:
    """Build Belle II without losses, merging, smearing and beam background; keywords replace settings.

    A keyword is looked for in the calorimeter, then in the tracker, then at the top of the file.
    """

    def build(**blocks: dict[str, Any]) -> Detector:
        content = detector_settings("belle2")
        del content["beam_background"]
        calorimeter, tracker = content["calorimeter"], content["tracker"]
        for region in calorimeter["regions"]:
            region["inefficiency"] = [0.0]
        calorimeter["minimum_separation_deg"] = 0.0
        calorimeter["energy_resolution"].update(
            per_energy_percent=0.0,
            per_root_energy_percent=0.0,
            per_fourth_root_energy_percent=0.0,
            constant_percent=1e-8,
            tail_alpha=4.0,
            tail_index=10.0,
        )
        calorimeter["angular_resolution"].update(
            per_root_energy_mrad=0.0, constant_mrad=0.0, minimum_mrad=0.0
        )
        tracker["efficiency"] = {"electron": 1.0, "muon": 1.0, "hadron": 1.0}
        tracker["momentum_resolution"].update(per_pt_percent_per_gev=0.0, per_beta_percent=0.0)
        tracker["angular_resolution"].update(constant_mrad=0.0)
        for name, block in blocks.items():
            part = next((part for part in (calorimeter, tracker) if name in part), content)
            part[name] = {**part[name], **block} if isinstance(part.get(name), dict) else block
        return Detector.from_record(DetectorRecord.model_validate(content))

    return build


@pytest.fixture(scope="session")
def identifying(ideal: Callable[..., Detector]) -> Callable[..., Detector]:
    """Build the ideal detector so that it takes every track for what it is, at all angles and momenta."""
    perfect = {
        lepton: {
            "theta_deg": [0.0, 180.0],
            "minimum_momentum_gev": 0.0,
            "probability": {kind: float(kind == lepton) for kind in ("electron", "muon", "hadron")},
            "source": "made up for a test",
        }
        for lepton in ("electron", "muon")
    }
    return partial(ideal, identification=perfect)
