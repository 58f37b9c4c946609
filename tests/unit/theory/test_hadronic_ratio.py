"""R(m): single published points, quark counting with QCD corrections, and what the tables state of themselves."""

import numpy as np
import pytest

from umbra.core.constants import ALPHA
from umbra.theory import tables
from umbra.theory.dark_photon import DarkPhoton
from umbra.theory.hadronic_ratio import HadronicRatio

TABLE = tables.load("dark_photon")
MEASURED = tables.load("hadronic_ratio")
RATIO = HadronicRatio(TABLE, MEASURED)
ROWS = np.array([[row["mass_gev"], row["r"], row["error"]] for row in MEASURED["measured"]])

#: Mass in GeV, R and its error as published, one by one.
POINTS = [
    # KEDR, Phys. Lett. B 770 (2017) 174
    *[(2.1357, 2.275, 0.091), (2.3395, 2.194, 0.080), (2.6448, 2.220, 0.085), (2.9489, 2.234, 0.082)],
    # KEDR, Phys. Lett. B 788 (2019) 42
    *[(3.1196, 2.235, 0.065), (3.2225, 2.195, 0.053), (3.3147, 2.219, 0.050), (3.4183, 2.185, 0.047)],
    *[(3.4996, 2.224, 0.067), (3.6182, 2.218, 0.052), (3.7194, 2.228, 0.057)],
    # BES, Phys. Lett. B 677 (2009) 239
    *[(2.6, 2.18, 0.082), (3.07, 2.13, 0.073), (3.65, 2.14, 0.071)],
    # BES, Phys. Rev. Lett. 97 (2006) 262001: the psi(3770) and the valley behind it
    *[(3.7480, 2.380, 0.157), (3.7608, 3.143, 0.178), (3.7682, 3.455, 0.210), (3.7742, 3.377, 0.200)],
    *[(3.7808, 3.340, 0.208), (3.7874, 2.960, 0.183), (3.8000, 2.215, 0.141), (3.8500, 2.373, 0.149)],
    # BES, Phys. Rev. Lett. 88 (2002) 101802: open charm
    *[(3.97, 3.29, 0.185), (4.03, 4.58, 0.304), (4.10, 3.97, 0.240), (4.16, 4.12, 0.220)],
    *[(4.25, 2.71, 0.177), (4.30, 3.11, 0.171), (4.42, 3.68, 0.220), (4.80, 3.66, 0.236)],
    # CLEO, Phys. Rev. D 76 (2007) 072008
    *[(6.964, 3.597, 0.069), (7.38, 3.55, 0.064), (8.38, 3.576, 0.068), (9.432, 3.51, 0.076)],
    *[(9.996, 3.497, 0.077), (10.33, 3.491, 0.080), (10.538, 3.591, 0.083)],
]


def test_published_points_lie_on_the_curve_within_their_errors():
    mass, value, error = np.array(POINTS).T
    pulls = (RATIO(mass) - value) / error
    assert np.all(np.abs(pulls) < 2.0)
    assert np.mean(pulls**2) < 1.0
    assert abs(np.mean(pulls)) < 0.2


def test_the_curve_goes_through_the_table_and_hardly_beyond_it_in_between():
    mass, value, _ = ROWS.T
    assert RATIO(mass) == pytest.approx(value, rel=1e-6)
    between = np.linspace(mass[:-1], mass[1:], 11)
    low, high = np.minimum(value[:-1], value[1:]), np.maximum(value[:-1], value[1:])
    beyond = np.maximum(low / RATIO(between), RATIO(between) / high)
    assert np.max(beyond) < 1.02


def test_the_two_tables_meet_without_a_step():
    first = ROWS[0, 0]
    below, above = RATIO(first - 1e-6), RATIO(first + 1e-6)
    assert below == pytest.approx(above, rel=1e-3)
    # The exclusive sum on the way from the phi (Particle Data Group 2018): 2.136 at 1.0338 GeV.
    assert RATIO(1.03384) == pytest.approx(2.136, rel=0.10)


def test_continuum_follows_three_loop_qcd():
    # R = 3 sum Q^2 (1 + a + 1.525 a^2 - 11.6 a^3), four flavours, a = alpha_s/pi with alpha_s(9 GeV) = 0.183 from
    # alpha_s(M_Z) = 0.118 with three loops (Particle Data Group 2018, review of QCD): 3.54; without QCD 3.33.
    a = 0.183 / np.pi
    expected = 10.0 / 3.0 * (1.0 + a + 1.525 * a**2 - 11.6 * a**3)
    uncertainty = np.interp(9.0, ROWS[:, 0], ROWS[:, 2])
    assert RATIO(9.0) == pytest.approx(expected, abs=uncertainty)
    # Below charm: 3 sum Q^2 = 2, alpha_s(2.5 GeV) = 0.27.
    assert RATIO(2.5) == pytest.approx(2.0 * (1.0 + 0.27 / np.pi + 1.64 * (0.27 / np.pi) ** 2), rel=0.05)


def test_errors_are_those_of_measurements_and_cover_the_range():
    mass, value, error = ROWS.T
    assert np.all(np.diff(mass) > 0.0)
    assert mass[-1] > 10.4
    assert np.all((error / value > 0.01) & (error / value < 0.16))
    edges = [row["below_gev"] for row in TABLE["relative_uncertainty_of_r"]]
    assert edges == sorted(edges)
    assert edges[-1] >= mass[0]


def test_what_the_uncertainty_of_the_ratio_moves_a_limit_by():
    # epsilon goes with BR(mumu)^(-1/2), so that it moves by half of dR/R times the hadronic branching fraction.
    mass, value, error = ROWS.T
    hadrons = DarkPhoton(RATIO).branching_fraction(mass, "hadrons")
    moved = 0.5 * error / value * hadrons
    assert np.all(moved < 0.05)
    assert np.median(moved[(mass > 3.0) & (mass < 3.7)]) < 0.01


def test_narrow_resonances_have_about_the_height_of_their_leptonic_widths():
    # 9 BR(ee)/alpha^2 with the PDG 2024 averages; the table's interference makes the rest.
    masses = np.array([0.78266, 1.019461])
    smooth = RATIO(masses * np.array([0.97, 0.97]))
    peaks = RATIO(masses) - smooth
    assert peaks == pytest.approx(9.0 * np.array([7.38e-5, 2.98e-4]) / ALPHA**2, rel=0.15)


def test_pions_are_a_part_of_the_hadrons():
    masses = np.linspace(0.28, 1.5, 500)
    assert np.all(RATIO.pions(masses) <= 1.05 * RATIO(masses))
    assert np.all(RATIO(masses) > 0.0)
