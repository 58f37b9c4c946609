"""Exclusion plots: what is drawn is listed, gaps stay gaps, the same numbers give the same bytes."""

import csv
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from umbra.config.records import PublishedData
from umbra.core.errors import UmbraError
from umbra.plotting.canvas import STYLE, legend
from umbra.plotting.exclusion import excluded_windows, method_text, plot_limits, runs
from umbra.plotting.labels import Labels, luminosity_text
from umbra.plotting.mass_axis import fit_limit_axis, mass_range, parted
from umbra.plotting.published import Overlay
from umbra.results.limits import LimitRow
from umbra.validation.published import load_curve

ROOT = Path(__file__).parents[3]
LABELS = Labels(
    experiment="Belle II",
    process=r"$e^+e^-\to\gamma a$",
    mass_axis="$m_a$ [GeV]",
    sqrt_s_gev=(10.58,),
    luminosity_fb=0.445,
    confidence_level=0.95,
    backgrounds={r"$\gamma\gamma\gamma$": "matrix_element"},
)


def row(mass_gev, limit=None, status="converged", **more):
    if status != "converged":
        return LimitRow(mass_gev=mass_gev, quantity="g_agammagamma_per_gev", method="", status=status, **more)
    return LimitRow(
        mass_gev=mass_gev,
        quantity="g_agammagamma_per_gev",
        expected_minus2=0.5 * limit,
        expected_minus1=0.7 * limit,
        expected=limit,
        expected_plus1=1.4 * limit,
        expected_plus2=1.9 * limit,
        method="cls asymptotic",
        status=status,
        **more,
    )


TABLE = [
    row(0.5, 1e-3),
    row(1.0, 1.1e-3),
    row(2.0, status="fit_failed"),
    row(3.0, 2e-3),
    row(4.0, status="excluded_window"),
    row(5.0, 3e-3),
]
CURVE = ROOT / "config/published/alp_gammagamma__BelleII__2007.13071.yaml"


def numbers(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_plotted_numbers_are_listed_and_missing_points_are_listed_as_missing(tmp_path):
    plot_limits(
        tmp_path / "exclusion",
        TABLE,
        "g_agammagamma_per_gev",
        LABELS,
        published=[Overlay(curve=load_curve(CURVE))],
    )
    assert {path.name for path in tmp_path.iterdir()} == {f"exclusion.{end}" for end in ("pdf", "png", "csv")}
    listed = numbers(tmp_path / "exclusion.csv")
    expected = {
        float(line["mass_gev"]): float(line["value"]) for line in listed if line["series"] == "expected"
    }
    assert expected == {0.5: 1e-3, 1.0: 1.1e-3, 3.0: 2e-3, 5.0: 3e-3}
    assert [line["mass_gev"] for line in listed if line["series"] == "fit_failed"] == ["2.0"]
    assert [line["mass_gev"] for line in listed if line["series"] == "excluded_window"] == ["4.0"]
    assert sum(line["series"] == f"published:{CURVE.stem}" for line in listed) == 20
    assert not any(line["series"] in ("observed", "pseudo-data") for line in listed)


def test_the_files_hold_the_same_bytes_in_another_process(tmp_path):
    script = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "import test_exclusion as t\n"
        "t.plot_limits(sys.argv[1], t.TABLE, 'g_agammagamma_per_gev', t.LABELS)\n"
    )
    contents = []
    for seed in ("1", "2"):
        stem = tmp_path / seed / "exclusion"
        subprocess.run(
            [sys.executable, "-c", script, stem, Path(__file__).parent, ROOT / "workflow/scripts"],
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": f"UTC+{seed}"},
        )
        contents.append({path.suffix: path.read_bytes() for path in stem.parent.iterdir()})
    assert contents[0] == contents[1]
    assert b"CreationDate" not in contents[0][".pdf"]


def test_no_global_state_is_left_behind(tmp_path):
    before = dict(matplotlib.rcParams)
    plot_limits(tmp_path / "exclusion", TABLE, "g_agammagamma_per_gev", LABELS)
    assert dict(matplotlib.rcParams) == before


