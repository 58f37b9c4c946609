"""The engine as pyhf's optimizer."""

import numpy as np
import pyhf
import pytest

from umbra.core.errors import UmbraError
from umbra.statistics.pyhf_optimizer import PyhfOptimizer


@pytest.fixture
def umbra_backend():
    pyhf.set_backend("numpy", PyhfOptimizer())
    yield
    pyhf.set_backend("numpy", pyhf.optimize.scipy_optimizer())


@pytest.mark.parametrize("staterror", [False, True])
def test_fits_are_at_least_as_good_as_scipys(peak, staterror):
    spec = pyhf.Workspace(peak(3, staterror=staterror, n_bins=12))
    model = spec.model()
    data = spec.data(model)
    reference, value = pyhf.infer.mle.fit(data, model, return_fitted_val=True)
    pyhf.set_backend("numpy", PyhfOptimizer())
    try:
        best, ours = pyhf.infer.mle.fit(data, model, return_fitted_val=True)
    finally:
        pyhf.set_backend("numpy", pyhf.optimize.scipy_optimizer())
    assert float(ours) <= float(value) + 1e-6
    poi = model.config.poi_index
    assert best[poi] == pytest.approx(reference[poi], abs=0.01)


def test_hypothesis_tests_run_on_it(umbra_backend):
    for uncertainty, documented in (([3.0, 7.0], 0.05251497), ([0.0, 7.0], None)):
        model = pyhf.simplemodels.uncorrelated_background([12.0, 11.0], [50.0, 52.0], uncertainty)
        data = [51, 48, *model.config.auxdata]
        cls = pyhf.infer.hypotest(1.0, data, model, test_stat="qtilde")
        if documented:
            assert float(cls) == pytest.approx(documented, rel=1e-4)


def test_channels_in_another_order_than_pyhfs(umbra_backend, counting):
    workspace = counting(7, 3.0, uncertainty=0.2, statistical=0.3)
    second = counting(40, 38.0, statistical=0.1)
    channel = second["channels"][0]
    channel["name"] = "alpha"
    channel["samples"][1]["modifiers"][0]["name"] = "other"
    workspace["channels"].append(channel)
    workspace["observations"].append({"name": "alpha", "data": [40]})
    spec = pyhf.Workspace(workspace)
    model = spec.model()
    data = spec.data(model)
    best, value = pyhf.infer.mle.fit(data, model, return_fitted_val=True)
    for i in range(len(best)):
        for step in (-1e-3, 1e-3):
            moved = np.array(best)
            moved[i] += step
            if moved[i] >= 0.0 or model.config.par_names[i] == "rate":
                assert float(pyhf.infer.mle.twice_nll(moved, data, model)[0]) > float(value)


def test_what_it_cannot_do_is_refused(umbra_backend):
    model = pyhf.simplemodels.uncorrelated_background([12.0], [50.0], [3.0])
    data = [51, *model.config.auxdata]
    with pytest.raises(UmbraError, match="cannot fix"):
        pyhf.infer.mle.fit(data, model, fixed_params=[False, True])
    with pytest.raises(UmbraError, match="return_uncertainties"):
        pyhf.infer.mle.fit(data, model, return_uncertainties=True)
