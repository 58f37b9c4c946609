"""The compiled model against pyhf's own, and the errors that bad workspaces give."""

import copy
import math

import numpy as np
import pyhf
import pytest

from full_likelihood import full_likelihood
from umbra.statistics import rows
from umbra.statistics.compilation import compile_workspace
from umbra.statistics.fit import minimise
from umbra.statistics.interpolation import histosys_factor, normsys_factor, normsys_shape
from umbra.statistics.likelihood import (
    evaluate,
    expectation,
    expectation_slope,
    observed_data,
    slices,
    stack,
)
from umbra.statistics.model import WorkspaceError


def workspace_of_everything():
    """Two channels with every kind of modifier, shared parameters, and two per-bin sets in one channel."""

    def signal(scale):
        return {
            "name": "signal",
            "data": [3.0 * scale, 6.0 * scale, 2.0 * scale],
            "modifiers": [
                {"name": "mu", "type": "normfactor", "data": None},
                {"name": "lumi", "type": "lumi", "data": None},
                {"name": "shared", "type": "normsys", "data": {"hi": 1.2, "lo": 0.7}},
                {
                    "name": "shared",
                    "type": "histosys",
                    "data": {"hi_data": [4.0, 7.0, 2.5], "lo_data": [2.5, 5.5, 1.0]},
                },
                {"name": "stat_a" if scale == 1 else "stat_b", "type": "staterror", "data": [0.3, 0.4, 0.1]},
            ],
        }

    first = {
        "name": "background",
        "data": [50.0, 60.0, 0.0],
        "modifiers": [
            {"name": "rate", "type": "normfactor", "data": None},
            {"name": "shape", "type": "shapesys", "data": [5.0, 3.0, 1.0]},
            {"name": "stat_a", "type": "staterror", "data": [2.0, 3.0, 0.0]},
            {"name": "lumi", "type": "lumi", "data": None},
        ],
    }
    second = {
        "name": "background",
        "data": [20.0, 10.0, 40.0],
        "modifiers": [
            {"name": "free", "type": "shapefactor", "data": None},
            {"name": "rate", "type": "normfactor", "data": None},
            {"name": "stat_b", "type": "staterror", "data": [2.0, 1.0, 4.0]},
        ],
    }
    lumi = {"name": "lumi", "auxdata": [1.0], "sigmas": [0.03], "bounds": [[0.5, 1.5]], "inits": [1.0]}
    return {
        "channels": [
            {"name": "a", "samples": [signal(1), first]},
            {"name": "b", "samples": [signal(2), second]},
        ],
        "observations": [{"name": "a", "data": [55, 63, 1]}, {"name": "b", "data": [25, 12, 44]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": [lumi]}}],
        "version": "1.0.0",
    }


def pyhf_parameters(pyhf_model, values):
    """Lay out {name: value or values} in pyhf's order."""
    theta = np.array(pyhf_model.config.suggested_init(), dtype=float)
    for name, value in values.items():
        theta[pyhf_model.config.par_slice(name)] = value
    return theta


@pytest.mark.parametrize("seed", range(5))
def test_expectation_is_pyhfs_with_every_modifier(seed):
    spec = workspace_of_everything()
    reference = pyhf.Workspace(spec).model()
    model = compile_workspace(spec)
    random = np.random.default_rng(seed)
    values = {
        "mu": random.uniform(0, 3),
        "lumi": random.uniform(0.8, 1.2),
        "shared": random.uniform(-2.5, 2.5),
        "rate": random.uniform(0.5, 2),
        "shape": np.array([*random.uniform(0.5, 1.5, 2), 1.0]),
        "stat_a": random.uniform(0.5, 1.5, 3),
        "stat_b": random.uniform(0.5, 1.5, 3),
        "free": random.uniform(0.5, 1.5, 3),
    }
    theta = np.zeros((1, len(model.parameters)))
    for index, name in enumerate(model.parameters):
        stem, _, entry = name.rpartition("_")
        theta[0, index] = values[name] if name in values else values[stem][int(entry)]
    kept = {name.rpartition("_")[0] for name in model.parameters}
    gamma = np.ones((1, 6))
    gamma[0, :3] = values["stat_a"] if "stat_a" not in kept else values["shape"]
    gamma[0, 3:] = values["stat_b"] if "stat_b" not in kept else values["free"]
    batch = stack([model])
    gamma[batch.gamma_kind == 0] = 1.0
    expected = reference.expected_actualdata(pyhf_parameters(reference, values))
    np.testing.assert_allclose(expectation(batch, theta, gamma)[0], expected, rtol=1e-12)


def test_gradient_and_hessian_are_the_derivatives_of_the_value():
    model = compile_workspace(workspace_of_everything())
    batch, data = stack([model]), observed_data([model])
    theta = np.array([model.initial]) + np.random.default_rng(3).uniform(0.02, 0.1, (1, len(model.initial)))
    fixed = model.lower == model.upper
    exact = evaluate(batch, data, theta, empty_bin_curvature=0.0)
    for i in np.flatnonzero(~fixed):
        step = np.zeros_like(theta)
        step[0, i] = 1e-5
        up = evaluate(batch, data, theta + step, empty_bin_curvature=0.0)
        down = evaluate(batch, data, theta - step, empty_bin_curvature=0.0)
        assert (up.value - down.value)[0] / 2e-5 == pytest.approx(exact.gradient[0, i], rel=1e-5, abs=1e-6)
        slope = (up.gradient - down.gradient)[0] / 2e-5
        np.testing.assert_allclose(slope, exact.hessian[0, i], rtol=1e-4, atol=1e-4)


def test_families_of_rows_give_the_same_likelihood_as_single_rows(monkeypatch):
    """The way of full likelihoods, also where no, one or two factors of a sample are zero."""
    model = compile_workspace(workspace_of_everything())
    data = observed_data([model])
    single = stack([model])
    monkeypatch.setattr(rows, "LARGEST_SCATTER", 0)
    batch = stack([model])
    assert single.layout.families is None
    assert len(batch.layout.families.first) < len(model.slots)
    random = np.random.default_rng(3)
    mu, lumi = (model.parameters.index(name) for name in ("mu", "lumi"))
    for zero in ([], [mu], [lumi], [mu, lumi]):
        theta = (model.initial + 0.3 * random.normal(size=len(model.parameters)))[None, :]
        theta[0, zero] = 0.0
        for one, other in zip(evaluate(single, data, theta), evaluate(batch, data, theta), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
        gamma = random.uniform(0.5, 1.5, single.gamma_strength.shape)
        slopes = (expectation_slope(each, theta, gamma) for each in (single, batch))
        np.testing.assert_allclose(*slopes, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("high", "low"), [(1.1, 0.9), (1.5, 0.6), (0.8, 1.3), (1.02, 0.7)])
def test_normsys_is_pyhfs_code_4(high, low):
    alphas = np.linspace(-3, 3, 61)
    reference = pyhf.interpolators.code4([[[[low], [1.0], [high]]]])(np.array([alphas]))[0, 0, :, 0]
    shapes = np.tile(normsys_shape(high, low), (len(alphas), 1))
    np.testing.assert_allclose(normsys_factor(alphas, shapes)[0], reference, rtol=1e-12)


@pytest.mark.parametrize("edge", [-1.0, 1.0])
def test_interpolations_are_smooth_where_their_pieces_meet(edge):
    sides = np.array([edge - 1e-9, edge + 1e-9])
    for pieces in (
        normsys_factor(sides, np.tile(normsys_shape(1.4, 0.8), (2, 1))),
        histosys_factor(sides),
    ):
        for values in pieces:
            assert values[0] == pytest.approx(values[1], abs=1e-7)


@pytest.mark.parametrize("kind", ["normal", "poisson"])
def test_eliminated_per_bin_parameters_minimise_the_likelihood(kind):
    modifier = {
        "name": "bins",
        "type": "staterror" if kind == "normal" else "shapesys",
        "data": [3.0, 1.0, 0.5],
    }
    spec = {
        "channels": [
            {
                "name": "c",
                "samples": [
                    {
                        "name": "s",
                        "data": [1.0, 2.0, 1.0],
                        "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
                    },
                    {"name": "b", "data": [10.0, 5.0, 1.0], "modifiers": [modifier]},
                ],
            }
        ],
        "observations": [{"name": "c", "data": [17.0, 2.0, 0.0]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }
    model = compile_workspace(spec)
    batch, data = stack([model]), observed_data([model])
    result = evaluate(batch, data, np.array([[0.7]]))
    reference = pyhf.Workspace(spec)
    pyhf_model = reference.model()
    observations = reference.data(pyhf_model)

    def minus_log(gamma):
        return -pyhf_model.logpdf(pyhf_parameters(pyhf_model, {"mu": 0.7, "bins": gamma}), observations)[0]

    best = minus_log(result.gamma[0])
    for i in range(3):
        for step in (-1e-3, 1e-3):
            moved = result.gamma[0].copy()
            moved[i] += step
            if moved[i] >= 0.0:
                assert minus_log(moved) > best


def change(spec, path, value):
    spec = copy.deepcopy(spec)
    place = spec
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return spec


SAMPLES = ("channels", 0, "samples")
BAD = [
    (("observations", 0, "data"), [55, -1, 1], "bin 1 of channel 'a' has the negative observation -1"),
    (("observations", 0, "data"), [55, 63], "has 2 values where 3 are expected"),
    (("observations", 0, "data"), [55, math.nan, 1], "has the value nan in bin 1"),
    (("observations", 0, "data"), ["x", "y", "z"], "is not a list of numbers"),
    (("observations",), [], "channel 'a' has no observation"),
    (
        (*SAMPLES, 0, "data"),
        [1.0, math.inf, 1.0],
        "sample 'signal' of channel 'a' has the value inf in bin 1",
    ),
    ((*SAMPLES, 1, "data"), [1.0], "expected"),
    (
        (*SAMPLES, 0, "modifiers", 0, "type"),
        "mystery",
        "modifier 'mu' of sample 'signal' of channel 'a' has the unknown type 'mystery'",
    ),
    ((*SAMPLES, 0, "modifiers", 2, "data"), {"hi": -1.0, "lo": 0.9}, "both must be positive"),
    ((*SAMPLES, 0, "modifiers", 3, "data", "hi_data"), [1.0], "has 1 values where 3 are expected"),
    ((*SAMPLES, 0, "modifiers", 4, "data"), [-0.1, 0.1, 0.1], "negative uncertainty"),
    ((*SAMPLES, 1, "name"), "signal", "two samples of one name"),
    (("channels", 1, "name"), "a", "two channels 'a'"),
    (("measurements",), [], "no measurement"),
    (("measurements", 0, "config", "poi"), "nobody", "'nobody' is not a scalar parameter"),
    (("measurements", 0, "config", "poi"), "stat_a", "'stat_a' is not a scalar parameter"),
    (("measurements", 0, "config", "poi"), "", "no parameter of interest"),
    (("measurements", 0, "config", "parameters"), [], "no 'sigmas' for the parameter 'lumi'"),
    (("channels",), [], "no bins"),
]


@pytest.mark.parametrize(("path", "value", "message"), BAD)
def test_bad_workspaces_are_refused_with_the_place_and_the_value(path, value, message):
    with pytest.raises(WorkspaceError) as caught:
        compile_workspace(change(workspace_of_everything(), path, value))
    assert message in str(caught.value)


def test_a_workspace_that_is_no_workspace_is_refused():
    for nonsense in ({}, [1], {"channels": 3, "measurements": [{"name": "m", "config": {"poi": "x"}}]}):
        with pytest.raises(WorkspaceError, match="not a HistFactory workspace"):
            compile_workspace(nonsense)


def test_parameters_that_the_measurement_fixes_keep_their_value():
    spec = workspace_of_everything()
    spec["measurements"][0]["config"]["parameters"].append({"name": "rate", "inits": [1.3], "fixed": True})
    model = compile_workspace(spec)
    index = model.parameters.index("rate")
    assert model.lower[index] == model.upper[index] == model.initial[index] == 1.3


def test_another_parameter_of_interest_can_be_chosen():
    assert (
        compile_workspace(workspace_of_everything(), poi="rate").parameters[
            compile_workspace(workspace_of_everything(), poi="rate").poi
        ]
        == "rate"
    )


def test_ordinary_models_have_no_second_search(peak, counting):
    """Symmetric variations of a few percent, and rates, cannot give several minima."""
    for workspace in (peak(1), peak(2, 2e6), peak(3, staterror=True), counting(3, 2.0, uncertainty=0.3)):
        assert not stack([compile_workspace(workspace)]).bending.any()


@pytest.mark.parametrize(
    ("high", "low", "bends"),
    [
        ([130.0, 80.0], [120.0, 90.0], True),  # one side
        ([130.0, 80.0], [70.0, 120.0], False),  # straight
        ([130.0, 80.0], [68.0, 122.0], False),  # nearly
        ([100.5, 99.5], [100.4, 99.6], False),  # less than the counts can tell
    ],
)
def test_parameters_that_bend_the_expectation(high, low, bends):
    workspace = {
        "channels": [
            {
                "name": "c",
                "samples": [
                    {
                        "name": "s",
                        "data": [5.0, 3.0],
                        "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
                    },
                    {
                        "name": "b",
                        "data": [100.0, 100.0],
                        "modifiers": [
                            {"name": "x", "type": "histosys", "data": {"hi_data": high, "lo_data": low}},
                            {"name": "y", "type": "normsys", "data": {"hi": 1.1, "lo": 0.92}},
                        ],
                    },
                ],
            }
        ],
        "observations": [{"name": "c", "data": [103.0, 97.0]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
    }
    model = compile_workspace(workspace)
    found = dict(zip(model.parameters, stack([model]).bending[0], strict=True))
    assert found == {"mu": False, "x": bends, "y": False}
    workspace["measurements"][0]["config"]["parameters"] = [{"name": "x", "fixed": True}]
    assert not stack([compile_workspace(workspace)]).bending.any()


def test_predicted_slices_are_near_the_objective_with_the_others_refitted(monkeypatch):
    """Where a fold is looked for: for single rows and for families."""
    workspace = full_likelihood(4, 6, (2, 3), n_samples=3, size=0.1)
    model = compile_workspace(workspace)
    data = observed_data([model])
    names = [name for name in model.parameters if name.startswith("systematic")]
    columns = np.array([model.parameters.index(name) for name in names])
    values = np.array([-1.0, -0.5, 0.5, 1.0])
    predicted = []
    for largest in (10**9, 0):
        monkeypatch.setattr(rows, "LARGEST_SCATTER", largest)
        batch = stack([model])
        low, high = model.lower[None, :], model.upper[None, :]
        best = minimise(batch, data, model.initial[None, :], low, high, model.initial[None, :])
        free = (best.theta > low) & (best.theta < high)
        predicted.append(slices(batch, data, best.theta, free, columns, values)[0])
    np.testing.assert_allclose(*predicted, rtol=1e-6, atol=1e-8)
    for i, k in enumerate(columns):
        for j, value in enumerate(values):
            lower, upper = low.copy(), high.copy()
            lower[0, k] = upper[0, k] = value
            refitted = minimise(batch, data, best.theta, lower, upper, best.theta).value - best.value
            assert predicted[0][i, j] == pytest.approx(refitted[0], rel=0.2, abs=0.02)