def test_bands_are_cut_where_a_point_is_missing():
    assert [[each.mass_gev for each in run] for run in runs(TABLE)] == [[0.5, 1.0], [3.0], [5.0]]
    parts = [[each.mass_gev for each in run] for run in runs(TABLE[:2], [(0.6, 0.7)])]
    assert parts == [[0.5], [1.0]]
    assert len(runs(TABLE[:2], [(0.1, 0.2), (1.0, 1.1)])) == 1
    assert excluded_windows(TABLE) == [(3.5, 4.5)]
    assert excluded_windows([TABLE[4]]) == [(4.0, 4.0)]


def test_observed_limits_are_called_pseudo_data_where_they_are_toys(tmp_path):
    rows = [replace(each, observed=each.expected) for each in TABLE]
    toy = replace(LABELS, data="toy", seed=3)
    plot_limits(tmp_path / "toy", rows, "g_agammagamma_per_gev", toy)
    series = {line["series"] for line in numbers(tmp_path / "toy.csv")}
    assert "pseudo-data" in series
    assert "observed" not in series
    assert toy.data_text == "pseudo-data (toy, seed 3)"


def test_other_models_are_drawn_beside_the_main_one(tmp_path):
    rows = [replace(each, model="main") for each in TABLE] + [
        row(1.0, 5e-3, model="other"),
        row(3.0, 6e-3, model="other"),
    ]
    plot_limits(tmp_path / "models", rows, "g_agammagamma_per_gev", LABELS)
    others = [line for line in numbers(tmp_path / "models.csv") if line["series"] == "expected:other"]
    assert [float(line["value"]) for line in others] == [5e-3, 6e-3]


def test_a_limit_at_zero_mass_is_drawn_on_a_logarithmic_axis(tmp_path):
    low, high = mass_range([0.0, 1.0, 8.0], "log")
    assert 0.0 < low < 1.0
    assert high > 8.0
    plot_limits(tmp_path / "zero", [row(0.0, 1e-3), row(1.0, 1e-3)], "g_agammagamma_per_gev", LABELS)
    assert numbers(tmp_path / "zero.csv")[0]["mass_gev"] == "0.0"


def test_a_table_without_any_limit_still_gives_a_plot_that_says_so(tmp_path):
    rows = [row(mass, status="no_sensitivity") for mass in (1.0, 2.0)]
    plot_limits(tmp_path / "none", rows, "g_agammagamma_per_gev", LABELS)
    assert [line["series"] for line in numbers(tmp_path / "none.csv")] == ["no_sensitivity"] * 2


def test_the_limit_axis_holds_all_points_that_can_be():
    with matplotlib.rc_context(STYLE):
        axes = Figure().add_subplot()
    axes.set_yscale("log")
    axes.set_xlim(0.0, 10.0)
    masses = np.linspace(0.1, 9.9, 50)
    limits = 1e-3 * np.exp(0.4 * masses)
    points = list(zip(masses, limits, strict=True))
    fit_limit_axis(axes, points)
    bottom, top = axes.get_ylim()
    assert 0.5 * limits.min() < bottom < limits.min()
    assert limits.max() < top < 2.0 * limits.max()
    fit_limit_axis(axes, points, largest=1e-2)
    assert axes.get_ylim() == pytest.approx((bottom, 1e-2), rel=0.2)
    fit_limit_axis(axes, points, largest=1e-4)
    low, high = axes.get_ylim()
    assert (low < high, high) == (True, pytest.approx(1e-4))


def test_no_legend_lies_on_the_axes():
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9.0, 7.0))
        axes = figure.add_subplot()
        axes.plot([1.0, 2.0], [1.0, 2.0], label="a limit that everybody knows")
        legend(axes, "a title")
        renderer = FigureCanvasAgg(figure).get_renderer()
        box = axes.get_legend().get_window_extent(renderer)
        assert not box.overlaps(axes.get_window_extent(renderer))


