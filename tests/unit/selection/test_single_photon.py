"""Selection of one photon and nothing else."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from umbra.core.events import Events
from umbra.core.kinematics import Array, from_spherical
from umbra.core.machines import Machine
from umbra.core.particles import DARK_PHOTON
from umbra.detector.detector import Detector
from umbra.detector.records import DetectorRecord
from umbra.generation.processes import registry as processes
from umbra.selection.cutflow import Cutflow

from .running import selected

select = partial(selected, "single_photon")

SUPERKEKB = Machine("superkekb", 7.004, 4.002, 83.0)
OPTIONS: dict[str, Any] = {
    "photon_theta_deg": [32.2, 128.7],
    "photon_cosine_cm": [-1.0, 1.0],
    "photon_minimum_energy_cm_gev": 1.8,
    "veto_photon_energy_gev": 0.1,
    "recoil_resolution": None,
    "windows": {},
    "gaps_theta_deg": [],
    "true_m2_recoil_gev2": None,
}


def centre_of_mass(energy_gev: float, cosine: float, phi: float = 0.3) -> Array:
    return from_spherical(np.array(energy_gev), np.array(cosine), np.array(phi), 0.0)


def event(ids: list[int], *in_cm: Array) -> Events:
    return Events.from_momenta(ids, SUPERKEKB.to_lab(np.stack(in_cm))[None])


def signal(mass_gev: float, cosine: float, *others: tuple[int, Array]) -> Events:
    """Build γA' with particles on top of it."""
    root_s = SUPERKEKB.sqrt_s_gev
    photon = centre_of_mass((root_s**2 - mass_gev**2) / (2.0 * root_s), cosine)
    invisible = np.array([0.0, 0.0, 0.0, root_s]) - photon
    return event(
        [22, DARK_PHOTON, *(pdg_id for pdg_id, _ in others)], photon, invisible, *(p4 for _, p4 in others)
    )


def run(detector: Detector, events: Events, **changes: Any) -> dict[str, Array]:
    reco = detector.reconstruct(events, np.random.default_rng(4))
    return select(reco, SUPERKEKB, OPTIONS | changes, Cutflow())


@pytest.fixture(name="leaky")
def _leaky(ideal: Callable[..., Detector]) -> Detector:
    """Build a perfect detector but for lost photons (10%) and tracks (20%), which an outer system misses (30%)."""
    region = {"name": "all", "theta_deg": [12.4, 155.1], "energy_gev": [0.0], "inefficiency": [0.1]}
    outer = region | {"inefficiency": [0.3]}
    return ideal(
        regions=[region],
        outer_veto={"regions": [outer], "source": "of the test"},
        efficiency=dict.fromkeys(("electron", "muon", "hadron"), 0.8),
    )


@pytest.mark.parametrize(("cosine", "side"), [(0.2, 1.0), (-0.6, -1.0)])
def test_windows_of_the_angle_are_parabolas_in_the_energy(
    ideal: Callable[..., Detector], cosine: float, side: float
) -> None:
    """Positive between the curves, and the distance to the nearer one."""
    window = {"lowest_deg": [1.0, -20.0, 120.0], "highest_deg": [-1.0, 15.0, 40.0]}
    found = run(ideal(), signal(3.0, cosine), windows={"low_mass": window})
    energy, theta = found["photon_energy_cm_gev"][0], found["photon_theta_deg"][0]
    low, high = energy**2 - 20.0 * energy + 120.0, -(energy**2) + 15.0 * energy + 40.0
    inside = found["inside_low_mass_deg"][0]
    assert inside == pytest.approx(min(theta - low, high - theta))
    assert np.sign(inside) == side


def test_missing_momentum_and_gaps(ideal: Callable[..., Detector]) -> None:
    found = run(ideal(), signal(3.0, 0.2), gaps_theta_deg=[31.0, 90.0])
    recoil = found["recoil_theta_deg"][0]
    assert found["recoil_from_gap_deg"] == pytest.approx([min(abs(recoil - 31.0), abs(recoil - 90.0))])
    assert "recoil_from_gap_deg" not in run(ideal(), signal(3.0, 0.2))


def test_the_published_windows_are_those_of_the_laboratory() -> None:
    """Two photons back to back at both ends of the window for low masses are each other's partner there.

    In the centre of mass partners are symmetric about 90 degrees, which 35.6 and 120.3 are not.
    """
    beam = 0.5 * SUPERKEKB.sqrt_s_gev
    ends = np.radians(
        [np.polyval(curve, beam) for curve in ((5.399, -58.82, 195.71), (-7.982, 87.77, -120.6))]
    )
    photon = from_spherical(np.ones(2), np.cos(ends), np.full(2, 0.5 * np.pi), 0.0)
    partner = SUPERKEKB.to_cm(photon)
    partner[:, :3] *= -1.0
    lab = SUPERKEKB.to_lab(partner)
    theta = np.degrees(np.arctan2(np.hypot(lab[:, 0], lab[:, 1]), lab[:, 2]))
    assert theta == pytest.approx(np.degrees(ends)[::-1], abs=1.5)
    assert abs(180.0 - np.degrees(ends).sum()) > 20.0


