"""Resolutions are recovered from particles of one energy."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.events import Events
from umbra.core.kinematics import Array, azimuth, from_spherical, mass_squared, polar_angle, transverse
from umbra.detector.detector import PHOTON, Detector
from umbra.detector.directions import normal_pair
from umbra.detector.records import DetectorRecord

N = 40_000


def one_particle(pdg_id: int, momentum_gev: float, theta_deg: float, mass_gev: float = 0.0) -> Events:
    """Give events with the same particle, at all azimuths."""
    phi = np.linspace(-np.pi, np.pi, N, endpoint=False)
    p4 = from_spherical(np.full(N, momentum_gev), np.full(N, np.cos(np.radians(theta_deg))), phi, mass_gev)
    return Events.from_momenta([pdg_id], p4[:, None])


def relative_energy(detector: Detector, energy_gev: float) -> Array:
    reco = detector.reconstruct(one_particle(22, energy_gev, 80.0), np.random.default_rng(3))
    assert (reco.kind == PHOTON).all()
    return reco.p4[:, 0, 3] / energy_gev - 1.0


@pytest.mark.parametrize(
    ("name", "energy_gev", "percent"),
    [
        # 1.14%/E^(1/2) (+) 1.75%: 4% and 1.8% at 0.1 and 8 GeV
        ("belle2", 1.0, 2.089),
        ("belle2", 8.0, 1.796),
        ("belle2", 0.1, 4.007),
        # 2.32%/E^(1/4) (+) 1.85%
        ("babar", 1.0, 2.967),
    ],
)
def test_photon_energies_have_a_crystal_ball_of_the_stated_width(
    detector_settings: Callable, name: str, energy_gev: float, percent: float
) -> None:
    content = detector_settings(name)
    content.pop("beam_background", None)
    detector = Detector.from_record(DetectorRecord.model_validate(content))
    pulls = relative_energy(detector, energy_gev) / (0.01 * percent)
    assert stats.kstest(pulls, detector.calorimeter.pull.cumulative).pvalue > 1e-3
    # The upper half of the core is half a Gaussian.
    above = pulls[pulls > 0.0]
    assert np.sqrt(np.mean(above**2)) == pytest.approx(1.0, abs=0.02)


#: Terms of the relative energy resolution, and the power of the energy in each.
TERMS = {
    "per_energy_percent": -1.0,
    "per_root_energy_percent": -0.5,
    "per_fourth_root_energy_percent": -0.25,
    "constant_percent": 0.0,
}


@pytest.mark.parametrize(("term", "power"), TERMS.items())
def test_each_term_of_the_photon_resolution_has_its_power_of_the_energy(ideal, term, power):
    width = ideal(energy_resolution={term: 2.0}).calorimeter.relative_width
    energy = np.array([0.05, 0.25, 1.0, 4.0, 9.0])
    assert width(energy) == pytest.approx(0.02 * energy**power, rel=1e-9)


def test_the_terms_of_the_photon_resolution_add_in_quadrature(ideal):
    width = ideal(energy_resolution=dict.fromkeys(TERMS, 2.0)).calorimeter.relative_width
    energy = np.array([0.05, 0.25, 1.0, 4.0, 9.0])
    expected = np.sqrt(sum((0.02 * energy**power) ** 2 for power in TERMS.values()))
    assert width(energy) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("energy_gev", [0.25, 4.0])
def test_measured_photon_energies_spread_as_the_root_of_the_energy(ideal, energy_gev):
    calorimeter = ideal(
        energy_resolution={"per_root_energy_percent": 2.0, "tail_alpha": 5.0, "tail_index": 20.0}
    ).calorimeter
    p4 = np.tile([energy_gev, 0.0, 0.0, energy_gev], (50_000, 1))
    measured = calorimeter.measure(p4, np.random.default_rng(5))[:, 3]
    # The standard deviation of 50,000 values is known to 0.3 %.
    assert measured.std() == pytest.approx(0.02 * np.sqrt(energy_gev), rel=0.015)


def test_a_long_tail_is_cut_off_at_zero_energy(ideal: Callable) -> None:
    detector = ideal(energy_resolution={"constant_percent": 5.0, "tail_alpha": 0.5, "tail_index": 1.5})
    pulls = relative_energy(detector, 1.0) / 0.05
    shape = detector.calorimeter.pull
    lowest = shape.cumulative(np.array(-20.0))
    assert lowest > 0.1, "the tail must matter for this test"
    assert pulls.min() > -20.0
    assert stats.kstest(pulls, lambda z: (shape.cumulative(z) - lowest) / (1.0 - lowest)).pvalue > 1e-3


@pytest.mark.parametrize(("energy_gev", "mrad"), [(4.0, 4.0), (1.0, 4.0), (0.25, 8.0)])
def test_photon_angles(ideal: Callable, energy_gev: float, mrad: float) -> None:
    detector = ideal(angular_resolution={"per_root_energy_mrad": 4.0, "minimum_mrad": 4.0})
    events = one_particle(22, energy_gev, 50.0)
    reco = detector.reconstruct(events, np.random.default_rng(5))
    theta = polar_angle(reco.p4[:, 0]) - np.radians(50.0)
    phi = np.sin(np.radians(50.0)) * np.angle(
        np.exp(1j * (azimuth(reco.p4[:, 0]) - azimuth(events.p4[:, 0])))
    )
    for angle in (theta, phi):
        assert np.std(angle) == pytest.approx(1e-3 * mrad, rel=0.02)
        assert np.mean(angle) == pytest.approx(0.0, abs=4e-3 * mrad / np.sqrt(N) + 1e-4 * mrad)
    np.testing.assert_allclose(reco.p4[:, 0, 3], energy_gev, rtol=1e-6)
    np.testing.assert_allclose(mass_squared(reco.p4[:, 0]), 0.0, atol=1e-8 * energy_gev**2)


@pytest.mark.parametrize(
    ("name", "pt_gev", "percent"),
    [
        # 0.19% pT (+) 0.30%/beta, beta = 0.99446 at 1 GeV across the beams
        ("belle2_2018", 1.0, 0.3559),
        ("belle2_2018", 4.0, 0.8172),
        # 0.13% pT (+) 0.45%
        ("babar", 3.0, 0.5955),
    ],
)
def test_track_momenta(detector_settings: Callable, name: str, pt_gev: float, percent: float) -> None:
    content = detector_settings(name)
    content.pop("beam_background", None)
    events = one_particle(13, pt_gev, 90.0, MUON_MASS_GEV)
    reco = Detector.from_record(DetectorRecord.model_validate(content)).reconstruct(
        events, np.random.default_rng(9)
    )
    curvature = pt_gev / transverse(reco.p4[:, 0]) - 1.0
    assert stats.kstest(curvature / (0.01 * percent), stats.norm.cdf).pvalue > 1e-3
    np.testing.assert_allclose(mass_squared(reco.p4[:, 0]), MUON_MASS_GEV**2, atol=1e-8 * pt_gev**2)
    assert (reco.charge == -1).all()


def test_track_angles(detector_settings: Callable) -> None:
    content = detector_settings("belle2_2018")
    content["tracker"]["angular_resolution"]["constant_mrad"] = 2.0
    events = one_particle(11, 2.0, 60.0, ELECTRON_MASS_GEV)
    reco = Detector.from_record(DetectorRecord.model_validate(content)).reconstruct(
        events, np.random.default_rng(9)
    )
    theta = polar_angle(reco.p4[:, 0]) - np.radians(60.0)
    phi = np.sin(np.radians(60.0)) * np.angle(
        np.exp(1j * (azimuth(reco.p4[:, 0]) - azimuth(events.p4[:, 0])))
    )
    for angle in (theta, phi):
        assert stats.kstest(angle / 2e-3, stats.norm.cdf).pvalue > 1e-3


def test_vertices(ideal: Callable) -> None:
    detector = ideal(vertex_resolution={"transverse_um": 50.0, "longitudinal_um": 80.0})
    events = one_particle(-211, 1.0, 60.0, PION_MASS_GEV)
    events.vertex_mm[:, 0] = [3.0, -2.0, 10.0]
    reco = detector.reconstruct(events, np.random.default_rng(9))
    shift = reco.vertex_mm[:, 0] - [3.0, -2.0, 10.0]
    np.testing.assert_allclose(shift.std(axis=0), [0.05, 0.05, 0.08], rtol=0.02)
    np.testing.assert_allclose(reco.p4, events.p4, rtol=1e-12)


def test_the_same_seed_gives_the_same_measurement(detector_settings: Callable) -> None:
    detector = Detector.from_record(DetectorRecord.model_validate(detector_settings("belle2")))
    events = one_particle(22, 1.0, 80.0)
    first, again, other = (detector.reconstruct(events, np.random.default_rng(seed)).p4 for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_pairs_of_normal_numbers() -> None:
    first, second = normal_pair(np.random.default_rng(9), N)
    for numbers in (first, second, (first + second) / np.sqrt(2.0)):
        assert stats.kstest(numbers, "norm").pvalue > 1e-3
    assert np.corrcoef(np.abs(first), np.abs(second))[0, 1] == pytest.approx(0.0, abs=4.0 / np.sqrt(N))


def test_every_number_of_a_file_arrives_in_its_place(detector_settings: Callable) -> None:
    content = detector_settings("belle2")
    content["calorimeter"]["energy_resolution"] |= {
        "per_energy_percent": 1,
        "per_root_energy_percent": 2,
        "per_fourth_root_energy_percent": 3,
        "constant_percent": 4,
    }
    content["calorimeter"]["angular_resolution"] |= {
        "per_root_energy_mrad": 1,
        "constant_mrad": 2,
        "minimum_mrad": 3,
    }
    content["tracker"]["momentum_resolution"] |= {
        "per_pt_percent_per_gev": 1,
        "per_beta_percent": 2,
        "constant_percent": 3,
    }
    content["tracker"]["vertex_resolution"] |= {"transverse_um": 1, "longitudinal_um": 2}
    detector = Detector.from_record(DetectorRecord.model_validate(content))
    photons, tracks, clusters = detector.calorimeter, detector.tracker, detector.beam_background
    widths = (photons.per_energy, photons.per_root, photons.per_fourth_root, photons.constant)
    assert widths == pytest.approx((0.01, 0.02, 0.03, 0.04))
    angles = (photons.angle_stochastic_rad, photons.angle_constant_rad, photons.angle_minimum_rad)
    assert angles == pytest.approx((1e-3, 2e-3, 3e-3))
    assert (tracks.per_pt, tracks.per_beta, tracks.constant) == pytest.approx((0.01, 0.02, 0.03))
    assert tracks.vertex_mm == pytest.approx((1e-3, 1e-3, 2e-3))
    assert clusters is not None
    assert (clusters.rate, clusters.scale_gev, clusters.minimum_gev) == pytest.approx((0.05, 0.04, 0.1))
