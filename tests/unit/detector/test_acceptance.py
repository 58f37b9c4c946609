"""What is seen where, with which probability."""

from collections.abc import Callable

import numpy as np
import pytest

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, Events
from umbra.core.kinematics import Array, from_spherical
from umbra.core.machines import Machine
from umbra.core.particles import ALP, Z_PRIME
from umbra.detector.detector import ELECTRON, HADRON, MUON, PHOTON, Detector, Reconstructed, Trigger
from umbra.detector.records import DetectorRecord

#: Beams of 10.58 GeV that meet head-on with a velocity of 0.2757, in which the closed forms are given.
HEAD_ON = Machine("head_on", 5.29 * np.sqrt(1.2757 / 0.7243), 5.29 / np.sqrt(1.2757 / 0.7243))


def directions(theta_deg: list[float], energy_gev: float = 1.0, mass_gev: float = 0.0) -> Array:
    """Momenta of one event, shape (1, k, 4)."""
    cosine = np.cos(np.radians(theta_deg))
    return from_spherical(
        np.full(len(cosine), energy_gev), cosine, np.linspace(0.1, 2.0, len(cosine)), mass_gev
    )[None]


def seen(detector: Detector, ids: list[int], p4: Array) -> Reconstructed:
    return detector.reconstruct(Events.from_momenta(ids, p4), np.random.default_rng(1))


def closed_form(low_deg: float, high_deg: float, beta: float) -> float:
    """Share of photons with density 1 + cos^2 in the centre of mass between two angles of the laboratory."""
    high, low = (
        (np.cos(np.radians(a)) - beta) / (1.0 - beta * np.cos(np.radians(a))) for a in (low_deg, high_deg)
    )
    return float(3.0 / 8.0 * (high - low + (high**3 - low**3) / 3.0))


def test_acceptance_of_recoil_photons(ideal: Callable[..., Detector]) -> None:
    n = 200_000
    rng = np.random.default_rng(2)
    cosine = rng.uniform(-1.0, 1.0, 2 * n)
    cosine = cosine[rng.uniform(0.0, 2.0, 2 * n) < 1.0 + cosine**2]
    photons = from_spherical(np.full(len(cosine), 5.29), cosine, rng.uniform(-np.pi, np.pi, len(cosine)), 0.0)
    reco = seen(ideal(), [22], HEAD_ON.to_lab(photons)[:, None])
    theta = np.degrees(np.arccos(reco.p4[:, 0, 2] / np.maximum(reco.p4[:, 0, 3], 1e-9)))
    measured = reco.kind[:, 0] == PHOTON
    # Forward, barrel and backward crystals; with the gaps filled the calorimeter covers 0.9307.
    expected = {(12.4, 31.4): 0.1327, (32.2, 128.7): 0.6754, (130.7, 155.1): 0.1050}
    for (low, high), share in expected.items():
        assert closed_form(low, high, 0.2757) == pytest.approx(share, abs=1e-4)
        inside = measured & (theta > low - 1e-3) & (theta < high + 1e-3)
        assert inside.mean() == pytest.approx(share, abs=4.0 * np.sqrt(share / len(inside)))
    assert measured.mean() == pytest.approx(sum(expected.values()), abs=0.003)
    assert closed_form(12.4, 155.1, 0.2757) == pytest.approx(0.9307, abs=1e-4)


def test_gaps_and_beam_holes_see_nothing(detector_settings: Callable) -> None:
    content = detector_settings("belle2")
    del content["beam_background"]
    theta = [5.0, 12.5, 31.3, 31.8, 32.3, 90.0, 128.6, 129.7, 130.8, 155.0, 160.0]
    reco = seen(
        Detector.from_record(DetectorRecord.model_validate(content)), [22] * len(theta), directions(theta)
    )
    blind = [True, False, False, True, False, False, False, True, False, False, True]
    np.testing.assert_array_equal(reco.kind[0] == 0, blind)
    np.testing.assert_allclose(reco.loss[0], np.where(blind, 1.0, 3.6e-6))
    np.testing.assert_allclose(reco.efficiency[0], np.where(blind, 0.0, 1.0 - 3.6e-6))
    assert not reco.p4[0, blind].any()


