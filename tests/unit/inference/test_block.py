"""A block from fits to limits and rows of the table, and the global significance of its scan."""

from pathlib import Path

import numpy as np
import pyhf
import pytest

from channels import (
    CATEGORY,
    COUPLING,
    LIFETIMES,
    LUMINOSITY_FB,
    MAIN,
    changed,
    flying,
    records,
    synthetic,
)
from umbra.config.records import Asimov, CountingFit, Injection, Limit, OtherCoupling, ToyData
from umbra.core.errors import UmbraError
from umbra.core.io import read_json, write_json
from umbra.expectation import background, signal
from umbra.expectation.background import Template
from umbra.expectation.binned import BinnedExpectation
from umbra.expectation.point import Point
from umbra.inference import binned_data, global_significance, workspace
from umbra.inference.binned_data import Counts
from umbra.inference.block import fit_block, points_of
from umbra.inference.hypothesis import FittedPoint, LimitedPoint, read_fits, read_limits
from umbra.inference.methods import registry as methods
from umbra.plotting.mass_scan import example_fits
from umbra.results.limits import LimitRow
from umbra.results.table import rows_of
from umbra.stages.limit import limit_block

TOYS = 4000


@pytest.fixture(scope="module", name="expectation")
def _expectation() -> BinnedExpectation:
    return synthetic()


def fitted(expectation: BinnedExpectation, data, masses: list[float], folder: Path) -> list[FittedPoint]:
    method = methods.find(expectation.channel.fit)
    points = points_of(expectation.channel, masses)
    fit_block(method, expectation, data, points, folder / "fits.json", folder / "b.zip", {})
    return read_fits(folder / "fits.json")


def limited(expectation: BinnedExpectation, masses: list[float], folder: Path) -> list[LimitedPoint]:
    fitted(expectation, None, masses, folder)
    limit_block(expectation.channel, folder / "fits.json", folder / "b.zip", folder / "limits.json", {})
    return read_limits(folder / "limits.json")


def table(expectation: BinnedExpectation, masses: list[float], folder: Path) -> list[LimitRow]:
    return rows_of(expectation.channel, limited(expectation, masses, folder))


def test_pyhf_accepts_and_agrees_on_the_limit(expectation, tmp_path: Path):
    (point,) = limited(expectation, [3.0], tmp_path)
    assert point.status == "converged"
    ws = pyhf.Workspace(workspace.read_archive(tmp_path / "b.zip")[workspace.member("main", Point(3.0))])
    _, expected = pyhf.infer.hypotest(
        point.expected[2], ws.data(ws.model()), ws.model(), test_stat="qtilde", return_expected=True
    )
    assert float(expected) == pytest.approx(0.05, abs=2e-3)


def test_vetoed_mass_has_a_status_and_no_numbers(expectation, tmp_path: Path):
    rows = table(expectation, [4.0, 5.0], tmp_path)
    assert {row.status for row in rows if row.mass_gev == 5.0} == {"excluded_window"}
    assert all(row.expected is None and row.observed is None for row in rows if row.mass_gev == 5.0)
    coupling, fb = (
        next(r.expected for r in rows if r.mass_gev == 4.0 and r.quantity == q)
        for q in ("epsilon", "cross_section_fb")
    )
    assert (coupling / 1e-3) ** 2 * 4000.0 == pytest.approx(fb)


def test_one_limit_in_two_conventions_and_two_luminosities(expectation, tmp_path: Path):
    also = (OtherCoupling(name="y", factor=0.5 / 81.0, exponent=2, convention="y"),)
    coupling = COUPLING.model_copy(update={"also": also})
    now = MAIN.model_copy(update={"name": "now", "coupling": coupling})
    later = now.model_copy(update={"name": "later", "luminosity_fb": 200.0, "kind": "projection"})
    both = changed(expectation, channel={"interpretations": (now, later)})
    rows = {(r.model, r.luminosity_fb, r.quantity): r for r in table(both, [3.0], tmp_path)}
    here, there = (rows[key] for key in (("now", 2.0, "epsilon"), ("later", 200.0, "epsilon")))
    assert rows["now", 2.0, "y"].expected == pytest.approx(here.expected**2 * 0.5 / 81.0)
    assert rows["now", 2.0, "y"].expected_plus2 == pytest.approx(here.expected_plus2**2 * 0.5 / 81.0)
    # The background dominates: the limit on the rate falls as the root of the luminosity, or a little faster.
    assert 0.8 * 100**-0.25 < there.expected / here.expected < 1.02 * 100**-0.25


