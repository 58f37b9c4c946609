"""Summaries: each coupling finds its portal, every curve is listed, and labels keep clear of each other."""

import csv
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from umbra.config.records import Island
from umbra.core.bibliography import Paper
from umbra.core.vocabulary import COUPLINGS
from umbra.plotting.canvas import STYLE
from umbra.plotting.placing import Label, place_labels
from umbra.plotting.summary import Filled, Panel, _draw_ours, heights_range, masses_range
from umbra.plotting.union import fill_union
from umbra.results.contours import Contour
from umbra.results.limits import LimitRow
from umbra.stages.summary import portal_entries, portal_panels, write_summaries
from umbra.validation.published import load_curves

FOLDER = Path(__file__).parents[3] / "config" / "published"


def table(quantity, limits, **keys):
    return [
        LimitRow(
            mass_gev=mass,
            quantity=quantity,
            method="cls" if limit else "",
            status="converged" if limit else "fit_failed",
            expected_minus2=limit and 0.5 * limit,
            expected_minus1=limit and 0.7 * limit,
            expected=limit,
            expected_plus1=limit and 1.4 * limit,
            expected_plus2=limit and 2.0 * limit,
            **keys,
        )
        for mass, limit in limits.items()
    ]


@pytest.fixture
def four_muon(make_channel):
    return make_channel(name="four_muon", portal="z_prime")


def test_each_coupling_goes_to_its_portal_and_the_first_model_stands_for_it(four_muon):
    rows = [
        *table("g_prime", {1.0: 1e-3}, model="z"),
        *table("g_prime", {1.0: 2e-3}, model="other"),
        *table("g_s", {1.0: 3e-3}, model="s"),
        *table("yield", {1.0: 3.0}, model="z"),
    ]
    first, second = portal_entries(four_muon, rows)
    assert (first.portal, first.quantity, first.rows[0].expected) == ("z_prime", "g_prime", 1e-3)
    assert (second.portal, second.quantity) == ("scalar", "g_s")
    assert first.label.startswith("Belle II 178 fb")


def test_epsilon_belongs_to_the_portal_of_its_channel_and_planes_have_no_place(make_channel):
    channel = make_channel(portal="dark_photon_invisible")
    (entry,) = portal_entries(channel, table("epsilon", {1.0: 1e-3}, luminosity_fb=50000.0))
    assert entry.portal == "dark_photon_invisible"
    assert "50 ab" in entry.label
    assert portal_entries(channel, table("epsilon2_alpha_d", {1.0: 1e-8}, mass2_gev=2.0)) == []


def test_the_first_region_stands_for_a_channel_whose_main_limits_have_none(make_channel):
    channel = make_channel(portal="dark_higgs")
    island = Island(particle="higgs_portal_scalar", masses_gev=(0.1, 1.8))
    joint = channel.main.model_copy(update={"name": "joint", "label": "all", "island": island})
    single = joint.model_copy(update={"name": "single", "island": None})
    channel = channel.model_copy(update={"interpretations": (single, joint)})
    region = Contour(
        quantity="sin_theta",
        level="expected",
        mass_gev=(1.0, 1.5, 1.2),
        value=(1e-3, 1e-3, 1e-2),
        model="joint",
    )
    (entry,) = portal_entries(channel, [], [region])
    assert (entry.islands, entry.assumption) == ([region], "all")


def test_a_portal_lists_ours_with_gaps_and_every_published_curve_with_its_citation(tmp_path, four_muon):
    entries = portal_entries(four_muon, table("g_prime", {0.5: 1e-3, 1.0: None, 2.0: 3e-3, 4.0: 8e-3}))
    curves = load_curves(FOLDER.glob("*.yaml"))
    panels = portal_panels(entries, curves, {"four_muon": "e⁺e⁻ → μ⁺μ⁻Z"})
    assert write_summaries(tmp_path, panels) == ["z_prime"]
    assert {path.name for path in tmp_path.iterdir()} == {
        f"z_prime.{end}" for end in ("pdf", "png", "csv", "txt", "bib")
    }
    with (tmp_path / "z_prime.csv").open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    ours = [line for line in lines if line["series"] == "umbra:four_muon"]
    assert [line["value"] for line in ours] == ["0.001", "", "0.003", "0.008"]
    theirs = {line["series"] for line in lines} - {"umbra:four_muon"}
    assert theirs == {
        "published:zprime_4mu__BaBar__1606.03501",
        "published:zprime_4mu__BelleII__2403.02841",
        "published:zprime_invisible__BelleII-2018__1912.11276",
        "published:zprime_invisible__BelleII-2022__2212.03066",
        "published:zprime_tautau__BelleII__2306.12294",
    }
    assert all("arXiv:" in line["citation"] for line in lines if line["series"] in theirs)
    cited = (tmp_path / "z_prime.txt").read_text()
    assert all(series.removeprefix("published:") in cited for series in theirs)
    assert "Umbra, four_muon: " in cited
    assert "(g-2)_mu of 2021: B. Abi et al." in cited
    assert "@misc{arXiv:2403.02841," in (tmp_path / "z_prime.bib").read_text()