def test_inefficiency_depends_on_energy_and_the_muon_system_helps_vetoes_only(
    ideal: Callable[..., Detector],
) -> None:
    regions = [
        {
            "name": "front",
            "theta_deg": [10.0, 90.0],
            "energy_gev": [0.0, 0.5, 2.0],
            "inefficiency": [0.3, 0.2, 0.1],
        },
        {"name": "back", "theta_deg": [100.0, 170.0], "energy_gev": [0.0], "inefficiency": [0.05]},
    ]
    outer = [{"name": "all", "theta_deg": [30.0, 150.0], "energy_gev": [0.0], "inefficiency": [0.5]}]
    detector = ideal(regions=regions, outer_veto={"regions": outer, "source": "made up for a test"})
    cases = {  # (theta, energy): (efficiency, loss)
        (20.0, 0.1): (0.7, 0.3),
        (20.0, 0.6): (0.8, 0.2),
        (20.0, 2.5): (0.9, 0.1),
        (60.0, 0.1): (0.7, 0.15),
        (60.0, 3.0): (0.9, 0.05),
        (95.0, 1.0): (0.0, 0.5),
        (120.0, 1.0): (0.95, 0.025),
        (160.0, 1.0): (0.95, 0.05),
        (175.0, 1.0): (0.0, 1.0),
    }
    for (theta, energy), (efficiency, loss) in cases.items():
        reco = seen(detector, [22], directions([theta], energy))
        assert (reco.efficiency[0, 0], reco.loss[0, 0]) == pytest.approx((efficiency, loss)), (theta, energy)


def test_near_photons_merge(ideal: Callable[..., Detector]) -> None:
    p4 = from_spherical(np.array([1.0, 2.0, 3.0]), np.zeros(3), np.radians([0.0, 2.0, 6.0]), 0.0)[None]
    reco = seen(ideal(minimum_separation_deg=2.5), [22, 22, 22], p4)
    np.testing.assert_array_equal(reco.kind[0], [PHOTON, 0, PHOTON])
    # The cluster carries the sum; the second photon is not there to be vetoed a second time.
    assert reco.p4[0, :, 3] == pytest.approx([3.0, 0.0, 3.0])
    assert np.degrees(np.arctan2(reco.p4[0, 0, 1], reco.p4[0, 0, 0])) == pytest.approx(4.0 / 3.0, abs=1e-3)
    assert reco.loss[0, 1] == 1.0
    assert (seen(ideal(), [22, 22, 22], p4).kind == PHOTON).all()


def test_tracks_and_electrons_that_miss_the_tracker(ideal: Callable[..., Detector]) -> None:
    detector = ideal(efficiency={"electron": 0.9, "muon": 0.8, "hadron": 0.7})
    ids = [11, -11, 13, -13, 211, -321, 2212]
    p4 = directions([90.0, 14.0, 14.0, 90.0, 90.0, 90.0, 90.0], 1.0, ELECTRON_MASS_GEV)
    reco = seen(detector, ids, p4)
    np.testing.assert_array_equal(reco.kind[0], [ELECTRON, PHOTON, 0, MUON, HADRON, HADRON, HADRON])
    np.testing.assert_array_equal(reco.charge[0], [-1, 0, 0, 1, 1, -1, 1])
    np.testing.assert_allclose(reco.efficiency[0], [0.9, 1.0, 0.0, 0.8, 0.7, 0.7, 0.7])
    # An electron without a track still has a shower, which a perfect calorimeter notices.
    np.testing.assert_allclose(reco.loss[0], [0.0, 0.0, 1.0, 0.2, 0.3, 0.3, 0.3])
    soft = seen(detector, [13], directions([90.0], 0.05, MUON_MASS_GEV))
    assert soft.kind[0, 0] == 0


def test_identification_multiplies_the_efficiency(ideal: Callable[..., Detector]) -> None:
    detector = ideal(efficiency={"electron": 0.9, "muon": 0.8, "hadron": 0.7})
    reco = seen(detector, [11, 13, 211, 22], directions([90.0] * 4, 2.0))
    np.testing.assert_allclose(reco.identified(MUON)[0], [0.0, 0.9 * 0.8, 0.041 * 0.7, 0.0])
    np.testing.assert_allclose(reco.identified(ELECTRON)[0], [0.9 * 0.9, 0.0, 0.01 * 0.7, 0.0])
    slow = seen(detector, [13], directions([90.0], 0.6, MUON_MASS_GEV))
    outside = seen(detector, [13], directions([20.0], 2.0, MUON_MASS_GEV))
    assert not slow.identified(MUON).any()
    assert not outside.identified(MUON).any()


