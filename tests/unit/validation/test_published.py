"""Published limits: every file loads, its traps are mended, and a broken file is refused."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from umbra.config.measurements import read_table
from umbra.config.published import BANDS, read_ranges
from umbra.core.errors import UmbraError
from umbra.validation.published import load_curve, load_curves, of_portal

FOLDER = Path(__file__).parents[3] / "config" / "published"
BABAR = FOLDER / "aprime_visible__BaBar-llgamma__1406.2980.yaml"


COLUMNS = ["mass_gev", "limit", "limit_p16", "limit_p84", "points"]
WITH_BANDS = {"columns": [*COLUMNS, *BANDS]}


@pytest.fixture(scope="module")
def curves():
    return load_curves(FOLDER.glob("*.yaml"))


def test_every_curve_names_its_paper_and_the_origin_of_its_points(curves):
    assert len(curves) > 70
    for curve in curves.values():
        assert curve.experiment in curve.citation
        assert curve.arxiv is None or f"arXiv:{curve.arxiv}" in curve.citation
        assert curve.origin.startswith(("digitised in ", "read from "))
        assert curve.arxiv is not None or "does not say which paper" in curve.remark


def test_numbers_of_unknown_confidence_or_from_memory_say_so(curves):
    for curve in curves.values():
        assert curve.confidence_level is not None or "to be checked" in curve.remark
        assert "memory" not in curve.luminosity or "unverified" in curve.remark
    for quoted in read_ranges(FOLDER / "ranges.yaml").values():
        assert quoted.verified != ("memory" in quoted.origin)


def test_limits_on_y_stand_against_the_mass_of_the_dark_photon(curves):
    def epsilon(curve):
        return [(each.mass_gev, (each.limit * 3.0**4 / 0.1) ** 0.5) for each in curves[curve].bins]

    def ratios(y, coupling):
        masses, limits = np.transpose([(each.mass_gev, each.limit) for each in curves[coupling].bins])
        return [limit / np.interp(mass, masses, limits) for mass, limit in epsilon(y) if mass < masses[-1]]

    # One limit of BaBar digitised twice, and limits of NA64 with a third and all of the data.
    babar = ratios("aprime_invisible_y__BaBar-BC2__1702.03327", "aprime_invisible__BaBar__1702.03327")
    assert np.median(np.abs(np.log10(babar))) < 0.01
    na64 = ratios("aprime_invisible_y__NA64e-2022__2307.02404", "aprime_invisible__NA64e__1906.00176")
    assert np.median(na64) == pytest.approx((2.84 / 9.37) ** 0.5, rel=0.15)
    belle2 = curves["aprime_invisible_y__BelleII-projection__1911.03176"]
    assert belle2.bins[-1].mass_gev == pytest.approx(8.0, abs=0.1)


def test_points_of_the_invisible_zprime_curve_stand_in_the_middle_of_their_windows(curves):
    curve = curves["zprime_invisible__BelleII-2018__1912.11276"]
    windows = read_table(FOLDER / "data" / "zprime_invisible__BelleII-2018__1912.11276.csv").rows
    middles = {round(row.mass_gev, 3) for row in windows}
    assert all(round(each.mass_gev, 3) in middles for each in curve.bins)
    edges = [row.mass_high_gev for row in windows]
    assert all(min(abs(each.digitised_mass_gev - edge) for edge in edges) < 0.007 for each in curve.bins[1:])
    # The compilation's limits are g'/e; the abstract quotes 5e-2 to 1.
    assert curve.bins[0].limit == 0.051
    assert curve.bins[-1].limit == 0.96


def test_two_digitisations_of_the_alp_search_agree_through_the_cross_section(curves):
    # sigma = alpha g^2 / 24 (1 - m^2/s)^3; a wrong unit, or g for g^2, would show as orders of magnitude.
    couplings = curves["alp_gammagamma__BelleII__2007.13071"].bins
    rates = curves["alp_gammagamma_xsec__BelleII__2007.13071"].bins
    mass = np.array([each.mass_gev for each in rates])
    at_unit = 0.118393e3 * (1.0 - mass**2 / 10.58**2) ** 3 / 1e-6
    implied = np.sqrt([each.limit for each in rates] / at_unit)
    direct = np.exp(
        np.interp(
            np.log(mass),
            np.log([each.mass_gev for each in couplings]),
            np.log([each.limit for each in couplings]),
        )
    )
    assert np.median(implied / direct) == pytest.approx(1.0, abs=0.12)
    assert np.all(np.abs(np.log10(implied / direct)) < 0.25)


def test_limits_on_the_coupling_and_on_the_cross_section_of_one_search_agree(curves):
    """Sigma goes as g'^2 with a factor that depends on the mass alone: the same for observed and expected limits."""
    rates = curves["zprime_4mu_xsec__BelleII__2403.02841"]
    couplings = curves["zprime_4mu__BelleII__2403.02841"]
    for rate, coupling in zip(rates.bins, couplings.bins, strict=True):
        assert coupling.mass_gev == pytest.approx(rate.mass_gev, rel=2e-3)
        observed, expected = rate.limit / coupling.limit**2, rate.expected / coupling.expected**2
        assert observed == pytest.approx(expected, rel=0.15)


