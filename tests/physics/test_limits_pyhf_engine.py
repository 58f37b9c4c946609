"""Limits that stock pyhf sets itself, and the audit of the engine's limits by stock pyhf."""

import copy
from dataclasses import replace

import numpy as np
import pyhf
import pytest

from umbra.core.errors import UmbraError
from umbra.statistics import pyhf_engine
from umbra.statistics.engine import LimitSettings, upper_limits
from umbra.statistics.pyhf_audit import TOLERANCE, audit, choose, disagreements
from umbra.statistics.pyhf_optimizer import PyhfOptimizer

ASYMPTOTIC = LimitSettings(calculation="asymptotic")
PYHF = LimitSettings(engine="pyhf")


def workspace(observed, background, signal, *modifiers, signal_modifiers=()):
    samples = [
        {
            "name": "signal",
            "data": signal,
            "modifiers": [{"name": "mu", "type": "normfactor", "data": None}, *signal_modifiers],
        },
        {"name": "background", "data": background, "modifiers": list(modifiers)},
    ]
    return {
        "channels": [{"name": "region", "samples": samples}],
        "observations": [{"name": "region", "data": observed}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def rate(size):
    return {"name": "rate", "type": "normsys", "data": {"hi": 1.0 + size, "lo": 1.0 - size}}


def uncorrelated(*errors):
    return {"name": "each", "type": "shapesys", "data": list(errors)}


def archive():
    """Few and many events, an excess and a deficit, small and large signals, and every kind of constraint."""
    efficiency = {"name": "efficiency", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}}
    shape = {"name": "shape", "type": "histosys", "data": {"hi_data": [54.0, 50.0], "lo_data": [47.0, 53.0]}}
    return {
        "documented": workspace([51, 48], [50.0, 52.0], [12.0, 11.0], uncorrelated(3.0, 7.0)),
        "excess": workspace([80, 70], [50.0, 52.0], [12.0, 11.0], rate(0.1)),
        "deficit": workspace([30, 35], [50.0, 52.0], [12.0, 11.0], rate(0.1)),
        "shape": workspace([60, 48], [50.0, 52.0], [12.0, 3.0], shape, signal_modifiers=[efficiency]),
        "small signal": workspace([51, 48], [50.0, 52.0], [1.2e-3, 1.1e-3], rate(0.05)),
        "large signal": workspace([510, 480], [500.0, 520.0], [12e3, 11e3], rate(0.05)),
        "beyond five deviations": workspace([237], [43.8], [148.8], rate(0.2)),
    }


def test_pyhf_and_the_engine_set_the_same_limits():
    workspaces = list(archive().values())
    ours, theirs = upper_limits(workspaces, ASYMPTOTIC), upper_limits(workspaces, PYHF)
    for name, a, b in zip(archive(), ours, theirs, strict=True):
        assert (a.status, b.status) == ("converged", "converged"), (name, b.reason)
        assert (a.engine, b.engine) == ("umbra", "pyhf")
        assert (a.method, a.poi, a.cl) == (b.method, b.poi, b.cl)
        assert b.observed == pytest.approx(a.observed, rel=1e-3), name
        assert b.expected == pytest.approx(a.expected, rel=1e-3), name


def test_pyhf_finds_alpha_at_its_own_limits():
    limit = upper_limits([archive()["documented"]], replace(PYHF, cl=0.9))[0]
    spec = pyhf.Workspace(archive()["documented"])
    model = spec.model()
    data = spec.data(model)
    observed = pyhf.infer.hypotest(limit.observed, data, model, test_stat="qtilde")
    assert float(observed) == pytest.approx(0.1, rel=2e-4)
    for k, strength in enumerate(limit.expected):
        _, expected = pyhf.infer.hypotest(strength, data, model, test_stat="qtilde", return_expected_set=True)
        assert float(expected[k]) == pytest.approx(0.1, rel=2e-4)


def test_what_is_not_asked_for_is_not_there():
    one = [archive()["documented"]]
    assert upper_limits(one, replace(PYHF, expected=False))[0].expected == (None,) * 5
    without = upper_limits(one, PYHF, has_data=False)[0]
    assert without.observed is None
    assert without.expected == pytest.approx(upper_limits(one, PYHF)[0].expected, rel=1e-3)


def test_pyhf_runs_as_it_comes_and_leaves_the_backend_as_it_was():
    before = pyhf.get_backend()
    pyhf.set_backend("numpy", PyhfOptimizer())
    try:
        mine = pyhf.get_backend()
        with pyhf_engine.stock_pyhf():
            assert pyhf.get_backend()[1].name == "scipy"
        assert pyhf.get_backend() == mine
    finally:
        pyhf.set_backend(*before)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"method": "bayesian"}, "'bayesian_asymptotic' has no equivalent"),
        ({"method": "feldman_cousins"}, "'feldman_cousins_asymptotic' has no equivalent"),
        ({"calculation": "toys"}, "'cls_toys' has no equivalent"),
        ({"calculation": "exact"}, "'cls_exact' has no equivalent"),
    ],
)
def test_what_pyhf_does_not_have_is_refused(change, sentence):
    with pytest.raises(UmbraError, match=sentence):
        upper_limits([archive()["documented"]], replace(PYHF, **change))