def test_variables(ideal: Callable[..., Detector]) -> None:
    events = signal(3.0, 0.2)
    found = run(ideal(), events)
    assert found["weight"] == pytest.approx([1.0])
    assert found["m2_recoil_gev2"] == pytest.approx([9.0], abs=1e-5)
    assert found["photon_cosine_cm"] == pytest.approx([0.2])
    assert found["photon_energy_cm_gev"] == pytest.approx(
        [(SUPERKEKB.sqrt_s_gev - 9.0 / SUPERKEKB.sqrt_s_gev) / 2.0]
    )
    for name, p4 in (("photon_theta_deg", events.p4[0, 0]), ("recoil_theta_deg", events.p4[0, 1])):
        assert found[name] == pytest.approx([np.degrees(np.arccos(p4[2] / np.linalg.norm(p4[:3])))])


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_the_second_photon_is_found_when_the_third_is_along_a_beam(
    ideal: Callable[..., Detector], side: float
) -> None:
    # Three photons of the centre of mass: one along a beam with 1 GeV, the first at 60 degrees in their plane.
    root_s, lost, angle = SUPERKEKB.sqrt_s_gev, 1.0, np.pi / 3.0
    along = side * np.cos(angle)
    first = root_s * (root_s - 2.0 * lost) / (2.0 * (root_s - lost * (1.0 - along)))
    photons = [centre_of_mass(first, np.cos(angle)), centre_of_mass(lost, side)]
    second = np.array([0.0, 0.0, 0.0, root_s]) - photons[0] - photons[1]
    # The second photon is left out: only its direction is asked for.
    events = event([22, DARK_PHOTON], photons[0], second + photons[1])
    found = run(ideal(), events)
    lab = SUPERKEKB.to_lab(second[None])[0]
    name = "forward" if side > 0.0 else "backward"
    expected = np.degrees(np.arccos(lab[2] / np.linalg.norm(lab[:3])))
    assert found[f"partner_theta_{name}_deg"] == pytest.approx([expected], abs=1e-3)


@pytest.mark.parametrize(
    ("mass_gev", "cosine", "changes"),
    [
        (3.0, 0.9, {}),
        (3.0, 0.2, {"photon_cosine_cm": [-0.4, 0.1]}),
        (9.0, 0.2, {}),
        (3.0, 0.2, {"true_m2_recoil_gev2": [-1.0, 8.9]}),
    ],
    ids=["direction in the laboratory", "direction in the centre of mass", "energy", "true recoil"],
)
def test_cuts(ideal: Callable[..., Detector], mass_gev: float, cosine: float, changes: Any) -> None:
    assert len(run(ideal(), signal(mass_gev, cosine), **changes)["weight"]) == 0


def test_two_photons_are_candidates_when_the_other_is_lost(leaky: Detector) -> None:
    half = 0.5 * SUPERKEKB.sqrt_s_gev
    found = run(leaky, event([22, 22], centre_of_mass(half, 0.2), centre_of_mass(half, -0.2, 0.3 + np.pi)))
    # One is found, the other lost by the calorimeter and the system behind it; either way.
    assert found["weight"] == pytest.approx([0.9 * 0.1 * 0.3] * 2)
    assert found["m2_recoil_gev2"] == pytest.approx([0.0, 0.0], abs=1e-5)


def test_a_photon_in_the_beam_pipe_is_not_noticed_and_one_in_a_gap_by_the_outer_system_only(
    ideal: Callable[..., Detector],
) -> None:
    outer = {"name": "all", "theta_deg": [18.0, 155.0], "energy_gev": [0.0], "inefficiency": [0.25]}
    detector = ideal(outer_veto={"regions": [outer], "source": "of the test"})

    def lab(theta_deg: float) -> Array:
        p4 = from_spherical(np.array(1.0), np.cos(np.radians(theta_deg)), np.array(0.0), 0.0)
        return SUPERKEKB.to_cm(p4[None])[0]

    weights = {
        theta: run(detector, signal(3.0, 0.2, (22, lab(theta))))["weight"] for theta in (5.0, 31.8, 60.0)
    }
    assert weights[5.0] == pytest.approx([1.0])
    assert weights[31.8] == pytest.approx([0.25])
    assert len(weights[60.0]) == 0


