# ruff: noqa: RUF001
"""Detectors as they ship, and variants of them; a small channel, and variants of it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from channels import PLAIN
from umbra.config.files import load_detector
from umbra.config.records import (
    Axes,
    Category,
    Channel,
    Coupling,
    Interpretation,
    Limit,
    Luminosity,
    Masses,
    PeakFit,
    Reference,
    Sample,
    Segment,
    Selection,
    Systematics,
)
from umbra.config.records import Detector as NamedDetector
from umbra.core.machines import Machine
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
    """Build Belle II without losses, merging, smearing and beam background, with one identification at all momenta.

    Keywords replace settings.

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
        content["identification"] = {
            "muon": {
                "theta_deg": [25.0, 155.0],
                "minimum_momentum_gev": 0.7,
                "probability": {"electron": 0.0, "muon": 0.9, "hadron": 0.041},
                "source": "made up for a test",
            },
            "electron": {
                "theta_deg": [17.0, 150.0],
                "minimum_momentum_gev": 0.3,
                "probability": {"electron": 0.9, "muon": 0.0, "hadron": 0.01},
                "source": "made up for a test",
            },
        }
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


@pytest.fixture(scope="session")
def make_channel() -> Callable[..., Channel]:
    """Build the channel of a search for a photon and a dark photon at Belle II; keywords replace its blocks."""
    machine = Machine("superkekb", 7.004, 4.002, 83.0)
    blocks: dict[str, Any] = {
        **PLAIN,
        "name": "channel",
        "title": "e⁺e⁻ → γA′",
        "portal": "dark_photon_visible",
        "experiment": "Belle II",
        "reference": Reference(arxiv="1406.2980", citation="made up for tests"),
        "machine": machine,
        "detector": NamedDetector(
            name="belle2", settings=load_detector(shipped_config() / "detectors/belle2.yaml")[0]
        ),
        "luminosity": Luminosity(luminosity_fb=178.0, relative_uncertainty=0.01),
        "masses": Masses(
            segments=(Segment(from_gev=1.0, to_gev=8.0, points=4, spacing_gev=((1.0, 1.0),)),),
            block_points=4,
        ),
        "interpretations": (
            Interpretation(
                name="main",
                label="dark photon",
                coupling=Coupling(
                    name="epsilon", reference=1e-3, power=2, convention="L = ε e A′ J_em", y_label="ε"
                ),
            ),
        ),
        "samples": {
            name: Sample(
                name=name,
                role=role,
                origin="matrix_element",
                process=process,
                machine=machine,
                generator={},
                events=1000,
            )
            for name, role, process in (
                ("aprime", "signal", "gamma_aprime"),
                ("three_photons", "background", "three_gamma"),
            )
        },
        "selection": Selection(name="radiative_dilepton", options={}),
        "categories": (
            Category(
                name="mumu",
                signal="aprime",
                backgrounds=("three_photons",),
                variable="dilepton_mass",
                hypotheses_gev=(0.5, 9.0),
            ),
        ),
        "fit": PeakFit(half_window_sigma=10.0, bin_sigma=0.5, background_degree=3),
        "systematics": Systematics(signal_efficiency_relative=0.02),
        "limit": Limit(method="cls", level=0.9),
        "axes": Axes(mass="m_{A′} [GeV]"),
    }
    return lambda **changes: Channel(**{**blocks, **changes})
