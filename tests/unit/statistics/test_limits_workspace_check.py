"""Workspaces that can be read in two ways, or say something that is no number, are refused in one sentence."""

import copy

import numpy as np
import pytest

from umbra.statistics.engine import LimitSettings, discoveries, fitted_expectations, upper_limits
from umbra.statistics.model import WorkspaceError
from umbra.statistics.workspace_check import check_workspace

HUGE = 10**400


def background(workspace):
    return workspace["channels"][0]["samples"][1]


def modifier(workspace):
    return background(workspace)["modifiers"][0]


def config(workspace):
    return workspace["measurements"][0]["config"]


def stated(**values):
    return lambda w: config(w)["parameters"].append({"name": "rate", **values})


def add(key):
    """Say the first entry of a list once more."""
    return lambda w: w[key].append(copy.deepcopy(w[key][0]))


DAMAGE = {
    "an observation twice": (add("observations"), "two observations 'window'"),
    "a channel twice": (add("channels"), "two channels 'window'"),
    "a measurement twice": (add("measurements"), "two measurements 'test'"),
    "a sample twice": (
        lambda w: w["channels"][0]["samples"].append(copy.deepcopy(background(w))),
        "two samples 'background' of channel 'window'",
    ),
    "a modifier twice": (
        lambda w: background(w)["modifiers"].append(copy.deepcopy(modifier(w))),
        "modifier 'rate' of sample 'background' of channel 'window' is there twice",
    ),
    "a parameter twice": (
        lambda w: config(w)["parameters"].extend([{"name": "rate"}, {"name": "rate"}]),
        "two parameters 'rate' of measurement 'test'",
    ),
    "a name with two types": (
        lambda w: background(w)["modifiers"].append({"name": "rate", "type": "normfactor", "data": None}),
        "'rate' is used as",
    ),
    "an observation of no channel": (
        lambda w: w["observations"].append({"name": "windwo", "data": [1.0]}),  # codespell:ignore
        "'windwo' belongs to no channel; did you mean 'window'?",
    ),
    "an unknown key": (lambda w: w.update(obsevations=[]), "'obsevations'; did you mean 'observations'?"),
    "an unknown key of a parameter": (stated(bound=[[0, 1]]), "'bound'; did you mean 'bounds'?"),
    "an unknown key of a sample": (lambda w: background(w).update(weight=2.0), "unknown key 'weight'"),
    "an unknown key of a modifier": (lambda w: modifier(w).update(constraint="Gamma"), "'constraint'"),
    "an unknown type": (lambda w: modifier(w).update(type="normsis"), "did you mean 'normsys'?"),
    "another version": (lambda w: w.update(version="2.0.0"), "'2.0.0'"),
    "fixed as text": (stated(fixed="no"), "'fixed' of parameter 'rate' of measurement 'test' is 'no'"),
    "fixed as a number": (stated(fixed=0), "is 0 where true or false is needed"),
    "fixed as null": (stated(fixed=None), "is None where true or false is needed"),
    "bounds as text": (stated(bounds=[["-5", "5"]]), "holds '-5' where a number is needed"),
    "bounds as one text": (stated(bounds="wide"), "'bounds' of parameter 'rate'"),
    "bounds without pairs": (stated(bounds=[-5, 5]), "is -5 where a list of numbers is needed"),
    "bounds of three": (stated(bounds=[[0, 1, 2]]), "[0, 1, 2] where two numbers are needed"),
    "a bound without end": (stated(bounds=[[-np.inf, 5.0]]), "holds -inf where a finite number is needed"),
    "inits as text": (stated(inits=["0"]), "'inits' of parameter 'rate'"),
    "inits as truth": (stated(inits=[True]), "holds True where a number is needed"),
    "auxdata that is none": (stated(auxdata=[np.nan]), "'auxdata' of parameter 'rate'"),
    "sigmas as one number": (stated(sigmas=1.0), "1.0 where a list of numbers is needed"),
    "normsys as text": (lambda w: modifier(w)["data"].update(hi="1.2"), "'hi' of modifier 'rate'"),
    "normsys as truth": (lambda w: modifier(w)["data"].update(hi=True), "'hi' of modifier 'rate'"),
    "normsys without lo": (lambda w: modifier(w)["data"].pop("lo"), "has no 'lo'"),
    "normsys that is infinite": (lambda w: modifier(w)["data"].update(hi=np.inf), "is inf where a finite"),
    "data with truth": (lambda w: background(w).update(data=[True]), "holds True"),
    "data as text": (lambda w: background(w).update(data=["3"]), "holds '3'"),
    "data of 1e300": (lambda w: background(w).update(data=[1e300]), "holds 1e+300"),
    "data of -1e300": (lambda w: background(w).update(data=[-1e300]), "holds -1e+300"),
    "data beyond any float": (lambda w: background(w).update(data=[HUGE]), "holds 1000"),
    "data in a list": (lambda w: background(w).update(data=[[3.0]]), "holds [3.0]"),
    "observed 1e300": (
        lambda w: w["observations"][0].update(data=[1e300]),
        "observation of channel 'window'",
    ),
    "observed nothing": (lambda w: w["observations"][0].update(data=None), "is None where a list"),
    "a normfactor with data": (
        lambda w: w["channels"][0]["samples"][0]["modifiers"][0].update(data=[1.0]),
        "needs null",
    ),
    "no samples": (lambda w: w["channels"][0].update(samples=[]), "samples of channel 'window' is empty"),
    "no measurement": (lambda w: w.update(measurements=[]), "measurements is empty"),
    "channels as one": (lambda w: w.update(channels=w["channels"][0]), "where a list is needed"),
    "a name that is none": (lambda w: background(w).update(name=7), "is 7 where text is needed"),
    "a poi that is none": (lambda w: config(w).update(poi=3), "is 3 where text is needed"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_unclear_workspaces_are_refused_in_one_sentence(counting, damage):
    change, sentence = DAMAGE[damage]
    workspace = counting(5, 3.0, uncertainty=0.2)
    change(workspace)
    limit, discovery = upper_limits([workspace])[0], discoveries([workspace])[0]
    for result in (limit, discovery):
        assert result.status == "fit_failed"
        assert sentence in result.reason
        assert len(result.reason) < 250
        assert "\n" not in result.reason
    assert limit.observed is None
    with pytest.raises(WorkspaceError):
        fitted_expectations(workspace)


def test_what_is_no_object_is_no_workspace():
    for content in (None, 3, "workspace", [], [{}]):
        with pytest.raises(WorkspaceError, match="not a HistFactory workspace"):
            check_workspace(content)


def test_clear_workspaces_pass(counting, peak):
    workspace = counting(5, 3.0, uncertainty=0.2, efficiency=0.1, statistical=0.1)
    config(workspace)["parameters"] += [
        {
            "name": "rate",
            "inits": [0],
            "bounds": [[-8, 8.0]],
            "auxdata": [0.0],
            "sigmas": [1.0],
            "fixed": False,
        },
        {"name": "not_used_by_any_sample", "fixed": True},
    ]
    for good in (workspace, peak(1, staterror=True)):
        check_workspace(good)
    del workspace["version"]
    background(workspace)["data"] = np.array([3.0])
    check_workspace(workspace)


def test_a_normsys_and_a_histosys_may_share_a_name(counting):
    workspace = counting(5, 3.0, uncertainty=0.2)
    shape = {"name": "rate", "type": "histosys", "data": {"hi_data": [3.5], "lo_data": [2.5]}}
    background(workspace)["modifiers"].append(shape)
    assert upper_limits([workspace], LimitSettings(calculation="asymptotic"))[0].status == "converged"


def test_a_fixed_parameter_is_not_fitted(counting):
    free, held = counting(50, 30.0, uncertainty=0.2), counting(50, 30.0, uncertainty=0.2)
    stated(fixed=False)(free)
    stated(fixed=True)(held)
    settings = LimitSettings(calculation="asymptotic")
    a, b = (limit.observed for limit in upper_limits([free, held], settings))
    assert a > 1.05 * b


def test_the_measurement_can_be_chosen(counting):
    workspace = counting(50, 30.0, uncertainty=0.2)
    second = {"name": "rate", "fixed": True}
    workspace["measurements"].append({"name": "held", "config": {"poi": "mu", "parameters": [second]}})
    settings = [
        LimitSettings(calculation="asymptotic", measurement=name) for name in (None, "test", "held", "hold")
    ]
    first, same, held, none = (upper_limits([workspace], s)[0] for s in settings)
    assert first == same
    assert held.observed < first.observed / 1.05
    assert none.status == "fit_failed"
    assert "'hold'" in none.reason
