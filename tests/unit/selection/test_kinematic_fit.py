"""Fits of tracks to the momentum of the beams."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from umbra.core.constants import MUON_MASS_GEV
from umbra.core.kinematics import Array, from_spherical, mass_squared
from umbra.core.seeds import generator
from umbra.detector.detector import Detector
from umbra.selection.kinematic_fit import to_total
from umbra.selection.objects import with_mass

N = 4000
TRACKS = ((3.0, 40.0, 0.0), (1.5, 80.0, 150.0), (2.5, 70.0, 80.0), (0.8, 120.0, 260.0))


def momenta(n: int = N) -> Array:
    tracks = [
        from_spherical(np.array(p), np.cos(np.radians(theta)), np.radians(phi), MUON_MASS_GEV)
        for p, theta, phi in TRACKS
    ]
    return np.broadcast_to(np.stack(tracks), (n, 4, 4)).copy()


@pytest.fixture(name="measured")
def _measured(ideal: Callable[..., Detector]) -> tuple[Array, Array, Array]:
    """True and measured tracks, and the covariance of the latter's momenta."""
    resolution = {"per_pt_percent_per_gev": 0.2, "per_beta_percent": 0.3, "constant_percent": 0.0}
    tracker = ideal(momentum_resolution=resolution | {"source": "closed form"}).tracker
    tracker = replace(tracker, angle_rad=1e-3)
    true = momenta()
    found = tracker.measure(true.reshape(-1, 4), generator("fit")).reshape(true.shape)
    return true, found, tracker.covariance(found)


def test_the_covariance_is_that_of_what_is_measured(measured: tuple[Array, Array, Array]) -> None:
    true, found, covariance = measured
    shift = (found - true)[..., :3]
    for track in range(4):
        expected = covariance[0, track]
        sizes = np.sqrt(np.diag(expected))
        spread = np.cov(shift[:, track].T)
        assert spread / np.outer(sizes, sizes) == pytest.approx(
            expected / np.outer(sizes, sizes), abs=6 / np.sqrt(N)
        )


def test_the_total_is_met_and_the_momenta_are_nearer_to_the_truth(
    measured: tuple[Array, Array, Array],
) -> None:
    true, found, covariance = measured
    total = true.sum(axis=1)
    fitted = to_total(found, covariance, total, MUON_MASS_GEV)
    assert fitted.sum(axis=1) == pytest.approx(total, abs=1e-6)
    assert fitted == pytest.approx(with_mass(fitted, MUON_MASS_GEV))

    def width(p4: Array) -> float:
        return float(np.std(np.sqrt(mass_squared(p4[:, 0] + p4[:, 1]))))

    assert width(fitted) < 0.7 * width(found)


def test_a_lost_photon_is_shared_out_and_nothing_else_is_changed(
    measured: tuple[Array, Array, Array],
) -> None:
    true, _, covariance = measured
    same = to_total(true, covariance, true.sum(axis=1), MUON_MASS_GEV)
    assert same == pytest.approx(true, abs=1e-9)
    photon = np.array([0.0, 0.0, 0.05, 0.05])
    moved = to_total(true[:1], covariance[:1], true[0].sum(axis=0) + photon, MUON_MASS_GEV)[0]
    assert (moved - true[0]).sum(axis=0) == pytest.approx(photon, abs=1e-6)
    assert np.all(np.abs(moved - true[0])[:, :3].max(axis=1) > 1e-4)
