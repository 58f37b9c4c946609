"""The photon of e+e- → νν̄γ comes from the radiator, the rest from the width of weak interactions."""

import numpy as np
import pytest

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, FERMI_CONSTANT, GEV2_PB
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, mass_squared
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.nunu_gamma import NuNuGamma

SQRT_S = 10.58
S = SQRT_S**2
#: σ(e+e- → νν̄)/s in pb/GeV² with gV = ±1/2 + 2 sin²θ, gA = ±1/2: G_F² (gV² + gA²)/12π for each flavour.
SLOPE = GEV2_PB * FERMI_CONSTANT**2 / (12.0 * np.pi)
SLOPE *= (0.5 + 0.46244) ** 2 + 0.25 + 2.0 * ((-0.5 + 0.46244) ** 2 + 0.25)


def weighted(cuts: Cuts, n: int = 100_000) -> tuple[Array, Array]:
    x = np.random.default_rng(1).random((n, 5))
    p4, weight = NuNuGamma().evaluate(x, np.full(n, SQRT_S), {}, cuts)
    return p4, weight / n


@pytest.mark.parametrize("cosine", [0.5, 0.95])
def test_wide_angle_photons_follow_the_radiator(cosine: float) -> None:
    _, weight = weighted({"photon_energy": (0.5, 4.0), "cos_theta": (-cosine, cosine)})
    x = np.linspace(0.5, 4.0, 2001) * 2.0 / SQRT_S
    angle = (2.0 - 2.0 * x + x**2) * np.log((1.0 + cosine) / (1.0 - cosine)) - x**2 * cosine
    expected = np.trapezoid(ALPHA / np.pi / x * angle * SLOPE * S * (1.0 - x), x)
    error = np.sqrt((weight**2).sum())
    assert error < 0.01 * expected
    assert weight.sum() == pytest.approx(expected, abs=4.0 * error)


def test_collinear_photons_are_regulated_by_the_electron_mass() -> None:
    _, weight = weighted({"photon_energy": (0.5, None)})
    x = np.linspace(1.0 / SQRT_S, 1.0, 4001)
    log = np.log(S / ELECTRON_MASS_GEV**2)
    expected = np.trapezoid(
        ALPHA / np.pi / x * (2.0 - 2.0 * x + x**2) * (log - 1.0) * SLOPE * S * (1.0 - x), x
    )
    error = np.sqrt((weight**2).sum())
    assert weight.sum() == pytest.approx(expected, abs=4.0 * error)
    assert error < 0.01 * expected


def test_cross_section_without_photon_is_a_quarter_of_a_picobarn() -> None:
    """The table of cross-sections of the Belle II Physics Book (arXiv:1808.10567) has 0.25 pb."""
    assert pytest.approx(0.25, rel=0.07) == SLOPE * S


def test_neutrinos_follow_the_electron() -> None:
    """The electron neutrino is left-handed and W exchange dominates: more of them go along the electron."""
    p4, weight = weighted({"photon_energy": (0.1, 0.3), "photon_theta": (20.0, 160.0)})
    forward = np.average(p4[:, 0, 2] > 0.0, weights=weight)
    left, right = 0.73122**2 + 2.0 * 0.26878**2, 3.0 * 0.23122**2
    assert forward == pytest.approx((7.0 * left + right) / (8.0 * (left + right)), abs=0.01)


def test_kinematics_and_energy_below_threshold() -> None:
    p4, weight = weighted({"photon_energy": (0.5, 3.0)}, 1000)
    assert (weight > 0.0).all()
    np.testing.assert_allclose(p4.sum(axis=1), np.tile([0.0, 0.0, 0.0, SQRT_S], (1000, 1)), atol=1e-12)
    np.testing.assert_allclose(mass_squared(p4), 0.0, atol=1e-11)
    low = np.full(10, 0.8)
    p4, weight = NuNuGamma().evaluate(np.full((10, 5), 0.5), low, {}, {"photon_energy": (0.5, None)})
    assert (weight == 0.0).all()
    assert np.isfinite(p4).all()


def test_photon_energy_is_needed() -> None:
    with pytest.raises(UmbraError, match="photon_energy"):
        NuNuGamma().check_cuts({})
    with pytest.raises(UmbraError, match="above 0"):
        NuNuGamma().check_cuts({"photon_energy": (0.0, None)})
