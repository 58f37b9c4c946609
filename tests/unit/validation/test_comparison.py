"""Our limits against published ones: interpolation, verdicts, and the fewest events a limit can mean."""

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from umbra.config.published import Range, read_ranges
from umbra.config.records import Bound, Masses
from umbra.config.records import Comparison as Wanted
from umbra.core.errors import UmbraError
from umbra.results.contours import Contour
from umbra.results.limits import LimitRow
from umbra.validation.comparison import channel_comparisons, compare
from umbra.validation.event_counts import fewest_events, implied_events
from umbra.validation.interpolation import limit_at, limit_of_bin
from umbra.validation.page import write_validation
from umbra.validation.published import Bin, Curve
from umbra.validation.quoted_ranges import channel_ranges, compare_range, lower_edge
from umbra.validation.shortfalls import sentence, shortfalls
from umbra.validation.verdicts import Outcome

FOLDER = Path(__file__).parents[3] / "config" / "published"


def row(mass_gev, expected=None, status="converged", model=None):
    """Limits whose band of one standard deviation is 0.2 dex wide."""
    bands = [] if expected is None else [expected * 10**shift for shift in (-0.2, -0.1, 0.0, 0.1, 0.2)]
    names = ("expected_minus2", "expected_minus1", "expected", "expected_plus1", "expected_plus2")
    return LimitRow(
        mass_gev=mass_gev,
        quantity="epsilon",
        method="cls",
        status=status,
        model=model,
        **dict(zip(names, bands, strict=False)),
    )


def bound(median_dex=0.1, gev=None, bias_dex=None, worst_dex=None, shape_dex=None):
    return Bound(
        median_dex=median_dex,
        bias_dex=bias_dex or median_dex,
        worst_dex=worst_dex or 10.0 * median_dex,
        shape_dex=shape_dex,
        gev=gev,
    )


def curve(points, expected=None):
    """A published curve, observed at `points`; with expected limits that many times as large, bands 0.4 dex wide."""
    shifts = (-0.4, -0.2, 0.0, 0.2, 0.4)
    names = ("expected_minus2", "expected_minus1", "expected", "expected_plus1", "expected_plus2")
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
                **(
                    {name: expected * limit * 10**shift for name, shift in zip(names, shifts, strict=True)}
                    if expected
                    else {}
                ),
            )
            for mass, limit in points
        ),
    )


POWER_LAW = [row(mass, 2e-3 * mass**1.5) for mass in (0.5, 1.0, 3.0, 8.0)]


def test_a_power_law_is_interpolated_exactly():
    for mass in (0.5, 0.7, 2.0, 7.9, 8.0):
        found, skipped = limit_at(POWER_LAW, mass)
        assert found.value == pytest.approx(2e-3 * mass**1.5, rel=1e-12)
        assert found.width_dex == pytest.approx(0.2)
        assert skipped == ""


def test_above_a_point_at_zero_mass_the_logarithm_is_linear_in_mass():
    found, _ = limit_at([row(0.0, 1e-3), row(2.0, 4e-3)], 1.0)
    assert found.value == pytest.approx(2e-3, rel=1e-12)


def test_no_limit_is_invented_beyond_the_range_or_across_a_missing_point():
    rows = [*POWER_LAW, row(9.0, status="fit_failed"), row(10.0, status="excluded_window")]
    assert limit_at(rows, 0.4) == (None, "outside our range")
    assert limit_at(rows, 8.5) == (None, "no limit")
    assert limit_at(rows, 9.5) == (None, "no limit")
    assert limit_at(rows, 10.0) == (None, "vetoed")
    assert limit_at(rows[:4] + rows[5:], 9.0) == (None, "beside a vetoed point")
    assert limit_at(rows, 2.0, [(1.9, 2.1)]) == (None, "vetoed")
    assert limit_at([], 2.0) == (None, "outside our range")


