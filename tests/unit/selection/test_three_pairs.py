"""Selection of three pairs of equal mass, and of two pairs with the mass that recoils."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from umbra.core.events import Events
from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.core.particles import DARK_HIGGS, DARK_PHOTON
from umbra.core.seeds import generator
from umbra.detector.detector import Detector
from umbra.generation.decays import dark_higgs
from umbra.generation.decays.pairs import PAIRS
from umbra.generation.processes.two_body import back_to_back
from umbra.selection.cutflow import Cutflow
from umbra.selection.three_pairs import RECOIL

from .running import selected

select = partial(selected, "three_pairs")

PEP2 = Machine("pep2", 9.0, 3.1)
OPTIONS: dict[str, Any] = {
    "track_theta_deg": [1.0, 179.0],
    "track_minimum_pt_gev": 0.0,
    "mass_six_gev": [10.05, 11.0],
    "mass_difference_gev": 0.05,
    "recoil_difference_gev2": 1.5,
    "most_pion_pairs": 3,
}
N, PHOTON_GEV, HIGGS_GEV = 200, 1.5, 5.0


def signal(*kinds: tuple[int, float]) -> Events:
    rng = generator("three pairs", len(kinds))
    s = np.full(N, PEP2.sqrt_s_gev)
    p4 = back_to_back(s, PHOTON_GEV, HIGGS_GEV, rng.uniform(-1.0, 1.0, N), rng.uniform(0.0, 6.28, N))
    events = Events.from_momenta((DARK_PHOTON, DARK_HIGGS), PEP2.to_lab(p4))
    return dark_higgs.decay(events, PEP2, rng, kinds)


def run(detector: Detector, events: Events, **changes: Any) -> dict[str, Array]:
    return select(detector.reconstruct(events, np.random.default_rng(4)), PEP2, OPTIONS | changes, Cutflow())


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


def right(found: dict[str, Array], pions: int) -> dict[str, Array]:
    """Candidates of a class that have both masses."""
    good = (
        (found["pions"] == pions)
        & (np.abs(found["mass_gev"] - PHOTON_GEV) < 1e-3)
        & (np.abs(found["mass2_gev"] - HIGGS_GEV) < 1e-2)
    )
    return {name: column[good] for name, column in found.items()}


@pytest.mark.parametrize(
    ("kinds", "pions", "weight"),
    [
        # Of each pair of leptons at least one is identified: 1 - 0.2^2.
        ((PAIRS["mumu"], PAIRS["ee"], PAIRS["ee"]), 0, 0.96**3),
        ((PAIRS["mumu"], PAIRS["pipi"], PAIRS["ee"]), 1, 0.96**2),
        ((PAIRS["pipi"], PAIRS["pipi"], PAIRS["mumu"]), 2, 0.96),
        ((PAIRS["pipi"], PAIRS["pipi"], PAIRS["pipi"]), 3, 1.0),
    ],
)
def test_three_pairs_of_one_mass_are_found_with_their_higgs(detector, kinds, pions: int, weight: float):
    found = right(run(detector, signal(*kinds)), pions)
    events, counts = np.unique(found["event"], return_counts=True)
    assert len(events) > 0.97 * N
    assert np.median(counts) == 1
    assert np.median(found["weight"]) == pytest.approx(weight)


def test_six_pions_are_left_out_where_a_search_asks_for_leptons(detector):
    events = signal(PAIRS["pipi"], PAIRS["pipi"], PAIRS["pipi"])
    assert len(run(detector, events, most_pion_pairs=2)["weight"]) == 0


def test_each_of_the_three_may_be_the_one_of_the_beams(detector):
    found = run(detector, signal(PAIRS["mumu"], PAIRS["ee"], PAIRS["mumu"]))
    near = found["mass_gev"][np.abs(found["mass_gev"] - PHOTON_GEV) < 1e-3]
    assert len(near) >= 3 * 0.97 * N
    assert np.all(found["mass2_gev"] > 2.0 * found["mass_gev"] - 0.1)


def test_two_pairs_and_what_recoils(detector):
    kinds = (PAIRS["mumu"], PAIRS["ee"], dark_higgs.ANYTHING)
    found = right(run(detector, signal(*kinds)), RECOIL)
    assert len(np.unique(found["event"])) > 0.97 * N
    assert np.median(found["weight"]) == pytest.approx(0.96**2)
    # Four electrons are left out.
    kinds = (PAIRS["ee"], PAIRS["ee"], dark_higgs.ANYTHING)
    assert len(run(detector, signal(*kinds))["weight"]) == 0


def test_unequal_masses_and_missing_energy_are_refused(detector):
    events = signal(PAIRS["mumu"], PAIRS["ee"], PAIRS["ee"])
    assert len(right(run(detector, events, mass_six_gev=[10.7, 11.0]), 0)["weight"]) == 0
    assert len(right(run(detector, events, mass_difference_gev=0.0), 0)["weight"]) == 0


def test_a_seventh_track_or_a_lost_one_is_no_candidate(detector):
    events = signal(PAIRS["mumu"], PAIRS["ee"], PAIRS["ee"])
    lost = events.pdg_id.copy()
    lost[:, -1] = 12
    one_less = Events(lost, events.p4, events.weight, events.vertex_mm, events.status)
    assert len(run(detector, one_less)["weight"]) == 0
