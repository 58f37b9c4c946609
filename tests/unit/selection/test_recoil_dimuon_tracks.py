"""Selection of two muons with two more tracks."""

from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from umbra.core.constants import MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.events import Events
from umbra.core.kinematics import Array, from_spherical, mass_squared
from umbra.core.machines import Machine
from umbra.detector.detector import Detector
from umbra.selection.cutflow import Cutflow

from .running import selected

select = partial(selected, "recoil_dimuon_tracks")

SUPERKEKB = Machine("superkekb", 7.004, 4.002, 83.0)
OPTIONS: dict[str, Any] = {
    "track_theta_deg": [17.0, 150.0],
    "track_minimum_pt_gev": 0.1,
    "mass_four_gev": [0.0, 9.5],
    "soft_muons": None,
    "recoil_resolution_mev": None,
}
#: mu+, mu-, pi+, e-, each (momentum, theta, phi) of the laboratory.
IDS = (-13, 13, 211, 11)
TRACKS = ((2.0, 60.0, 0.0), (1.5, 95.0, 170.0), (0.9, 70.0, 80.0), (0.6, 110.0, 260.0))


def momenta(tracks: tuple[tuple[float, float, float], ...] = TRACKS) -> Array:
    masses = (MUON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV, 0.000511)
    return np.stack(
        [
            from_spherical(np.array(p), np.cos(np.radians(theta)), np.radians(phi), mass)
            for (p, theta, phi), mass in zip(tracks, masses, strict=False)
        ]
    )


def run(detector: Detector, events: Events, **changes: Any) -> dict[str, Array]:
    reco = detector.reconstruct(events, np.random.default_rng(4))
    return select(reco, SUPERKEKB, OPTIONS | changes, Cutflow())


def test_the_pair_of_muons_and_the_pions_that_are_called_muons(ideal: Callable[..., Detector]) -> None:
    p4 = momenta()
    found = run(ideal(), Events.from_momenta(IDS, p4[None]))
    # The electron is never called a muon; the pion of 0.9 GeV is in 4.1 %, the muons in 90 %.
    order = np.argsort(found["weight"])
    assert found["weight"][order] == pytest.approx([0.041 * 0.9, 0.9 * 0.9])
    missing = SUPERKEKB.total - p4[0] - p4[1]
    assert found["m_recoil_gev"][order[1]] == pytest.approx(np.sqrt(mass_squared(missing)))
    pions = p4.copy()
    pions[:, 3] = np.sqrt((p4[:, :3] ** 2).sum(axis=1) + PION_MASS_GEV**2)
    triplets = [np.sqrt(mass_squared(pions[list(three)].sum(axis=0))) for three in combinations(range(4), 3)]
    assert found["smallest_triplet_mass_gev"] == pytest.approx(np.full(2, min(triplets)))


def test_a_fifth_track_and_a_wrong_charge_are_left_out(ideal: Callable[..., Detector]) -> None:
    fifth = from_spherical(np.array(1.0), 0.1, 2.0, PION_MASS_GEV)
    assert (
        len(run(ideal(), Events.from_momenta((*IDS, 211), np.stack([*momenta(), fifth])[None]))["weight"])
        == 0
    )
    assert len(run(ideal(), Events.from_momenta((-13, 13, 211, -11), momenta()[None]))["weight"]) == 0


@pytest.mark.parametrize(
    "change",
    [{"track_theta_deg": [61.0, 150.0]}, {"track_minimum_pt_gev": 0.7}, {"mass_four_gev": [0.0, 4.0]}],
)
def test_each_cut_cuts(ideal: Callable[..., Detector], change: dict[str, Any]) -> None:
    events = Events.from_momenta(IDS, momenta()[None])
    assert len(run(ideal(), events)["weight"]) > 0
    assert len(run(ideal(), events, **change)["weight"]) == 0


def test_soft_muons_are_called_so_below_the_momentum_of_the_muon_system(
    ideal: Callable[..., Detector],
) -> None:
    """At 0.6 GeV the muon system, which begins at 0.7 GeV, sees neither the muon nor the pion."""
    soft = ((0.6, 60.0, 0.0), (1.5, 95.0, 170.0), (0.5, 70.0, 80.0), (0.6, 110.0, 260.0))
    events = Events.from_momenta(IDS, momenta(soft)[None])
    assert len(run(ideal(), events)["weight"]) == 0
    called = {"minimum_momentum_gev": 0.4, "muon": 0.7, "hadron": 0.1}
    found = np.sort(run(ideal(), events, soft_muons=called)["weight"])
    assert found == pytest.approx([0.1 * 0.9, 0.7 * 0.9])
    assert len(run(ideal(), events, soft_muons=called | {"minimum_momentum_gev": 0.61})["weight"]) == 0


def test_a_resolution_smears_the_true_recoil_with_what_the_beams_radiated(
    ideal: Callable[..., Detector],
) -> None:
    """All that is there but the pair, photons as well, and nothing of the nominal energy of the beams."""
    photon = from_spherical(np.array(0.4), np.array(0.999), np.array(1.0), 0.0)
    p4 = np.stack([*momenta(), photon])
    n = 2000
    events = Events.from_momenta((*IDS, 22), np.broadcast_to(p4, (n, 5, 4)).copy())
    found = run(ideal(), events, recoil_resolution_mev=[[0.0, 10.0], [10.0, 10.0]])
    true = np.sqrt(mass_squared(p4[2:].sum(axis=0)))
    pair = found["m_recoil_gev"][found["weight"] > 0.5]
    assert pair.mean() == pytest.approx(true, abs=4 * 0.010 / np.sqrt(n))
    assert pair.std() == pytest.approx(0.010, rel=4 / np.sqrt(2 * n))
