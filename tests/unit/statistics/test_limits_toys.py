"""What failed fits of toys do to p-values, limits and bands: nothing while they are few, and never in silence."""

import numpy as np
import pytest

from umbra.inference.workspace import Background, Bins, build
from umbra.statistics import bayesian
from umbra.statistics.compilation import compile_workspace
from umbra.statistics.profile import prepare
from umbra.statistics.roots import Roots
from umbra.statistics.toys import Scan, _band_places, _crossings, _p_values

N = 1000
ALPHA = 0.05
FEW, MANY = 3, 4  # half the fluctuation of 50 toys is 3.5


def scan(failed_signal=0, failed_background=0, failed_data=False):
    """Statistics 0 ... 999 with signal, half of that without, 900.5 for the data, at three strengths."""
    signal = np.tile(np.arange(N, dtype=float), (3, 1))
    background = 0.5 * signal
    signal[1, :failed_signal] = np.nan
    background[1, :failed_background] = np.nan
    observed = np.full(3, 900.5)
    observed[1] = np.nan if failed_data else 900.5
    return Scan(np.array([1.0, 2.0, 3.0]), observed, signal, background)


def test_failed_toys_are_left_out_of_the_sample_while_they_are_few():
    whole = _p_values(scan(), "profile", ALPHA, True, False)[0]
    few = _p_values(scan(FEW), "profile", ALPHA, True, False)[0]
    assert whole == pytest.approx([0.099] * 3)
    assert few == pytest.approx([0.099, 99 / (N - FEW), 0.099])


@pytest.mark.parametrize(
    "broken", [{"failed_signal": MANY}, {"failed_background": MANY}, {"failed_data": True}]
)
def test_a_strength_with_many_failed_toys_has_no_p_value(broken):
    curve = _p_values(scan(**broken), "cls", ALPHA, True, False)[0]
    assert np.isnan(curve).tolist() == [False, True, False]


def test_a_toy_without_signal_that_failed_has_no_p_value_of_its_own():
    curves = _p_values(scan(failed_background=FEW), "cls", ALPHA, False, True)
    assert curves.shape == (N, 3)
    assert np.isnan(curves[:FEW, 1]).all()
    assert np.isfinite(curves[FEW:]).all()


def test_what_is_not_known_matters_at_the_crossing_only():
    nan = np.nan
    curves = np.array(
        [
            [0.5, 0.2, 0.01, 0.001],  # crosses between 2 and 3
            [nan, 0.2, 0.01, nan],
            [0.5, 0.2, nan, 0.001],  # where it crosses is not known
            [nan, 0.01, 0.01, 0.001],  # whether it ever was above is not known
            [0.04, 0.01, 0.01, 0.001],  # never was: zero
            [0.5, 0.4, 0.3, 0.2],  # does not cross within the scan
            [nan, nan, nan, nan],
        ]
    )
    roots = _crossings(np.array([1.0, 2.0, 3.0, 4.0]), curves, ALPHA)
    assert roots.found.tolist() == [True, True, False, False, True, False, False]
    assert roots.failed.tolist() == [False, False, True, True, False, False, True]
    assert roots.strength[0] == roots.strength[1] == pytest.approx(2 + np.log(4) / np.log(20))
    assert roots.strength[4] == 0.0
    assert roots.strength[5] == 4.0


def test_bands_are_quantiles_of_the_limits_that_were_found():
    nothing = np.zeros(N, dtype=bool)
    failed = nothing.copy()
    failed[:FEW] = True
    strength = np.where(failed, 0.0, np.arange(N, dtype=float))
    places = _band_places(Roots(strength, ~failed, failed, nothing), ALPHA)
    kept = N - FEW
    assert places.tolist() == [FEW + int(kept * p) for p in (0.02275, 0.158655, 0.5, 0.841345, 0.97725)]
    failed[:MANY] = True
    places = _band_places(Roots(strength, ~failed, failed, nothing), ALPHA)
    assert failed[places].all()


def test_a_fit_that_ran_away_takes_its_node_of_the_posterior_and_no_other(monkeypatch):
    """One whose Hessian has no inverse was an error for all hypotheses of a job."""
    background = Background("b", np.array([5.0]), relative_uncertainty=0.1)
    bins = Bins("c", None, np.array([3.0]), 0.0, [background])
    model = compile_workspace(build([bins], "one", 0.05, ("luminosity", 0.01)))
    hypotheses = prepare([model])
    lanes, theta = np.zeros(3, int), np.repeat(hypotheses.best.theta, 3, axis=0)
    data = hypotheses.asimov.take(lanes)
    healthy = bayesian.log_volume(hypotheses, lanes, data, theta)
    evaluate = bayesian.evaluate

    def broken(*given):
        found = evaluate(*given)
        found.hessian[1] = 1e37
        return found

    monkeypatch.setattr(bayesian, "evaluate", broken)
    found = bayesian.log_volume(hypotheses, lanes, data, theta)
    assert found[1] == -np.inf
    assert found[[0, 2]] == pytest.approx(healthy[[0, 2]])