def test_identification_changes_in_steps_of_the_momentum(ideal: Callable[..., Detector]) -> None:
    steps = {
        "theta_deg": [18.0, 155.0],
        "minimum_momentum_gev": 0.7,
        "probability": {"electron": 0.1, "muon": 0.7, "hadron": 0.04},
        "harder": [
            {"momentum_gev": 1.0, "electron": 0.2, "muon": 0.92, "hadron": 0.05},
            {"momentum_gev": 1.5, "electron": 0.3, "muon": 0.939, "hadron": 0.031},
        ],
        "source": "made up for a test",
    }
    detector = ideal(identification={"muon": steps, "electron": steps})
    momentum = np.array([0.69, 0.71, 0.99, 1.01, 1.49, 1.51, 20.0])
    for pdg_id, expected in (
        (13, [0.0, 0.7, 0.7, 0.92, 0.92, 0.939, 0.939]),
        (211, [0.0, 0.04, 0.04, 0.05, 0.05, 0.031, 0.031]),
        (11, [0.0, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3]),
    ):
        kind = np.full(momentum.shape, {11: ELECTRON, 13: MUON, 211: HADRON}[pdg_id], dtype=np.int8)
        p4 = np.stack([momentum, 0 * momentum, 0 * momentum, 2 * momentum], axis=-1)
        np.testing.assert_allclose(detector.identification[MUON].passing(kind, p4), expected)


def test_what_leaves_no_sign(ideal: Callable[..., Detector]) -> None:
    events = Events.from_momenta([14, Z_PRIME, ALP, 22, 0, 22], directions([90.0] * 6))
    events.status[0, 3] = DECAYED
    events.p4[0, 4] = 0.0
    # Radiation along the beam may carry no energy at all.
    events.p4[0, 5] = 0.0
    reco = ideal().reconstruct(events, np.random.default_rng(1))
    assert not reco.kind.any()
    assert (reco.loss == 1.0).all()
    assert not reco.efficiency.any()


def test_a_particle_without_response_is_an_error(ideal: Callable[..., Detector]) -> None:
    with pytest.raises(UmbraError, match="PDG identifier 15"):
        seen(ideal(), [22, -15], directions([90.0, 40.0]))


def test_beam_background_has_the_configured_rate(ideal: Callable[..., Detector]) -> None:
    block = {
        "theta_deg": [20.0, 140.0],
        "clusters_per_event": 0.6,
        "minimum_energy_mev": 100.0,
        "spectrum_slope_mev": 40.0,
        "timing_efficiency": 0.5,
        "source": "made up for a test",
    }
    detector = ideal(beam_background=block)
    n = 100_000
    photon = np.broadcast_to(directions([90.0]), (n, 1, 4))
    reco = detector.reconstruct(Events.from_momenta([22], photon.copy()), np.random.default_rng(4))
    assert reco.kind.shape == reco.truth.pdg_id.shape == (n, 3)
    assert not reco.truth.pdg_id[:, 1:].any()
    assert reco.select(np.array([3, 1])).truth.pdg_id.shape == (2, 3)
    probability = reco.efficiency[:, 1:]
    np.testing.assert_allclose(reco.loss[:, 1:], 1.0 - probability)
    assert probability.max() <= 1.0
    # Expected clusters above a threshold: rate times exp(-(E - 0.1 GeV)/0.04 GeV).
    for threshold in (0.1, 0.2, 0.5, 0.8):
        sample = (probability * (reco.p4[:, 1:, 3] > threshold)).sum(axis=1)
        expected = 0.3 * np.exp(-(threshold - 0.1) / 0.04)
        assert sample.mean() == pytest.approx(expected, abs=4.0 * sample.std() / np.sqrt(n))
        assert sample.std() / np.sqrt(n) < 0.05 * expected, "even the rare ones are there"
    theta = np.degrees(np.arccos(reco.p4[:, 1, 2] / reco.p4[:, 1, 3]))
    assert theta.min() >= 20.0
    assert theta.max() <= 140.0
    assert np.mean(theta < 50.0) == pytest.approx(0.25, abs=0.01)


def test_triggers_are_curves_with_steps(detector_settings: Callable) -> None:
    trigger = Detector.from_record(DetectorRecord.model_validate(detector_settings("babar"))).triggers[
        "single_photon"
    ]
    np.testing.assert_array_equal(trigger(np.array([0.5, 1.49, 1.51, 4.0])), [0.0, 0.0, 1.0, 1.0])
    slope = Trigger(np.array([1.0, 2.0]), np.array([0.2, 0.8]))
    np.testing.assert_allclose(slope(np.array([0.0, 1.5, 3.0])), [0.2, 0.5, 0.8])
