"""Selection of a dilepton with two taus of one track each."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import Array, from_spherical, mass_squared
from umbra.core.machines import Machine
from umbra.detector.detector import Detector
from umbra.detector.records import DetectorRecord
from umbra.selection.cutflow import Cutflow

from .running import selected

select = partial(selected, "dilepton_with_taus")

PEP2 = Machine("pep2", 9.028, 3.1)
OPTIONS: dict[str, Any] = {
    "track_theta_deg": [17.2, 152.6],
    "track_minimum_pt_gev": 0.1,
    "chamber": {
        "field_tesla": 1.5,
        "radius_mm": [250.0, 800.0],
        "layers": 40,
        "z_mm": [-1010.0, 1770.0],
        "minimum_layers": 20,
    },
    "photon_minimum_energy_gev": 0.1,
    "visible_mass_gev": [0.0, 9.0],
    "missing_theta_deg": [20.0, 140.0],
    "tau_mass_below_gev": 1.8,
}
MASSES = {11: ELECTRON_MASS_GEV, 13: MUON_MASS_GEV, 211: PION_MASS_GEV}


def momenta(ids: tuple[int, int, int, int]) -> Array:
    """Two leptons, then a track of each tau: 5 GeV of 10.58 seen, in the centre of mass, shape (4, 4)."""
    magnitude = np.array([0.9, 1.1, 1.8, 1.2])
    cosine = np.array([0.5, 0.4, 0.2, 0.6])
    phi = np.array([0.2, 0.9, 2.3, -0.7])
    mass = np.array([MASSES[abs(pdg_id)] for pdg_id in ids])
    return from_spherical(magnitude, cosine, phi, mass)


def event(ids: tuple[int, int, int, int], photons: Array | None = None) -> Events:
    p4, all_ids = momenta(ids), ids
    if photons is not None:
        p4, all_ids = np.vstack([p4, photons]), (*ids, *[22] * len(photons))
    return Events.from_momenta(all_ids, PEP2.to_lab(p4)[None])


def run(detector: Detector, events: Events, **changes: Any) -> dict[str, Array]:
    reco = detector.reconstruct(events, np.random.default_rng(4))
    return select(reco, PEP2, OPTIONS | changes, Cutflow())


def called(found: dict[str, Array], flavour: float) -> dict[str, Array]:
    chosen = found["flavour"] == flavour
    return {name: column[chosen] for name, column in found.items()}


@pytest.mark.parametrize("lepton", [11, 13])
def test_the_pair_and_its_mass(ideal: Callable[..., Detector], lepton: int) -> None:
    """The taus' tracks are pions: other pairs need a misidentified one."""
    ids = (lepton, -lepton, 211, -211)
    detector = ideal()
    found = called(run(detector, event(ids)), lepton)
    p4 = momenta(ids)
    best = np.argmax(found["weight"])
    expected = np.sqrt(mass_squared(p4[0] + p4[1]))
    assert found["mass_gev"][best] == pytest.approx(expected, rel=1e-6)
    squared = expected**2 - 4.0 * MUON_MASS_GEV**2
    assert found["reduced_mass_gev"][best] == pytest.approx(np.copysign(np.sqrt(abs(squared)), squared))
    identification = detector.identification[{11: 2, 13: 3}[lepton]].probability
    own, pion = identification[{11: 2, 13: 3}[lepton]].item(), identification[4].item()
    assert found["weight"][best] == pytest.approx(own**2 * (1.0 - pion**2))
    # Three more pairs have one or two pions in them.
    assert len(found["weight"]) == 4
    assert sorted(found["weight"])[0] == pytest.approx(pion**2 * (1.0 - own**2))


def test_four_leptons_of_one_flavour_are_left_out_as_often_as_they_are_identified(
    ideal: Callable[..., Detector],
) -> None:
    detector = ideal()
    muon = detector.identification[3].probability[3].item()
    found = called(run(detector, event((13, -13, 13, -13))), 13.0)
    assert found["weight"] == pytest.approx(np.full(4, muon**2 * (1.0 - muon**2)))


@pytest.mark.parametrize(
    "change",
    [
        {"track_theta_deg": [100.0, 152.6]},
        {"track_minimum_pt_gev": 1.0},
        {"visible_mass_gev": [0.0, 4.0]},
        {"visible_mass_gev": [6.0, 9.0]},
        {"missing_theta_deg": [120.0, 140.0]},
        {"tau_mass_below_gev": 0.1},
    ],
)
def test_each_cut_cuts(ideal: Callable[..., Detector], change: dict[str, Any]) -> None:
    assert len(run(ideal(), event((13, -13, 211, -211)), **change)["weight"]) == 0


def test_photons_join_the_nearer_tau(ideal: Callable[..., Detector]) -> None:
    ids = (13, -13, 211, -211)
    track = momenta(ids)[2]
    unit = track[:3] / np.linalg.norm(track[:3])
    along = np.array([[*(0.5 * unit), 0.5]])
    # Turned by 1.2 in azimuth, away from the other track.
    across = from_spherical(np.array([2.0]), np.array([0.2]), np.array([2.3 + 1.2]), 0.0)
    assert len(run(ideal(), event(ids, along))["weight"]) > 0
    heavy = mass_squared(across[0] + track)
    assert heavy > 1.8**2
    found = run(ideal(), event(ids, across))
    pair = called(found, 13.0)
    assert pair["weight"].sum() < 0.1  # what is left has a pion in the pair
    # Softer photons than the option says are no part of the event.
    kept = run(ideal(), event(ids, across), photon_minimum_energy_gev=5.0)
    assert called(kept, 13.0)["weight"].max() > 0.5


def test_pairs_that_start_behind_half_of_the_chamber_are_not_found(ideal: Callable[..., Detector]) -> None:
    events = event((13, -13, 211, -211))
    for start_mm, seen in ((300.0, True), (600.0, False)):
        vertex = events.vertex_mm.copy()
        vertex[:, :2, 0] = start_mm
        found = called(run(ideal(), replace(events, vertex_mm=vertex)), 13.0)
        assert (len(found["weight"]) > 0) == seen


def test_tracks_must_be_two_and_two(ideal: Callable[..., Detector]) -> None:
    assert len(run(ideal(), event((13, -13, 211, 211)))["weight"]) == 0


def test_bad_options_are_refused(ideal: Callable[..., Detector]) -> None:
    with pytest.raises(UmbraError, match=r"selection dilepton_with_taus: .*there is no key 'colour'"):
        run(ideal(), event((13, -13, 211, -211)), colour=1)


def test_every_cut_is_counted_and_none_adds_weight(detector_settings: Callable) -> None:
    detector = Detector.from_record(DetectorRecord.model_validate(detector_settings("babar")))
    rng = np.random.default_rng(1)
    ids = (11, -11, 13, 211)
    p4 = np.concatenate([event(ids).p4] * 400) + rng.normal(0.0, 0.05, (400, 4, 4))
    cutflow = Cutflow()
    for part in (p4[:300], p4[300:], p4[:0]):
        select(detector.reconstruct(Events.from_momenta(ids, part), rng), PEP2, OPTIONS, cutflow)
    weights = [row["weight"] for row in cutflow.to_json()]
    assert weights[0] == 400
    assert weights == sorted(weights, reverse=True)
    assert 0.0 < weights[-1] < 400