def test_what_pyhf_cannot_do_has_a_status(monkeypatch):
    good = archive()["documented"]
    twice = copy.deepcopy(good)
    twice["observations"].append(twice["observations"][0])
    mismatch = copy.deepcopy(good)
    mismatch["observations"][0]["data"] = [51]
    blind = workspace([51, 48], [50.0, 52.0], [0.0, 0.0], rate(0.1))
    far = workspace([5000], [5.0], [1.0], rate(0.1))  # 50 deviations: its nuisance parameter rests on a bound
    found = upper_limits([twice, mismatch, blind, far, good], PYHF)
    assert [limit.status for limit in found] == [
        "fit_failed",
        "fit_failed",
        "no_sensitivity",
        "fit_failed",
        "converged",
    ]
    assert "two observations" in found[0].reason
    assert "has len 3 but 4 was expected" in found[1].reason
    assert "its own bound" in found[3].reason

    def fails(*args, **kwargs):
        raise pyhf.exceptions.FailedMinimization(type("R", (), {"message": "Inequality constraints"})())

    monkeypatch.setattr(pyhf.infer, "hypotest", fails)
    failed = upper_limits([good], PYHF)[0]
    assert failed.status == "fit_failed"
    assert "FailedMinimization" in failed.reason

    monkeypatch.setattr(pyhf.infer, "hypotest", lambda *a, **k: (np.array(np.nan), [np.array(0.5)] * 5))
    assert "CLs of nan" in upper_limits([good], PYHF)[0].reason

    jump = [lambda s: 1.0 if s < 2.0 else 0.001, lambda s: 0.2 + 0.1 * min(s, 3.0) if s < 40.0 else 0.0]
    for curve, sentence in zip(jump, ("jumps over 0.05", "rises from"), strict=True):
        monkeypatch.setattr(
            pyhf.infer, "hypotest", lambda s, *a, curve=curve, **k: (curve(s), [curve(s)] * 5)
        )
        broken = upper_limits([good], PYHF)[0]
        assert broken.status == "bracket_failed"
        assert sentence in broken.reason

    monkeypatch.setattr(pyhf.infer, "hypotest", lambda *a, **k: (0.9, [0.9] * 5))
    assert upper_limits([good], PYHF)[0].status == "no_sensitivity"


def test_the_audit_finds_one_minus_cl_at_every_limit():
    workspaces = archive()
    limits = dict(zip(workspaces, upper_limits(list(workspaces.values()), ASYMPTOTIC), strict=True))
    records = audit(workspaces, limits, ASYMPTOTIC)
    assert [(r.workspace, r.quantity) for r in records] == [
        (name, quantity) for name in workspaces for quantity in ("observed", "expected")
    ]
    assert not disagreements(records)
    for record in records:
        assert record.wanted == pytest.approx(0.05)
        assert record.difference == record.cls - record.wanted
        assert abs(record.difference) < 0.1 * TOLERANCE
        assert record.seconds_pyhf > 0.0
        assert record.seconds_engine > 0.0


def test_the_audit_sees_a_wrong_limit_and_a_failing_pyhf(monkeypatch):
    workspaces = archive()
    right = upper_limits([workspaces["excess"]], ASYMPTOTIC)[0]
    median = list(right.expected)
    median[2] *= 1.02
    wrong = {
        "excess": replace(right, observed=right.observed * 1.02),
        "documented": replace(upper_limits([workspaces["documented"]], ASYMPTOTIC)[0]),
        "deficit": replace(right, status="fit_failed"),
        "shape": replace(right, method="cls_toys"),
    }
    records = audit(workspaces, wrong, ASYMPTOTIC)
    assert {record.workspace for record in records} == {"excess", "documented"}
    (bad,) = disagreements(records)
    assert (bad.workspace, bad.quantity, bad.agrees) == ("excess", "observed", False)
    assert bad.difference < -TOLERANCE
    assert [
        r.agrees for r in audit(workspaces, {"excess": replace(right, expected=tuple(median))}, ASYMPTOTIC)
    ] == [
        True,
        False,
    ]
    with pytest.raises(UmbraError, match="'nowhere'"):
        audit(workspaces, {"nowhere": right}, ASYMPTOTIC)

    def fails(*args, **kwargs):
        raise ValueError("array must not contain infs or NaNs")

    monkeypatch.setattr(pyhf.infer, "hypotest", fails)
    failed = audit(workspaces, {"excess": right}, ASYMPTOTIC)
    assert all(record.cls is None and record.status == "fit_failed" for record in failed)
    assert len(disagreements(failed)) == 2


def test_an_expected_limit_alone_is_audited():
    workspaces = {"one": archive()["documented"]}
    limit = upper_limits([workspaces["one"]], ASYMPTOTIC, has_data=False)[0]
    (record,) = audit(workspaces, {"one": limit}, ASYMPTOTIC)
    assert record.quantity == "expected"
    assert record.agrees


def test_the_first_the_last_the_strongest_and_some_others_are_audited():
    limit = upper_limits([archive()["documented"]], ASYMPTOTIC)[0]
    limits = {f"m{i}": replace(limit, observed=1.0 + abs(i - 30)) for i in range(100)}
    limits["m30"] = replace(limit, observed=0.01)
    for other, change in (("m0", {"status": "fit_failed"}), ("m99", {"method": "cls_toys"})):
        limits[other] = replace(limit, **change)
    names = choose(limits, 4, ("channel",))
    assert {"m1", "m98", "m30"} <= set(names)
    assert len(names) == len(set(names)) == 7
    assert names == [name for name in limits if name in names]
    assert names == choose(limits, 4, ("channel",))
    assert names != choose(limits, 4, ("other",))
    assert choose({"one": limit}, 4, ("channel",)) == ["one"]
    assert choose({}, 4, ("channel",)) == []