def test_soft_photons_do_not_disturb_and_tracks_do(leaky: Detector) -> None:
    soft = run(leaky, signal(3.0, 0.2, (22, centre_of_mass(0.05, -0.3))))
    assert soft["weight"] == pytest.approx([0.9])
    muon = run(leaky, signal(3.0, 0.2, (13, centre_of_mass(0.5, -0.3))))
    assert muon["weight"] == pytest.approx([0.9 * 0.2])


def test_the_quoted_resolution_replaces_that_of_the_calorimeter(
    detector_settings: Callable[[str], dict[str, Any]],
) -> None:
    detector = Detector.from_record(DetectorRecord.model_validate(detector_settings("babar")))
    machine = Machine("pep2", 9.028, 3.1)
    root_s = machine.sqrt_s_gev
    photon = centre_of_mass((root_s**2 - 36.0) / (2.0 * root_s), 0.1)
    p4 = machine.to_lab(np.stack([photon, np.array([0.0, 0.0, 0.0, root_s]) - photon]))
    events = Events.from_momenta([22, DARK_PHOTON], np.repeat(p4[None], 20_000, axis=0))
    reco = detector.reconstruct(events, np.random.default_rng(1))
    options = OPTIONS | {
        "photon_theta_deg": [15.8, 141.8],
        "recoil_resolution": {"constant_gev2": 1.5, "slope": -0.0125},
    }
    found = select(reco, machine, options, Cutflow())
    pull = (found["m2_recoil_gev2"] - 36.0) / (1.5 - 0.0125 * 36.0)
    assert np.mean(pull) == pytest.approx(0.0, abs=4.0 / np.sqrt(len(pull)))
    assert np.std(pull) == pytest.approx(1.0, abs=4.0 / np.sqrt(2.0 * len(pull)))


def test_a_badly_measured_photon_is_still_noticed(ideal: Callable[..., Detector]) -> None:
    # A tail so heavy that most photons of 5 GeV come out below the threshold of the veto.
    detector = ideal(energy_resolution={"constant_percent": 100.0, "tail_alpha": 0.1, "tail_index": 1.1})
    half = 0.5 * SUPERKEKB.sqrt_s_gev
    pair = event([22, 22], centre_of_mass(half, 0.2), centre_of_mass(half, -0.2, 0.3 + np.pi))
    assert len(run(detector, pair, veto_photon_energy_gev=4.0)["weight"]) == 0


@pytest.mark.parametrize(
    ("forward_deg", "backward_deg", "theta_deg", "edge_gev"),
    [
        # The calorimeters in the centre of mass: 15.8 to 141.8 degrees of BaBar, 12.4 to 155.1 of Belle II.
        (26.5, 23.1, 90.0, 3.126),
        (16.36, 18.94, 90.0, 2.462),
        (16.36, 18.94, 45.0, 3.23),
        (16.36, 18.94, 120.0, 2.72),
    ],
)
def test_radiative_bhabha_with_both_electrons_lost_has_a_kinematic_edge(
    forward_deg: float, backward_deg: float, theta_deg: float, edge_gev: float
) -> None:
    # Three massless particles in a plane: energy, transverse and longitudinal momentum.
    first, second, photon = np.radians([forward_deg, backward_deg, theta_deg])
    matrix = [
        [1.0, 1.0, 1.0],
        [np.sin(first), np.sin(second), -np.sin(photon)],
        [np.cos(first), -np.cos(second), np.cos(photon)],
    ]
    edge = np.linalg.solve(matrix, [10.58, 0.0, 0.0])[2]
    assert edge == pytest.approx(edge_gev, abs=0.006)
    # The generator comes close to it and never beyond it; its holes are the same on both sides.
    hole = min(forward_deg, backward_deg)
    matrix = [
        [1.0, 1.0, 1.0],
        [np.sin(np.radians(hole)), np.sin(np.radians(hole)), -np.sin(photon)],
        [np.cos(np.radians(hole)), -np.cos(np.radians(hole)), np.cos(photon)],
    ]
    edge = float(np.linalg.solve(matrix, [10.58, 0.0, 0.0])[2])
    process = processes.find("eegamma")
    cuts = {
        "photon_energy": (0.6 * edge, None),
        "photon_theta": (theta_deg - 0.5, theta_deg + 0.5),
        "electron_beam_angle": (None, hole),
    }
    x = np.random.default_rng(2).random((40_000, process.dimensions))
    p4, weight = process.evaluate(x, np.full(len(x), 10.58), {}, cuts)
    largest = p4[weight > 0.0, 2, 3].max()
    # Half a degree of the photon moves the edge by about one per cent away from 90 degrees.
    assert 0.9 * edge < largest < 1.012 * edge