def test_statistics_of_known_ratios_and_the_verdicts():
    ratios = [0.5, 0.8, 1.0, 1.25, 1.6]
    masses = [1.0, 2.0, 3.0, 4.0, 5.0]
    rows = [row(mass, 1e-3 * ratio) for mass, ratio in zip(masses, ratios, strict=True)]
    published = curve([(mass, 1e-3) for mass in masses] + [(7.0, 1e-3)])
    bounds = [bound(0.10), bound(0.09, gev=(2.0, 5.0)), bound(1.0, gev=(20.0, 30.0))]
    result = compare("channel", rows, published, bounds=bounds)
    everywhere, part, nowhere = result.verdicts
    dex = np.log10(ratios)
    assert (everywhere.bins, everywhere.skipped) == (5, 1)
    assert everywhere.median_abs_dex == pytest.approx(math.log10(1.25))
    assert everywhere.bias_dex == pytest.approx(0.0, abs=1e-12)
    assert everywhere.rms_dex == pytest.approx(dex.std())
    assert (everywhere.worst_dex, everywhere.worst_at_gev) == (pytest.approx(math.log10(0.5)), 1.0)
    assert everywhere.slope_dex_per_decade == pytest.approx(np.polyfit(np.log10(masses), dex, 1)[0])
    assert everywhere.inside_band == 1
    assert everywhere.band_ratio is None
    assert everywhere.outcome is Outcome.MET
    assert part.bins == 4
    assert part.outcome is Outcome.MISSED
    assert part.excess_dex == {"median": pytest.approx(math.log10(1.25) - 0.09)}
    assert nowhere.bins == 0
    assert nowhere.median_abs_dex is None
    assert nowhere.outcome is Outcome.NOT_VALIDATED
    assert result.skipped == {"outside our range": 1}


def test_a_bias_or_one_bad_bin_misses_although_the_median_does_not():
    """All a little too strong, and one bin out of eleven off by half a decade."""
    masses = [float(mass) for mass in range(1, 12)]
    published = curve([(mass, 1e-3) for mass in masses])
    dex = dict.fromkeys(masses, -0.06) | {11.0: 0.5}
    rows = [row(mass, 1e-3 * 10**shift) for mass, shift in dex.items()]
    for given, missed in (
        (bound(0.1), {}),
        (bound(0.1, bias_dex=0.05), {"bias": 0.01}),
        (bound(0.1, worst_dex=0.3), {"worst bin": 0.2}),
    ):
        (verdict,) = compare("channel", rows, published, bounds=[given]).verdicts
        assert verdict.excess_dex == pytest.approx(missed)
        assert verdict.outcome == ("missed" if missed else "met")
        assert verdict.bias_dex == pytest.approx(-0.06)


def test_the_shape_is_held_without_the_level():
    """Two thirds too strong everywhere, with a scatter of 0.1 dex about that."""
    published = curve([(mass, 1e-3) for mass in (1.0, 2.0, 4.0, 8.0)])
    rows = [row(mass, 1e-3 * 10**dex) for mass, dex in ((1.0, -0.3), (2.0, -0.5), (4.0, -0.3), (8.0, -0.5))]
    for shape, missed in ((None, {}), (0.11, {}), (0.07, {"shape": 0.03})):
        (verdict,) = compare("channel", rows, published, bounds=[bound(0.5, shape_dex=shape)]).verdicts
        assert verdict.rms_dex == pytest.approx(0.1)
        assert verdict.excess_dex == pytest.approx(missed)


def test_expected_limits_and_bands_are_compared_where_they_are_published():
    published = curve([(1.0, 1e-3), (2.0, 1e-3), (4.0, 1e-3)], expected=2.0)
    result = compare("channel", [row(1.0, 2e-3), row(4.0, 2e-3)], published, bounds=[bound()])
    (verdict,) = result.verdicts
    assert result.theirs == "expected"
    assert verdict.worst_dex == pytest.approx(0.0, abs=1e-12)
    assert verdict.band_ratio == pytest.approx(0.5)
    assert verdict.inside_band == 3


def test_observed_limits_of_ours_are_compared_with_observed_ones():
    published = curve([(1.0, 1e-3), (2.0, 1e-3)], expected=2.0)
    rows = [replace(row(mass, 5e-3), observed=3e-3) for mass in (1.0, 2.0)]
    result = compare("channel", rows, published, bounds=[bound()], kind="observed")
    assert (result.theirs, result.figure) == ("observed", "channel__test__observed")
    (verdict,) = result.verdicts
    assert verdict.bias_dex == pytest.approx(math.log10(3.0))
    assert verdict.band_ratio is None
    blind = compare("channel", [row(1.0, 5e-3), row(2.0, 5e-3)], published, bounds=[bound()], kind="observed")
    assert blind.skipped == {"no limit": 2}


def test_a_projection_is_what_is_expected():
    projected = curve([(1.0, 1e-3)]).model_copy(update={"projection": True})
    result = compare("channel", [row(1.0, 2e-3)], projected, bounds=[bound()])
    assert result.theirs == "expected"
    assert result.verdicts[0].bias_dex == pytest.approx(math.log10(2.0))
    assert (result.verdicts[0].band_ratio, result.verdicts[0].inside_band) == (None, 0)


def test_a_slope_is_per_decade_and_needs_three_masses():
    published = curve([(mass, 1e-3) for mass in (0.1, 1.0, 10.0)])
    rows = [row(mass, 1e-3 * mass**0.3) for mass in (0.1, 1.0, 10.0)]
    low, all_of_it = compare("channel", rows, published, bounds=[bound(gev=(0.1, 1.0)), bound()]).verdicts
    assert low.slope_dex_per_decade is None
    assert all_of_it.slope_dex_per_decade == pytest.approx(0.3)


