"""Selection of two leptons whose missing momentum points along the beams."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from umbra.core.constants import MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.events import Events
from umbra.core.machines import Machine
from umbra.core.seeds import generator
from umbra.detector.detector import Detector
from umbra.generation.decays.registry import find as find_decay
from umbra.generation.processes.registry import find
from umbra.generation.sampling import Sampler
from umbra.selection.cutflow import Cutflow

from .running import selected

select = partial(selected, "untagged_dilepton")

BEPCII = Machine("bepcii_3773", 1.88661, 1.88661, 22.0)
OPTIONS: dict[str, Any] = {
    "final_state": "mumu",
    "track_theta_deg": [0.0, 180.0],
    "maximum_missing_angle_rad": 0.1,
    "missing_mass2_gev2": [-0.01, 0.01],
    "track_mass_gev": None,
    "mass_resolution_mev": None,
}
MASS, EVENTS = 2.0, 20_000


@pytest.fixture(name="detector")
def _detector(identifying: Callable[..., Detector]) -> Detector:
    """Build a perfect detector for tracks; photons along the beams leave nothing that matters."""
    return identifying(theta_deg=[0.0, 180.0], minimum_pt_gev=0.0)


@pytest.fixture(name="events", scope="module")
def _events() -> Events:
    rng = generator("test untagged")
    sampler = Sampler(find("gamma_aprime"), BEPCII, {"mass_gev": MASS}, {}, rng=rng)
    made = sampler.generate(EVENTS, rng).events
    return find_decay("dark_photon_to_mumu")(made.with_p4(BEPCII.to_lab(made.p4)), BEPCII, rng)


def chosen(detector: Detector, events: Events, **options: Any) -> dict[str, np.ndarray]:
    return select(detector.reconstruct(events, generator("test")), BEPCII, OPTIONS | options, Cutflow())


def test_the_fraction_along_the_beams_is_that_of_the_closed_form(detector: Detector, events: Events) -> None:
    found = chosen(detector, events)
    process = find("gamma_aprime")
    parameters = process.complete({"mass_gev": MASS})
    whole = process.closed_form(BEPCII.sqrt_s_gev, parameters, {})
    inside = {"cos_theta": (-np.cos(0.1), np.cos(0.1))}
    lost = 1.0 - process.closed_form(BEPCII.sqrt_s_gev, parameters, inside) / whole
    assert found["weight"].sum() / EVENTS == pytest.approx(
        lost, abs=4.0 * np.sqrt(lost * (1.0 - lost) / EVENTS)
    )
    assert found["mass_gev"] == pytest.approx(np.full(len(found["weight"]), MASS), abs=1e-4)
    assert found["missing_mass2_gev2"] == pytest.approx(np.zeros(len(found["weight"])), abs=1e-3)


def test_the_missing_angle_is_that_of_the_photon(detector: Detector, events: Events) -> None:
    found = chosen(detector, events, maximum_missing_angle_rad=2.0)
    photon = BEPCII.to_cm(events.p4[found["event"], 0])
    angle = np.arctan2(np.hypot(photon[:, 0], photon[:, 1]), np.abs(photon[:, 2]))
    assert found["missing_angle_rad"] == pytest.approx(angle, abs=1e-4)
    assert len(found["weight"]) == EVENTS


def test_what_is_missing_must_be_massless(detector: Detector, events: Events) -> None:
    # Leptons of 95% of their energy leave more than a photon.
    slower = events.with_p4(events.p4 * 0.95)
    assert len(chosen(detector, slower, maximum_missing_angle_rad=2.0)["weight"]) == 0


def test_pions_are_told_from_muons_by_the_mass_of_the_tracks(identifying: Callable[..., Detector]) -> None:
    everything = {
        "theta_deg": [0.0, 180.0],
        "minimum_momentum_gev": 0.0,
        "probability": dict.fromkeys(("electron", "muon", "hadron"), 1.0),
        "source": "made up for a test",
    }
    both = {"muon": everything, "electron": everything}
    detector = identifying(theta_deg=[0.0, 180.0], minimum_pt_gev=0.0, identification=both)
    rng = generator("test untagged pions")
    made = Sampler(find("gamma_aprime"), BEPCII, {"mass_gev": 0.8}, {}, rng=rng).generate(2_000, rng).events
    pions = find_decay("dark_photon_to_pipi")(made.with_p4(BEPCII.to_lab(made.p4)), BEPCII, rng)
    wide = {"maximum_missing_angle_rad": 2.0, "final_state": "pipi"}
    found = chosen(detector, pions, **wide)
    assert len(found["weight"]) == len(pions)
    assert found["track_mass_gev"] == pytest.approx(np.full(len(found["weight"]), PION_MASS_GEV), abs=2e-3)
    assert found["mass_gev"] == pytest.approx(np.full(len(found["weight"]), 0.8), abs=1e-4)
    assert len(chosen(detector, pions, **wide, track_mass_gev=[0.08, 0.115])["weight"]) == 0


def test_other_leptons_and_tracks_outside_are_lost(detector: Detector, events: Events) -> None:
    assert len(chosen(detector, events, final_state="ee", missing_mass2_gev2=[-1.0, 1.0])["weight"]) == 0
    some = chosen(detector, events, track_theta_deg=[21.6, 158.4])
    assert 0.3 < some["weight"].sum() / chosen(detector, events)["weight"].sum() < 0.9


def test_tracks_have_the_mass_of_muons_if_a_photon_is_missing(detector: Detector, events: Events) -> None:
    found = chosen(detector, events)
    assert found["track_mass_gev"] == pytest.approx(np.full(len(found["weight"]), MUON_MASS_GEV), abs=1e-3)
    assert len(chosen(detector, events, track_mass_gev=[0.08, 0.115])["weight"]) == len(found["weight"])
    assert len(chosen(detector, events, track_mass_gev=[0.13, 0.15])["weight"]) == 0
