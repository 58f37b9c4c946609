"""The public entry: what goes in, what comes out, and what never changes it."""

import copy

import numpy as np
import pytest
from scipy.stats import norm, poisson

from umbra.core.errors import UmbraError
from umbra.statistics.engine import LimitSettings, discoveries, fitted_expectations, upper_limits

ASYMPTOTIC = LimitSettings(calculation="asymptotic")


def mixed(counting, peak):
    """Workspaces of several structures, calculations and troubles."""
    peaks = [peak(seed, events, n) for seed in range(2) for events in (2e6, 20000.0, 300.0) for n in (40, 33)]
    peaks += [peak(5, 20000.0, 40, staterror=True), peak(6, 300.0, 40, staterror=True)]
    windows = [counting(n, b, uncertainty=u) for n, b in ((0, 0.1), (3, 2.0), (70, 60.0)) for u in (0.0, 0.2)]
    return [*peaks, *windows, {}, counting(3, 3.0, 0.0)]


@pytest.mark.parametrize("method", ["cls", "bayesian", "profile"])
def test_limits_do_not_depend_on_the_company_or_the_order(counting, peak, method):
    workspaces = mixed(counting, peak)
    settings = LimitSettings(method=method)
    together = upper_limits(workspaces, settings)
    alone = [upper_limits([workspace], settings)[0] for workspace in workspaces]
    assert together == alone  # to the last bit
    order = np.random.default_rng(1).permutation(len(workspaces))
    shuffled = upper_limits([workspaces[i] for i in order], settings)
    assert [shuffled[k] for k in np.argsort(order)] == together
    assert upper_limits(workspaces[:7], settings) + upper_limits(workspaces[7:], settings) == together


def test_discoveries_do_not_depend_on_the_company(counting, peak):
    workspaces = mixed(counting, peak)
    assert discoveries(workspaces) == [discoveries([workspace])[0] for workspace in workspaces]


def test_a_bad_workspace_has_its_status_and_the_others_their_limits(counting, peak):
    negative = counting(3, 3.0)
    negative["observations"][0]["data"] = [-3]
    impossible = peak(1)
    for sample in impossible["channels"][0]["samples"]:
        sample["data"][7] = 0.0
        for modifier in sample["modifiers"]:
            if modifier["type"] == "histosys":
                modifier["data"]["hi_data"][7] = modifier["data"]["lo_data"][7] = 0.0
    empty_signal = counting(3, 3.0, 0.0)
    limits = upper_limits([peak(1), negative, {}, impossible, empty_signal, counting(3, 3.0)])
    assert [limit.status for limit in limits] == [
        "converged",
        "fit_failed",
        "fit_failed",
        "fit_failed",
        "no_sensitivity",
        "converged",
    ]
    assert "negative observation -3" in limits[1].reason
    assert "not a HistFactory workspace" in limits[2].reason
    assert "bin 7 of channel 'spectrum'" in limits[3].reason
    assert "none is possible" in limits[3].reason
    for limit in limits[1:5]:
        assert limit.observed is None
        assert limit.expected == (None,) * 5


def test_a_signal_that_the_background_can_imitate_has_no_sensitivity(counting):
    window = counting(30, 30.0)
    window["channels"][0]["samples"][1]["modifiers"].append(
        {"name": "free", "type": "normfactor", "data": None}
    )
    free = {"name": "free", "bounds": [[-1e30, 1e30]], "inits": [1.0]}
    window["measurements"][0]["config"]["parameters"].append(free)
    limit = upper_limits([window], ASYMPTOTIC)[0]
    assert limit.status == "no_sensitivity"
    assert limit.observed is None


def test_zero_background_and_zero_events_bins_are_ordinary(peak):
    workspace = peak(3, 30.0)
    limit = upper_limits([workspace], ASYMPTOTIC)[0]
    assert limit.status == "converged"
    data = workspace["observations"][0]["data"]
    assert 0.0 in data
    for sample in workspace["channels"][0]["samples"][1:]:
        sample["data"] = [0.0] * len(data)
    workspace["observations"][0]["data"] = [0.0] * len(data)
    clean = upper_limits([workspace], ASYMPTOTIC)[0]
    assert clean.status == "converged"
    assert clean.expected[2] == pytest.approx(clean.observed)


def test_without_data_there_is_no_observed_limit_and_the_median_is_that_of_asimov_data(peak, counting):
    for workspace in (peak(0, asimov=True), counting(100, 100.0, uncertainty=0.1)):
        with_data = upper_limits([workspace], ASYMPTOTIC)[0]
        without = upper_limits([workspace], ASYMPTOTIC, has_data=False)[0]
        assert without.observed is None
        assert without.expected == with_data.expected
        assert with_data.observed == pytest.approx(with_data.expected[2], rel=1e-6)


def test_expected_data_need_not_be_whole_numbers(counting):
    asimov = counting(2.4, 2.4)
    assert upper_limits([asimov], has_data=False)[0].method == "cls_exact"
    forced = upper_limits([asimov], LimitSettings(calculation="exact"))[0]
    assert forced.status == "fit_failed"
    assert "2.4" in forced.reason


