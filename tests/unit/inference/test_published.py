"""Limits from what papers publish of their data: closed forms, and the papers' own limits."""

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import ndtr

from channels import CATEGORY, LUMINOSITY_FB, MAIN, reading, synthetic, synthetic_channel
from umbra.config.measurements import Block, FittedCrossSection, WindowCount, read_table
from umbra.config.records import Branching, Limit, Luminosity, Masses, PublishedData, Systematics
from umbra.core.paths import shipped_config
from umbra.expectation.binned import BinnedExpectation
from umbra.inference.block import fit_block, fit_rows
from umbra.inference.hypothesis import read_fits, read_limits
from umbra.inference.methods import registry as methods
from umbra.inference.published import count_of
from umbra.results.limits import LimitRow
from umbra.results.table import rows_of
from umbra.stages.limit import limit_block
from umbra.validation.interpolation import limit_of_bin
from umbra.validation.published import load_curve

PUBLISHED = shipped_config() / "published"
PAPER = reading(name="paper", published=PublishedData(table="t", form="counts", citation="made up for tests"))
CERTAIN = Systematics(signal_efficiency_relative=0.0)


def window(observed: int, background: float, low: float = 1.5, high: float = 2.5, efficiency: float = 0.1):
    return WindowCount(
        mass_low_gev=low,
        mass_high_gev=high,
        n_observed=observed,
        efficiency=efficiency,
        n_background=background,
    )


def with_paper(**blocks) -> BinnedExpectation:
    """The synthetic channel with an interpretation of published data before its own."""
    uncertain = {
        "luminosity": Luminosity(luminosity_fb=LUMINOSITY_FB, relative_uncertainty=0.0),
        "systematics": CERTAIN,
        "limit": Limit(method="bayesian", level=0.9),
    }
    return synthetic(**{**uncertain, "interpretations": (PAPER, MAIN), **blocks})


def without_vetoes() -> Masses:
    return synthetic_channel().masses.model_copy(update={"vetoed_gev": ()})


def limits(expectation: BinnedExpectation, rows, folder: Path) -> list[LimitRow]:
    """Rows of `limits.csv` from rows of a table."""
    fits, archive = folder / "fits.json", folder / "b.zip"
    fit_rows(expectation, Block(table="t", rows=tuple(rows)), fits, archive, {})
    limit_block(expectation.channel, fits, archive, folder / "limits.json", {})
    return rows_of(expectation.channel, read_limits(folder / "limits.json"))


def observed(rows: list[LimitRow], quantity: str) -> list[float]:
    return [row.observed for row in rows if row.quantity == quantity]


def test_nothing_seen_excludes_2_303_events_whatever_the_background(tmp_path: Path):
    rows = limits(with_paper(), [window(0, 0.0), window(0, 0.7, 2.5, 3.5)], tmp_path)
    assert observed(rows, "yield") == pytest.approx([np.log(10.0)] * 2, rel=1e-4)
    assert observed(rows, "cross_section_fb") == pytest.approx(
        [np.log(10.0) / (LUMINOSITY_FB * 0.1)] * 2, rel=1e-4
    )
    assert {row.method for row in rows} == {"bayesian_exact"}


def test_counts_have_the_flat_prior_limit_of_their_poisson_sum(tmp_path: Path):
    """exp(-s) sum (s + b)^k / k! is a tenth of itself at s = 0."""
    n, b = 3, 1.2
    terms = np.arange(n + 1)
    factorials = np.cumprod([1.0, *range(1, n + 1)])

    def tail(s: float) -> float:
        return float(np.exp(-s) * ((s + b) ** terms / factorials).sum())

    exact = brentq(lambda s: tail(s) / tail(0.0) - 0.1, 0.0, 50.0)
    assert observed(limits(with_paper(), [window(n, b)], tmp_path), "yield") == pytest.approx(
        [exact], rel=1e-4
    )


def test_a_strength_means_the_paper_s_cross_section_and_the_coupling_that_makes_it(tmp_path: Path):
    rows = limits(with_paper(), [window(0, 0.0)], tmp_path)
    (cross_section,), (coupling,) = observed(rows, "cross_section_fb"), observed(rows, "epsilon")
    # The synthetic signal of 2 GeV has 2 pb at 1e-3; the efficiency of its simulation is not asked.
    assert (coupling / 1e-3) ** 2 * 2000.0 == pytest.approx(cross_section)


