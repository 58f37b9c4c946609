"""Bands of couplings that would explain the magnetic moment of the muon."""

import pytest

from umbra.theory.muon_moment import preferred_bands


def test_the_band_of_a_z_prime_is_the_known_one():
    """Two standard deviations of 251(59)e-11 around 5.40e-3 at 1 GeV, calculated with the integral."""
    (band,) = preferred_bands("g_prime", [1.0])
    assert (band.low[0], band.high[0]) == pytest.approx((3.93e-3, 6.55e-3), rel=2e-3)


def test_a_dark_photon_couples_with_e_to_muons_and_others_have_no_band():
    (photon,), (z_prime,) = (preferred_bands(name, [0.1]) for name in ("epsilon", "g_prime"))
    assert photon.low[0] * 0.302822 == pytest.approx(z_prime.low[0], rel=1e-5)
    assert preferred_bands("g_agammagamma_per_gev", [0.1]) == []
