"""Local p-values: exact where counts are few, and the values of a fit at the edge of what is possible."""

import copy

import numpy as np
import pytest
from scipy.stats import binom, norm, poisson

from umbra.statistics.engine import discoveries


def on_off(n_on, n_off, transfer, uncertainty=0.0, leakage=0.0):
    """A signal bin and a sideband with one free background normalisation."""
    free = {"name": "k", "type": "normfactor", "data": None}
    known = {
        "name": "transfer",
        "type": "normsys",
        "data": {"hi": 1 + uncertainty, "lo": 1 / (1 + uncertainty)},
    }
    signal = [{"name": "mu", "type": "normfactor", "data": None}]
    samples_on = [
        {"name": "s", "data": [1.0], "modifiers": signal},
        {"name": "b", "data": [transfer], "modifiers": [free, known] if uncertainty else [free]},
    ]
    samples_off = [{"name": "b", "data": [1.0], "modifiers": [free]}]
    if leakage:
        samples_off.append({"name": "s", "data": [leakage], "modifiers": signal})
    return {
        "channels": [{"name": "SR", "samples": samples_on}, {"name": "CR", "samples": samples_off}],
        "observations": [{"name": "SR", "data": [n_on]}, {"name": "CR", "data": [n_off]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def test_two_events_and_an_empty_sideband():
    """The conditional binomial probability is (1/11)^2; asymptotics claim 3.10 standard deviations."""
    found = discoveries([on_off(2, 0, 0.1)])[0]
    assert found.p0 == pytest.approx((1.0 / 11.0) ** 2, rel=1e-9)
    assert found.z == pytest.approx(2.397, abs=1e-3)
    assert found.method == "exact_conditional"
    assert np.sqrt(found.q0) == pytest.approx(3.097, abs=1e-3)


@pytest.mark.parametrize(("n_on", "n_off", "transfer"), [(5, 3, 0.2), (1, 0, 0.1), (7, 30, 0.1), (9, 4, 1.0)])
@pytest.mark.parametrize("leakage", [0.0, 0.05])
def test_an_on_off_count_has_its_binomial_probability(n_on, n_off, transfer, leakage):
    found = discoveries([on_off(n_on, n_off, transfer, leakage=leakage)])[0]
    assert found.p0 == pytest.approx(binom.sf(n_on - 1, n_on + n_off, transfer / (1 + transfer)), rel=1e-9)
    assert found.z == pytest.approx(norm.isf(found.p0))


def test_the_order_of_the_channels_does_not_matter():
    workspace = on_off(5, 3, 0.2)
    workspace["channels"].reverse()
    assert discoveries([workspace])[0].p0 == pytest.approx(binom.sf(4, 8, 0.2 / 1.2), rel=1e-9)


def test_an_uncertain_transfer_is_averaged_over():
    alpha = norm.ppf((np.arange(20000) + 0.5) / 20000)
    transfer = 0.2 * 1.3**alpha
    wanted = np.mean(binom.sf(4, 8, transfer / (1 + transfer)))
    found = discoveries([on_off(5, 3, 0.2, uncertainty=0.3)])[0]
    assert found.p0 == pytest.approx(wanted, rel=5e-3)
    assert found.p0 > 1.1 * binom.sf(4, 8, 0.2 / 1.2)


def test_many_sideband_events_are_asymptotic_and_agree():
    found, few = discoveries([on_off(150, 1000, 0.1), on_off(45, 300, 0.1)])
    assert found.method == "asymptotic"
    assert few.method == "exact_conditional"
    assert few.z == pytest.approx(np.sqrt(few.q0), abs=0.08)


def test_a_deficit_and_no_events_have_no_significance():
    for n_on, n_off in ((0, 0), (0, 9), (1, 30)):
        found = discoveries([on_off(n_on, n_off, 0.1)])[0]
        assert (found.p0, found.z, found.status) == (0.5, 0.0, "converged")
        assert np.copysign(1.0, found.z) == 1.0


def two_sidebands(n_low, n_on, n_high):
    """Three bins with one free background: no on/off count, but its total makes the normalisation drop out."""
    workspace = on_off(n_on, n_high, 0.1)
    third = copy.deepcopy(workspace["channels"][1])
    third["name"] = "low"
    workspace["channels"].append(third)
    workspace["observations"].append({"name": "low", "data": [n_low]})
    return workspace


def test_toys_of_a_shape_have_the_p_value_of_their_counts():
    """With both sidebands in one sum the same data are an on/off count, with half the transfer."""
    found = discoveries([two_sidebands(1, 2, 2)])[0]
    assert found.method == "toys"
    assert found.p0_error == pytest.approx(0.1 * found.p0, rel=0.3)
    assert abs(found.p0 - binom.sf(1, 5, 0.1 / 2.1)) < 4.0 * found.p0_error
    again, other = (
        discoveries([two_sidebands(1, 2, 2)])[0],
        discoveries([two_sidebands(1, 2, 2)], seed=("other",))[0],
    )
    assert again == found
    assert other.p0 != found.p0


def test_no_toy_p_value_is_zero():
    found = discoveries([two_sidebands(1, 9, 2)])[0]
    assert found.method == "toys"
    assert 0.0 < found.p0 < 1e-3
    assert found.z < norm.isf(1e-5)


@pytest.mark.parametrize(("background", "signal"), [(0.3, 0.4), (2.5, 0.1), (1e-3, 5.0)])
def test_an_empty_window_ends_where_it_expects_nothing(counting, background, signal):
    """mu_hat was beyond -b/s, chi2_signal infinite and z minus zero."""
    found = discoveries([counting(0, background, signal)])[0]
    assert found.status == "converged"
    assert found.mu_hat == pytest.approx(-background / signal, rel=1e-9)
    assert found.chi2 == pytest.approx(2.0 * background)
    assert found.chi2_signal == pytest.approx(0.0, abs=1e-9)
    assert (found.q0, found.z, found.p0) == (0.0, 0.0, 0.5)
    assert np.copysign(1.0, found.z) == 1.0
    assert "negative count" in found.reason


def test_no_number_of_a_discovery_is_infinite(counting, peak):
    windows = [
        counting(n, b, 0.7, uncertainty=u) for n in (0, 1, 4) for b in (0.05, 0.6, 3.0) for u in (0.0, 0.3)
    ]
    peaks = [peak(seed, events, 20) for seed in range(4) for events in (5.0, 40.0, 2000.0)]
    for found in discoveries([*windows, *peaks]):
        if found.status != "converged":
            continue
        numbers = [found.mu_hat, found.q0, found.z, found.p0, found.chi2, found.chi2_signal]
        assert np.isfinite(numbers).all(), found
        assert found.chi2_signal <= found.chi2 + 1e-6, found
        assert 0.0 < found.p0 <= 1.0


def test_a_window_keeps_its_poisson_sum(counting):
    found = discoveries([counting(3, 0.1)])[0]
    assert found.method == "exact"
    assert found.p0 == pytest.approx(poisson.sf(2, 0.1))