def test_a_branching_fraction_weakens_the_coupling_and_not_the_cross_section(tmp_path: Path):
    neutrinos = PAPER.model_copy(
        update={"name": "neutrinos", "branching": Branching(particle="z_prime", final_state="invisible")}
    )
    rows = limits(with_paper(interpretations=(PAPER, neutrinos, MAIN)), [window(0, 0.0)], tmp_path)
    always, half = observed(rows, "epsilon")
    assert half / always == pytest.approx(2.0**0.5, rel=1e-3)
    assert len(set(observed(rows, "cross_section_fb"))) == 1


def test_pseudo_data_and_injected_signals_are_those_of_our_own_simulation():
    weak = PAPER.model_copy(update={"background_scale": 7.0})
    expectation = with_paper(interpretations=(weak, MAIN))
    assert expectation.channel.simulated == MAIN
    np.testing.assert_allclose(
        expectation.data_background(CATEGORY), expectation.total_background(CATEGORY, MAIN)
    )


def test_beyond_the_generated_masses_there_is_a_cross_section_and_no_coupling(tmp_path: Path):
    rows = limits(with_paper(), [window(0, 0.0, 6.5, 7.5)], tmp_path)
    assert {row.quantity for row in rows} == {"yield", "cross_section_fb"}
    assert all(row.status == "converged" for row in rows)


def test_uncertainties_are_those_of_the_channel(tmp_path: Path):
    row = window(5, 5.0)
    (certain,) = observed(limits(with_paper(), [row], tmp_path), "yield")
    (signal,) = observed(
        limits(with_paper(systematics=Systematics(signal_efficiency_relative=0.3)), [row], tmp_path), "yield"
    )
    uncertain = Systematics(signal_efficiency_relative=0.0, background_relative=0.5)
    (background,) = observed(limits(with_paper(systematics=uncertain), [row], tmp_path), "yield")
    assert signal > 1.02 * certain
    assert background > 1.02 * certain


def test_a_vetoed_window_has_a_status(tmp_path: Path):
    (status,) = {row.status for row in limits(with_paper(), [window(0, 0.0, 4.5, 5.5)], tmp_path)}
    assert status == "excluded_window"


def test_published_data_and_our_own_simulation_do_not_mix(tmp_path: Path):
    expectation = with_paper()
    method = methods.find(expectation.channel.fit)
    fits, archive = tmp_path / "fits.json", tmp_path / "b.zip"
    fit_block(method, expectation, None, [], fits, archive, {})
    assert read_fits(fits) == []
    rows = limits(expectation, [window(0, 0.0)], tmp_path)
    assert {row.model for row in rows} == {"paper"}
    (point,) = read_fits(fits)
    assert (point.interpretation, point.has_data, point.p0) == ("paper", True, 0.5)
    other = Block(table="another", rows=(window(0, 0.0),))
    fit_rows(expectation, other, fits, archive, {})
    assert read_fits(fits) == []


def test_a_count_of_a_fit_has_its_value_and_its_error():
    row = FittedCrossSection(mass_gev=2.0, cross_section_fb=3.0, error_fb=2.0, efficiency=0.1)
    count = count_of(row, 100.0)
    assert count.per_fb == pytest.approx(10.0 * np.sqrt(3.0) / 2.0)
    assert (count.observed - count.background) / count.per_fb == pytest.approx(3.0)
    assert np.sqrt(count.observed) / count.per_fb == pytest.approx(2.0)


def test_the_variance_of_a_fitted_peak_rises_with_its_size_as_that_of_its_count():
    """V(n) of a Gaussian over a flat background by quadrature: its slope is 2/sqrt(3)."""
    x = np.linspace(-8.0, 8.0, 4001)
    peak = np.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi)

    def variance(n: float) -> float:
        return float(1.0 / (np.sum(peak**2 / (30.0 + n * peak)) * (x[1] - x[0])))

    slope = (variance(0.01) - variance(0.0)) / 0.01
    rows = [
        FittedCrossSection(
            mass_gev=2.0, cross_section_fb=s, error_fb=np.sqrt(variance(0.0) + slope * s), efficiency=1.0
        )
        for s in (0.0, 4.0)
    ]
    # One background fits both.
    first, second = (count_of(row, 1.0).background for row in rows)
    assert first == pytest.approx(second, rel=1e-3)


