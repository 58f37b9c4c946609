"""The asymptotic formulae against pyhf's, and against the results in pyhf's own documentation."""

import copy
import math

import numpy as np
import pyhf
import pytest

from full_likelihood import full_likelihood
from umbra.statistics.asymptotic import cls_values
from umbra.statistics.compilation import compile_workspace
from umbra.statistics.engine import LimitSettings, discoveries, upper_limits
from umbra.statistics.likelihood import stack
from umbra.statistics.profile import prepare

ASYMPTOTIC = LimitSettings(calculation="asymptotic")


def two_bins(signal, background, uncertainty, observed, kind="shapesys"):
    """The model of pyhf.simplemodels: a signal on backgrounds with uncorrelated uncertainties."""
    modifier = {"name": "uncertainty", "type": kind, "data": uncertainty}
    return {
        "channels": [
            {
                "name": "singlechannel",
                "samples": [
                    {
                        "name": "signal",
                        "data": signal,
                        "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
                    },
                    {"name": "background", "data": background, "modifiers": [modifier]},
                ],
            }
        ],
        "observations": [{"name": "singlechannel", "data": observed}],
        "measurements": [{"name": "Measurement", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


DOCUMENTED = two_bins([12.0, 11.0], [50.0, 52.0], [3.0, 7.0], [51, 48])


def test_cls_of_the_example_in_pyhfs_documentation():
    """The README of pyhf 0.7: CLs at mu = 1, observed and expected."""
    observed, expected = cls_values(prepare([compile_workspace(DOCUMENTED)]), np.array([1.0]))
    assert observed[0] == pytest.approx(0.05251497, rel=1e-4)
    documented = [0.00260626, 0.01382005, 0.06445321, 0.23525644, 0.57303621]
    assert expected[0] == pytest.approx(documented, rel=1e-4)


def test_limits_are_where_pyhf_finds_cls_of_five_percent():
    for kind in ("shapesys", "staterror"):
        workspace = two_bins([12.0, 11.0], [50.0, 52.0], [3.0, 7.0], [51, 48], kind)
        limit = upper_limits([workspace], ASYMPTOTIC)[0]
        spec = pyhf.Workspace(workspace)
        model = spec.model()
        data = spec.data(model)
        assert pyhf.infer.hypotest(limit.observed, data, model, test_stat="qtilde") == pytest.approx(
            0.05, rel=1e-3
        )
        for i, strength in enumerate(limit.expected):
            _, expected = pyhf.infer.hypotest(
                strength, data, model, test_stat="qtilde", return_expected_set=True
            )
            assert expected[i] == pytest.approx(0.05, rel=1e-3)


def falling_spectrum(seed):
    edges = np.linspace(0.0, 1.0, 26)
    x = 0.5 * (edges[1:] + edges[:-1])
    peak = np.exp(-0.5 * ((x - 0.5) / 0.05) ** 2)
    basis = np.array([math.comb(2, k) * x**k * (1 - x) ** (2 - k) for k in range(3)])
    heights = np.array([900.0, 500.0, 300.0])
    signal = 30.0 * peak
    wide = 30.0 * np.exp(-0.5 * ((x - 0.5) / 0.055) ** 2) / 1.1
    narrow = 30.0 * np.exp(-0.5 * ((x - 0.5) / 0.045) ** 2) / 0.9
    modifiers = [
        {"name": "mu", "type": "normfactor", "data": None},
        {"name": "efficiency", "type": "normsys", "data": {"hi": 1.1, "lo": 0.92}},
        {"name": "width", "type": "histosys", "data": {"hi_data": wide.tolist(), "lo_data": narrow.tolist()}},
    ]
    samples = [{"name": "signal", "data": signal.tolist(), "modifiers": modifiers}]
    for k in range(3):
        term = {"name": f"term{k}", "type": "normfactor", "data": None}
        samples.append({"name": f"term{k}", "data": (heights[k] * basis[k]).tolist(), "modifiers": [term]})
    counts = np.random.default_rng(seed).poisson(heights @ basis + 0.5 * signal)
    return {
        "channels": [{"name": "spectrum", "samples": samples}],
        "observations": [{"name": "spectrum", "data": counts.tolist()}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def test_shapes_with_free_backgrounds_agree_with_pyhf():
    workspace = falling_spectrum(1)
    limit = upper_limits([workspace], ASYMPTOTIC)[0]
    spec = pyhf.Workspace(workspace)
    model = spec.model()
    data = spec.data(model)
    observed, expected = pyhf.infer.hypotest(
        limit.observed, data, model, test_stat="qtilde", return_expected_set=True
    )
    assert observed == pytest.approx(0.05, rel=2e-3)
    median = pyhf.infer.hypotest(
        limit.expected[2], data, model, test_stat="qtilde", return_expected_set=True
    )[1][2]
    assert median == pytest.approx(0.05, rel=2e-3)
    p0 = pyhf.infer.hypotest(0.0, data, model, test_stat="q0")
    assert discoveries([workspace])[0].p0 == pytest.approx(float(p0), rel=2e-3)
    assert len(expected) == 5


def test_two_channels_share_their_parameters():
    single = DOCUMENTED
    double = copy.deepcopy(single)
    second = copy.deepcopy(single["channels"][0])
    second["name"] = "second"
    second["samples"][1]["modifiers"][0]["name"] = "second_uncertainty"
    double["channels"].append(second)
    double["observations"].append({"name": "second", "data": [51, 48]})
    one, two = (upper_limits([w], ASYMPTOTIC)[0] for w in (single, double))
    assert one.expected[2] / two.expected[2] == pytest.approx(math.sqrt(2.0), rel=0.05)


def test_a_staterror_named_by_two_channels_has_bins_of_its_own_in_each():
    """Observed and expected limits that pyhf 0.7.6 finds by its own root search, in either order of the channels."""

    def channel(name, background, error, *more):
        modifier = {"name": "mc", "type": "staterror", "data": [error]}
        sample = {"name": "background", "data": [background], "modifiers": [modifier]}
        return {"name": name, "samples": [*more, sample]}

    signal = {
        "name": "signal",
        "data": [3.0],
        "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
    }
    for first, second in (("a", "b"), ("b", "a")):
        workspace = {
            "channels": [channel(first, 10.0, 1.0, signal), channel(second, 20.0, 2.0)],
            "observations": [{"name": first, "data": [11.0]}, {"name": second, "data": [21.0]}],
            "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
            "version": "1.0.0",
        }
        limit = upper_limits([workspace], ASYMPTOTIC)[0]
        assert (limit.observed, limit.expected[2]) == pytest.approx((2.8833, 2.5932), rel=1e-4)
        spec = pyhf.Workspace(workspace)
        fits = {
            "inits": [1.02 if first == "a" else 0.9, 0.9 if first == "a" else 1.02],
            "name": "mc",
            "fixed": True,
        }
        workspace["measurements"][0]["config"]["parameters"] = [fits]
        held = pyhf.Workspace(workspace)
        model = held.model()
        fixed = upper_limits([workspace], ASYMPTOTIC)[0]
        assert fixed.observed != pytest.approx(limit.observed, rel=1e-3)
        cls = pyhf.infer.hypotest(fixed.observed, held.data(model), model, test_stat="qtilde")
        assert cls == pytest.approx(0.05, rel=1e-4)
        assert len(spec.model().config.auxdata) == 2


@pytest.mark.filterwarnings(
    "ignore:invalid value encountered:RuntimeWarning"
)  # of scipy, which pyhf lets try mu = 0
def test_events_where_only_a_signal_can_be_have_limits():
    """Two bins, s = (1, 1), b = (0, 5), n = (1, 5): pyhf 0.7.6 has 3.02 observed, 1.687 expected."""
    workspace = two_bins([1.0, 1.0], [0.0, 5.0], [0.0, 0.0], [1.0, 5.0])
    limit = upper_limits([workspace], ASYMPTOTIC)[0]
    assert (limit.observed, limit.expected[2]) == pytest.approx((3.02056, 1.68729), rel=1e-5)
    model = pyhf.Workspace(workspace).model()
    data = pyhf.Workspace(workspace).data(model)
    cls = pyhf.infer.hypotest(limit.observed, data, model, test_stat="qtilde", return_expected_set=True)
    assert cls[0] == pytest.approx(0.05, rel=1e-5)
    for method in ("bayesian", "profile", "feldman_cousins"):
        for calculation in ("asymptotic", "toys"):
            other = upper_limits(
                [workspace], LimitSettings(method=method, calculation=calculation, n_toys=300)
            )[0]
            assert other.status == "converged"
            assert 1.5 < other.observed < 5.5
    assert other.observed_low > 0.0  # no signal is not possible
    found = discoveries([workspace])[0]
    assert (found.status, found.z) == ("fit_failed", None)
    assert "1 events where none is possible without signal" in found.reason


def test_nuisances_of_a_bin_without_background_follow_the_least_signal():
    """The fit without signal is the limit of fits with ever less of it; an efficiency is pulled up by the event."""
    workspace = two_bins([1.0, 1.0], [0.0, 5.0], [0.0, 1.0], [2.0, 5.0], kind="staterror")
    signal, background = workspace["channels"][0]["samples"]
    shape = {"name": "shape", "type": "histosys", "data": {"hi_data": [1.3, 0.7], "lo_data": [0.7, 1.3]}}
    tilt = {"name": "shape", "type": "histosys", "data": {"hi_data": [0.0, 6.0], "lo_data": [0.0, 4.0]}}
    signal["modifiers"].append(shape)
    background["modifiers"].append(tilt)
    hypotheses = prepare([compile_workspace(workspace)])
    alpha = hypotheses.background.theta[0, hypotheses.models[0].parameters.index("shape")]
    alphas = np.linspace(-3.0, 3.0, 6001)
    background = 5.0 + alphas

    def value(gamma):  # of the second bin, whose own uncertainty is 20%
        nu = gamma * background
        return nu - 5.0 * np.log(nu) + 0.5 * ((gamma - 1.0) / 0.2) ** 2

    second = np.min([value(gamma) for gamma in np.linspace(0.5, 1.6, 1101)], axis=0)
    total = second - 2.0 * np.log(1.0 + 0.3 * alphas) + 0.5 * alphas**2
    assert alpha == pytest.approx(alphas[np.argmin(total)], abs=3e-3)
    assert upper_limits([workspace], ASYMPTOTIC)[0].status == "converged"


def test_a_full_likelihood_has_the_limits_where_pyhf_finds_cls_of_five_percent():
    workspace = full_likelihood(2, 20, (1, 2, 3), n_samples=4)
    model = compile_workspace(workspace)
    assert stack([model]).layout.families is not None
    limit = upper_limits([workspace], ASYMPTOTIC)[0]
    spec = pyhf.Workspace(workspace)
    reference = spec.model()
    data = spec.data(reference)
    observed = pyhf.infer.hypotest(limit.observed, data, reference, test_stat="qtilde")
    _, expected = pyhf.infer.hypotest(
        limit.expected[2], data, reference, test_stat="qtilde", return_expected_set=True
    )
    assert (float(observed), float(expected[2])) == pytest.approx((0.05, 0.05), rel=2e-3)
