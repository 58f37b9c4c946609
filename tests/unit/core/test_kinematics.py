"""Four-vectors: invariance, inverse boosts, decays, small angles."""

import numpy as np
import pytest

from umbra.core import kinematics
from umbra.core.kinematics import circle, from_spherical
from umbra.core.machines import Machine
from umbra.core.seeds import generator


@pytest.fixture
def momenta() -> np.ndarray:
    rng = generator("test kinematics")
    return from_spherical(
        rng.uniform(0, 5, 1000), rng.uniform(-1, 1, 1000), rng.uniform(-np.pi, np.pi, 1000), 0.3
    )


def test_cosine_and_sine_at_once() -> None:
    angle = np.concatenate([np.linspace(-2.0 * np.pi, 2.0 * np.pi, 4001), [np.pi, -np.pi, 1e-12]])
    cos, sin = circle(angle)
    np.testing.assert_allclose(cos, np.cos(angle), atol=4e-15)
    np.testing.assert_allclose(sin, np.sin(angle), atol=4e-15)


def test_boosts_keep_masses_and_undo_each_other(momenta):
    beta = np.array([0.1, -0.2, 0.4])
    boosted = kinematics.boost(momenta, beta)
    np.testing.assert_allclose(kinematics.mass_squared(boosted), 0.09, atol=1e-12)
    np.testing.assert_allclose(kinematics.boost(boosted, -beta), momenta, atol=1e-12)


def test_boosts_along_the_axis_are_boosts(momenta):
    beta = np.linspace(-0.9, 0.999, len(momenta))
    along = np.stack([np.zeros_like(beta), np.zeros_like(beta), beta], axis=1)
    np.testing.assert_allclose(
        kinematics.boost_along_z(momenta, beta), kinematics.boost(momenta, along), rtol=1e-12, atol=1e-12
    )


def test_boost_to_rest_leaves_the_mass(momenta):
    rest = kinematics.boost_to_rest(momenta, momenta)
    np.testing.assert_allclose(rest[:, :3], 0.0, atol=1e-12)
    np.testing.assert_allclose(rest[:, 3], 0.3, atol=1e-12)


def test_two_body_decay_conserves_momentum_and_masses(momenta):
    rng = generator("test decay")
    a, b = kinematics.two_body_decay(momenta, 0.1, 0.05, rng.uniform(-1, 1, 1000), rng.uniform(0, 6, 1000))
    np.testing.assert_allclose(a + b, momenta, atol=1e-12)
    np.testing.assert_allclose(kinematics.mass_squared(a), 0.01, atol=1e-12)
    np.testing.assert_allclose(kinematics.mass_squared(b), 0.0025, atol=1e-12)


@pytest.mark.parametrize("angle", [1e-9, 1e-3, 1.0, np.pi - 1e-6])
def test_opening_angles_are_exact_also_at_the_ends(angle):
    a = from_spherical(np.array([1.0]), np.array([1.0]), np.array([0.0]), 0.0)
    b = np.array([[np.sin(angle), 0.0, np.cos(angle), 1.0]])
    assert kinematics.opening_angle(a, b)[0] == pytest.approx(angle, rel=1e-6)


def test_superkekb_boost():
    machine = Machine("superkekb", 7.004, 4.002, 83.0)
    # Belle II Physics Book, arXiv:1808.10567: beta gamma = 0.28; the crossing angle gives 0.457 GeV along x.
    assert machine.sqrt_s_gev == pytest.approx(10.58, abs=2e-3)
    assert machine.total[0] == pytest.approx(0.457, abs=1e-3)
    assert machine.beta[2] == pytest.approx(0.2725, abs=2e-4)


def test_the_beams_of_the_centre_of_mass_come_out_along_the_real_ones():
    machine = Machine("superkekb", 7.004, 4.002, 83.0)
    half = machine.sqrt_s_gev / 2
    lab = machine.to_lab(np.array([[0.0, 0.0, half, half], [0.0, 0.0, -half, half]]))
    np.testing.assert_allclose(np.degrees(kinematics.polar_angle(lab)), [2.3777, 177.6223], atol=1e-3)
    np.testing.assert_allclose(lab[:, 3], [7.004, 4.002], atol=1e-6)
    np.testing.assert_allclose(machine.to_cm(lab)[0], [0.0, 0.0, half, half], atol=1e-12)
