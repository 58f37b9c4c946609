"""Workspaces as HS3 has them, read by a reader of a few lines that knows HistFactory's formulas, beside stock pyhf."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyhf
import pytest
from scipy.stats import norm

from umbra.core.errors import UmbraError
from umbra.inference.workspace import Background, Bins, Workspace, build
from umbra.publication.hs3 import converted


def workspace() -> Workspace:
    """Two categories with each kind of modifier that workspaces of ours have."""
    signal = np.array([1.0, 4.0, 2.0])
    flat = Background("flat", np.array([30.0, 31.0, 33.0]), free=True, start=1.5)
    simulated = Background(
        "simulated",
        np.array([12.0, 9.0, 7.0]),
        relative_uncertainty=0.2,
        named={"veto": 0.1},
        variance=np.array([3.0, 2.0, 2.0]),
        tilt=np.array([0.1, 0.0, -0.1]),
    )
    other = Background("other", np.array([2.0, 3.0, 4.0]), variance=np.array([0.5, 0.4, 0.3]))
    peak = Bins("peak", np.array([45.0, 50.0, 38.0]), signal, 0.05, [flat])
    window = Bins("window", np.array([16.0, 11.0, 15.0]), 0.5 * signal, 0.0, [simulated, other])
    return build([peak, window], "both", 0.1, ("luminosity", 0.02))


def log_likelihood(content: Mapping[str, Any], values: Mapping[str, float]) -> float:
    """Of the one likelihood; parameters with a Gaussian constraint lie beyond one deviation: no polynomials there."""
    models = {each["name"]: each for each in content["distributions"]}
    data = {each["name"]: each["contents"] for each in content["data"]}
    (likelihood,) = content["likelihoods"]
    total, constrained = 0.0, set()
    for model, observed in zip(likelihood["distributions"], likelihood["data"], strict=True):
        expected = np.zeros(len(data[observed]))
        nominal, variance, gammas = np.zeros_like(expected), np.zeros_like(expected), ()
        for sample in models[model]["samples"]:
            counts = np.array(sample["data"]["contents"])
            factor, added = np.ones_like(counts), np.zeros_like(counts)
            for modifier in sample["modifiers"]:
                if modifier["type"] == "staterror":
                    gammas = modifier["parameters"]
                    nominal += counts
                    variance += np.array(sample["data"]["errors"]) ** 2
                    factor = factor * [values[name] for name in gammas]
                    continue
                value = values[modifier["parameter"]]
                if modifier["type"] == "normfactor":
                    factor = factor * value
                    continue
                assert abs(value) > 1.0
                assert modifier["constraint"] == "Gauss"
                constrained.add(modifier["parameter"])
                side = modifier["data"]["hi" if value > 0.0 else "lo"]
                if modifier["type"] == "normsys":
                    factor = factor * side ** abs(value)
                else:
                    added += abs(value) * (np.array(side["contents"]) - counts)
            expected += factor * (counts + added)
        total += sum(
            n * math.log(e) - e - math.lgamma(n + 1.0) for n, e in zip(data[observed], expected, strict=True)
        )
        if gammas:
            width = np.sqrt(variance) / nominal
            total += float(norm.logpdf([values[name] for name in gammas], 1.0, width).sum())
    return total + sum(float(norm.logpdf(values[name])) for name in constrained)


def shifted(model: Any, content: Mapping[str, Any], side: float) -> tuple[list[float], dict[str, float]]:
    """Parameters away from their start: as pyhf orders them, and by their names in HS3."""
    (start,) = content["parameter_points"]
    values = {each["name"]: each["value"] for each in start["parameters"]}
    theta = list(model.config.suggested_init())
    for i, name in enumerate(model.config.par_names):
        plain = name.partition("[")[0]
        key = next(k for k in (name, f"alpha_{plain}", plain, f"gamma_{plain}_{name[-2]}") if k in values)
        assert theta[i] == values[key]
        by = side * (1.3 + 0.1 * i) if key.startswith("alpha_") else 0.05 * side
        theta[i] += by
        values[key] += by
    return theta, values


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_the_likelihood_is_that_of_pyhf(side: float) -> None:
    own = workspace()
    content = converted(own)
    stock = pyhf.Workspace(own)
    model = stock.model(
        modifier_settings={"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}
    )
    theta, values = shifted(model, content, side)
    assert len(values) == model.config.npars
    wanted = float(model.logpdf(theta, stock.data(model))[0])
    assert log_likelihood(content, values) == pytest.approx(wanted, abs=1e-9)


def test_names_meet() -> None:
    """What the analysis, the likelihood and the start point at is there, once."""
    content = json.loads(json.dumps(converted(workspace()), allow_nan=False))
    (analysis,), (likelihood,), (domain,), (start,) = (
        content[block] for block in ("analyses", "likelihoods", "domains", "parameter_points")
    )
    assert analysis["likelihood"] == likelihood["name"]
    assert (analysis["domains"], analysis["init"]) == ([domain["name"]], start["name"])
    assert likelihood["distributions"] == [each["name"] for each in content["distributions"]]
    assert likelihood["data"] == [each["name"] for each in content["data"]]
    parameters = [each["name"] for each in start["parameters"]]
    assert parameters == [each["name"] for each in domain["axes"]]
    assert len(set(parameters)) == len(parameters)
    assert set(analysis["parameters_of_interest"]) == {"mu"} <= set(parameters)
    for each, data in zip(content["distributions"], content["data"], strict=True):
        assert each["type"] == "histfactory_dist"
        assert each["axes"] == data["axes"]
        assert each["axes"][0]["nbins"] == len(data["contents"])
    bounds = {each["name"]: (each["min"], each["max"]) for each in domain["axes"]}
    assert bounds["peak_flat"] == (0.0, 25.0)
    assert content["metadata"]["hs3_version"] == "0.2"


def test_a_modifier_that_ours_have_not_is_refused() -> None:
    own = workspace()
    own["channels"][0]["samples"][0]["modifiers"].append({"name": "lumi", "type": "lumi", "data": None})
    with pytest.raises(
        UmbraError, match="modifiers of the type 'lumi' are none of ours: normfactor, normsys"
    ):
        converted(own)


def test_an_archive_has_one_file_a_point(tmp_path: Path) -> None:
    from types import SimpleNamespace

    from umbra.publication import hs3

    point: Any = SimpleNamespace(patch="m_1_000000", workspace=workspace())
    hs3.write(tmp_path, [point])
    assert json.loads((tmp_path / "m_1_000000.json").read_text()) == json.loads(
        json.dumps(converted(workspace()))
    )
