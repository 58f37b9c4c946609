"""Planes of two masses and islands: every point is listed, and what cannot be drawn is refused."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from umbra.core.errors import UmbraError
from umbra.plotting.islands import open_outline, plot_islands
from umbra.plotting.labels import Labels
from umbra.plotting.plane import draw_cells, plot_plane
from umbra.results.contours import Contour
from umbra.results.limits import LimitRow

LABELS = Labels(
    experiment="Belle II",
    process="p",
    mass_axis="$m$ [GeV]",
    sqrt_s_gev=(10.58,),
    luminosity_fb=8.34,
    confidence_level=0.9,
    backgrounds={},
)


def row(mass_gev, mass2_gev, limit):
    if limit is None:
        return LimitRow(
            mass_gev=mass_gev,
            mass2_gev=mass2_gev,
            quantity="epsilon2_alpha_d",
            method="",
            status="fit_failed",
        )
    return LimitRow(
        mass_gev=mass_gev,
        mass2_gev=mass2_gev,
        quantity="epsilon2_alpha_d",
        expected_minus2=limit,
        expected_minus1=limit,
        expected=limit,
        expected_plus1=limit,
        expected_plus2=limit,
        method="bayesian",
        status="converged",
    )


def numbers(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("limits", [(1e-8, 2e-8, None), (None, None, None)])
def test_each_window_of_the_plane_is_listed(tmp_path, limits):
    rows = [row(4.0 + number, 1.0, limit) for number, limit in enumerate(limits)]
    plot_plane(tmp_path / "plane", rows, "epsilon2_alpha_d", LABELS, mass2_axis="$m_2$ [GeV]")
    listed = numbers(tmp_path / "plane.csv")
    assert [line["expected"] for line in listed] == ["" if limit is None else repr(limit) for limit in limits]
    assert listed[2]["status"] == "fit_failed"


def test_limits_on_one_mass_are_no_plane(tmp_path):
    with pytest.raises(UmbraError, match="for two masses"):
        plot_plane(tmp_path / "plane", [row(1.0, None, 1.0)], "epsilon2_alpha_d", LABELS, mass2_axis="")


def contour(level="expected", **more):
    return Contour(
        quantity="sin_theta", level=level, mass_gev=(1.0, 2.0, 1.5), value=(1e-4, 1e-4, 5e-4), **more
    )


@pytest.mark.parametrize(
    "contours",
    [
        [contour(), contour("expected_minus1"), contour("expected_plus2"), contour("observed")],
        [contour(lifetime_mm=0.0), contour(lifetime_mm=10.0)],
        [],
    ],
)
def test_islands_list_their_points(tmp_path, contours):
    plot_islands(tmp_path / "islands", contours, "sin_theta", LABELS)
    listed = numbers(tmp_path / "islands.csv")
    assert len(listed) == 3 * len(contours)
    assert [line["level"] for line in listed[::3]] == [each.level for each in contours]


def test_an_outline_is_open_where_the_scan_ends_in_mass_or_coupling():
    corners = [
        (1.0, 1e-4),
        (2.0, 5e-5),
        (3.0, 8e-5),
        (3.0000000000000004, 0.5),
        (2.5, 1.0),
        (1.5, 1.0),
        (1.0, 0.3),
    ]
    masses, values = zip(*corners, strict=True)
    region = replace(contour(), mass_gev=masses, value=values)
    lower, upper, left = corners[:3], corners[3:5], corners[5:]
    assert open_outline(region) == [lower, upper, left]
    # Wherever the list of its points begins.
    for start in range(len(corners)):
        turned = corners[start:] + corners[:start]
        masses, values = zip(*turned, strict=True)
        parts = open_outline(replace(region, mass_gev=masses, value=values))
        assert sorted(parts) == sorted([lower, upper, left])


def test_an_edge_that_does_not_depend_on_the_mass_is_drawn():
    region = replace(contour(), mass_gev=(1.0, 2.0, 2.5, 1.5), value=(1e-4, 1e-4, 3e-4, 5e-4))
    (part,) = open_outline(region)
    assert len(part) == 5


def test_an_outline_inside_of_the_scan_is_closed():
    region = replace(contour(), mass_gev=(1.0, 2.0, 1.5), value=(1e-4, 2e-4, 5e-4))
    (part,) = open_outline(region)
    assert part == [(1.0, 1e-4), (2.0, 2e-4), (1.5, 5e-4), (1.0, 1e-4)]


@pytest.mark.parametrize("highest", [0.0, 5.0])
def test_windows_without_background_have_the_lowest_colour(highest):
    figure = Figure()
    axes = figure.add_subplot()
    draw_cells(figure, axes, [(1.0, 1.0, 0.0), (2.0, 1.0, highest)], "events", floor=0.01)
    (drawn,) = (each for each in axes.collections if isinstance(each, QuadMesh))
    colours = drawn.norm(np.array([0.0, 0.01, highest]))
    assert colours[0] == colours[1] == 0.0
    assert colours[2] == (1.0 if highest else 0.0)
