"""Track length in a shower against the moments that its equations have in closed form."""

import numpy as np
import pytest
from scipy.integrate import quad

from umbra.theory.shower import PAIRS, track_length


def moment(s: float) -> float:
    """Sum over all electrons of their track length times (E/E0)^s: the functions A, B and C of Rossi and Greisen."""
    a, b, c = functions(s)
    return 1.0 / (a - b * c / PAIRS)


@pytest.mark.parametrize("s", [2.0, 3.0, 6.0, 12.0])
def test_moments_are_those_of_the_equations(s: float) -> None:
    shower = track_length(0.003)
    middle = np.exp(-s * 0.5 * (shower.edges[1:] + shower.edges[:-1]))
    assert (shower.length * middle).sum() == pytest.approx(moment(s), rel=6e-3)


def test_far_below_the_first_electron_the_track_length_is_that_of_the_textbook() -> None:
    """0.437 E0/E radiation lengths above E: B. Rossi, High-Energy Particles (1952), approximation A."""
    assert track_length(0.003).total * 0.003 == pytest.approx(0.437, rel=0.015)


def test_what_lies_above_does_not_depend_on_where_the_shower_is_left() -> None:
    short, long = track_length(0.5), track_length(0.2)
    above = np.interp(np.log(2.0), long.edges, np.concatenate([[0.0], np.cumsum(long.length)]))
    assert short.total == pytest.approx(above, rel=3e-3)


def test_energies_are_drawn_by_track_length() -> None:
    shower = track_length(0.4)
    share = shower.share_at((np.arange(20_000) + 0.5) / 20_000)
    assert share.max() <= 1.0
    assert share.min() >= 0.4
    below = np.concatenate([[0.0], np.cumsum(shower.length)])
    expected = np.interp(-np.log(0.7), shower.edges, below) / shower.total
    assert (share > 0.7).mean() == pytest.approx(expected, abs=1e-3)


def functions(s: float) -> tuple[float, float, float]:
    """A, B and C of Rossi and Greisen."""
    a = quad(lambda v: (1.0 - (1.0 - v) ** s) / v * (4.0 / 3.0 - 4.0 / 3.0 * v + v**2), 0.0, 1.0)[0]
    b = 2.0 * quad(lambda u: u**s * (1.0 - 4.0 / 3.0 * u * (1.0 - u)), 0.0, 1.0)[0]
    c = quad(lambda v: v ** (s - 1.0) * (4.0 / 3.0 - 4.0 / 3.0 * v + v**2), 0.0, 1.0)[0]
    return a, b, c


@pytest.mark.parametrize("s", [2.0, 4.0])
def test_positrons_are_half_of_what_pairs_bring(s: float) -> None:
    """All electrons but those that the first one becomes, whose moment is 1/A, are as often positrons."""
    a, b, c = functions(s)
    shower = track_length(0.003)
    middle = np.exp(-s * 0.5 * (shower.edges[1:] + shower.edges[:-1]))
    expected = 0.5 * (1.0 / (a - b * c / PAIRS) - 1.0 / a)
    assert (shower.positrons * middle).sum() == pytest.approx(expected, rel=0.01)


def test_positrons_of_an_energy() -> None:
    shower = track_length(0.4)
    share = np.linspace(0.5, 0.8, 4001)
    total = np.trapezoid(shower.positrons_at(share) / share, share)
    below = np.concatenate([[0.0], np.cumsum(shower.positrons)])
    assert total == pytest.approx(np.diff(np.interp(-np.log([0.8, 0.5]), shower.edges, below))[0], rel=0.01)
    assert (shower.positrons_at(np.array([0.1, 1.2])) == 0.0).all()
