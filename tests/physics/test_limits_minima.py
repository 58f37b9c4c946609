"""Likelihoods with several minima: the lowest one counts, whatever the method."""

from dataclasses import replace

import numpy as np
import pytest

from dense_profile import GRID, Folded, Together, cls_limits, code_4p, deviance, random_folded
from umbra.statistics import fit
from umbra.statistics.compilation import compile_workspace
from umbra.statistics.engine import LimitSettings, discoveries, upper_limits
from umbra.statistics.fit import ALL_SIDES
from umbra.statistics.likelihood import Data, observed_data, stack
from umbra.statistics.profile import prepare, profile
from umbra.statistics.toy_kernel import minimise_toys

ASYMPTOTIC = LimitSettings(calculation="asymptotic")

# Three bins, one histosys with both variations below nominal; a fit that starts at nominal ends in the higher minimum.
# Limits: a dense grid in the nuisance parameter; pyhf 0.7.6 with its own optimizer has 15.143, 11.237; 16.845, 12.927.
FOLDED = {
    (15.1429, 11.2371): Folded(
        signal=np.array([2.2935511507420325, 3.4007220907521845, 1.325805933229835]),
        background=np.array([91.5401124503602, 69.0989737027474, 87.46622185381884]),
        high=np.array([83.98365570588594, 68.00700784415918, 71.1426709513893]),
        low=np.array([74.279674595033, 48.3814944871031, 71.69535610307621]),
        observed=np.array([113.0, 74.0, 80.0]),
    ),
    (16.8451, 12.9267): Folded(
        signal=np.array([1.1466312953002527, 3.0463034150498007, 1.4733671323488544]),
        background=np.array([47.78484120286083, 111.26832897191103, 71.51553035895896]),
        high=np.array([42.390449183021545, 90.4691475059901, 60.82124993482328]),
        low=np.array([47.25500721290014, 83.4592101317412, 70.40688361040091]),
        observed=np.array([56.0, 121.0, 83.0]),
    ),
}


@pytest.mark.parametrize("limits", FOLDED)
def test_known_limits_of_folded_shapes(limits):
    folded = FOLDED[limits]
    limit = upper_limits([folded.workspace()], ASYMPTOTIC)[0]
    assert (limit.observed, limit.expected[2]) == pytest.approx(limits, rel=1e-4)
    assert folded.cls_limits() == pytest.approx(limits, rel=1e-4)


# CLs falls below 0.05, rises above it where the other side of the fold takes over, and falls below it for good at these
# limits: found among 2,000 random models by the dense grid.
AGAIN = {
    7.5370041: Folded(
        signal=np.array([4.686878688253, 1.990233969361, 3.732221570435]),
        background=np.array([73.672245980539, 99.118586955475, 28.138627622289]),
        high=np.array([58.46677743671, 84.942762543615, 19.703969303435]),
        low=np.array([68.75507837728, 76.9706301859, 25.630867354375]),
        observed=np.array([58.0, 65.0, 40.0]),
    ),
    7.5371557: Folded(
        signal=np.array([3.734781640521, 3.632561219936, 1.568207542237]),
        background=np.array([94.959474173509, 66.50979306514, 20.154343921876]),
        high=np.array([100.985910223919, 54.939430735137, 15.296855448418]),
        low=np.array([121.37830145211, 64.584126076789, 19.043562247141]),
        observed=np.array([146.0, 64.0, 21.0]),
    ),
}


@pytest.mark.parametrize("method", ["cls", "profile", "feldman_cousins"])
def test_no_strength_above_a_limit_is_allowed_where_another_minimum_takes_over(method):
    settings = LimitSettings(calculation="asymptotic", method=method)
    for limit, folded in AGAIN.items():
        found = upper_limits([folded.workspace()], settings)[0]
        if method == "cls":
            assert found.observed == pytest.approx(limit, rel=1e-5)
        lowest, _ = folded.best()
        strengths = np.linspace(1.0001 * found.observed, 4.0 * found.observed, 60)
        allowed = [np.sqrt(2.0 * (folded.profile(strength)[0] - lowest)) for strength in strengths]
        at_limit = np.sqrt(2.0 * (folded.profile(found.observed)[0] - lowest))
        assert min(allowed) > at_limit - 1e-6


def worst_deviation(folded):
    limits = upper_limits([each.workspace() for each in folded], ASYMPTOTIC)
    assert {limit.status for limit in limits} == {"converged"}
    ours = np.array([(limit.observed, limit.expected[2]) for limit in limits])
    reference = np.array([each.cls_limits() for each in folded])
    return np.abs(ours / reference - 1.0).max()


def test_limits_of_random_folded_shapes_are_those_of_a_dense_grid():
    random = np.random.default_rng(11)
    assert worst_deviation([random_folded(random) for _ in range(30)]) < 1e-5


@pytest.mark.nightly
def test_limits_of_two_thousand_folded_shapes_are_those_of_a_dense_grid():
    random = np.random.default_rng(12)
    assert worst_deviation([random_folded(random) for _ in range(2000)]) < 1e-3