def test_the_scale_of_the_signal_does_not_matter(peak):
    for scale in (1e-6, 1e5):
        workspace = peak(2)
        scaled = copy.deepcopy(workspace)
        signal = scaled["channels"][0]["samples"][0]
        signal["data"] = [scale * s for s in signal["data"]]
        for key in ("hi_data", "lo_data"):
            signal["modifiers"][3]["data"][key] = [scale * s for s in signal["modifiers"][3]["data"][key]]
        a, b = upper_limits([workspace, scaled], ASYMPTOTIC)
        assert b.status == "converged"
        assert b.observed * scale == pytest.approx(a.observed, rel=1e-6)
        assert np.array(b.expected) * scale == pytest.approx(np.array(a.expected), rel=1e-6)


@pytest.mark.parametrize(
    ("observed", "background", "method"),
    [(0, 0.1, "cls_exact"), (400, 1000.0, "cls_exact"), (1000, 1000.0, "cls_asymptotic")],
)
def test_the_calculation_of_windows_follows_the_counts(counting, observed, background, method):
    assert upper_limits([counting(observed, background)])[0].method == method


def test_the_calculation_of_shapes_follows_the_background_under_the_signal(peak):
    settings = LimitSettings(n_toys=100)
    assert upper_limits([peak(0, 20000.0)], settings)[0].method == "cls_asymptotic"
    assert upper_limits([peak(0, 10.0)], settings)[0].method == "cls_toys"


def test_exact_limits_of_shapes_are_refused(peak):
    limit = upper_limits([peak(0)], LimitSettings(calculation="exact"))[0]
    assert limit.status == "fit_failed"
    assert "40 bins" in limit.reason


def test_toys_repeat_with_their_seed_and_differ_without(peak):
    workspace = peak(0, 10.0)
    settings = LimitSettings(calculation="toys", n_toys=100)
    other = LimitSettings(calculation="toys", n_toys=100, seed=("other",))
    first, again, changed = (upper_limits([workspace], s)[0] for s in (settings, settings, other))
    assert first == again
    assert first.observed != changed.observed


def test_unknown_settings_are_refused():
    for wrong in ({"method": "guess"}, {"calculation": "magic"}, {"cl": 95.0}):
        with pytest.raises(UmbraError):
            LimitSettings(**wrong)


def test_discovery_of_an_injected_signal(counting):
    found = discoveries([counting(150, 100.0)])[0]
    assert found.mu_hat == pytest.approx(50.0)
    assert found.mu_hat_error == pytest.approx(np.sqrt(150.0))
    assert found.q0 == pytest.approx(2 * (150 * np.log(1.5) - 50))
    assert found.p0 == pytest.approx(poisson.sf(149, 100.0))
    assert found.z == pytest.approx(norm.isf(found.p0))
    assert found.method == "exact"
    assert found.chi2 == pytest.approx(found.q0)
    assert found.chi2_signal == pytest.approx(0.0, abs=1e-9)
    assert found.n_bins == 1


def test_the_significance_of_a_shape_is_asymptotic(peak):
    found = discoveries([peak(4)])[0]
    assert found.method == "asymptotic"
    assert found.z == pytest.approx(np.sqrt(found.q0))
    assert found.p0 == pytest.approx(norm.sf(found.z))


def test_three_events_on_a_tenth_are_not_as_rare_as_asymptotics_have_it(counting):
    found = discoveries([counting(3, 0.1)])[0]
    assert found.p0 == pytest.approx(poisson.sf(2, 0.1))
    assert found.p0 > 2.0 * norm.sf(np.sqrt(found.q0))


def test_a_deficit_has_a_negative_strength_and_no_significance(counting):
    found = discoveries([counting(80, 100.0)])[0]
    assert found.mu_hat == pytest.approx(-20.0)
    assert (found.q0, found.z, found.p0) == (0.0, 0.0, 0.5)


@pytest.mark.parametrize("background", [0.0, 1e-9, 1e-3])
def test_nothing_where_nothing_is_expected_is_no_excess_and_no_failure(counting, background):
    found = discoveries([counting(0, background)])[0]
    assert (found.status, found.q0, found.z, found.p0) == ("converged", 0.0, 0.0, 0.5)
    assert found.mu_hat == pytest.approx(0.0, abs=2e-3)


def test_fitted_expectations_follow_the_data(peak):
    fit = fitted_expectations(peak(4))
    (channel,) = fit.channels
    assert channel.name == "spectrum"
    assert sum(channel.background) == pytest.approx(sum(channel.observed), rel=1e-6)
    assert sum(channel.signal_plus_background) == pytest.approx(sum(channel.observed), rel=1e-6)
    assert fit.background_parameters["mu"] == 0.0
    assert set(fit.signal_parameters) == {
        "mu",
        "lumi",
        "efficiency",
        "resolution",
        "term0",
        "term1",
        "term2",
        "term3",
    }
