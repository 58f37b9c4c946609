"""Layers that tracks cross in a drift chamber, against straight lines and circles."""

import numpy as np
import pytest

from umbra.detector.helix import DriftChamber

CHAMBER = DriftChamber(1.5, (168.0, 1111.0), 56, (-830.0, 1590.0), 20)
PITCH = (1111.0 - 168.0) / 55


def track(px, py, pz, position=(0.0, 0.0, 0.0), charge=1):
    p4 = np.array([[px, py, pz, np.sqrt(px**2 + py**2 + pz**2)]])
    return np.array([position], dtype=float), p4, np.array([charge], dtype=np.int8)


@pytest.mark.parametrize("charge", [1, -1])
def test_a_stiff_track_from_the_origin_crosses_all_layers(charge):
    assert CHAMBER.crossed(*track(300.0, 400.0, 0.0, charge=charge)) == [56]


def test_a_stiff_track_leaves_through_an_end_at_the_radius_of_its_angle():
    for theta in np.radians([17.0, 20.0, 25.0, 140.0, 150.0]):
        radius = abs((1590.0 if theta < np.pi / 2 else 830.0) * np.tan(theta))
        expected = np.clip(np.floor((min(radius, 1111.0) - 168.0) / PITCH) + 1, 0, 56)
        assert CHAMBER.crossed(*track(1e4 * np.sin(theta), 0.0, 1e4 * np.cos(theta))) == [expected]


@pytest.mark.parametrize("charge", [1, -1])
def test_a_soft_track_from_the_origin_reaches_twice_its_radius(charge):
    smallest, largest = CHAMBER.reach_mm(*track(0.1, 0.0, 0.0, charge=charge))
    assert smallest == pytest.approx([0.0])
    # p = 0.3 B R: 0.1 GeV in 1.5 T is 222.4 mm.
    assert largest == pytest.approx([2 * 222.37], rel=1e-4)
    assert CHAMBER.crossed(*track(0.1, 0.0, 0.0)) == [np.floor((444.75 - 168.0) / PITCH) + 1]


def test_the_sense_of_rotation():
    """A positive charge in a field along +z turns clockwise: from (r, 0) upwards it bends to larger radii."""
    start = (500.0, 0.0, 0.0)
    radius = 0.3 * 2223.7
    smallest, largest = CHAMBER.reach_mm(*track(0.0, 0.3, 0.0, start))
    assert largest == pytest.approx([500.0 + 2 * radius], rel=1e-3)
    assert smallest == pytest.approx([500.0])
    smallest, largest = CHAMBER.reach_mm(*track(0.0, 0.3, 0.0, start, charge=-1))
    # The centre is at 500 - R = -167 mm: the start is the nearest point, the furthest is beyond the axis.
    assert smallest == pytest.approx([500.0], rel=1e-3)
    assert largest == pytest.approx([2 * radius - 500.0], rel=1e-3)


def test_a_displaced_track_misses_the_layers_inside_its_start_unless_it_moves_inwards():
    outwards = CHAMBER.crossed(*track(1e4, 0.0, 0.0, (600.0, 0.0, 0.0)))
    assert outwards == [56 - np.ceil((600.0 - 168.0) / PITCH)]
    # Through the axis and out again on the other side.
    assert CHAMBER.crossed(*track(-1e4, 0.0, 0.0, (600.0, 0.0, 0.0))) == [56]
    assert CHAMBER.crossed(*track(1e4, 0.0, 0.0, (1200.0, 0.0, 0.0))) == [0]


def test_a_track_that_leaves_before_it_goes_out_crosses_nothing():
    assert CHAMBER.crossed(*track(-1e3, 0.0, 1e4, (600.0, 0.0, 1500.0))) == [0]


def test_found_is_enough_layers():
    positions, p4, charge = (
        np.concatenate(parts)
        for parts in zip(track(0.1, 0, 0), track(5.0, 0, 0), track(5.0, 0, 0, (900.0, 0, 0)), strict=True)
    )
    assert CHAMBER.finds(positions, p4, charge).tolist() == [False, True, False]
