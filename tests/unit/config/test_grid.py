"""Mass grids: ends, spacing, blocks."""

from itertools import pairwise

import pytest

from umbra.config import grid


def test_constant_spacing_is_a_uniform_grid():
    assert grid.spaced(1.0, 2.0, 5, [[0.0, 0.1], [9.0, 0.1]]) == [1.0, 1.25, 1.5, 1.75, 2.0]


def test_steps_follow_the_resolution():
    masses = grid.spaced(0.02, 10.2, 5001, [[0.02, 0.001513], [10.2, 0.00813]])
    assert masses[0] == 0.02
    assert masses[-1] == 10.2
    steps = [b - a for a, b in pairwise(masses)]
    resolution = [grid.interpolate([[0.02, 0.001513], [10.2, 0.00813]], m) for m in masses[:-1]]
    ratios = [step / width for step, width in zip(steps, resolution, strict=True)]
    # Masses are rounded to a keV, steps are 0.6 MeV and more.
    assert max(ratios) / min(ratios) == pytest.approx(1.0, abs=4e-3)


def test_spacing_may_have_kinks():
    masses = grid.spaced(0.0, 2.0, 7, [[0.0, 1.0], [1.0, 1.0], [1.0000001, 0.2], [2.0, 0.2]])
    # One step in the first unit and five in the second.
    assert masses == pytest.approx([0.0, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0], abs=1e-5)


def test_one_point_is_the_geometric_middle():
    assert grid.spaced(1.0, 4.0, 1, [[0.0, 1.0]]) == [2.0]


def test_blocks_hold_every_mass_once_and_are_even():
    masses = [float(i) for i in range(101)]
    cut = grid.blocks(masses, 30)
    assert [mass for block in cut for mass in block] == masses
    assert {len(block) for block in cut} == {25, 26}


def test_a_plane_holds_the_pairs_of_both_grids_within_its_edges():
    pairs = grid.plane([1.0, 2.0, 3.0], [0.5, 1.0, 2.0, 4.0], (0.5, 1.0), 4.0)
    assert pairs == [(1.0, 0.5), (1.0, 1.0), (2.0, 1.0), (2.0, 2.0)]
    assert grid.plane([1.0], [0.5, 4.0], (2.0, None), 10.0) == [(1.0, 4.0)]
    assert grid.blocks(pairs, 3) == [pairs[:2], pairs[2:]]
