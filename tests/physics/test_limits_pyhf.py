"""The asymptotic formulae against pyhf's, and against the results in pyhf's own documentation."""

import copy
import math

import numpy as np
import pyhf
import pytest

from umbra.statistics.asymptotic import cls_values
from umbra.statistics.engine import LimitSettings, discoveries, upper_limits
from umbra.statistics.model import compile_workspace
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