@pytest.mark.parametrize(("width", "outcome"), [(0.49, "met"), (0.51, "not validated")])
def test_between_assumptions_that_are_far_apart_nothing_is_validated(width, outcome):
    """One bin with a wide bracket is enough."""
    published = curve([(1.0, 1e-3), (2.0, 1e-3), (4.0, 1e-3)])
    rows = [row(mass, 1e-3) for mass in (1.0, 2.0, 4.0)]
    weak = [row(1.0, 1.1e-3), row(2.0, 1.1e-3), row(4.0, 1e-3 * 10**width)]
    (verdict,) = compare("channel", rows, published, bounds=[bound()], bracket=(rows, weak)).verdicts
    assert verdict.bracket_dex == pytest.approx(width)
    assert verdict.outcome == outcome


def test_a_published_bin_can_stand_for_another_mass():
    result = compare(
        "channel", POWER_LAW, curve([(0.1, 2e-3)]), bounds=[bound(0.1)], compare_at_gev={0.1: 1.0}
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
    bounds=(bound(0.1, bias_dex=0.05), bound(0.05, gev=(2.0, 8.0), worst_dex=0.1, shape_dex=0.2)),
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
        from_memory={"channel": ("fit: background_degree", "masses: grid"), "other": ()},
        precision={"channel": "Cross-sections known badly.", "other": ""},
    )
    page = (tmp_path / "index.md").read_text()
    assert "Verdicts: 0 met, 2 missed, 0 not validated." in page
    start = "| `channel` | BaBar, arXiv:1406.2980 | expected / observed `epsilon` |"
    every = f"{start} all | 2 of 3 | 0.190 | -0.190 | -0.301 at 5 GeV |  | 0.111 |  | 0.331 | 0.1, 0.05, 1 |"
    assert f"{every} **missed**: median by 0.090, bias by 0.140 |" in page
    part = f"{start} 2 - 8 | 1 of 2 | 0.301 | -0.301 | -0.301 at 5 GeV |  | 0.000 |  | 0.331 | 0.05, 0.05, 0.1, 0.2 |"
    assert f"{part} **missed**: median by 0.251, bias by 0.251, worst bin by 0.201 |" in page
    assert "Why they differ: Because." in page
    assert "| `channel` | 2 | `fit: background_degree`; `masses: grid` |" in page
    assert "`other`" not in page
    assert "Published bins between the two extreme assumptions: 1 of 2." in page
    assert "1 vetoed" in page
    assert "* `channel`: Cross-sections known badly." in page
    assert "0.0005 - ? | 0.001 - 0.001 | 2.00, - | Unverified: from memory. Level only." in page
    with (tmp_path / "bins.csv").open(newline="") as stream:
        listed = list(csv.DictReader(stream))
    assert [line["skipped"] for line in listed] == ["", "vetoed", ""]
    assert float(listed[0]["ratio"]) == pytest.approx(1.0 / 1.2)
    assert "![ratio against mass](channel__test.png)" in page
    assert (tmp_path / "verdicts.csv").read_text().splitlines()[1].endswith(",missed")


def test_comparisons_with_one_paper_are_told_apart(tmp_path, compared):
    pair = []
    for name in ("into electrons", "into muons"):
        one = curve([(1.0, 1.2e-3), (2.0, 1.2e-3)]).model_copy(update={"name": name, "definition": name})
        channel = compared(Wanted(curve=name, bounds=(bound(),), why="Because."))
        pair += channel_comparisons(channel, POWER_LAW, {name: one})
    write_validation(tmp_path, pair, [], scan="default", precision={"channel": ""})
    page = (tmp_path / "index.md").read_text()
    assert "All are known as well as was asked for." in page
    for name in ("into electrons", "into muons"):
        assert f"| BaBar, arXiv:1406.2980, {name} | expected / observed `epsilon` | all | 2 of 2 |" in page
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


def test_the_lower_edge_of_a_region_is_laid_beside_a_quoted_range(make_channel):
    """A wedge from 1 to 4 GeV: its lower edge rises as the mass, its upper one falls as the inverse."""
    quoted = read_ranges(FOLDER / "ranges.yaml")
    channel = make_channel(quoted=("idm__BelleII-projection__coupling",))
    region = Contour(
        quantity="epsilon",
        level="expected",
        mass_gev=(1.0, 4.0, 1.0),
        value=(1e-4, 4e-4, 1.6e-3),
        model="main",
    )
    for mass, value in lower_edge(region):
        assert value == pytest.approx(1e-4 * mass)
    other = replace(region, level="expected_plus1")
    (found,) = channel_ranges(channel, [], quoted, [region, other])
    assert found.model == "main"
    assert found.low == pytest.approx(1e-4, rel=0.02)
    assert found.high == pytest.approx(4e-4, rel=0.02)


