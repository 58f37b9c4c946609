"""Workspaces of a synthetic channel in each kind of fit: components, windows, and why there may be none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyhf
import pytest

from channels import (
    CATEGORY,
    LIFETIMES,
    LUMINOSITY_FB,
    MAIN,
    category,
    changed,
    flying,
    reading,
    records,
    simulated,
    synthetic,
)
from umbra.config.categories import Spectrum
from umbra.config.records import CountingFit, PeakFit, PublishedEfficiency, Systematics, TemplatesFit
from umbra.expectation import background, signal
from umbra.expectation.binned import BinnedExpectation, rebinned
from umbra.expectation.point import Point
from umbra.inference import refusals, workspace
from umbra.inference.binned_data import Counts
from umbra.inference.hypothesis import Hypothesis
from umbra.inference.methods import peak
from umbra.inference.methods import registry as methods
from umbra.inference.methods.binned import Window
from umbra.inference.methods.simulated import _smoothing_error, nearest_density
from umbra.statistics.engine import LimitSettings, upper_limits


@pytest.fixture(scope="module", name="expectation")
def _expectation() -> BinnedExpectation:
    return synthetic()


def at(expectation, mass: float, data=None, interpretation=MAIN, lifetime: float | None = None) -> Hypothesis:
    method = methods.find(expectation.channel.fit)
    return method.hypothesis(expectation, data, Point(mass, None, lifetime), interpretation)


def test_without_background_a_window_is_one_count(expectation):
    """No event is expected: 2.30 events at 90 % in a flat prior, whatever the shape."""
    nothing = at(expectation, 3.0, interpretation=reading(name="none", background_scale=0.0))
    bins = nothing.bins["peak"][2]
    assert (bins, nothing.expected_background) == (1, 0.0)
    (limit,) = upper_limits([nothing.workspace], LimitSettings(method="bayesian", cl=0.90), has_data=False)
    # 5 % on the efficiency raises it by half a per cent.
    assert limit.expected[2] * nothing.yield_per_mu == pytest.approx(2.3026, rel=0.02)


def test_a_strength_of_one_means_the_same_in_yield_cross_section_and_coupling(expectation):
    h = at(expectation, 3.0)
    at_reference, _ = expectation.signal_yield(CATEGORY, Point(3.0), MAIN)
    ratio = h.yield_per_mu / at_reference
    assert h.production_per_mu == pytest.approx(3000.0 * ratio)
    assert h.coupling_power_per_mu == pytest.approx(1e-6 * ratio)
    counts = h.workspace["channels"][0]["samples"][0]["data"]
    # 15 resolutions on both sides hold all of a Gaussian.
    assert sum(counts) == pytest.approx(h.yield_per_mu, rel=0.01)


def test_without_a_coupling_limits_are_on_what_is_seen_in_the_window(expectation):
    """2.30 events over the luminosity, whatever the efficiency and however well it is known."""
    counting = changed(expectation, channel={"fit": CountingFit(half_window_sigma=1.0)})
    seen = reading(coupling=None, background_scale=0.0)
    rarer = {"peak": {"x": replace(expectation.signals["peak"]["x"], efficiency=np.full(6, 0.01))}}
    exactly = Systematics(signal_efficiency_relative=0.0)
    for each in (counting, replace(counting, signals=rarer)):
        free = changed(each, channel={"interpretations": (seen,), "systematics": exactly})
        h = at(free, 3.0, interpretation=seen)
        (sample,) = (s for s in h.workspace["channels"][0]["samples"] if s["name"] == "signal")
        assert sum(sample["data"]) == pytest.approx(h.yield_per_mu)
        assert not [m["name"] for m in sample["modifiers"] if "statistics" in m["name"]]
        assert (h.production_per_mu, h.coupling_power_per_mu) == (h.yield_per_mu / LUMINOSITY_FB, None)
        settings = LimitSettings(method="bayesian", cl=0.90)
        (limit,) = upper_limits([h.workspace], settings, has_data=False)
        assert limit.expected[2] * h.production_per_mu == pytest.approx(2.3026 / LUMINOSITY_FB, rel=1e-3)


def test_a_background_may_be_scaled_by_mass(expectation):
    rows = reading(name="rows", background_scale=((2.0, 1.0), (4.0, 3.0)))
    edges = expectation.edges(CATEGORY)
    ratio = expectation.total_background(CATEGORY, rows) / expectation.total_background(CATEGORY, MAIN)
    middle = 0.5 * (edges[1:] + edges[:-1])
    assert ratio == pytest.approx(np.clip(middle - 1.0, 1.0, 3.0))
    variances = [expectation.background_variance(CATEGORY, each)["qed"] for each in (rows, MAIN)]
    assert variances[0] / variances[1] == pytest.approx(ratio**2)


def test_the_signal_is_as_uncertain_as_the_channel_says(expectation):
    """What a workspace forgets makes limits too strong without a word."""
    counting = changed(expectation, channel={"fit": CountingFit(half_window_sigma=2.0)})
    for each in (expectation, with_templates(expectation, 1.0, 4.0), counting):
        signal_sample = at(each, 3.0).workspace["channels"][0]["samples"][0]
        up = {m["name"]: m["data"]["hi"] for m in signal_sample["modifiers"] if m["type"] == "normsys"}
        assert up["signal_efficiency"] == pytest.approx(1.05)
        assert up["luminosity"] == pytest.approx(1.01)
        _, error = each.signal_yield(CATEGORY, Point(3.0), MAIN)
        assert max(up.values()) == pytest.approx(1.05)
        assert any(value == pytest.approx(1.0 + error) for name, value in up.items() if "statistics" in name)


def test_a_window_holds_the_bins_that_it_touches_and_no_other(expectation):
    counting = changed(expectation, channel={"fit": CountingFit(half_window_sigma=2.0)})
    edges = expectation.edges(CATEGORY)
    reach = 2.0 * expectation.signals["peak"]["x"].resolution_at(3.0)
    touched = np.flatnonzero((edges[1:] > 3.0 - reach) & (edges[:-1] < 3.0 + reach))
    low, high = int(touched[0]), int(touched[-1])
    window = at(counting, 3.0).windows["peak"]
    assert window == (edges[low], edges[high + 1])
    for place, seen in ((low - 1, 0.0), (low, 1.0), (high, 1.0), (high + 1, 0.0)):
        values = np.zeros(len(edges) - 1)
        values[place] = 1.0
        ws = at(counting, 3.0, {"peak": Counts(edges, values)}).workspace
        assert ws["observations"][0]["data"] == [seen]


def test_asimov_data_are_the_background(expectation):
    ws = at(expectation, 3.0).workspace
    model = pyhf.Workspace(ws).model()
    parameters = np.array(model.config.suggested_init())
    parameters[model.config.poi_index] = 0.0
    np.testing.assert_allclose(
        model.expected_actualdata(parameters), ws["observations"][0]["data"], rtol=1e-9
    )


def test_a_slope_tilts_simulated_backgrounds_about_their_mean(expectation):
    fit = TemplatesFit(half_window_sigma=15.0, bin_sigma=0.5, count_below=0)
    tilted = changed(expectation, channel={"fit": fit})
    sloped = reading(background_slope_per_unit=0.1)
    h = at(tilted, 3.0, interpretation=sloped)
    (sample,) = (s for s in h.workspace["channels"][0]["samples"] if s["name"] != "signal")
    (tilt,) = (m for m in sample["modifiers"] if m["type"] == "histosys")
    counts, high, low = (
        np.array(each) for each in (sample["data"], tilt["data"]["hi_data"], tilt["data"]["lo_data"])
    )
    assert high.sum() == pytest.approx(counts.sum())
    assert high + low == pytest.approx(2.0 * counts)
    first, step, n = h.bins["peak"]
    edges = tilted.edges(CATEGORY)[first : first + step * n + 1 : step]
    slope = np.diff(high / counts) / np.diff(0.5 * (edges[1:] + edges[:-1]))
    assert slope == pytest.approx(np.full(len(slope), 0.1))
    # Without a slope, or a background to be tilted, there is no such modifier.
    empty = changed(tilted, templates={"peak": background.nothing(tilted.edges(CATEGORY))})
    for other, named in ((tilted, MAIN), (empty, sloped)):
        plain = at(other, 3.0, interpretation=named)
        assert "histosys" not in {
            m["type"] for s in plain.workspace["channels"][0]["samples"] for m in s["modifiers"]
        }


def test_a_background_that_peaks_is_a_component_as_well_known_as_the_interpretation_says(expectation):
    edges = expectation.edges(CATEGORY)
    middle = 0.5 * (edges[1:] + edges[:-1])
    bump = 0.05 * np.exp(-0.5 * ((middle - 3.0) / 0.03) ** 2) * np.diff(edges) / 0.02
    own = category(backgrounds=("qed", "bump"), peaking_backgrounds=("bump",))
    both = changed(
        expectation,
        channel={
            "categories": (own,),
            "samples": expectation.channel.samples | {"bump": simulated("bump")},
        },
        templates={
            "peak": {
                **expectation.templates["peak"],
                "bump": background.Template(edges, bump, 1e-6 * bump, np.zeros_like(bump)),
            }
        },
    )
    expected = both.total_background(own).sum() - expectation.total_background(CATEGORY).sum()
    assert expected == pytest.approx(1e3 * LUMINOSITY_FB * bump.sum())
    limits = {}
    for known in (0.0, 0.1, "free"):
        h = at(both, 3.0, interpretation=reading(peaking_uncertainty=known))
        (component,) = [s for s in h.workspace["channels"][0]["samples"] if s["name"] == "bump"]
        kinds = {m["type"] for m in component["modifiers"]} - {"staterror"}
        assert kinds == {0.0: set(), 0.1: {"normsys"}, "free": {"normfactor"}}[known]
        (limit,) = upper_limits([h.workspace], LimitSettings(cl=0.9), has_data=False)
        limits[known] = limit.expected[2] * h.yield_per_mu
    # The bump has the place and nearly the width of the signal: not to know it costs much.
    assert limits[0.0] < 0.8 * limits[0.1] < 0.8 * limits["free"]


def test_a_count_may_take_its_background_from_a_smooth_curve(expectation):
    edges, smooth = (
        expectation.edges(CATEGORY),
        next(iter(expectation.templates["peak"].values())).smooth_pb,
    )
    # Few events of large weight, on average the smooth curve.
    weight = 40.0 * smooth.mean()
    found = weight * np.random.default_rng(3).poisson(smooth / weight)
    templates = {"peak": {"qed": background.Template(edges, found, weight * found, smooth)}}
    results = {}
    for names in ((), ("qed",)):
        blocks = {
            "fit": CountingFit(half_window_sigma=2.0),
            "categories": (category(smooth_backgrounds=names),),
        }
        own = changed(expectation, channel=blocks, templates=templates)
        for known in (0.0, 0.2):
            h = at(own, 3.0, interpretation=reading(background_relative=known))
            _, qed = h.workspace["channels"][0]["samples"]
            types = {m["type"]: m["data"] for m in qed["modifiers"]}
            assert ("normsys" in types) == (known > 0.0)
            results[bool(names)] = qed["data"][0], types.get("staterror", [0.0])[0]
    (count, error), (low, high) = results[True], (2.82, 3.18)
    window = h.windows["peak"]
    expected = rebinned(smooth, edges, np.array(window))[0] * 1e3 * LUMINOSITY_FB
    assert low < window[0] < window[1] < high
    assert count == pytest.approx(expected)
    # Over 10 resolutions on both sides there are six times as many events as in the window of four.
    inside = np.searchsorted(edges, window)
    around = found[inside[0] - 80 : inside[1] + 80].sum() / weight
    assert error == pytest.approx(count / np.sqrt(around), rel=0.35)


def test_a_named_uncertainty_is_one_parameter_of_all_categories(expectation):
    named = {"veto": {"relative": 0.2, "of": ["qed"]}}
    systematics = Systematics(signal_efficiency_relative=0.05, background_relative=0.1, named=named)
    own = changed(
        expectation,
        channel={"fit": CountingFit(half_window_sigma=2.0), "systematics": systematics},
    )
    modifiers = {}
    for exact in (False, True):
        given = {"background_exact": exact} | ({} if exact else {"background_relative": 0.1})
        _, qed = at(own, 3.0, interpretation=reading(**given)).workspace["channels"][0]["samples"]
        modifiers[exact] = {each["name"]: each["data"] for each in qed["modifiers"]}
    assert modifiers[False]["veto"] == {"hi": 1.2, "lo": pytest.approx(1.0 / 1.2)}
    assert set(modifiers[False]) == {"veto", "background_qed", "statistics_peak"}
    # Nothing of it is left where the background is taken as exact, nor the error of the simulation.
    assert modifiers[True] == {}


def test_a_smooth_curve_over_few_simulated_events_is_not_taken_for_known():
    """Bins are eighths of a resolution, simulated events have the weight one."""
    axis, window = np.arange(4_001.0), np.arange(3_000.0, 3_033.0)
    curve = np.full(4_000, 10.0 / 4_000.0)

    def error(places: range) -> float:
        found = np.zeros(4_000)
        found[list(places)] = 1.0
        return _smoothing_error(axis, curve * len(places) / 10.0, found, window)

    # One event in five resolutions: five of them are within twenty resolutions of the window, not within ten.
    assert error(range(0, 4_000, 40)) == pytest.approx(np.sqrt(9.0) / (352.0 / 40.0), rel=0.02)
    # None of ten is there, nor within eighty, where the curve expects 3.3.
    assert error(range(0, 100, 10)) == pytest.approx(1.0 / np.sqrt(10.0 * 1_312.0 / 4_000.0), rel=0.02)


def test_masses_beyond_those_that_leave_candidates_have_no_limit(expectation):
    """Beyond them the efficiency falls unseen, and a limit made with that of the last one is too strong."""
    own = expectation.signals["peak"]["x"]
    columns = {k: v[1:] if isinstance(v, list) else v for k, v in own.to_json().items()}
    later = signal.Signal.from_json(columns)
    first = float(own.mass_gev[0])
    templates = expectation.templates["peak"]
    both = changed(
        expectation,
        channel={"categories": (CATEGORY, category(name="other"))},
        signals={"peak": {"x": own}, "other": {"x": later}},
        templates={"peak": templates, "other": templates},
    )
    inside, outside = at(both, float(later.mass_gev[0])), at(both, first)
    assert (list(inside.windows), inside.reason) == (["peak", "other"], "")
    assert list(outside.windows) == ["peak"]
    assert outside.reason == "left out, too few simulated candidates: other"
    nothing = at(changed(both, signals={"peak": {"x": later}, "other": {"x": later}}), first)
    assert (nothing.workspace, nothing.status) == (None, "no_sensitivity")


def test_a_projection_is_never_compared_with_data(expectation):
    h = at(expectation, 3.0, {}, reading(name="later", luminosity_fb=50.0))
    assert h.workspace is None
    assert (h.status, h.reason) == ("fit_failed", "a projection to another luminosity has no data")


def with_templates(expectation: BinnedExpectation, scale: float, effective: float) -> BinnedExpectation:
    """Give the background another size and so many simulated events for each expected one."""
    (template,) = expectation.templates["peak"].values()
    other = background.Template(
        template.edges,
        scale * template.visible_pb,
        scale * template.visible_pb / (effective * 1e3 * LUMINOSITY_FB),
        template.smooth_pb,
    )
    fit = TemplatesFit(half_window_sigma=8.0, bin_sigma=1.0, count_below=50.0)
    return changed(expectation, channel={"fit": fit}, templates={"peak": {"qed": other}})


def test_templates_are_fitted_with_their_errors_where_there_are_enough_events(expectation):
    (channel,) = at(with_templates(expectation, 1.0, 4.0), 3.0).workspace["channels"]
    sample = channel["samples"][1]
    assert len(sample["data"]) == pytest.approx(16, abs=2)
    (error,) = (m for m in sample["modifiers"] if m["type"] == "staterror")
    # Four simulated events for each expected one.
    np.testing.assert_allclose(np.square(error["data"]), np.array(sample["data"]) / 4.0, rtol=1e-9)


@pytest.mark.parametrize(("scale", "effective"), [(1e-3, 1e4), (1.0, 1e-3)])
def test_few_events_expected_or_simulated_are_counted_in_one_bin(expectation, scale, effective):
    (channel,) = at(with_templates(expectation, scale, effective), 3.0).workspace["channels"]
    assert len(channel["samples"][1]["data"]) == 1


def test_the_nearest_simulated_events_tell_the_expectation_of_a_window():
    axis = np.linspace(0.0, 100.0, 101)
    values = np.full(100, 2.0)
    dense = nearest_density(values, np.full(100, 0.1), axis, np.array([49.0, 51.0]))
    np.testing.assert_allclose([dense[0][0], dense[1][0]], [4.0, 0.2])
    # Events of weight 2, one a bin: five effective ones need five bins.
    sparse, variance = nearest_density(values, np.full(100, 4.0), axis, np.array([49.0, 51.0]))
    assert sparse[0] == pytest.approx(4.0)
    assert sparse[0] ** 2 / variance[0] == pytest.approx(5.0, rel=0.15)
    # Nothing near: what there is on the whole axis.
    far = np.where(np.arange(100) == 10, 3.0, 0.0)
    counts, error = nearest_density(far, 3.0 * far, axis, np.array([80.0, 82.0]))
    assert counts[0] == pytest.approx(3.0 * 2.0 / 100.0)
    assert error[0] == pytest.approx(9.0 * (2.0 / 100.0) ** 2)


@pytest.fixture(scope="module", name="flights")
def _flights() -> BinnedExpectation:
    """Build two categories without background, of a particle that flies."""
    model = signal.build("mass_gev", flying(), records([1.0, 2.0, 3.0]), "test", lifetimes_mm=LIFETIMES)
    nothing = background.nothing(background.axis(model, (1.0, 3.0), None))
    names = ("near", "far")
    return changed(
        synthetic(
            fit=CountingFit(half_window_sigma=5.0),
            lifetimes_mm=LIFETIMES,
            categories=tuple(
                category(name=name, backgrounds=(), hypotheses_gev=(1.0, 3.0)) for name in names
            ),
        ),
        signals={name: {"x": model} for name in names},
        templates=dict.fromkeys(names, nothing),
    )


def test_counts_without_background_are_one_count_for_each_lifetime(flights):
    found = at(flights, 2.0, lifetime=50.0)
    assert found.status == "converged"
    assert found.member == workspace.member("main", Point(2.0, None, 50.0)) == "main/2.000000/50"
    (channel,) = found.workspace["channels"]
    assert channel["samples"][0]["data"] == pytest.approx([found.yield_per_mu], rel=0.01)
    assert found.workspace["observations"][0]["data"] == [0.0]
    # Both categories have the efficiency of the model: events = 2 x luminosity x cross-section x efficiency.
    efficiency, _ = flights.signals["near"]["x"].efficiency_at(2.0, 50.0)
    per_fb = 2 * LUMINOSITY_FB * efficiency
    assert found.yield_per_mu / found.production_per_mu == pytest.approx(per_fb, rel=1e-9)


def test_a_lifetime_that_leaves_too_few_decays_has_no_limit(flights, monkeypatch):
    found = at(flights, 3.0, lifetime=0.004)
    assert (found.status, found.reason) == ("no_sensitivity", "no signal is expected in any category")
    monkeypatch.setattr(refusals, "LARGEST_SIGNAL_ERROR", 0.01)
    found = at(flights, 3.0, lifetime=0.5)
    assert found.status == "no_sensitivity"
    assert found.reason == "too few simulated decays are seen to tell the efficiency"


def test_an_interpretation_seeks_masses_in_the_span_of_its_categories(flights):
    assert flights.seeks(Point(1.0), MAIN)
    assert not flights.seeks(Point(0.9), MAIN)
    assert not flights.seeks(Point(3.1), reading(categories=("near",)))


@pytest.mark.parametrize(("first", "components"), [(0.0, 2), (0.1, 4)])
def test_a_background_vanishes_at_threshold_as_phase_space_does(first: float, components: int) -> None:
    window = Window(category(variable="reduced_mass_gev"), 0.25, 0, 1, np.linspace(first, 0.3, 31), None)
    basis = peak._basis(window, 3)
    assert len(basis) == components
    # Over the first of 30 bins, what starts as a square has an integral of at most 3 (1/30)^3, in units of the bin.
    at_zero = basis[:, 0] * 30.0**2
    assert (at_zero.max() < 3.0) == (first == 0.0)


def test_the_degree_of_the_polynomial_may_depend_on_the_mass(expectation):
    fit = PeakFit(half_window_sigma=15.0, bin_sigma=0.5, background_degree=((0.0, 2), (3.0, 1)))
    by_mass = changed(expectation, channel={"fit": fit})
    for mass, components in ((2.9, 3), (3.0, 2)):
        samples = at(by_mass, mass).workspace["channels"][0]["samples"]
        assert sum(each["name"].startswith("bernstein") for each in samples) == components


def test_a_window_may_reach_further_above_than_below(expectation):
    fit = PeakFit(half_window_sigma=(10.0, 20.0), bin_sigma=0.5, background_degree=1)
    low, high = at(changed(expectation, channel={"fit": fit}), 3.0).windows["peak"]
    resolution = expectation.own_signal(CATEGORY).resolution_at(3.0)
    assert (3.0 - low) / resolution == pytest.approx(10.0, abs=0.6)
    assert (high - 3.0) / resolution == pytest.approx(20.0, abs=0.6)


def test_a_published_spectrum_is_the_background_whatever_the_efficiency(expectation):
    """1,000 candidates in a unit of mass, at any published efficiency; the signal scales with it."""
    spectrum = Spectrum(measures="mass", candidates=((1.0, 1000.0), (2.0, 1000.0), (9.0, 7000.0)))
    kept = {}
    for value in (0.1, 0.2):
        published = PublishedEfficiency(values=((1.0, value), (9.0, value)), relative_to="all")
        one = CATEGORY.model_copy(
            update={"backgrounds": (), "spectrum": spectrum, "published_efficiency": published}
        )
        edges = expectation.edges(CATEGORY)
        luminosity_pb = expectation.luminosity_pb(CATEGORY)
        templates = background.from_spectrum(edges, CATEGORY.variable, spectrum, luminosity_pb)
        found = replace(
            expectation,
            channel=expectation.channel.model_copy(update={"categories": (one,)}),
            templates={one.name: templates},
        )
        inside = (edges[:-1] > 1.0) & (edges[1:] < 2.0)
        total = found.total_background(one, MAIN)
        assert total[inside] / np.diff(edges)[inside] == pytest.approx(1000.0)
        kept[value] = found.signal_yield(one, Point(1.5), MAIN)[0]
    assert kept[0.2] == pytest.approx(2.0 * kept[0.1])


def test_every_kind_of_fit_has_a_method():
    assert isinstance(
        methods.find(PeakFit(half_window_sigma=15.0, bin_sigma=0.5, background_degree=3)), peak.Peak
    )


def test_archives_are_the_same_bytes_again(expectation, tmp_path: Path):
    ws = {workspace.member("main", Point(3.0)): at(expectation, 3.0).workspace}
    for name in ("a.zip", "b.zip"):
        workspace.write_archive(tmp_path / name, ws)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
