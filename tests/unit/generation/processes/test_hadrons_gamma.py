"""Hadrons with a photon that the beams radiate."""

import numpy as np
import pytest
from scipy.integrate import quad

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB
from umbra.generation.collision import Collision
from umbra.generation.integration import integrate
from umbra.generation.processes.hadrons_gamma import hadronic_ratio
from umbra.generation.processes.registry import find

SQRT_S = 10.58


def radiator(mass_gev: float) -> float:
    """Bonneau and Martin, all angles."""
    s = SQRT_S**2
    x = 1.0 - mass_gev**2 / s
    log = np.log(s / ELECTRON_MASS_GEV**2)
    return float(ALPHA / np.pi * (2.0 - 2.0 * x + x**2) / x * (log - 1.0))


def muons_pb(mass_gev: float) -> float:
    """Cross-section of massless muons."""
    return float(GEV2_PB * 4.0 * np.pi * ALPHA**2 / (3.0 * mass_gev**2))


def test_the_cross_section_is_the_integral_of_the_radiator() -> None:
    cuts = {"photon_energy": (1.0, None), "hadron_mass": (2.0, 3.0)}
    estimate = integrate(Collision(find("hadronsgamma"), SQRT_S, {}, cuts), 3e-3, np.random.default_rng(3))

    def density(m: float) -> float:
        return 2.0 * m / SQRT_S**2 * radiator(m) * muons_pb(m) * float(hadronic_ratio(np.array(m)))

    exact = quad(density, 2.0, 3.0, limit=200)[0]
    assert estimate.value_pb == pytest.approx(exact, abs=4.0 * estimate.error_pb + 1e-3 * exact)


def test_r_is_that_of_three_colours_between_charm_and_beauty() -> None:
    # 10/3 (1 + alpha_s/pi) from 5 GeV on; the particle data have 3.4 to 3.7.
    assert hadronic_ratio(np.array([5.5, 7.0, 9.0])) == pytest.approx(10.0 / 3.0 * 1.07, rel=0.06)
