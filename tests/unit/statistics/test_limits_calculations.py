"""Which calculation a model takes, what `expected` means in all of them, and what toys leave uncertain."""

import numpy as np
import pytest

from umbra.core.errors import UmbraError
from umbra.statistics.calculations import TOYS_BELOW, WORTHWHILE_TOYS, affordable_toys, choose_calculation
from umbra.statistics.compilation import compile_workspace
from umbra.statistics.engine import LimitSettings, upper_limits
from umbra.statistics.profile import prepare

METHODS = ("cls", "bayesian", "profile", "feldman_cousins")


def excess(observed):
    """A public window: 43.8 events expected, known to a fifth, signal to a tenth (case 09 of a set of workspaces)."""
    signal = [
        {"name": "r", "type": "normfactor", "data": None},
        {"name": "signal_rate", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}},
    ]
    rate = {"name": "rate", "type": "normsys", "data": {"hi": 1.2, "lo": 0.8}}
    return {
        "channels": [
            {
                "name": "window",
                "samples": [
                    {"name": "signal", "data": [148.8058319091797], "modifiers": signal},
                    {"name": "background", "data": [43.84315872192383], "modifiers": [rate]},
                ],
            }
        ],
        "observations": [{"name": "window", "data": [observed]}],
        "measurements": [{"name": "m", "config": {"poi": "r", "parameters": []}}],
        "version": "1.0.0",
    }


def test_expected_limits_follow_the_fitted_background_in_every_calculation():
    """The median expected limit of pyhf is 0.448; with the background of the prior it would be 0.144."""
    settings = [LimitSettings(calculation=c) for c in ("asymptotic", "exact", "auto")]
    asymptotic, exact, auto = (upper_limits([excess(237.0)], s)[0] for s in settings)
    assert asymptotic.expected[2] == pytest.approx(0.448, rel=2e-3)
    assert exact.method == "cls_exact_marginalised"
    assert exact.expected[2] == pytest.approx(0.448, rel=0.02)
    assert auto == exact


@pytest.mark.parametrize("method", METHODS)
def test_expected_limits_of_exact_and_asymptotic_calculations_mean_the_same(counting, method):
    """200 events where 120 +- 20% are expected: with the background of the prior the limits would differ by half."""
    exact, asymptotic = (
        upper_limits([counting(200.0, 120.0, uncertainty=0.2)], LimitSettings(method=method, calculation=c))[
            0
        ]
        for c in ("exact", "asymptotic")
    )
    assert exact.expected[2] == pytest.approx(asymptotic.expected[2], rel=0.08)
    assert exact.observed == pytest.approx(asymptotic.observed, rel=0.05)


def test_expected_limits_without_data_are_those_of_the_prior(counting):
    window = counting(30.0, 30.0, uncertainty=0.2)
    with_data, without = (upper_limits([window], has_data=has_data)[0] for has_data in (True, False))
    assert without.observed is None
    assert without.expected == pytest.approx(with_data.expected, rel=1e-12)


def test_profiled_expected_limits_follow_the_fit_too():
    settings = LimitSettings(calculation="exact", nuisance="profiled")
    limit = upper_limits([excess(237.0)], settings)[0]
    assert limit.expected[2] > 0.4


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("calculation", ["asymptotic", "exact", "toys"])
def test_an_observed_limit_alone_is_the_same(counting, method, calculation):
    window = counting(3, 2.0, uncertainty=0.2)
    settings = {"method": method, "calculation": calculation, "n_toys": 100}
    both = upper_limits([window], LimitSettings(**settings))[0]
    alone = upper_limits([window], LimitSettings(**settings, expected=False))[0]
    assert alone.expected == (None,) * 5
    assert alone.status == both.status == "converged"
    # Toys look for strengths where the bands have their limits, too, which are then not there.
    tolerance = 0.4 if calculation == "toys" and method != "bayesian" else 1e-12
    assert alone.observed == pytest.approx(both.observed, rel=tolerance)
    assert (alone.observed_low is None) == (method != "feldman_cousins")


def test_nothing_to_calculate_is_refused(counting):
    with pytest.raises(UmbraError, match="nothing to calculate"):
        upper_limits([counting(3, 2.0)], LimitSettings(expected=False), has_data=False)


def test_the_error_of_a_toy_limit_is_its_spread_and_covers_the_exact_limit(counting):
    ratios = []
    for observed, background in ((3, 2.0), (0, 0.5), (10, 8.0)):
        window = counting(observed, background)
        exact = upper_limits([window])[0]
        limits = [
            upper_limits([window], LimitSettings(calculation="toys", n_toys=500, seed=(str(seed),)))[0]
            for seed in range(60)
        ]
        for values, errors, wanted in (
            ([x.observed for x in limits], [x.observed_error for x in limits], exact.observed),
            ([x.expected[2] for x in limits], [x.expected_error for x in limits], exact.expected[2]),
        ):
            stated = np.sqrt(np.mean(np.square(errors)))
            assert abs(np.mean(values) - wanted) < 4.0 * stated / np.sqrt(60.0) + 0.01 * wanted
            ratios.append(np.std(values, ddof=1) / stated)
    assert all(0.65 < ratio < 1.35 for ratio in ratios)  # 60 experiments know a spread to 9 percent
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.12)