def test_injected_signal_is_found_at_its_mass_with_its_yield(expectation, tmp_path: Path):
    coupling = 3e-4
    settings = Asimov(inject=Injection(mass_gev=3.0, coupling=coupling))
    data = methods.find(expectation.channel.fit).make_data(expectation, settings)
    low, at_mass, high = fitted(expectation, data, [2.7, 3.0, 3.3], tmp_path)
    expected, _ = expectation.signal_yield(CATEGORY, Point(3.0), MAIN)
    found = at_mass.mu_hat * at_mass.yield_per_mu
    assert found == pytest.approx((coupling / 1e-3) ** 2 * expected, rel=0.02)
    assert at_mass.z > 3.0
    assert at_mass.z > 5.0 * max(low.z, high.z)


def test_example_fits_show_the_bins_of_the_data(expectation, tmp_path: Path):
    data = {"peak": Counts(np.linspace(2.0, 4.0, 201), np.full(200, 100.0))}
    (point,) = fitted(expectation, data, [3.0], tmp_path)
    axes = binned_data.axes(expectation, data)
    (example,) = example_fits([(point, tmp_path / "b.zip")], expectation.channel, axes, [])
    assert (example.edges[0], example.edges[-1]) == point.windows["peak"]
    assert np.isin(example.edges, data["peak"].edges).all()
    assert example.observed == pytest.approx(100.0 * np.diff(example.edges) / 0.01)


def test_limits_of_several_lifetimes_have_a_column_and_no_coupling(tmp_path: Path):
    model = signal.build("mass_gev", flying(), records([1.0, 2.0, 3.0]), "test", lifetimes_mm=LIFETIMES)
    nothing = background.nothing(background.axis(model, (1.0, 3.0), None))
    blocks = {
        "fit": CountingFit(half_window_sigma=5.0),
        "lifetimes_mm": LIFETIMES,
        "categories": (CATEGORY.model_copy(update={"backgrounds": (), "hypotheses_gev": (1.0, 3.0)}),),
        "limit": Limit(method="bayesian", level=0.95),
    }
    flights = changed(synthetic(**blocks), signals={"peak": {"x": model}}, templates={"peak": nothing})
    rows = table(flights, [1.0, 2.0], tmp_path)
    assert {row.quantity for row in rows} == {"yield", "cross_section_fb"}
    assert {row.lifetime_mm for row in rows} == set(LIFETIMES)
    # No event: 3.0 at 95 %, a little more with the uncertainty of the efficiency.
    (one,) = (r for r in rows if (r.lifetime_mm, r.mass_gev, r.quantity) == (50.0, 2.0, "yield"))
    assert 2.995 < one.expected < 3.1


def test_few_events_have_the_global_p_value_of_their_counts(expectation, tmp_path: Path):
    """One event where a tenth is expected is rarer than one where there is half as much again, but not as one sums.

    As a Poisson sum the first has a smaller z than the asymptotic one of the second, which pseudo-experiments have.
    """
    edges = expectation.edges(CATEGORY)
    middle = 0.5 * (edges[1:] + edges[:-1])
    few = 0.1 / 32.0 * (1.0 + (middle - 3.0) / 3.0).clip(0.0) / (1e3 * LUMINOSITY_FB)
    counting = changed(
        expectation,
        channel={"fit": CountingFit(half_window_sigma=2.0)},
        templates={"peak": {"qed": Template(edges, few, np.zeros_like(few), few)}},
    )
    values = np.zeros(len(middle))
    values[np.searchsorted(edges, 3.0)] = 1.0
    data = {"peak": Counts(edges, values)}
    point, other = fitted(counting, data, [3.0, 4.5], tmp_path)
    fits, archive = tmp_path / "fits.json", tmp_path / "b.zip"
    rare, common = (
        sum(workspace.read_archive(archive)[each.member]["channels"][0]["samples"][1]["data"])
        for each in (point, other)
    )
    assert point.z**2 < -2.0 * (np.log(common) + 1.0 - common) < point.q0

    global_significance.make_toys(counting, data, [fits], [archive], 0, TOYS, tmp_path / "toys.json")
    global_significance.combine([tmp_path / "toys.json"], [fits], "main", tmp_path / "s.json", {})
    found = read_json(tmp_path / "s.json")
    p = 1.0 - np.exp(-rare) * (1.0 + common) * np.exp(-common)
    assert (found["mass_gev"], found["largest_q0"]) == (3.0, point.q0)
    assert found["p_toys"] == pytest.approx(p, abs=4.0 * np.sqrt(p / TOYS))


def test_a_scan_without_fits_is_named(expectation, tmp_path: Path):
    data = methods.find(expectation.channel.fit).make_data(expectation, ToyData(seed=1))
    write_json(tmp_path / "fits.json", {"points": []})
    with pytest.raises(UmbraError, match="channel synthetic, interpretation main: no mass has a fit"):
        global_significance.make_toys(expectation, data, [], [], 0, 10, tmp_path / "toys.json")