def test_a_channel_without_limits_on_the_published_quantity_is_an_error(compared):
    with pytest.raises(UmbraError, match="no limit on epsilon"):
        channel_comparisons(compared(BRACKETED), [], {"test": curve([(1.0, 1e-3)])})


def test_a_wide_bracket_hides_no_bound_that_is_missed(tmp_path):
    published = curve([(1.0, 1e-3)])
    strong, weak = [row(1.0, 2e-3)], [row(1.0, 9e-3)]
    result = compare("channel", strong, published, bounds=[bound(0.1, worst_dex=0.4)], bracket=(strong, weak))
    write_validation(tmp_path, [result], [], scan="default", precision={})
    assert (
        "**not validated**: wide bracket, median by 0.201, bias by 0.201 |"
        in (tmp_path / "index.md").read_text()
    )


def test_a_figure_says_which_bounds_its_limits_miss_and_nothing_where_all_are_met(compared):
    tables = {"main": 1.0, "weak": 1.5, "strong": 0.7}
    rows = [row(mass, f * 1e-3, model=model) for model, f in tables.items() for mass in (1.0, 2.0, 4.0, 8.0)]
    published = curve([(1.0, 1.2e-3), (3.0, 1e-3), (5.0, 2e-3)])
    every = "bound missed, median by 0.090 dex, bias by 0.140 dex"
    part = "bound missed from 2 to 8 GeV, median by 0.251 dex, bias by 0.251 dex, worst bin by 0.201 dex"
    said = (f"Beside Test (expected): {every}; {part}.",)
    assert shortfalls(compared(BRACKETED), rows, [published]) == {"epsilon": said}
    met = BRACKETED.model_copy(update={"bounds": (bound(0.5), bound(0.5, gev=(2.0, 8.0)))})
    assert shortfalls(compared(met), rows, [published]) == {}
    assert shortfalls(compared(), rows, [published]) == {}


def test_a_figure_says_what_is_not_validated_and_hides_no_miss():
    published = curve([(1.0, 1e-3)])
    sides = [row(1.0, 2e-3)], [row(1.0, 9e-3)]
    wide = compare("channel", sides[0], published, bounds=[bound(0.1, worst_dex=0.4)], bracket=sides)
    assert sentence(wide) == (
        "Beside Test (expected): not validated, extreme assumptions are up to 0.65 dex apart; "
        "bound missed, median by 0.201 dex, bias by 0.201 dex."
    )
    nowhere = compare("channel", sides[0], published, bounds=[bound(0.5), bound(0.1, gev=(2.0, 3.0))])
    assert (
        sentence(nowhere)
        == "Beside Test (expected): not validated from 2 to 3 GeV, no bin could be compared."
    )


def test_limits_at_two_confidence_levels_are_not_compared(compared):
    other = curve([(1.0, 1e-3)]).model_copy(update={"confidence_level": 0.95})
    with pytest.raises(UmbraError, match=r"limits at 0\.9 cannot be compared with test, which is at 0\.95"):
        channel_comparisons(compared(BRACKETED), POWER_LAW, {"test": other})
    unknown = other.model_copy(update={"confidence_level": None})
    assert channel_comparisons(
        compared(Wanted(curve="test", bounds=(bound(),), why="")), POWER_LAW, {"test": unknown}
    )


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


def test_a_bin_of_the_papers_own_masses_is_compared_with_the_median_of_ours():
    masses = [1.0, 2.0, 3.0, 4.0, 5.0]
    rows = [
        replace(row(m, 1.0), observed=limit)
        for m, limit in zip(masses, [1.0, 9.0, 2.0, 3.0, 8.0], strict=True)
    ]
    limit, skipped = limit_of_bin(rows, 3.0, 3)
    assert (limit.value, skipped) == (3.0, "")
    assert limit_of_bin(rows, 4.9, 1)[0].value == 8.0
    assert limit_of_bin(rows, 5.5, 1) == (None, "outside our range")
    assert limit_of_bin(rows[:2], 1.5, 3) == (None, "outside our range")
    published = curve([(3.0, 6.0)])
    few = published.model_copy(update={"bins": (replace(published.bins[0], points=3),)})
    bounds = [bound(0.1, worst_dex=0.4)]
    own = compare("channel", rows, few, bounds=bounds, kind="observed", paper_masses=True)
    between = compare("channel", rows, few, bounds=bounds, kind="observed")
    assert [each.bins[0].ours.value for each in (own, between)] == [3.0, 2.0]