def test_data_far_off_the_model_have_the_limits_of_a_dense_grid_or_say_that_minima_may_be_missed():
    """Counts a third up or down pull the nuisance parameter by many deviations, beyond where fits usually start."""
    random = np.random.default_rng(17)
    some = [random_folded(random) for _ in range(40)]
    off = [replace(each, observed=np.round(each.observed * random.uniform(0.6, 1.5, 3))) for each in some]
    limits = upper_limits([each.workspace() for each in off], ASYMPTOTIC)
    flagged = [limit.status == "several_minima" for limit in limits]
    assert 1 <= sum(flagged) <= 20
    for each, limit, hidden in zip(off, limits, flagged, strict=True):
        if hidden:
            assert "far off the best fit" in limit.reason
            assert each.best()[0] > 12.0
        else:
            assert (limit.observed, limit.expected[2]) == pytest.approx(each.cls_limits(), rel=1e-4)


@pytest.mark.parametrize("folds", [2, 3, 4, 5])
def test_some_folds_at_once_are_those_of_a_dense_grid(folds):
    """Fits that start at all combinations of sides miss some of the lowest minima by themselves."""
    random = np.random.default_rng(18)
    some = [Together(tuple(random_folded(random) for _ in range(folds))) for _ in range(12)]
    limits = upper_limits([each.workspace() for each in some], ASYMPTOTIC)
    shown = [(each, limit) for each, limit in zip(some, limits, strict=True) if limit.status == "converged"]
    assert len(shown) >= 10
    for each, limit in shown:
        assert (limit.observed, limit.expected[2]) == pytest.approx(cls_limits(each), rel=1e-4)


def test_many_folds_at_once_are_those_of_a_dense_grid():
    """Six parameters that bend: too many to try all combinations. The channels' profiles add up."""
    random = np.random.default_rng(15)
    some = [Together(tuple(random_folded(random) for _ in range(6))) for _ in range(3)]
    workspaces = [each.workspace() for each in some]
    assert stack([compile_workspace(workspaces[0])]).bending.sum() > ALL_SIDES
    for each, limit in zip(some, upper_limits(workspaces, ASYMPTOTIC), strict=True):
        if limit.status == "converged":
            assert (limit.observed, limit.expected[2]) == pytest.approx(cls_limits(each), rel=1e-4)
        else:
            assert limit.status == "several_minima"


def test_a_search_that_another_one_beats_is_flagged(monkeypatch):
    """Where neither combinations nor likely minima are tried, the searches from either end disagree."""
    random = np.random.default_rng(16)
    some = [Together(tuple(random_folded(random) for _ in range(6))).workspace() for _ in range(10)]
    with monkeypatch.context() as patch:
        patch.setattr(fit, "MOST", 0)
        patch.setattr(fit, "MANY_SIDES", 0)
        statuses = [limit.status for limit in upper_limits(some, ASYMPTOTIC)]
        assert statuses.count("several_minima") >= 5
        assert discoveries(some)[statuses.index("several_minima")].status == "several_minima"
    assert [limit.status for limit in upper_limits(some, ASYMPTOTIC)].count("converged") >= 9


def test_every_method_uses_the_lowest_minimum():
    random = np.random.default_rng(13)
    some = [random_folded(random) for _ in range(20)]
    workspaces = [each.workspace() for each in some]
    found = discoveries(workspaces)
    profile = upper_limits(workspaces, LimitSettings(method="profile", calculation="asymptotic"))
    for each, discovery, limit in zip(some, found, profile, strict=True):
        lowest, strength = each.best()
        gain = each.profile(0.0)[0] - lowest if strength > 0.0 else 0.0
        assert discovery.q0 == pytest.approx(2.0 * gain, abs=2e-6)
        root = np.sqrt(2.0 * (each.profile(limit.observed)[0] - lowest))
        assert root == pytest.approx(1.6448536, abs=2e-5)


def test_toys_are_fitted_to_their_lowest_minimum():
    folded = FOLDED[(15.1429, 11.2371)]
    hypotheses = prepare([compile_workspace(folded.workspace())])
    random = np.random.default_rng(14)
    counts = random.poisson(folded.background * [1.2, 0.9, 1.1], size=(50, 3)).astype(float)
    centre = np.zeros((50, 2))
    centre[:, 1] = random.normal(size=50)
    data = Data(counts, centre, np.ones((50, 3)))
    held = np.array([4.0, np.inf])
    toys = minimise_toys(
        hypotheses.batch,
        data,
        np.tile([4.0, 0.0], (50, 1)),
        np.array([4.0, -np.inf]),
        held,
        np.array([4.0, 0.0]),
    )
    for k in range(50):
        toy = Folded(folded.signal, folded.background, folded.high, folded.low, counts[k], centre[k, 1])
        assert toys.value[k] == pytest.approx(toy.profile(4.0)[0], abs=1e-6)


