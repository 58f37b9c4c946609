"""Displaced pairs: from a B with a kaon, and beside a photon."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from umbra.core.constants import ELECTRON_MASS_GEV, KAON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.events import Events
from umbra.core.kinematics import Array, from_spherical, mass_squared
from umbra.core.machines import Machine
from umbra.core.particles import CHI1
from umbra.core.pdg import mass_gev
from umbra.detector.detector import Detector
from umbra.detector.helix import DriftChamber
from umbra.generation.decays.registry import find as find_decay
from umbra.generation.processes.registry import find as find_process
from umbra.selection.cutflow import Cutflow

from .running import selected

SUPERKEKB = Machine("superkekb", 7.004, 4.002, 83.0)
CHAMBER = {
    "field_tesla": 1.5,
    "radius_mm": [168.0, 1111.0],
    "layers": 56,
    "z_mm": [-830.0, 1590.0],
    "minimum_layers": 20,
}
OPTIONS: dict[str, Any] = {
    "kaon": "k_plus",
    "pair": "mumu",
    "chamber": CHAMBER,
    "minimum_transverse_flight_mm": 0.5,
    "maximum_prompt_distance_mm": 5.0,
    "maximum_vertex_distance_mm": 0.5,
    "minimum_mbc_gev": 5.2,
    "maximum_abs_delta_e_gev": 0.3,
}


def made(process: str, decay: str, mass: float, n: int) -> Events:
    maker, rng = find_process(process), np.random.default_rng(3)
    parameters = maker.complete({"mass_gev": mass})
    x = rng.random((n, maker.dimensions))
    p4, _ = maker.evaluate(x, np.full(n, SUPERKEKB.sqrt_s_gev), parameters, {})
    events = Events.from_momenta(maker.final_state(parameters), SUPERKEKB.to_lab(p4))
    return find_decay(decay)(events, SUPERKEKB, rng)


def run(detector: Detector, events: Events, **changes: Any) -> tuple[dict[str, Array], Cutflow]:
    cutflow = Cutflow()
    reco = detector.reconstruct(events, np.random.default_rng(4))
    return selected("b_to_kaon_displaced", reco, SUPERKEKB, OPTIONS | changes, cutflow), cutflow


@pytest.fixture(name="exact")
def _exact(ideal: Callable[..., Detector]) -> Detector:
    return ideal(vertex_resolution={"transverse_um": 0.0, "longitudinal_um": 0.0})


@pytest.mark.parametrize(
    ("process", "decay", "changes", "b_gev", "kaon_gev"),
    [
        ("b_to_k_scalar", "b_scalar_to_mumu", {}, mass_gev(521), KAON_MASS_GEV),
        ("b_to_kstar_scalar", "b_scalar_to_pipi", {"kaon": "k_star", "pair": "pipi"}, mass_gev(511), None),
    ],
)
def test_a_b_meson_has_its_mass_and_half_of_the_energy(
    exact: Detector, process: str, decay: str, changes: dict[str, Any], b_gev: float, kaon_gev: float | None
) -> None:
    found, cutflow = run(exact, made(process, decay, 1.5, 4000), **changes)
    right = found["abs_delta_e_gev"] < 1e-3
    assert right.sum() > 300
    assert found["mass_gev"][right] == pytest.approx(np.full(right.sum(), 1.5), abs=1e-4)
    assert found["mbc_gev"][right] == pytest.approx(np.full(right.sum(), b_gev), abs=1e-4)
    # Kaon and pion the other way round have nearly the same energy now and then.
    assert len(set(found["event"][right])) > 0.98 * right.sum()
    assert found["flight_mm"].min() > 0.5
    if kaon_gev is not None:
        assert found["kaon_pion_gev"] == pytest.approx(np.full(len(right), kaon_gev))
    left = [count.events for count in cutflow.counts.values()]
    assert left == sorted(left, reverse=True)


def test_pairs_that_fly_far_or_not_at_all_are_lost(exact: Detector) -> None:
    events = made("b_to_k_scalar", "b_scalar_to_mumu", 1.5, 4000)
    found, _ = run(exact, events)
    right = found["event"][found["abs_delta_e_gev"] < 1e-3]
    vertex = events.vertex_mm[:, -1]
    radius = np.hypot(vertex[:, 0], vertex[:, 1])
    # A track needs 20 of 56 layers: beyond the 37th none is left.
    last = 168.0 + 37 * (1111.0 - 168.0) / 55
    assert radius[right].min() > 0.5
    assert radius[right].max() < 1111.0
    inside = (radius > 1.0) & (radius < 100.0)
    outside = radius > 1111.0
    assert np.isin(np.flatnonzero(inside), right).mean() > 0.7
    assert not np.isin(np.flatnonzero(outside), right).any()
    # Those that are found further out than that turn back inwards first.
    assert np.mean(radius[right] > last) < 0.05


def test_tracks_of_different_vertices_make_no_pair(exact: Detector) -> None:
    events = made("b_to_k_scalar", "b_scalar_to_mumu", 1.5, 1000)
    events.vertex_mm[:, -1] += np.array([0.0, 0.0, 5.0])
    found, _ = run(exact, events)
    assert len(found["weight"]) == 0


def test_the_chamber_is_read_as_a_record() -> None:
    assert DriftChamber(1.5, (168.0, 1111.0), 56, (-830.0, 1590.0), 20).minimum_layers == 20


PHOTON_OPTIONS: dict[str, Any] = {
    "final_state": "mumu",
    "photon_theta_deg": [22.0, 158.0],
    "photon_minimum_energy_gev": 0.5,
    "track_theta_deg": [17.0, 150.0],
    "track_minimum_momentum_gev": 0.1,
    "minimum_opening_rad": 0.1,
    "minimum_pair_mass_gev": 0.03,
    "vetoed_pion_pair_mass_gev": [0.48, 0.52],
    "vertex_z_mm": [-550.0, 1400.0],
}


def photon_event(opening_deg: float, momentum: float, z: float, pdg_id: int = 13) -> Events:
    mass = MUON_MASS_GEV if pdg_id == 13 else PION_MASS_GEV if pdg_id == 211 else ELECTRON_MASS_GEV
    p4 = [
        from_spherical(np.array(3.0), np.cos(1.2), 0.0, 0.0),
        from_spherical(np.array(momentum), np.cos(1.4), 3.0, mass),
        from_spherical(np.array(momentum), np.cos(1.4), 3.0 + np.radians(opening_deg), mass),
        from_spherical(np.array(1.0), np.cos(1.0), 1.0, 1.0),
    ]
    events = Events.from_momenta([22, pdg_id, -pdg_id, CHI1], np.stack(p4)[None])
    events.vertex_mm[0, 1:3] = [3.0, 4.0, z]
    return events


@pytest.mark.parametrize(
    ("event", "options", "kept"),
    [
        (photon_event(40.0, 0.5, 100.0), {}, True),
        (photon_event(40.0, 0.5, 1500.0), {}, False),
        (photon_event(4.0, 0.5, 100.0), {}, False),
        (photon_event(40.0, 0.5, 100.0), {"track_minimum_momentum_gev": 0.6}, False),
        (photon_event(40.0, 0.5, 100.0), {"minimum_pair_mass_gev": 0.5}, False),
        (photon_event(40.0, 0.5, 100.0), {"vetoed_pion_pair_mass_gev": [0.3, 0.5]}, False),
        (photon_event(40.0, 0.5, 100.0), {"photon_minimum_energy_gev": 3.5}, False),
        (photon_event(40.0, 0.5, 100.0, 211), {}, False),
        (photon_event(40.0, 0.5, 100.0, 11), {"final_state": "ee"}, True),
    ],
)
def test_cuts_on_a_photon_with_a_displaced_pair(
    exact: Detector, event: Events, options: dict[str, Any], kept: bool
) -> None:
    reco = exact.reconstruct(event, np.random.default_rng(1))
    found = selected("photon_displaced_pair", reco, SUPERKEKB, PHOTON_OPTIONS | options, Cutflow())
    assert len(found["weight"]) == int(kept)
    if kept:
        assert found["flight_mm"] == pytest.approx([5.0], abs=1e-6)
        s = SUPERKEKB.sqrt_s_gev**2
        energy = SUPERKEKB.to_cm(event.p4[0, :1])[0, 3]
        assert found["m2_recoil_gev2"] == pytest.approx([s - 2 * SUPERKEKB.sqrt_s_gev * energy], rel=1e-6)
        assert found["photon_energy_cm_gev"] == pytest.approx([energy], rel=1e-6)


def test_a_pair_from_the_collision_points_back(exact: Detector) -> None:
    event = photon_event(40.0, 0.5, 100.0)
    along = event.p4[0, 1:3, :3].sum(axis=0)
    for turn, pointing in ((0.0, 0.0), (0.3, 0.3)):
        cosine, sine = np.cos(turn), np.sin(turn)
        turned = np.array([cosine * along[0] - sine * along[1], sine * along[0] + cosine * along[1], 0.0])
        event.vertex_mm[0, 1:3] = 100.0 * turned / np.linalg.norm(along[:2])
        flat = np.array([along[0], along[1], 0.0])
        cosine = np.dot(flat, along) / np.linalg.norm(flat) / np.linalg.norm(along)
        reco = exact.reconstruct(event, np.random.default_rng(1))
        found = selected("photon_displaced_pair", reco, SUPERKEKB, PHOTON_OPTIONS, Cutflow())
        expected = np.arccos(np.cos(pointing) * cosine)
        assert found["pointing_rad"] == pytest.approx([expected], abs=1e-6)


def test_pions_pass_for_muons_now_and_then_but_not_those_of_a_k_short(exact: Detector) -> None:
    event = photon_event(40.0, 1.0, 100.0, 211)
    reco = exact.reconstruct(event, np.random.default_rng(1))
    found = selected("photon_displaced_pair", reco, SUPERKEKB, PHOTON_OPTIONS, Cutflow())
    assert found["weight"] == pytest.approx([0.041**2])
    mass = float(np.sqrt(mass_squared(event.p4[0, 1:3].sum(axis=0))))
    around = {"vetoed_pion_pair_mass_gev": [mass - 1e-4, mass + 1e-4]}
    found = selected("photon_displaced_pair", reco, SUPERKEKB, PHOTON_OPTIONS | around, Cutflow())
    assert len(found["weight"]) == 0