def test_many_events_are_a_gaussian(tmp_path: Path):
    """CLs of a Gaussian at 90 %: 0.1 = P(t < (x - s)/d) / P(t < x/d)."""
    rows = [
        FittedCrossSection(mass_gev=2.0 + 0.1 * k, cross_section_fb=z * 2.0, error_fb=2.0, efficiency=1.0)
        for k, z in enumerate((-1.5, 0.0, 2.0))
    ]
    many = Luminosity(luminosity_fb=1e5, relative_uncertainty=0.0)
    found = observed(
        limits(with_paper(luminosity=many, limit=Limit(method="cls", level=0.9)), rows, tmp_path),
        "cross_section_fb",
    )
    wanted = [brentq(lambda s, z=z: ndtr(z - s / 2.0) / ndtr(z) - 0.1, 0.0, 20.0) for z in (-1.5, 0.0, 2.0)]
    assert found == pytest.approx(wanted, rel=2e-3)


def test_a_fit_with_an_error_below_that_of_its_own_signal_is_refused(tmp_path: Path):
    row = FittedCrossSection(mass_gev=2.0, cross_section_fb=9.0, error_fb=0.1, efficiency=1.0)
    assert {each.status for each in limits(with_paper(), [row], tmp_path)} == {"fit_failed"}


def test_the_68_windows_of_2018_give_the_limits_that_are_printed_beside_them(tmp_path: Path):
    """arXiv:1912.11276, supplement, Table I: a counting exercise, so anything above 0.03 dex is a bug."""
    name = "BelleII-2018__1912.11276"
    rows = read_table(PUBLISHED / "data" / f"zprime_invisible__{name}.csv").rows
    expectation = with_paper(
        luminosity=Luminosity(luminosity_fb=0.276, relative_uncertainty=0.007),
        systematics=Systematics(signal_efficiency_relative=0.15, background_relative=0.22),
        masses=without_vetoes(),
    )
    found = {
        round(row.mass_gev, 3): row.observed
        for row in limits(expectation, rows, tmp_path)
        if row.quantity == "cross_section_fb"
    }
    printed = load_curve(PUBLISHED / f"zprime_invisible_xsec__{name}.yaml").bins
    dex = np.log10([found[round(each.mass_gev, 3)] / each.limit for each in printed])
    few = np.array([each.mass_gev for each in printed]) < 7.0
    assert len(found) == 68
    assert len(dex) == 34
    assert np.median(np.abs(dex)) < 0.03
    # Two printed digits of the efficiency are 2 %, and so is a window's limit.
    assert np.abs(dex[few]).max() < 0.03


def test_the_fits_of_the_paper_give_its_observed_and_its_expected_limits(tmp_path: Path):
    """arXiv:2306.12294, CLs at 90 %, medians of the bins that are stored: 0.03 dex was asked for beforehand."""
    table = read_table(PUBLISHED / "data" / "zprime_tautau__BelleII__2306.12294.csv")
    expectation = with_paper(
        luminosity=Luminosity(luminosity_fb=62.8, relative_uncertainty=0.01),
        systematics=Systematics(signal_efficiency_relative=0.094),
        limit=Limit(method="cls", level=0.9, calculation="asymptotic"),
        masses=without_vetoes(),
    )
    found = [row for row in limits(expectation, table.rows, tmp_path) if row.quantity == "cross_section_fb"]
    printed = load_curve(PUBLISHED / "mumu_tautau_xsec__BelleII__2306.12294.yaml").bins
    ours = [limit_of_bin(found, each.mass_gev, each.points)[0] for each in printed]
    dex = np.log10([mine.value / each.limit for mine, each in zip(ours, printed, strict=True)])
    assert len(found) == 2381
    assert np.median(np.abs(dex)) < 0.03
    assert abs(np.median(dex)) < 0.03
    expected = np.array([row.expected for row in found])
    masses = np.array([row.mass_gev for row in found])
    medians = [
        np.median(expected[np.argsort(np.abs(masses - each.mass_gev))[: each.points]]) for each in printed
    ]
    assert abs(np.median(np.log10(medians / np.array([each.expected for each in printed])))) < 0.03