def test_the_lifetimes_of_the_long_lived_scalar_are_in_millimetres(curves):
    curve = curves["b_to_k_longlived_scalar__BelleII-Kplus-mumu__2306.02830"]
    assert len(curve.lifetimes_mm) == 17
    assert (curve.lifetimes_mm[0], curve.lifetimes_mm[-1]) == (0.01, 1000.0)
    assert len(curve.at_lifetime(10.0)) == 22
    with pytest.raises(UmbraError, match=r"lifetime_mm=10\.5"):
        curve.at_lifetime(10.5)


def test_curves_are_found_by_portal_and_quantity(curves):
    found = of_portal(curves, "z_prime", "g_prime")
    assert {curve.experiment for curve in found} == {"BaBar", "Belle II"}


def test_upper_limits_rise_in_mass_and_outlines_need_not(curves):
    for curve in curves.values():
        masses = [each.mass_gev for each in curve.at_lifetime(curve.lifetimes_mm[0])]
        if curve.shape in ("upper_limit", "lower_edge"):
            assert masses == sorted(set(masses)), curve.name
    assert any(
        [each.mass_gev for each in curve.bins] != sorted(each.mass_gev for each in curve.bins)
        for curve in curves.values()
        if curve.shape == "contour"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, "no key 'colour'"),
        ({"shape": "line"}, "shape: 'line'"),
        ({"quantity": "epsilon2"}, "quantity: 'epsilon2' is not known; did you mean 'epsilon'"),
        ({"portal": "axion"}, "portal: 'axion'"),
        ({"arxiv": 1406.298}, "arxiv: 1406.298 is not a text"),
        ({"confidence_level": 90}, "confidence_level: 90 is not below 1"),
        ({"bins": [[1.0, 1e-3, 2e-3, 3e-3, 1]]}, "limit_p16 <= limit"),
        ({"bins": [[1.0, "one", 1e-3, 1e-3, 1]]}, "bins/0: 'one' is not a number"),
        ({"bins": [[1.0, 1e-3]]}, "5 numbers"),
        ({"columns": ["mass_gev"] * 5}, "occurs twice"),
        (WITH_BANDS | {"bins": [[1.0, 1e-3, 1e-3, 1e-3, 1, 1e-4, 2e-4, 3e-4, 5e-4, 4e-4]]}, "must rise"),
        (
            {"columns": [*COLUMNS, "expected"], "bins": [[1.0, 1e-3, 1e-3, 1e-3, 1, 1e-3]]},
            "some of expected_minus2, .* are missing",
        ),
        ({"mass_replacements": [{"digitised_gev": 4.0, "mass_gev": 1.0, "source": "x"}]}, "no bin is at 4.0"),
    ],
)
def test_a_broken_file_is_refused_with_its_name_key_and_value(tmp_path, change, message):
    content = yaml.safe_load(BABAR.read_text()) | change
    (tmp_path / "curve.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(UmbraError, match=f"curve.yaml: .*{message}|curve.yaml, .*{message}"):
        load_curve(tmp_path / "curve.yaml")


def test_a_key_that_is_there_twice_is_refused(tmp_path):
    (tmp_path / "curve.yaml").write_text(BABAR.read_text() + "\nlabel: another\n")
    with pytest.raises(UmbraError, match="duplicate key 'label'"):
        load_curve(tmp_path / "curve.yaml")


@pytest.mark.parametrize(
    ("change", "message"),
    [("[]", "mapping of names"), ("a: 1", "mapping of names"), ("a: {low: 1}", "ranges.yaml: a: .*missing")],
)
def test_broken_ranges_are_refused(tmp_path, change, message):
    (tmp_path / "ranges.yaml").write_text(change)
    with pytest.raises(UmbraError, match=message):
        read_ranges(tmp_path / "ranges.yaml")


def test_a_missing_file_is_refused():
    with pytest.raises(UmbraError, match=r"nowhere\.yaml"):
        load_curve(FOLDER / "nowhere.yaml")


def test_a_curve_is_loaded_from_the_text_of_its_path_as_well():
    path = sorted(FOLDER.glob("*.yaml"))[0]
    assert load_curve(str(path)) == load_curve(path)