def test_four_times_the_toys_halve_the_error(counting):
    few, many = (
        np.mean(
            [
                upper_limits([counting(3, 2.0)], LimitSettings(calculation="toys", n_toys=n, seed=(str(s),)))[
                    0
                ].observed_error
                for s in range(10)
            ]
        )
        for n in (500, 2000)
    )
    assert few / many == pytest.approx(2.0, rel=0.25)


def test_only_toys_have_errors(counting, peak):
    for limit in upper_limits([counting(3, 2.0), peak(1)]):
        assert "toys" not in limit.method
        assert limit.observed_error is None
        assert limit.expected_error is None
    bayesian = LimitSettings(method="bayesian", calculation="toys", n_toys=100)
    limit = upper_limits([counting(3, 2.0, uncertainty=0.2)], bayesian)[0]
    assert limit.observed_error is None  # an integral, not a toy
    assert limit.expected_error > 0.0


def test_a_toy_whose_fit_fails_does_not_count_as_one_that_reaches_the_data(peak):
    """One failed fit of 500 at one strength made a p-value of 1 there, and a limit of 6.28 with all bands equal."""
    settings = LimitSettings(method="profile", calculation="toys", n_toys=500, seed=("1",))
    limit = upper_limits([peak(0, 10.0, 20)], settings)[0]
    assert limit.status == "converged"
    assert limit.observed == pytest.approx(0.79, abs=0.25)
    assert limit.expected[2] == pytest.approx(1.65, abs=0.3)
    assert limit.expected[0] < limit.expected[2] < limit.expected[4]


def many_parameters(n):
    """A small count in three bins with n nuisance parameters in every bin and sample."""

    def sample(name, data, *modifiers):
        systematic = [
            {"name": f"alpha{k}", "type": "normsys", "data": {"hi": 1.01, "lo": 0.99}} for k in range(n)
        ]
        return {"name": name, "data": data, "modifiers": [*modifiers, *systematic]}

    samples = [
        sample("signal", [0.1, 0.5, 2.0], {"name": "mu", "type": "normfactor", "data": None}),
        *(sample(f"background{k}", [4.0, 1.0, 0.3]) for k in range(4)),
    ]
    return {
        "channels": [{"name": "region", "samples": samples}],
        "observations": [{"name": "region", "data": [15, 5, 2]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def test_toys_go_where_they_matter_and_can_be_afforded(peak):
    light = compile_workspace(many_parameters(3))
    assert choose_calculation(prepare([light]), True) == ["toys"]
    assert affordable_toys(light) >= LimitSettings().n_toys
    assert affordable_toys(compile_workspace(many_parameters(100))) < WORTHWHILE_TOYS
    for staterror in (False, True):
        model = compile_workspace(peak(0, 10.0, staterror=staterror))
        assert affordable_toys(model) >= LimitSettings().n_toys


def test_a_model_that_is_too_heavy_for_toys_is_asymptotic_and_says_so(peak, monkeypatch):
    monkeypatch.setattr("umbra.statistics.calculations.TOY_WORK", 1e5)
    limit = upper_limits([peak(0, 10.0)])[0]
    assert limit.method == "cls_asymptotic"
    assert "few background events" in limit.reason


def test_few_toys_are_taken_where_a_fit_is_slow(monkeypatch):
    workspace = many_parameters(1)
    plenty = upper_limits([workspace])[0]
    monkeypatch.setattr("umbra.statistics.calculations.affordable_toys", lambda model: WORTHWHILE_TOYS)
    few = upper_limits([workspace])[0]
    forced = upper_limits([workspace], LimitSettings(calculation="toys"))[0]
    assert plenty.method == few.method == "cls_toys"
    assert few.observed_error == pytest.approx(plenty.observed_error * np.sqrt(5.0), rel=0.5)
    assert forced == plenty  # what is asked for is given


def test_an_asymptotic_limit_of_few_events_says_so(peak):
    settings = LimitSettings(calculation="asymptotic")
    few, many = upper_limits([peak(0, 10.0), peak(0, 20000.0)], settings)
    assert "few background events" in few.reason
    assert many.reason == ""
    assert TOYS_BELOW == 5.0  # the number that the docs give, with the table that it comes from


@pytest.mark.parametrize(
    "wrong",
    [{"n_toys": n} for n in (-3, 0, 49, 10**7, 100.5, True)]
    + [{"nuisance": "ignored"}, {"engine": "root"}, {"cl": float("nan")}],
)
def test_absurd_settings_are_refused(wrong):
    with pytest.raises(UmbraError, match=str(next(iter(wrong.values())))):
        LimitSettings(**wrong)


@pytest.mark.parametrize("nuisance", ["marginalised", "profiled"])
@pytest.mark.parametrize("scale", [1e-30, 1e-18, 1e15])
def test_a_signal_that_rounding_would_hide_beside_its_background_has_its_limit(counting, scale, nuisance):
    windows = [counting(n, b, s, uncertainty=0.1) for n, b in ((3, 2.0), (0, 0.3)) for s in (1.0, scale)]
    limits = upper_limits(windows, LimitSettings(nuisance=nuisance))
    for one, scaled in (limits[:2], limits[2:]):
        assert scaled.status == "converged"
        assert scaled.observed * scale == pytest.approx(one.observed, rel=1e-9)
        assert np.array(scaled.expected) * scale == pytest.approx(np.array(one.expected), rel=1e-9)
