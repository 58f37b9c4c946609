"""Our limits against published ones: interpolation, verdicts, and the fewest events a limit can mean."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from umbra.config.published import Range, read_ranges
from umbra.config.records import BoundInRange, Masses
from umbra.config.records import Comparison as Wanted
from umbra.core.errors import UmbraError
from umbra.results.limits import LimitRow
from umbra.validation.comparison import channel_comparisons, compare
from umbra.validation.event_counts import fewest_events, implied_events
from umbra.validation.interpolation import expected_at
from umbra.validation.page import write_validation
from umbra.validation.published import Bin, Curve
from umbra.validation.quoted_ranges import channel_ranges, compare_range
from umbra.validation.verdicts import Bound

FOLDER = Path(__file__).parents[3] / "config" / "published"


def row(mass_gev, expected=None, status="converged", model=None):
    bands = [] if expected is None else [expected] * 5
    names = ("expected_minus2", "expected_minus1", "expected", "expected_plus1", "expected_plus2")
    return LimitRow(
        mass_gev=mass_gev,
        quantity="epsilon",
        method="cls",
        status=status,
        model=model,
        **dict(zip(names, bands, strict=False)),
    )


def curve(points):
    return Curve(
        name="test",
        label="Test",
        experiment="BaBar",
        arxiv="1406.2980",
        citation="BaBar, arXiv:1406.2980",
        portal="dark_photon_visible",
        quantity="epsilon",
        definition="",
        confidence="90% CL",
        confidence_level=0.9,
        luminosity="514 fb^-1",
        origin="digitised in a test",
        shape="upper_limit",
        projection=False,
        remark="",
        bins=tuple(
            Bin(
                digitised_mass_gev=mass,
                mass_gev=mass,
                limit=limit,
                limit_p16=0.9 * limit,
                limit_p84=1.1 * limit,
                points=1,
            )
            for mass, limit in points
        ),
    )


POWER_LAW = [row(mass, 2e-3 * mass**1.5) for mass in (0.5, 1.0, 3.0, 8.0)]


def test_a_power_law_is_interpolated_exactly():
    for mass in (0.5, 0.7, 2.0, 7.9, 8.0):
        limit, skipped = expected_at(POWER_LAW, mass)
        assert limit == pytest.approx(2e-3 * mass**1.5, rel=1e-12)
        assert skipped == ""


def test_above_a_point_at_zero_mass_the_logarithm_is_linear_in_mass():
    limit, _ = expected_at([row(0.0, 1e-3), row(2.0, 4e-3)], 1.0)
    assert limit == pytest.approx(2e-3, rel=1e-12)


def test_no_limit_is_invented_beyond_the_range_or_across_a_missing_point():
    rows = [*POWER_LAW, row(9.0, status="fit_failed"), row(10.0, status="excluded_window")]
    assert expected_at(rows, 0.4) == (None, "outside our range")
    assert expected_at(rows, 8.5) == (None, "no limit")
    assert expected_at(rows, 9.5) == (None, "no limit")
    assert expected_at(rows, 10.0) == (None, "vetoed")
    assert expected_at(rows[:4] + rows[5:], 9.0) == (None, "beside a vetoed point")
    assert expected_at(rows, 2.0, [(1.9, 2.1)]) == (None, "vetoed")
    assert expected_at([], 2.0) == (None, "outside our range")


def test_statistics_of_known_ratios_and_the_verdicts():
    ratios = [0.5, 0.8, 1.0, 1.25, 1.6]
    masses = [1.0, 2.0, 3.0, 4.0, 5.0]
    rows = [row(mass, 1e-3 * ratio) for mass, ratio in zip(masses, ratios, strict=True)]
    published = curve([(mass, 1e-3) for mass in masses] + [(7.0, 1e-3)])
    bounds = [
        Bound(median_dex=0.10),
        Bound(median_dex=0.09, from_gev=2.0, to_gev=5.0),
        Bound(median_dex=1.0, from_gev=20.0),
    ]
    result = compare("channel", rows, published, bounds=bounds)
    everywhere, part, nowhere = result.verdicts
    dex = np.log10(ratios)
    assert everywhere.bins == 5
    assert everywhere.median_abs_dex == pytest.approx(math.log10(1.25))
    assert everywhere.median_dex == pytest.approx(0.0, abs=1e-12)
    assert everywhere.rms_dex == pytest.approx(dex.std())
    assert everywhere.largest_abs_dex == pytest.approx(math.log10(2.0))
    assert everywhere.inside_band == 1
    assert everywhere.met
    assert part.bins == 4
    assert not part.met
    assert nowhere.bins == 0
    assert nowhere.median_abs_dex is None
    assert not nowhere.met
    assert result.skipped == {"outside our range": 1}


def test_a_published_bin_can_stand_for_another_mass():
    result = compare(
        "channel", POWER_LAW, curve([(0.1, 2e-3)]), bounds=[Bound(median_dex=0.1)], compare_at_gev={0.1: 1.0}
    )
    assert result.bins[0].mass_gev == 1.0
    assert result.bins[0].ratio == pytest.approx(1.0)


def test_limits_of_another_quantity_or_of_several_models_are_refused():
    with pytest.raises(UmbraError, match="cannot be compared with test"):
        compare(
            "channel", [row(1.0, 1.0, model="a"), row(1.0, 1.0, model="b")], curve([(1.0, 1.0)]), bounds=[]
        )
    wrong = LimitRow(mass_gev=1.0, quantity="y", method="cls", status="fit_failed")
    with pytest.raises(UmbraError, match="a limit on y"):
        compare("channel", [wrong], curve([(1.0, 1.0)]), bounds=[])


@pytest.fixture
def compared(make_channel):
    def build(*comparisons, **blocks):
        masses = Masses(segments=(), block_points=1, vetoed_gev=((2.5, 3.5),))
        return make_channel(comparisons=comparisons, masses=masses, **blocks)

    return build


BRACKETED = Wanted(
    curve="test",
    median_dex=0.1,
    ranges=(BoundInRange(from_gev=2.0, to_gev=8.0, median_dex=0.05),),
    between=("strong", "weak"),
    why="Because.",
)


def test_a_channel_is_compared_by_its_main_model_with_its_bracket(tmp_path, compared):
    tables = {"main": 1.0, "weak": 1.5, "strong": 0.7}
    rows = [
        row(mass, factor * 1e-3, model=model)
        for model, factor in tables.items()
        for mass in (1.0, 2.0, 4.0, 8.0)
    ]
    published = curve([(1.0, 1.2e-3), (3.0, 1e-3), (5.0, 2e-3)])
    (result,) = channel_comparisons(compared(BRACKETED), rows, {"test": published})
    assert [each.skipped for each in result.bins] == ["", "vetoed", ""]
    assert [each.inside_bracket for each in result.bins] == [True, False, False]
    assert result.bins[0].bracket == pytest.approx((0.7e-3, 1.5e-3))
    assert result.bounds[1] == Bound(median_dex=0.05, from_gev=2.0, to_gev=8.0)
    quoted = Range(
        name="r", experiment="BaBar", arxiv=None, citation="BaBar", portal="z_prime", quantity="epsilon",
        definition="", confidence="", luminosity="", origin="from memory", remark="Level only.",
        mass_gev=(1.0, 2.0), low=5e-4, high=None, verified=False,
    )  # fmt: skip
    write_validation(
        tmp_path,
        [result],
        [compare_range("channel", rows[:4], quoted, "main")],
        scan="default",
    )
    page = (tmp_path / "index.md").read_text()
    assert "| `channel` | BaBar, arXiv:1406.2980 | all | 2 |" in page
    assert "**missed**" in page
    assert "Why they differ: Because." in page
    assert "Published bins between the two extreme assumptions: 1 of 2." in page
    assert "1 vetoed" in page
    assert "0.0005 - ? | 0.001 - 0.001 | 2.00, - | Unverified: from memory. Level only." in page
    with (tmp_path / "bins.csv").open(newline="") as stream:
        listed = list(csv.DictReader(stream))
    assert [line["skipped"] for line in listed] == ["", "vetoed", ""]
    assert float(listed[0]["ratio"]) == pytest.approx(1.0 / 1.2)
    assert "![ratio against mass](channel__test.png)" in page
    assert (tmp_path / "verdicts.csv").read_text().splitlines()[1].endswith("no")


def test_comparisons_with_one_paper_are_told_apart(tmp_path, compared):
    pair = []
    for name in ("into electrons", "into muons"):
        one = curve([(1.0, 1.2e-3), (2.0, 1.2e-3)]).model_copy(update={"name": name, "definition": name})
        channel = compared(Wanted(curve=name, median_dex=0.1, why="Because."))
        pair += channel_comparisons(channel, POWER_LAW, {name: one})
    write_validation(tmp_path, pair, [], scan="default")
    page = (tmp_path / "index.md").read_text()
    for name in ("into electrons", "into muons"):
        assert f"| BaBar, arXiv:1406.2980, {name} | all | 2 |" in page
        assert f"## channel: Test, {name}" in page


def test_models_on_the_same_coupling_are_laid_beside_a_quoted_range(make_channel):
    quoted = read_ranges(FOLDER / "ranges.yaml")
    channel = make_channel(quoted=("aprime_dilepton__BESIII__coupling",))
    rows = [row(2.0, 1e-3, model="main"), row(3.0, 2e-3, model="main"), row(2.5, 9e-3, model="other")]
    results = channel_ranges(channel, [*rows, row(4.0, 8e-3, model="main")], quoted)
    assert [(each.model, each.low, each.high) for each in results] == [
        ("main", 1e-3, 2e-3),
        ("other", 9e-3, 9e-3),
    ]
    with pytest.raises(UmbraError, match="no range 'nowhere'"):
        channel_ranges(make_channel(quoted=("nowhere",)), rows, quoted)


def test_a_channel_without_limits_on_the_published_quantity_is_an_error(compared):
    with pytest.raises(UmbraError, match="no limit on epsilon"):
        channel_comparisons(compared(BRACKETED), [], {"test": curve([(1.0, 1e-3)])})


def test_zero_events_exclude_minus_log_of_the_rest():
    assert fewest_events(0.90) == pytest.approx(2.302585, abs=1e-6)
    assert fewest_events(0.95) == pytest.approx(2.995732, abs=1e-6)


def test_events_follow_the_coupling_squared_through_rate_luminosity_and_efficiency():
    # sigma(e+e- -> gamma a) = 0.1152 pb at g = 1e-3/GeV and 1 GeV: 51.3 events in 445/pb.
    events = implied_events(
        1e-3, power=2, cross_section_fb_at_unit_coupling=115.25e6, luminosity_fb=0.445, efficiency=1.0
    )
    assert events == pytest.approx(51.3, rel=1e-3)


def test_the_invisible_zprime_curve_read_with_neutrinos_only_would_mean_fewer_events_than_none_observed():
    # The trap that looks like success: 0.100 at 2.292 GeV, 5% efficiency, 276/pb; about 27 pb at g' = 1.
    reading = {
        "power": 2,
        "cross_section_fb_at_unit_coupling": 27.0e3,
        "luminosity_fb": 0.276,
        "efficiency": 0.05,
    }
    assert implied_events(0.100, **reading) > fewest_events(0.90)
    assert implied_events(0.100, branching_fraction=0.5, **reading) < fewest_events(0.90)