def test_what_its_authors_expected_is_drawn_beside_a_published_limit(tmp_path):
    curve = load_curve(ROOT / "config/published/zprime_4mu__BelleII__2403.02841.yaml")
    rows = [replace(each, quantity="g_prime") for each in TABLE]
    plot_limits(tmp_path / "x", rows, "g_prime", LABELS, published=[Overlay(curve=curve)])
    listed = [line for line in numbers(tmp_path / "x.csv") if line["series"].endswith(":expected")]
    assert [float(line["value"]) for line in listed] == [each.expected for each in curve.bins]


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("cls_asymptotic", r"CL$_{\mathrm{s}}$, asymptotic"),
        ("feldman_cousins_exact", "Feldman-Cousins, exact"),
        ("bayesian_exact_marginalised", "Bayesian, exact marginalised"),
        ("something_new", "something new"),
    ],
)
def test_methods_are_said_in_words(method, words):
    rows = [replace(each, method=method) for each in TABLE[:2]]
    assert method_text(rows) == f"Method (points): {words} (2)"


def test_what_cannot_be_drawn_is_refused(tmp_path):
    with pytest.raises(UmbraError, match="no limit on epsilon"):
        plot_limits(tmp_path / "x", TABLE, "epsilon", LABELS)
    with pytest.raises(UmbraError, match="two masses"):
        plot_limits(tmp_path / "x", [row(1.0, 1.0, mass2_gev=2.0)], "g_agammagamma_per_gev", LABELS)
    wrong = load_curve(ROOT / "config/published/alp_gammagamma_xsec__BelleII__2007.13071.yaml")
    with pytest.raises(UmbraError, match="cross_section_fb, not g_agammagamma_per_gev"):
        plot_limits(tmp_path / "x", TABLE, "g_agammagamma_per_gev", LABELS, published=[Overlay(curve=wrong)])
    with pytest.raises(UmbraError, match="'guess' is not one of"):
        replace(LABELS, backgrounds={"qq": "guess"})
    with pytest.raises(UmbraError, match="seed None"):
        replace(LABELS, data="toy")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("luminosity_fb", "text"), [(0.445, "445 pb"), (20.0, "20 fb"), (50000.0, "50 ab"), (1.93, "1.93 fb")]
)
def test_luminosities_are_told_in_the_unit_that_reads_best(luminosity_fb, text):
    assert luminosity_text(luminosity_fb).startswith(text + "$^")


def test_observed_limits_from_published_data_are_called_so_and_those_of_others_are_not(tmp_path):
    data = PublishedData(table="t", form="counts", citation="Somebody, arXiv:0000.00000")
    labels = replace(LABELS, published={"paper": data})
    table = [row(m, 1e-3, observed=2e-3, model="paper") for m in (1.0, 2.0)]
    plot_limits(tmp_path / "a", table, "g_agammagamma_per_gev", labels)
    assert {"observed, published counts"} <= {line["series"] for line in numbers(tmp_path / "a.csv")}
    assert labels.of("paper").data_text == "published counts of Somebody, arXiv:0000.00000"
    assert labels.of("paper").background_text == "Backgrounds and efficiency: as published"
    own_efficiency = replace(labels, published_efficiency=False)
    assert own_efficiency.of("paper").background_text == "Backgrounds: as published"
    assert labels.of("own") is labels
    plot_limits(
        tmp_path / "b", [replace(each, model="own") for each in table], "g_agammagamma_per_gev", labels
    )
    assert "observed" in {line["series"] for line in numbers(tmp_path / "b.csv")}


@dataclass(frozen=True)
class At:
    """A point of a curve."""

    mass_gev: float


@pytest.mark.parametrize(
    ("masses", "parts"),
    [
        ([0.8, 0.9, 1.0, 1.1], [[0.8, 0.9], [1.0, 1.1]]),  # the edges of the window belong to the search
        ([0.8, 0.95, 1.1], [[0.8], [0.95], [1.1]]),  # a published bin inside of it stands alone
        ([1.1, 0.8], [[1.1], [0.8]]),
        ([0.7, 0.8], [[0.7, 0.8]]),
    ],
)
def test_no_line_goes_through_a_vetoed_window(masses, parts):
    cut = parted([At(mass) for mass in masses], [(0.9, 1.0)])
    assert [[point.mass_gev for point in part] for part in cut] == parts
