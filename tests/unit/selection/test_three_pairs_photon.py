"""Selection of three pairs of equal mass and the photon that they recoil against."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from umbra.core.events import Events
from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.core.seeds import generator
from umbra.detector.detector import Detector
from umbra.generation.decays import darkonium
from umbra.generation.decays.pairs import PAIRS, Kind
from umbra.generation.processes import registry
from umbra.selection.cutflow import Cutflow

from .running import selected

select = partial(selected, "three_pairs_photon")

PEP2 = Machine("pep2", 9.0, 3.1)
OPTIONS: dict[str, Any] = {
    "track_theta_deg": [1.0, 179.0],
    "track_minimum_pt_gev": 0.0,
    "chamber": {
        "field_tesla": 1e-6,
        "radius_mm": [250.0, 790.0],
        "layers": 40,
        "z_mm": [-1e6, 1e6],
        "minimum_layers": 20,
    },
    "photon_theta_deg": [20.0, 150.0],
    "photon_separation_rad": 0.1,
    "recoil_mass2_gev2": 2.0,
    "mass_difference_gev": 0.05,
    "most_pion_pairs": 2,
}
N, DARK_GEV, BOUND_GEV = 300, 0.8, 4.0


def signal(kinds: tuple[Kind, Kind, Kind], cos_theta: tuple[float, float], ctau_mm: float = 0.0) -> Events:
    process = registry.find("darkonium_gamma_three_aprime")
    given = process.complete({"mass_gev": DARK_GEV, "mass2_gev": BOUND_GEV})
    rng = generator("three pairs and a photon", str(kinds))
    x = rng.random((N, process.dimensions))
    p4, _ = process.evaluate(x, np.full(N, PEP2.sqrt_s_gev), given, {"cos_theta": cos_theta})
    events = Events.from_momenta(process.final_state(given), PEP2.to_lab(p4))
    return darkonium.decay(events, PEP2, rng, kinds, ctau_mm)


def run(
    detector: Detector, events: Events, cutflow: Cutflow | None = None, **changes: Any
) -> dict[str, Array]:
    reco = detector.reconstruct(events, np.random.default_rng(4))
    return select(reco, PEP2, OPTIONS | changes, cutflow or Cutflow())


@pytest.fixture(name="detector")
def _detector(ideal: Callable[..., Detector]) -> Detector:
    """Build a detector that sees everything and calls a lepton what it is four times out of five."""

    def called(kind: str) -> dict[str, Any]:
        probability = {"electron": 0.0, "muon": 0.0, "hadron": 0.0} | {kind: 0.8}
        return {"theta_deg": [0.0, 180.0], "minimum_momentum_gev": 0.0, "probability": probability}

    source = {"source": "closed form"}
    return ideal(
        theta_deg=[0.5, 179.5],
        minimum_pt_gev=0.0,
        identification={"muon": called("muon") | source, "electron": called("electron") | source},
    )


CENTRAL, ALONG = (-0.2, 0.2), (0.98, 0.999)
LEPTONS = (PAIRS["mumu"], PAIRS["ee"], PAIRS["ee"])


def right(found: dict[str, Array], pions: int) -> dict[str, Array]:
    good = (
        (found["pions"] == pions)
        & (np.abs(found["mass_gev"] - DARK_GEV) < 1e-3)
        & (np.abs(found["mass_six_gev"] - BOUND_GEV) < 1e-2)
    )
    return {name: column[good] for name, column in found.items()}


@pytest.mark.parametrize(
    ("kinds", "pions", "weight"),
    [
        (LEPTONS, 0, 0.96**3),
        ((PAIRS["mumu"], PAIRS["pipi"], PAIRS["ee"]), 1, 0.96**2),
        ((PAIRS["pipi"], PAIRS["pipi"], PAIRS["mumu"]), 2, 0.96),
    ],
)
def test_both_masses_are_found(detector, kinds, pions: int, weight: float) -> None:
    found = right(run(detector, signal(kinds, CENTRAL)), pions)
    events, counts = np.unique(found["event"], return_counts=True)
    assert len(events) > 0.95 * N
    # Two pairs of one kind may be of one mass when they are exchanged.
    assert (counts > 1).mean() < 0.02
    assert np.median(found["weight"]) == pytest.approx(weight)


def test_six_pions_are_left_out(detector) -> None:
    assert len(run(detector, signal((PAIRS["pipi"],) * 3, CENTRAL))["weight"]) == 0


def test_the_photon_is_needed_where_the_calorimeter_is(detector) -> None:
    events = signal(LEPTONS, CENTRAL)
    lost = events.pdg_id.copy()
    lost[:, 0] = 12
    without = Events(lost, events.p4, events.weight, events.vertex_mm, events.status)
    assert len(run(detector, without)["weight"]) == 0
    # A calorimeter that does not reach there asks for none.
    assert len(run(detector, without, photon_theta_deg=[1.0, 2.0])["weight"]) > 0.9 * N


def test_the_photon_may_leave_along_the_beams(detector) -> None:
    events = signal(LEPTONS, ALONG)
    lost = events.pdg_id.copy()
    lost[:, 0] = 12
    without = Events(lost, events.p4, events.weight, events.vertex_mm, events.status)
    assert len(right(run(detector, without), 0)["weight"]) > 0.9 * N


def test_unequal_masses_and_a_heavy_recoil_are_refused(detector) -> None:
    events = signal(LEPTONS, CENTRAL)
    slower = events.p4.copy()
    slower[:, 1:] *= 0.5
    heavy = Events(events.pdg_id, slower, events.weight, events.vertex_mm, events.status)
    loose = {"recoil_mass2_gev2": 1e3, "photon_separation_rad": 3.0}
    assert len(run(detector, heavy, photon_separation_rad=3.0)["weight"]) == 0
    assert len(run(detector, heavy, recoil_mass2_gev2=1e3)["weight"]) < 0.5 * N
    assert len(run(detector, heavy, **loose)["weight"]) > 0.9 * N
    slower = events.p4.copy()
    slower[:, 4:6] *= 0.8
    unequal = Events(events.pdg_id, slower, events.weight, events.vertex_mm, events.status)
    # Only the right pairs have both electrons and muons with this probability.
    for difference, low, high in ((0.05, 0.0, 0.1), (0.2, 0.7, 1.1)):
        found = run(detector, unequal, mass_difference_gev=difference, **loose)
        assert low * N <= np.isclose(found["weight"], 0.96**3).sum() < high * N


def test_tracks_that_begin_in_the_chamber_are_lost(detector) -> None:
    """The mean flight is E/m times the proper length: a third of the layers are behind the start at most."""
    near, far = (signal(LEPTONS, CENTRAL, ctau) for ctau in (1.0, 3000.0))
    assert len(right(run(detector, near), 0)["weight"]) > 0.95 * N
    assert len(run(detector, far)["weight"]) < 0.02 * N


def test_the_cutflow_counts_each_event_once(detector) -> None:
    cutflow = Cutflow()
    run(detector, signal(LEPTONS, CENTRAL), cutflow)
    steps = {name: count.weight for name, count in cutflow.counts.items()}
    assert list(steps) == ["all", "six tracks", "pairs of equal mass and photon"]
    assert steps["six tracks"] == pytest.approx(N)
    assert 0.8 * N < steps["pairs of equal mass and photon"] < N