def test_projections_of_the_first_model_are_shown_with_their_luminosity(make_channel):
    channel = make_channel()
    main = channel.main.model_copy(update={"name": "now"})
    later = [
        main.model_copy(update={"name": name, "kind": "projection", "of": "now", "luminosity_fb": fb})
        for name, fb in (("far", 5e4), ("soon", 1e3))
    ]
    bracket = main.model_copy(update={"name": "bracket", "kind": "assumption", "of": "now"})
    channel = channel.model_copy(update={"interpretations": (main, *later, bracket)})
    rows = [
        *table("g_prime", {1.0: 1e-3}, model="now", luminosity_fb=178.0),
        *table("g_prime", {1.0: 1e-4}, model="far", luminosity_fb=5e4),
        *table("g_prime", {1.0: 5e-4}, model="soon", luminosity_fb=1e3),
        *table("g_prime", {1.0: 2e-3}, model="bracket", luminosity_fb=178.0),
    ]
    (entry,) = portal_entries(channel, rows)
    assert [(fb, rows[0].expected) for fb, rows in entry.projections] == [(1e3, 5e-4), (5e4, 1e-4)]


def test_walls_and_masses_far_beyond_ours_do_not_set_the_ranges(four_muon):
    (entry,) = portal_entries(four_muon, table("g_prime", {0.5: 1e-3, 1.0: 2e-3, 2.0: 3e-3, 9.0: 90.0}))
    ours = Filled(name="ours", label="", title="", rows=entry.rows, paper=entry.paper)
    curve = load_curves([FOLDER / "aprime_visible__LHCb-prompt-mumu__1710.02867.yaml"]).popitem()[1]
    panel = Panel(quantity="g_prime", filled=[ours], published=[curve])
    assert masses_range(panel)[1] == pytest.approx(18.0)
    assert max(each.mass_gev for each in curve.bins) > 18.0
    low, high = heights_range(panel)
    assert low < 1e-3
    assert high == pytest.approx(10.0 * max(2.5e-3, np.median([each.limit for each in curve.bins])))


def test_overlapping_regions_are_filled_once():
    """Two squares that share a quarter: one path, which winds twice around the shared part and has one colour."""
    figure = Figure()
    axes = figure.add_subplot(xlim=(0.0, 3.0), ylim=(0.0, 3.0))
    square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
    fill_union(axes, [square, square + 1.0], facecolor=(0.0, 0.0, 0.0, 0.5))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())
    shades = [
        int(pixels[pixels.shape[0] - 1 - round(y), round(x), 0])
        for x, y in axes.transData.transform([(0.5, 0.5), (1.5, 1.5), (2.5, 2.5), (2.5, 0.5)])
    ]
    assert shades == [shades[0]] * 3 + [255]
    assert shades[0] < 200


def test_a_portal_that_is_asked_for_gets_its_figure_even_without_a_limit_of_ours(tmp_path):
    curves = load_curves(FOLDER.glob("*.yaml"))
    drawn = write_summaries(tmp_path, portal_panels([], curves, {}, ["z_prime", "lepton_flavour"]))
    assert drawn == ["z_prime", "lepton_flavour"]
    for portal in drawn:
        theirs = [
            curve for curve in curves.values() if curve.portal == portal and curve.quantity in COUPLINGS
        ]
        lines = (tmp_path / f"{portal}.csv").read_text().splitlines()
        assert len(lines) == 1 + sum(len(curve.bins) for curve in theirs)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_labels_do_not_cover_each_other_and_stay_beside_their_curves(scale):
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9.0, 7.0))
        axes = figure.add_subplot(xscale=scale, yscale=scale, xlim=(1.0, 10.0), ylim=(1.0, 10.0))
        x = np.linspace(1.5, 9.5, 30)
        heights = (2.0, 2.2, 2.4, 7.0, 20.0)
        place_labels(
            figure,
            axes,
            [
                Label(text=f"curve {height:g}", x=x, y=np.full_like(x, height), color="black")
                for height in heights
            ],
        )
        renderer = FigureCanvasAgg(figure).get_renderer()
        boxes = {text.get_text(): text.get_window_extent(renderer) for text in axes.texts}
    assert sorted(boxes) == ["curve 2", "curve 2.2", "curve 2.4", "curve 7"]
    assert not any(first.overlaps(second) for first, second in combinations(boxes.values(), 2))
    frame = axes.get_window_extent(renderer)
    for name, box in boxes.items():
        assert frame.x0 <= box.x0 <= box.x1 <= frame.x1
        curve = axes.transData.transform((5.0, float(name.split()[1])))[1]
        assert abs(0.5 * (box.y0 + box.y1) - curve) < 1.5 * box.height


def test_a_projection_is_dashed_and_not_called_excluded():
    search = Filled(
        name="s",
        label="S",
        title="s",
        rows=table("epsilon", {0.5: 1e-3, 1.0: 1e-3, 2.0: None, 3.0: 1e-3, 4.0: 2e-3}),
        paper=Paper("S"),
    )
    future = replace(search, name="f", label="F", title="f", projected=True)
    axes = Figure().add_subplot()
    labels = _draw_ours(axes, [future])
    assert not axes.patches
    assert {line.get_linestyle() for line in axes.lines} == {"--"}
    assert [label.text for label in labels] == ["F"]

    _draw_ours(axes, [search, future])
    (patch,) = axes.patches
    assert patch.get_label().startswith("excluded")
    assert {line.get_linestyle() for line in axes.lines[2:4]} == {"-"}
