"""Workspaces and pseudo-data of a synthetic channel: yields, windows, injection, pyhf's opinion."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyhf
import pytest
from umbra.config.interpretations import exclusion_figures

from umbra.core.constants import ELECTRON_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.io import read_json
from umbra.expectation import background, signal
from umbra.expectation.channel import Search
from umbra.inference import fitting, pseudodata, workspace
from umbra.plotting.channel import example_fits
from umbra.results.limits import read_limits
from umbra.stages import limit
from umbra.statistics.engine import LimitSettings, upper_limits
from umbra.theory.meson import JPSI_TO_ETA

from ..expectation.test_signal import EFFICIENCY, LIFETIMES, flying, records, sample

BORN_PB_PER_GEV = 1.0  # the records say born_pb = mass
LUMINOSITY_FB = 2.0
REGION = {
    "name": "peak",
    "signal": "x",
    "backgrounds": ["qed"],
    "variable": "mass_gev",
    "masses_gev": [1.0, 6.0],
    "requirements": {},
}
SETTINGS = {
    "name": "synthetic",
    "machine": "m",
    "machine_settings": {
        "electron_energy_gev": 5.29,
        "positron_energy_gev": 5.29,
        "crossing_angle_mrad": 0.0,
        "sqrt_s_spread_gev": 0.0,
    },
    "luminosity": {"luminosity_fb": LUMINOSITY_FB, "relative_uncertainty": 0.01},
    "coupling": {"name": "epsilon", "reference": 1e-3, "power": 2},
    "samples": {"x": {"role": "signal"}, "qed": {"role": "background"}},
    "regions": [REGION],
    "fit_kind": "peak",
    "lifetimes_mm": [],
    "fit": {"kind": "peak", "half_window_sigma": 15.0, "bin_sigma": 0.5, "background_degree": 3},
    "systematics": {"signal_efficiency_relative": 0.05},
    "models": [{"name": "main", "label": "main"}],
    "masses": {"vetoed_gev": [[4.9, 5.1]]},
    "limit": {"method": "cls", "cl": 0.95, "calculation": "auto"},
    "data": {"kind": "asimov"},
}
(READING,) = SETTINGS["models"]


def synthetic() -> Search:
    """A peak over a falling spectrum."""
    model = signal.build("mass_gev", sample(), records(), "test")
    edges = background.axis(model, (1.0, 6.0), None)
    middle = 0.5 * (edges[1:] + edges[:-1])
    falling = 0.3 * np.exp(-middle / 2.0) * np.diff(edges) / 0.02
    template = background.Template(edges, falling, 1e-4 * falling, falling)
    return Search(SETTINGS, {"peak": model}, {"peak": {"qed": template}})


@pytest.fixture(scope="module", name="search")
def _search() -> Search:
    return synthetic()


def at(search: Search, mass: float, data=None, reading=READING) -> fitting.Hypothesis:
    return fitting.hypothesis(search, SETTINGS, data, mass, reading)


def test_signal_yield_is_luminosity_times_cross_section_times_efficiency(search):
    expected, error = search.signal_yield(REGION, 3.0)
    assert expected == pytest.approx(LUMINOSITY_FB * 1e3 * 3.0 * BORN_PB_PER_GEV * EFFICIENCY, rel=0.02)
    assert 0.0 < error < 0.02


def test_the_correction_of_a_published_efficiency_scales_the_signal_only(search):
    imposed = {"values": [[1.0, 0.1], [6.0, 0.1]], "relative_to": "all"}
    plain, corrected = (
        replace(search, settings=SETTINGS | {"regions": [REGION | {"published_efficiency": imposed | extra}]})
        for extra in ({}, {"signal_correction": 0.8})
    )
    yields = [s.signal_yield(s.settings["regions"][0], 3.0)[0] for s in (plain, corrected)]
    assert yields[1] == pytest.approx(0.8 * yields[0])
    backgrounds = [s.total_background(s.settings["regions"][0]).sum() for s in (plain, corrected)]
    assert backgrounds[1] == pytest.approx(backgrounds[0])


def test_a_reading_may_impose_an_efficiency_where_the_region_has_none(search):
    reading = READING | {"published_efficiency": 0.1}
    plain, imposed = (search.signal_yield(REGION, 3.0, each)[0] for each in (READING, reading))
    assert imposed / plain == pytest.approx(0.1 / EFFICIENCY, rel=0.02)
    backgrounds = [search.total_background(REGION, each).sum() for each in (READING, reading)]
    assert backgrounds[1] / backgrounds[0] == pytest.approx(0.1 / EFFICIENCY, rel=0.02)


def test_without_background_a_window_is_one_count(search):
    """No event is expected: 2.30 events at 90 % in a flat prior, whatever the shape."""
    nothing = at(search, 3.0, reading=READING | {"background_scale": 0.0})
    bins = nothing.bins["peak"][2]
    assert (bins, nothing.expected_background) == (1, 0.0)
    (limit,) = upper_limits([nothing.workspace], LimitSettings(method="bayesian", cl=0.90), has_data=False)
    # 5 % on the efficiency raises it by half a per cent.
    assert limit.expected[2] * nothing.yield_per_mu == pytest.approx(2.3026, rel=0.02)


def test_a_reading_may_seek_another_particle_in_a_coupling_of_its_own(search):
    twice = replace(search.signals["peak"], efficiency=2.0 * search.signals["peak"].efficiency)
    samples = SETTINGS["samples"] | {"y": {"role": "signal"}}
    other = replace(search, settings=SETTINGS | {"samples": samples}, other_signals={"peak": {"y": twice}})
    coupling = {"name": "xi", "reference": 3.0, "power": 1}
    reading = {"name": "second", "label": "second", "signals": {"peak": "y"}, "coupling": coupling}
    mine, theirs = at(other, 3.0), at(other, 3.0, reading=reading)
    assert other.signal_yield(REGION, 3.0, reading)[0] == pytest.approx(
        2.0 * other.signal_yield(REGION, 3.0)[0]
    )
    # Twice the efficiency: half of the cross-section; the coupling counts in its own unit and power.
    assert theirs.production_per_mu == pytest.approx(0.5 * mine.production_per_mu)
    assert theirs.coupling_power_per_mu / 3.0 == pytest.approx(0.5 * mine.coupling_power_per_mu / 1e-6)


def test_decays_of_counted_parents_are_fractions_and_other_samples_keep_the_luminosity(search):
    samples = {"x": {"role": "signal", "process": "jpsi_eta_aprime", "parameters": {}, "cuts": {}}}
    samples["dalitz"] = {"role": "background", "process": "jpsi_eta_ee"}
    samples["qed"] = {"role": "background"}
    region = REGION | {"backgrounds": ["dalitz", "qed"], "masses_gev": [1.0, 2.4]}
    parents = {"parents": {"count": 1e9, "relative_uncertainty": 0.005}}
    template = search.templates["peak"]["qed"]
    counted = replace(
        search,
        settings=SETTINGS | parents | {"samples": samples, "regions": [region]},
        templates={"peak": {"dalitz": template, "qed": template}},
    )
    found = counted.background(region)
    assert found["dalitz"].sum() / found["qed"].sum() == pytest.approx(1e9 / (LUMINOSITY_FB * 1e3))
    variance = counted.background_variance(region)
    assert variance["dalitz"].sum() / variance["qed"].sum() == pytest.approx((1e9 / 2e3) ** 2)
    # BR(J/psi -> eta A') in units of epsilon^2 at 1.2 GeV, umbra.theory.meson.
    fraction = float(JPSI_TO_ETA.branching_fraction(1.2, 1.0))
    expected, _ = counted.signal_yield(region, 1.2)
    assert expected == pytest.approx(1e9 * fraction * EFFICIENCY, rel=0.02)
    h = at(counted, 1.2)
    assert h.production_per_mu == pytest.approx(fraction * h.yield_per_mu / expected)
    modifiers = h.workspace["channels"][0]["samples"][0]["modifiers"]
    (of_parents,) = (m for m in modifiers if m["name"] == "parents")
    assert of_parents["data"]["hi"] == pytest.approx(1.005)
    assert "luminosity" not in {m["name"] for m in modifiers}


def test_a_slope_tilts_simulated_backgrounds_about_their_mean(search):
    settings = SETTINGS | {"fit_kind": "templates"}
    fit = {"kind": "templates", "half_window_sigma": 15.0, "bin_sigma": 0.5, "count_below": 0}
    tilted = replace(search, settings=settings | {"fit": fit})
    reading = READING | {"background_slope_per_unit": 0.1}
    h = fitting.hypothesis(tilted, settings | {"fit": fit}, None, 3.0, reading)
    (sample,) = (s for s in h.workspace["channels"][0]["samples"] if s["name"] != "signal")
    (tilt,) = (m for m in sample["modifiers"] if m["type"] == "histosys")
    counts, high, low = (
        np.array(each) for each in (sample["data"], tilt["data"]["hi_data"], tilt["data"]["lo_data"])
    )
    assert high.sum() == pytest.approx(counts.sum())
    assert high + low == pytest.approx(2.0 * counts)
    first, step, n = h.bins["peak"]
    edges = tilted.edges(REGION)[first : first + step * n + 1 : step]
    slope = np.diff(high / counts) / np.diff(0.5 * (edges[1:] + edges[:-1]))
    assert slope == pytest.approx(np.full(len(slope), 0.1))
    # Without a slope, or a background to be tilted, there is no such modifier.
    empty = replace(tilted, templates={"peak": background.nothing(tilted.edges(REGION))})
    for other, named in ((tilted, READING), (empty, reading)):
        plain = fitting.hypothesis(other, settings | {"fit": fit}, None, 3.0, named)
        assert "histosys" not in {
            m["type"] for s in plain.workspace["channels"][0]["samples"] for m in s["modifiers"]
        }


def test_a_reading_may_choose_its_regions(search):
    regions = [REGION, REGION | {"name": "tight"}]
    two = replace(search, settings=SETTINGS | {"regions": regions})
    assert [region["name"] for region in two.regions_at(3.0)] == ["peak", "tight"]
    assert [region["name"] for region in two.regions_at(3.0, {"regions": ["tight"]})] == ["tight"]


def test_regions_share_the_luminosity_and_grow_alike_in_a_projection(search):
    regions = [REGION | {"luminosity_fb": part * LUMINOSITY_FB} for part in (0.25, 0.75)]
    whole, parts = search.signal_yield(REGION, 3.0)[0], [search.signal_yield(r, 3.0)[0] for r in regions]
    assert sum(parts) == pytest.approx(whole)
    assert parts[1] == pytest.approx(3.0 * parts[0])
    projection = READING | {"luminosity_fb": 100.0 * LUMINOSITY_FB}
    assert search.signal_yield(regions[0], 3.0, projection)[0] == pytest.approx(100.0 * parts[0])
    background = [search.total_background(regions[0], reading).sum() for reading in (READING, projection)]
    assert background[1] == pytest.approx(100.0 * background[0])


def test_data_sets_of_other_machines_have_their_own_cross_section(search):
    energies = {"electron_energy_gev": 4.0, "positron_energy_gev": 4.0, "crossing_angle_mrad": 0.0}
    other = {"machine": "n", "machine_settings": energies | {"sqrt_s_spread_gev": 0.0}}
    process = {"role": "signal", "process": "gamma_aprime", "parameters": {"coupling": 1e-3}, "cuts": {}}
    settings = SETTINGS | {
        "samples": {"x": process, "low": process | other},
        "regions": [
            REGION | {"luminosity_fb": 1.5},
            REGION | {"name": "low", "signal": "low", "luminosity_fb": 0.5},
        ],
    }
    (model,), (templates_,) = search.signals.values(), search.templates.values()
    two = Search(settings, {"peak": model, "low": model}, {"peak": templates_, "low": templates_})
    high, low = (two.born_pb(region, 3.0) for region in settings["regions"])
    # 4 pi alpha^2 eps^2 / s (1 + x^2) / (1 - x) (ln(s / m_e^2) - 1), x = m^2 / s, is larger at the lower energy.
    expected = [
        (1 + (9.0 / s) ** 2) / (s * (1 - 9.0 / s)) * (np.log(s / ELECTRON_MASS_GEV**2) - 1)
        for s in (10.58**2, 8.0**2)
    ]
    assert low / high == pytest.approx(expected[1] / expected[0], rel=1e-6)
    h = fitting.hypothesis(two, settings, None, 3.0, READING)
    total = sum(two.signal_yield(region, 3.0)[0] for region in settings["regions"])
    mean_fb = 1e3 * (0.75 * high + 0.25 * low)
    assert h.production_per_mu / h.yield_per_mu == pytest.approx(mean_fb / total)


def test_a_published_efficiency_may_refer_to_other_events_than_those_generated(search):
    process = {"role": "signal", "process": "gamma_aprime", "parameters": {"coupling": 1e-3}}
    imposed = {"values": [[1.0, 0.1], [6.0, 0.1]], "relative_to": "all"}
    yields = {}
    for name, extra in (("cut", {}), ("all", {"relative_to_cuts": {}})):
        region = REGION | {"published_efficiency": imposed | extra}
        samples = SETTINGS["samples"] | {"x": process | {"cuts": {"cos_theta": [-0.4, 0.6]}}}
        own = replace(search, settings=SETTINGS | {"regions": [region], "samples": samples})
        yields[name] = own.signal_yield(region, 3.0)[0] / own.born_pb(region, 3.0) / (1e3 * LUMINOSITY_FB)
    assert yields["cut"] == pytest.approx(0.1)
    # Photons between -0.4 and 0.6 are 1774.9 of 48090 pb at 3 GeV.
    assert yields["all"] == pytest.approx(0.1 * 48090.0 / 1774.9, rel=2e-3)


def test_a_background_that_peaks_is_a_component_as_well_known_as_the_reading_says(search):
    ((edges, middle),) = [
        (t.edges, 0.5 * (t.edges[1:] + t.edges[:-1])) for t in search.templates["peak"].values()
    ]
    bump = 0.05 * np.exp(-0.5 * ((middle - 3.0) / 0.03) ** 2) * np.diff(edges) / 0.02
    peak = background.Template(edges, bump, 1e-6 * bump, np.zeros_like(bump))
    region = REGION | {"backgrounds": ["qed", "bump"], "peaking_backgrounds": ["bump"]}
    samples = SETTINGS["samples"] | {"bump": {"role": "background"}}
    both = Search(
        SETTINGS | {"regions": [region], "samples": samples},
        dict(search.signals),
        {"peak": {**search.templates["peak"], "bump": peak}},
    )
    expected = both.total_background(region).sum() - search.total_background(REGION).sum()
    assert expected == pytest.approx(1e3 * LUMINOSITY_FB * bump.sum())
    limits = {}
    for known in (0.0, 0.1, "free"):
        h = at(both, 3.0, reading=READING | {"peaking_uncertainty": known})
        (component,) = [s for s in h.workspace["channels"][0]["samples"] if s["name"] == "bump"]
        kinds = {m["type"] for m in component["modifiers"]} - {"staterror"}
        assert kinds == {0.0: set(), 0.1: {"normsys"}, "free": {"normfactor"}}[known]
        (limit,) = upper_limits([h.workspace], LimitSettings(cl=0.9), has_data=False)
        limits[known] = limit.expected[2] * h.yield_per_mu
    # The bump has the place and nearly the width of the signal: not to know it costs much.
    assert limits[0.0] < 0.8 * limits[0.1] < 0.8 * limits["free"]


def test_a_count_may_take_its_background_from_a_smooth_curve(search):
    ((edges, smooth),) = [(t.edges, t.smooth_pb) for t in search.templates["peak"].values()]
    # Few events of large weight, on average the smooth curve.
    weight = 200.0 * smooth.mean()
    found = weight * np.random.default_rng(3).poisson(smooth / weight)
    template = background.Template(edges, found, weight * found, smooth)
    fit = {"kind": "counting", "half_window_sigma": 2.0, "source": ""}
    settings = SETTINGS | {"fit": fit, "fit_kind": "counting"}
    results = {}
    for names in ([], ["qed"]):
        region = REGION | {"smooth_backgrounds": names}
        own = Search(settings | {"regions": [region]}, dict(search.signals), {"peak": {"qed": template}})
        for known in (0.0, 0.2):
            h = fitting.hypothesis(own, settings, None, 3.0, READING | {"background_relative": known})
            _, qed = h.workspace["channels"][0]["samples"]
            types = {m["type"]: m["data"] for m in qed["modifiers"]}
            assert ("normsys" in types) == (known > 0.0)
            results[bool(names)] = qed["data"][0], types.get("staterror", [0.0])[0]
    (count, error), (low, high) = results[True], (2.82, 3.18)
    width = h.windows["peak"]
    expected = fitting.rebinned(smooth, edges, np.array(width))[0] * 1e3 * LUMINOSITY_FB
    assert low < width[0] < width[1] < high
    assert count == pytest.approx(expected)
    # Over 10 resolutions on both sides there are six times as many events as in the window of four.
    inside = np.searchsorted(edges, width)
    around = found[inside[0] - 80 : inside[1] + 80].sum() / weight
    assert error == pytest.approx(count / np.sqrt(around), rel=0.35)


def test_masses_beyond_those_that_leave_candidates_have_no_limit(search):
    """Beyond them the efficiency falls unseen, and a limit made with that of the last one is too strong."""
    other = REGION | {"name": "other"}
    (first, *_), own = search.signals["peak"].mass_gev, search.signals["peak"]
    columns = {k: v[1:] if isinstance(v, list) else v for k, v in own.to_json().items()}
    later = signal.SignalModel.from_json(columns)
    both = replace(
        search,
        settings=SETTINGS | {"regions": [REGION, other]},
        signals={"peak": own, "other": later},
        templates=search.templates | {"other": search.templates["peak"]},
    )
    inside, outside = at(both, float(later.mass_gev[0])), at(both, float(first))
    assert (list(inside.windows), inside.reason) == (["peak", "other"], "")
    assert list(outside.windows) == ["peak"]
    assert outside.reason == "left out, too few simulated candidates: other"
    nothing = at(replace(both, signals={"peak": later, "other": later}), float(first))
    assert (nothing.workspace, nothing.status) == (None, "no_sensitivity")


def test_a_projection_is_never_compared_with_data(search):
    data = pseudodata.make(search, {"kind": "toy", "seed": 1})
    h = at(search, 3.0, data, READING | {"luminosity_fb": 50.0})
    assert h.workspace is None
    assert (h.status, h.reason) == ("fit_failed", "a projection to another luminosity has no data")


def test_one_limit_in_two_conventions_and_two_luminosities(search, tmp_path: Path):
    also = [{"name": "y", "factor": 0.5 / 81.0, "exponent": 2, "convention": "y"}]
    coupling = SETTINGS["coupling"] | {"also": also}
    models = [{"name": "now", "label": "now"}, {"name": "later", "label": "later", "luminosity_fb": 200.0}]
    settings = SETTINGS | {"coupling": coupling, "models": models}
    both = replace(search, settings=settings)
    fitting.fit_block(both, settings, None, [3.0], tmp_path / "fits.json", tmp_path / "b.zip", {})
    limit.limit_block(tmp_path / "fits.json", tmp_path / "b.zip", settings, tmp_path / "l.json", {})
    assert limit.write_table([tmp_path / "l.json"], settings, tmp_path / "limits.csv") == []
    rows = {(r.model, r.luminosity_fb, r.quantity): r for r in read_limits(tmp_path / "limits.csv")}
    now, later = (rows[key] for key in (("now", 2.0, "epsilon"), ("later", 200.0, "epsilon")))
    assert rows["now", 2.0, "y"].expected == pytest.approx(now.expected**2 * 0.5 / 81.0)
    assert rows["now", 2.0, "y"].expected_plus2 == pytest.approx(now.expected_plus2**2 * 0.5 / 81.0)
    # The background dominates: the limit on the rate falls as the root of the luminosity, or a little faster.
    assert 0.8 * 100**-0.25 < later.expected / now.expected < 1.02 * 100**-0.25
    assert list(exclusion_figures(settings)) == ["epsilon", "y"]


def test_a_strength_of_one_means_the_same_in_yield_cross_section_and_coupling(search):
    h = at(search, 3.0)
    at_reference = search.signal_yield(REGION, 3.0)[0]
    ratio = h.yield_per_mu / at_reference
    assert h.production_per_mu == pytest.approx(3000.0 * ratio)
    assert h.coupling_power_per_mu == pytest.approx(1e-6 * ratio)
    signal = h.workspace["channels"][0]["samples"][0]["data"]
    # 15 resolutions on both sides hold all of a Gaussian.
    assert sum(signal) == pytest.approx(h.yield_per_mu, rel=0.01)


def test_asimov_data_are_the_background(search):
    ws = at(search, 3.0).workspace
    model = pyhf.Workspace(ws).model()
    parameters = np.array(model.config.suggested_init())
    parameters[model.config.poi_index] = 0.0
    np.testing.assert_allclose(
        model.expected_actualdata(parameters), ws["observations"][0]["data"], rtol=1e-9
    )


def test_pyhf_accepts_and_agrees_on_the_limit(search, tmp_path: Path):
    fitting.fit_block(search, SETTINGS, None, [3.0], tmp_path / "fits.json", tmp_path / "b.zip", {})
    limit.limit_block(tmp_path / "fits.json", tmp_path / "b.zip", SETTINGS, tmp_path / "limits.json", {})
    (point,) = read_json(tmp_path / "limits.json")["points"]
    assert point["status"] == "converged"
    ws = pyhf.Workspace(workspace.read_archive(tmp_path / "b.zip")[workspace.member("main", 3.0)])
    _, expected = pyhf.infer.hypotest(
        point["expected"][2], ws.data(ws.model()), ws.model(), test_stat="qtilde", return_expected=True
    )
    assert float(expected) == pytest.approx(0.05, abs=2e-3)


def test_vetoed_mass_has_a_status_and_no_numbers(search, tmp_path: Path):
    fitting.fit_block(search, SETTINGS, None, [4.0, 5.0], tmp_path / "fits.json", tmp_path / "b.zip", {})
    limit.limit_block(tmp_path / "fits.json", tmp_path / "b.zip", SETTINGS, tmp_path / "limits.json", {})
    missing = limit.write_table([tmp_path / "limits.json"], SETTINGS, tmp_path / "limits.csv")
    assert [point["mass_gev"] for point in missing] == [5.0]
    rows = read_limits(tmp_path / "limits.csv")
    assert {row.status for row in rows if row.mass_gev == 5.0} == {"excluded_window"}
    assert all(row.expected is None and row.observed is None for row in rows if row.mass_gev == 5.0)
    assert "nan" not in (tmp_path / "limits.csv").read_text().lower()
    coupling, fb = (
        next(r.expected for r in rows if r.mass_gev == 4.0 and r.quantity == q)
        for q in ("epsilon", "cross_section_fb")
    )
    assert (coupling / 1e-3) ** 2 * 4000.0 == pytest.approx(fb)


def test_injected_signal_is_found_at_its_mass_with_its_yield(search, tmp_path: Path):
    coupling = 3e-4
    data = pseudodata.make(search, {"kind": "asimov", "inject": {"mass_gev": 3.0, "coupling": coupling}})
    fitting.fit_block(search, SETTINGS, data, [2.7, 3.0, 3.3], tmp_path / "fits.json", tmp_path / "b.zip", {})
    low, at_mass, high = read_json(tmp_path / "fits.json")["points"]
    assert at_mass["yield_hat"] == pytest.approx(
        (coupling / 1e-3) ** 2 * search.signal_yield(REGION, 3.0)[0], rel=0.02
    )
    assert at_mass["z"] > 3.0
    assert at_mass["z"] > 5.0 * max(low["z"], high["z"])


def test_toys_are_the_same_again_and_differ_by_seed(search):
    first = pseudodata.make(search, {"kind": "toy", "seed": 1})["peak"].values
    np.testing.assert_array_equal(first, pseudodata.make(search, {"kind": "toy", "seed": 1})["peak"].values)
    assert (first != pseudodata.make(search, {"kind": "toy", "seed": 2})["peak"].values).any()
    assert first.sum() == pytest.approx(search.background(REGION)["qed"].sum(), abs=5 * first.sum() ** 0.5)


def test_pseudo_data_have_the_background_that_the_first_reading_of_data_expects(search):
    """Scales belong to readings: that of a projection or of an assumption that comes later plays no part."""
    models = [
        READING | {"name": "later", "luminosity_fb": 50.0, "background_scale": 3.0},
        READING | {"background_scale": 1.2},
        READING | {"name": "none", "background_scale": 0.0},
    ]
    scaled = replace(search, settings=SETTINGS | {"models": models})
    plain, more = (each.data_background(REGION) for each in (search, scaled))
    np.testing.assert_allclose(more, 1.2 * plain)
    toy = pseudodata.make(scaled, {"kind": "toy", "seed": 1})["peak"].values.sum()
    assert toy == pytest.approx(more.sum(), abs=5.0 * toy**0.5)
    assert toy > plain.sum() + 5.0 * toy**0.5


def test_signals_that_would_be_injected_nowhere_are_refused(search):
    def inject(settings, mass_gev: float):
        given = {"kind": "asimov", "inject": {"mass_gev": mass_gev, "coupling": 1e-3}}
        return pseudodata.make(replace(search, settings=settings), given)

    with pytest.raises(UmbraError, match=r"channel synthetic: data/inject: no region has a mass of 7 GeV"):
        inject(SETTINGS, 7.0)
    with pytest.raises(UmbraError, match="channel synthetic: data/inject: a signal that flies"):
        inject(SETTINGS | {"lifetimes_mm": [1.0, 10.0]}, 3.0)


def test_data_survive_their_file(search, tmp_path: Path):
    data = pseudodata.make(search, {"kind": "toy", "seed": 1})
    pseudodata.write(tmp_path / "d.root", data)
    np.testing.assert_array_equal(pseudodata.read(tmp_path / "d.root")["peak"].values, data["peak"].values)
    pseudodata.write(tmp_path / "none.root", None)
    assert pseudodata.read(tmp_path / "none.root") is None


def test_events_of_a_csv_are_counted_in_the_axis(search, tmp_path: Path):
    (tmp_path / "d.csv").write_text("region,value\npeak,3.0\npeak,3.0\npeak,2.0\n")
    counts = pseudodata.from_file(tmp_path / "d.csv", search)["peak"]
    assert counts.values.sum() == 3.0
    assert counts.values[np.searchsorted(counts.edges, 3.0, side="right") - 1] == 2.0


def test_bins_of_a_csv_become_the_bins_of_the_fit(search, tmp_path: Path):
    edges = np.linspace(2.0, 4.0, 201)
    rows = "\n".join(
        f"peak,{low!r},{high!r},100"
        for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    )
    (tmp_path / "d.csv").write_text(f"region,low,high,count\n{rows}\n")
    data = pseudodata.from_file(tmp_path / "d.csv", search)
    ws = at(search, 3.0, data).workspace
    assert set(ws["observations"][0]["data"]) == {100.0}


def test_example_fits_show_the_bins_of_the_data(search, tmp_path: Path):
    data = {"peak": pseudodata.Counts(np.linspace(2.0, 4.0, 201), np.full(200, 100.0))}
    fitting.fit_block(search, SETTINGS, data, [3.0], tmp_path / "fits.json", tmp_path / "b.zip", {})
    (point,) = read_json(tmp_path / "fits.json")["points"]
    axes = pseudodata.axes(search, data)
    (example,) = example_fits([(point, tmp_path / "b.zip")], SETTINGS, axes, [])
    assert [example.edges[0], example.edges[-1]] == point["windows"]["peak"]
    assert np.isin(example.edges, data["peak"].edges).all()
    assert example.observed == pytest.approx(100.0 * np.diff(example.edges) / 0.01)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("region,value\npeak,abc\n", "line 2"),
        ("region,value\npeak,nan\n", "not finite"),
        ("region,value\nother,1.0\n", "no region 'other'"),
        ("a,b\n1,2\n", "columns a,b"),
        ("region,low,high,count\npeak,1.0,2.0,5\npeak,2.5,3.0,5\n", "do not follow"),
        ("region,low,high,count\npeak,1.0,2.0,-5\n", "not a bin with a count"),
    ],
)
def test_bad_data_are_refused_with_file_and_value(search, tmp_path: Path, text: str, message: str):
    (tmp_path / "d.csv").write_text(text)
    with pytest.raises(UmbraError, match=message) as error:
        pseudodata.from_file(tmp_path / "d.csv", search)
    assert "d.csv" in str(error.value)


def test_missing_data_file_names_channel_and_file(search):
    with pytest.raises(UmbraError, match=r"channel synthetic.*nowhere\.csv"):
        pseudodata.make(search, {"kind": "file", "file": "nowhere.csv"})


def test_published_efficiency_scales_signal_and_background_alike(search):
    region = REGION | {"published_efficiency": {"values": [[1.0, 0.1], [6.0, 0.1]], "relative_to": "all"}}
    scaled = replace(search, settings=SETTINGS | {"regions": [region]})
    ratio = scaled.signal_yield(region, 3.0)[0] / search.signal_yield(REGION, 3.0)[0]
    assert ratio == pytest.approx(0.1 / EFFICIENCY, rel=0.02)
    background = scaled.background(region)["qed"] / search.background(REGION)["qed"]
    np.testing.assert_allclose(background, 0.1 / EFFICIENCY, rtol=0.03)


def test_archives_are_the_same_bytes_again_and_say_when_they_are_broken(search, tmp_path: Path):
    ws = {workspace.member("main", 3.0): at(search, 3.0).workspace}
    for name in ("a.zip", "b.zip"):
        workspace.write_archive(tmp_path / name, ws)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes((tmp_path / "b.zip").read_bytes()[:100])
    with pytest.raises(UmbraError, match=r"a\.zip"):
        workspace.read_archive(tmp_path / "a.zip")


TEMPLATES = {"kind": "templates", "half_window_sigma": 8.0, "bin_sigma": 1.0, "count_below": 50.0}


def with_templates(search: Search, scale: float, effective: float) -> tuple[Search, dict]:
    """Give the background another size and so many simulated events for each expected one."""
    (template,) = search.templates["peak"].values()
    other = background.Template(
        template.edges,
        scale * template.visible_pb,
        scale * template.visible_pb / (effective * 1e3 * LUMINOSITY_FB),
        template.smooth_pb,
    )
    settings = SETTINGS | {"fit_kind": "templates", "fit": TEMPLATES}
    return replace(search, settings=settings, templates={"peak": {"qed": other}}), settings


def test_templates_are_fitted_with_their_errors_where_there_are_enough_events(search):
    many, settings = with_templates(search, 1.0, 4.0)
    (channel,) = fitting.hypothesis(many, settings, None, 3.0, READING).workspace["channels"]
    background = channel["samples"][1]
    assert len(background["data"]) == pytest.approx(16, abs=2)
    (error,) = (m for m in background["modifiers"] if m["type"] == "staterror")
    # Four simulated events for each expected one.
    np.testing.assert_allclose(np.square(error["data"]), np.array(background["data"]) / 4.0, rtol=1e-9)


@pytest.mark.parametrize(("scale", "effective"), [(1e-3, 1e4), (1.0, 1e-3)])
def test_few_events_expected_or_simulated_are_counted_in_one_bin(search, scale: float, effective: float):
    few, settings = with_templates(search, scale, effective)
    (channel,) = fitting.hypothesis(few, settings, None, 3.0, READING).workspace["channels"]
    assert len(channel["samples"][1]["data"]) == 1


def test_the_nearest_simulated_events_tell_the_expectation_of_a_window():
    axis = np.linspace(0.0, 100.0, 101)
    values = np.full(100, 2.0)
    dense = fitting.nearest_density(values, np.full(100, 0.1), axis, np.array([49.0, 51.0]))
    np.testing.assert_allclose([dense[0][0], dense[1][0]], [4.0, 0.2])
    # Events of weight 2, one a bin: five effective ones need five bins.
    sparse, variance = fitting.nearest_density(values, np.full(100, 4.0), axis, np.array([49.0, 51.0]))
    assert sparse[0] == pytest.approx(4.0)
    assert sparse[0] ** 2 / variance[0] == pytest.approx(5.0, rel=0.15)
    # Nothing near: what there is on the whole axis.
    far = np.where(np.arange(100) == 10, 3.0, 0.0)
    counts, error = fitting.nearest_density(far, 3.0 * far, axis, np.array([80.0, 82.0]))
    assert counts[0] == pytest.approx(3.0 * 2.0 / 100.0)
    assert error[0] == pytest.approx(9.0 * (2.0 / 100.0) ** 2)


FLYING = {
    **SETTINGS,
    "fit_kind": "counting",
    "fit": {"kind": "counting", "half_window_sigma": 5.0},
    "lifetimes_mm": LIFETIMES,
    "regions": [{**REGION, "name": name, "backgrounds": [], "masses_gev": [1.0, 3.0]} for name in ("near", "far")],
}  # fmt: skip


@pytest.fixture(scope="module")
def flights() -> Search:
    model = signal.build("mass_gev", flying(), records([1.0, 2.0, 3.0]), "test", lifetimes_mm=LIFETIMES)
    nothing = background.nothing(background.axis(model, (1.0, 3.0), None))
    names = ("near", "far")
    return Search(FLYING, dict.fromkeys(names, model), dict.fromkeys(names, nothing))


def test_counts_without_background_are_one_count_for_each_lifetime(flights):
    found = fitting.hypothesis(flights, FLYING, None, 2.0, READING, 50.0)
    assert found.status == "converged"
    assert found.member == "main/2.000000/50"
    (channel,) = found.workspace["channels"]
    assert channel["samples"][0]["data"] == pytest.approx([found.yield_per_mu], rel=0.01)
    assert found.workspace["observations"][0]["data"] == [0.0]
    # Both regions have the efficiency of the model: events = 2 x luminosity x cross-section x efficiency.
    efficiency, _ = flights.signals["near"].efficiency_at(2.0, 50.0)
    per_fb = 2 * LUMINOSITY_FB * efficiency
    assert found.yield_per_mu / found.production_per_mu == pytest.approx(per_fb, rel=1e-9)


def test_a_lifetime_that_leaves_too_few_decays_has_no_limit(flights, monkeypatch):
    found = fitting.hypothesis(flights, FLYING, None, 3.0, READING, 0.004)
    assert (found.status, found.reason) == ("no_sensitivity", "no signal is expected in any region")
    monkeypatch.setattr(fitting, "_LARGEST_SIGNAL_ERROR", 0.01)
    found = fitting.hypothesis(flights, FLYING, None, 3.0, READING, 0.5)
    assert found.status == "no_sensitivity"
    assert found.reason == "too few simulated decays are seen to tell the efficiency"


def test_a_reading_seeks_masses_in_the_span_of_its_regions(flights):
    assert flights.seeks(1.0, READING)
    assert not flights.seeks(0.9, READING)
    assert not flights.seeks(3.1, {**READING, "regions": ["near"]})


def test_limits_of_several_lifetimes_have_a_column_and_no_coupling(flights, tmp_path: Path):
    fits, archive = tmp_path / "f.json", tmp_path / "w.zip"
    fitting.fit_block(flights, FLYING, None, [1.0, 2.0], fits, archive, {})
    limit.limit_block(
        fits, archive, {**FLYING, "limit": {**FLYING["limit"], "method": "bayesian"}}, tmp_path / "l.json", {}
    )
    limit.write_table([tmp_path / "l.json"], FLYING, tmp_path / "limits.csv")
    rows = read_limits(tmp_path / "limits.csv")
    assert {row.quantity for row in rows} == {"yield", "cross_section_fb"}
    assert {row.lifetime_mm for row in rows} == set(LIFETIMES)
    # No event: 3.0 at 95 %, a little more with the uncertainty of the efficiency.
    (one,) = (r for r in rows if (r.lifetime_mm, r.mass_gev, r.quantity) == (50.0, 2.0, "yield"))
    assert 2.995 < one.expected < 3.1


@pytest.mark.parametrize(("first", "components"), [(0.0, 2), (0.1, 4)])
def test_a_background_vanishes_at_threshold_as_phase_space_does(first: float, components: int) -> None:
    window = fitting._Window({"variable": "reduced_mass_gev"}, 0, 1, np.linspace(first, 0.3, 31), None)
    basis = fitting._basis(window, 3)
    assert len(basis) == components
    # Over the first of 30 bins, what starts as a square has an integral of at most 3 (1/30)^3, in units of the bin.
    at_zero = basis[:, 0] * 30.0**2
    assert (at_zero.max() < 3.0) == (first == 0.0)