def one_channel(observed, samples):
    """A workspace of one channel; samples are (name, counts, modifiers)."""
    return {
        "channels": [
            {
                "name": "bins",
                "samples": [{"name": n, "data": d, "modifiers": m} for n, d, m in samples],
            }
        ],
        "observations": [{"name": "bins", "data": observed}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


MU = {"name": "mu", "type": "normfactor", "data": None}


def test_folds_of_signal_and_background_that_undo_each_other_are_seen_without_the_signal():
    """With the excess as signal the total does not fold: found among random workspaces, where the limit was 2.696."""

    def shape(name, high, low):
        return {"name": name, "type": "histosys", "data": {"hi_data": [high], "lo_data": [low]}}

    def rate(name, high, low):
        return {"name": name, "type": "normsys", "data": {"hi": high, "lo": low}}

    signal = [shape("a", 8.928182, 8.927094), shape("b", 9.563576, 9.290538), shape("c", 9.407951, 9.281468)]
    first = [shape("a", 11.960877, 11.694521), shape("c", 12.186007, 11.745062)]
    second = [
        shape("a", 57.743351, 59.12123),
        shape("b", 54.840821, 57.108593),
        shape("c", 55.773960, 56.966677),
    ]
    third = [
        shape("a", 57.287017, 59.229853),
        shape("b", 59.053725, 56.846164),
        shape("c", 56.492062, 55.772501),
    ]
    workspace = one_channel(
        [215.0],
        [
            ("first", [11.689978], [*first, rate("d", 0.993879, 1.00465)]),
            ("second", [57.246393], [*second, rate("e", 1.002649, 0.998476), rate("d", 1.012177, 0.992191)]),
            ("third", [56.733194], [*third, rate("e", 1.040427, 0.956748), rate("d", 1.013711, 0.989721)]),
            (
                "signal",
                [9.204903],
                [MU, *signal, rate("e", 1.006372, 1.006832), rate("d", 0.97038, 1.016146)],
            ),
        ],
    )
    model = compile_workspace(workspace)
    fits = prepare([model])
    # Beyond the fold, as fits from forty random starts find it.
    assert fits.background.theta[0, model.parameters.index("a")] == pytest.approx(-2.383, abs=2e-3)
    assert fits.background.value[0] == pytest.approx(20.7495, abs=1e-3)
    assert upper_limits([workspace], ASYMPTOTIC)[0].expected[2] == pytest.approx(3.12537, rel=1e-4)


def test_a_signal_that_takes_the_place_of_a_free_background_is_found():
    """Both look alike but for the signal's fold: found among random workspaces, where the limit was 6.658."""
    shape = {
        "name": "shape",
        "type": "histosys",
        "data": {"hi_data": [6.7503572, 2.5925319], "lo_data": [6.9464643, 2.8627782]},
    }
    workspace = one_channel(
        [65.0, 37.0],
        [
            ("free", [42.354295, 14.679413], [{"name": "free", "type": "normfactor", "data": None}]),
            ("known", [53.502628, 12.756617], []),
            ("signal", [7.4996386, 2.5353793], [MU, shape]),
        ],
    )
    model = compile_workspace(workspace)
    best = prepare([model]).best
    # By hand: without the free background, the strength on a fine grid and the shape on another one.
    strength, alpha = (each[..., None] for each in np.meshgrid(np.linspace(3.0, 5.0, 401), GRID))
    high, low, nominal = (
        np.array(each)
        for each in (shape["data"]["hi_data"], shape["data"]["lo_data"], [7.4996386, 2.5353793])
    )
    signal = nominal + 0.5 * alpha * (high - low) + code_4p(alpha) * (high + low - 2.0 * nominal)
    total = np.array([53.502628, 12.756617]) + strength * signal
    by_hand = (deviance(total, np.array([65.0, 37.0])) + 0.5 * alpha[..., 0] ** 2).min()
    assert best.value[0] <= by_hand + 1e-9
    assert best.theta[0, model.poi] > 3.0


def test_a_background_with_free_bins_comes_back_from_nothing():
    """Where a shapefactor multiplies a rate of zero its value is open; the rate has the slope of the best one."""
    free = {"name": "free", "type": "normfactor", "data": None}
    workspace = one_channel([3.0], [("signal", [1.0], [MU]), ("background", [1.0], [free])])
    other = one_channel(
        [1.0],
        [
            ("signal", [1.0], [MU]),
            ("background", [1.0], [free, {"name": "bins", "type": "shapefactor", "data": None}]),
        ],
    )
    workspace["channels"].append({**other["channels"][0], "name": "loose"})
    workspace["observations"].append({"name": "loose", "data": [1.0]})
    model = compile_workspace(workspace)
    fits = prepare([model])
    start = np.where(np.arange(len(model.parameters)) == model.poi, 2.0, 0.0)[None, :]
    found = profile(fits, np.array([0]), observed_data([model]), np.array([2.0]), start, fits.best.value)
    # Two of the signal leave room for one in the first channel, and none in the second: 2 - 1 - ln 2.
    assert found.fit.theta[0, model.parameters.index("free")] == pytest.approx(1.0, rel=1e-6)
    assert found.fit.value[0] == pytest.approx(1.0 - np.log(2.0), rel=1e-9)
