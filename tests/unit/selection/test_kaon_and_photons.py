"""Selection of B+ -> K+ a, a -> gamma gamma."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import Array, mass_squared, momentum
from umbra.core.machines import Machine
from umbra.core.pdg import mass_gev
from umbra.detector.detector import Detector
from umbra.detector.records import DetectorRecord
from umbra.generation.decays import two_body
from umbra.generation.decays.registry import find
from umbra.generation.processes import registry as processes
from umbra.selection.cutflow import Cutflow

from .running import selected

select = partial(selected, "kaon_and_photons")

PEP2 = Machine("pep2", 9.028, 3.1)
OPTIONS: dict[str, Any] = {
    "track_theta_deg": [17.2, 152.6],
    "track_minimum_pt_gev": 0.1,
    "kaon_probability": 0.9,
    "misidentified_probability": 0.02,
    "photon_theta_deg": [15.8, 141.8],
    "photon_minimum_energy_gev": 0.05,
    "calorimeter": {"radius_mm": 920.0, "forward_z_mm": 1800.0},
    "energy_difference_gev": 0.1,
    "b_momentum_below_gev": 0.46,
    "widened_energy": 1.0,
    "widened_momentum": 1.0,
    "widened_density": 1.0,
    "constrained": 0,
}
EVERYWHERE = {"theta_deg": [0.0, 180.0]}


def signal(n: int, mass: float, flight_mm: float = 0.0, seed: int = 2) -> Events:
    """Kaon and two photons of a B that decays where it is made, and of an a that flies so far."""
    rng = np.random.default_rng(seed)
    process = processes.find("b_to_k_alp")
    p4, _ = process.evaluate(
        rng.random((n, process.dimensions)),
        np.full(n, PEP2.sqrt_s_gev),
        process.complete({"mass_gev": mass, "coupling": 1e-5}),
        {},
    )
    lab = PEP2.to_lab(p4[:, :2])
    photons = two_body.momenta(lab[:, 1], (0.0, 0.0), rng)
    events = Events.from_momenta((321, 22, 22), np.stack([lab[:, 0], *photons], axis=1))
    vertex = events.vertex_mm.copy()
    vertex[:, 1:] = (flight_mm * lab[:, 1, :3] / momentum(lab[:, 1])[:, None])[:, None]
    return replace(events, vertex_mm=vertex)


def run(detector: Detector, events: Events, **changes: Any) -> dict[str, Array]:
    reco = detector.reconstruct(events, np.random.default_rng(4))
    return select(reco, PEP2, OPTIONS | changes, Cutflow())


@pytest.fixture
def perfect(ideal: Callable[..., Detector]) -> Detector:
    return ideal(**EVERYWHERE, minimum_pt_gev=0.0, momentum_resolution={"constant_percent": 0.0})


def test_mass_and_weight_of_the_true_candidate(perfect: Detector) -> None:
    found = run(perfect, signal(300, 1.2))
    assert len(found["weight"]) > 150
    assert found["diphoton_mass_gev"] == pytest.approx(np.full(len(found["weight"]), 1.2), rel=1e-4)
    assert found["weight"] == pytest.approx(np.full(len(found["weight"]), 0.9))


def test_a_pion_passes_rarely(perfect: Detector) -> None:
    events = signal(100, 1.2)
    ids = events.pdg_id.copy()
    ids[:, 0] = 211
    # The momentum is that of a kaon: with the mass of the hypothesis the energy is right.
    found = run(perfect, replace(events, pdg_id=ids))
    assert len(found["weight"]) > 50
    assert found["weight"] == pytest.approx(np.full(len(found["weight"]), 0.02))


def test_the_box_in_energy_and_momentum(perfect: Detector) -> None:
    """A photon of 0.15 GeV too much leaves the box, and a widened one keeps it with less weight."""
    events = signal(200, 2.0)
    p4 = events.p4.copy()
    p4[:, 1] *= 1.0 + 0.15 / PEP2.to_cm(p4)[:, 1, 3:]
    moved = replace(events, p4=p4)
    assert len(run(perfect, moved)["weight"]) == 0
    wide = run(perfect, moved, widened_energy=3.0, widened_momentum=2.0, widened_density=1.5)
    assert len(wide["weight"]) > 80
    assert wide["weight"] == pytest.approx(np.full(len(wide["weight"]), 1.5 * 0.9 / (3.0 * 8.0)))


def test_constraint_narrows_the_mass(detector_settings: Callable) -> None:
    """The energy of the beam is known ten times better than that of photons."""
    detector = Detector.from_record(DetectorRecord.model_validate(detector_settings("babar")))
    events = signal(4000, 1.1)
    widths = []
    for constrained in (0, 1):
        mass = run(detector, events, constrained=constrained, energy_difference_gev=0.3)["diphoton_mass_gev"]
        low, high = np.quantile(mass, [0.16, 0.84])
        widths.append(0.5 * (high - low))
    assert 0.02 < widths[0] < 0.04
    assert widths[1] < 0.65 * widths[0]


def test_photons_are_seen_where_they_meet_the_calorimeter(perfect: Detector) -> None:
    """An a that flies 30 cm looks lighter, and one that flies 3 m is not seen."""
    wide = {"energy_difference_gev": 1.0, "b_momentum_below_gev": 2.0}
    flown = run(perfect, signal(300, 0.5, 300.0), **wide)
    assert len(flown["weight"]) > 100
    assert flown["diphoton_mass_gev"].max() < 0.5
    assert flown["diphoton_mass_gev"] == pytest.approx(np.full(len(flown["weight"]), 0.34), abs=0.13)
    assert len(run(perfect, signal(300, 0.5, 3000.0), **wide)["weight"]) == 0


def test_bad_options_are_refused(perfect: Detector) -> None:
    with pytest.raises(UmbraError, match=r"selection kaon_and_photons: .*there is no key 'colour'"):
        run(perfect, signal(10, 1.0), colour=1)


def test_every_cut_is_counted_and_none_adds_weight(detector_settings: Callable) -> None:
    detector = Detector.from_record(DetectorRecord.model_validate(detector_settings("babar")))
    cutflow = Cutflow()
    for events in (signal(300, 1.0), signal(100, 1.0, seed=3), signal(100, 1.0).select(slice(0, 0))):
        select(detector.reconstruct(events, np.random.default_rng(1)), PEP2, OPTIONS, cutflow)
    weights = [row["weight"] for row in cutflow.to_json()]
    assert weights[0] == 400
    assert weights == sorted(weights, reverse=True)
    assert 0.0 < weights[-1] < 400


def test_chain_of_the_channel(detector_settings: Callable) -> None:
    """Process, decay and selection fit together; masses are those generated."""
    rng = np.random.default_rng(5)
    process = processes.find("b_to_k_alp")
    parameters = process.complete({"mass_gev": 1.0, "coupling": 1e-5})
    p4, _ = process.evaluate(
        rng.random((500, process.dimensions)), np.full(500, PEP2.sqrt_s_gev), parameters, {}
    )
    made = Events.from_momenta(process.final_state(parameters), PEP2.to_lab(p4))
    decayed = find("b_alp_to_photons")(made, PEP2, rng)
    prompt = decayed.select(decayed.extra["proper_length_mm"] < 1.0)
    found = run(
        Detector.from_record(DetectorRecord.model_validate(detector_settings("babar"))), prompt, constrained=1
    )
    assert len(found["weight"]) > 50
    assert np.median(found["diphoton_mass_gev"]) == pytest.approx(1.0, abs=0.01)
    assert mass_gev(521) == pytest.approx(np.sqrt(mass_squared(made.p4[:, 0] + made.p4[:, 1])).mean())
