"""Counting limits against published tables and against sums and integrals done here in another way."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import lognorm, norm, poisson

from umbra.statistics.engine import LimitSettings, discoveries, upper_limits
from umbra.statistics.interpolation import normsys_factor, normsys_shape


def window(observed, background, uncertainty=0.0):
    modifiers = []
    if uncertainty:
        data = {"hi": 1.0 + uncertainty, "lo": 1.0 / (1.0 + uncertainty)}
        modifiers.append({"name": "rate", "type": "normsys", "data": data})
    return {
        "channels": [
            {
                "name": "window",
                "samples": [
                    {
                        "name": "signal",
                        "data": [1.0],
                        "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
                    },
                    {"name": "background", "data": [background], "modifiers": modifiers},
                ],
            }
        ],
        "observations": [{"name": "window", "data": [observed]}],
        "measurements": [{"name": "test", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


GRID = [(n, float(b)) for n in range(11) for b in (0, 0.1, 0.5, 1, 2, 3, 5, 7, 10)]


@pytest.mark.parametrize("cl", [0.90, 0.95])
def test_cls_is_the_ratio_of_poisson_sums(cl):
    limits = upper_limits([window(n, b) for n, b in GRID], LimitSettings(cl=cl))
    for (n, b), limit in zip(GRID, limits, strict=True):
        wanted = brentq(lambda s: poisson.cdf(n, s + b) / poisson.cdf(n, b) - (1 - cl), 0.0, 60.0)  # noqa: B023
        assert limit.method == "cls_exact"
        assert limit.observed == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("cl", [0.90, 0.95])
def test_bayesian_limits_are_integrals_of_the_posterior(cl):
    limits = upper_limits([window(n, b) for n, b in GRID], LimitSettings(method="bayesian", cl=cl))
    strengths = np.linspace(0.0, 80.0, 40001)
    for (n, b), limit in zip(GRID, limits, strict=True):
        posterior = poisson.pmf(n, strengths + b)
        cumulative = np.cumsum(0.5 * (posterior[1:] + posterior[:-1]))
        wanted = np.interp(cl, cumulative / cumulative[-1], strengths[1:])
        assert limit.observed == pytest.approx(wanted, rel=1e-4)


def test_three_events_for_none_seen_on_a_tenth_expected():
    limit = upper_limits([window(0, 0.1)])[0]
    assert limit.observed == pytest.approx(3.00, abs=0.005)
    asymptotic = upper_limits([window(0, 0.1)], LimitSettings(calculation="asymptotic"))[0]
    assert asymptotic.observed == pytest.approx(
        2.03, abs=0.005
    )  # which is why the engine does not use it here


def test_one_sided_neyman_limits_of_the_particle_data_group():
    """Without background: 2.30, 3.89, 5.32 ... at 90% and 3.00, 4.74, 6.30 ... at 95% (PDG review, Statistics)."""
    for cl, published in (
        (0.90, [2.30, 3.89, 5.32, 6.68, 7.99, 9.27, 10.53, 11.77, 12.99, 14.21, 15.41]),
        (0.95, [3.00, 4.74, 6.30, 7.75, 9.15, 10.51, 11.84, 13.15, 14.43, 15.71, 16.96]),
    ):
        limits = upper_limits([window(n, 0.0) for n in range(11)], LimitSettings(method="profile", cl=cl))
        assert [limit.observed for limit in limits] == pytest.approx(published, abs=0.006)


# G. J. Feldman, R. D. Cousins, Phys. Rev. D 57 (1998) 3873, table IV: 90% intervals for n events on b.
FELDMAN_COUSINS = {
    (0, 0.0): (0.00, 2.44),
    (0, 0.5): (0.00, 1.94),
    (0, 1.0): (0.00, 1.61),
    (0, 2.0): (0.00, 1.26),
    (0, 3.0): (0.00, 1.08),
    (0, 5.0): (0.00, 0.98),
    (1, 0.0): (0.11, 4.36),
    (1, 1.0): (0.00, 3.36),
    (1, 3.0): (0.00, 1.88),
    (2, 0.0): (0.53, 5.91),
    (3, 0.0): (1.10, 7.42),
    (4, 0.0): (1.47, 8.60),
    (5, 0.0): (1.84, 9.99),
    (5, 3.0): (0.00, 6.99),
    (6, 0.0): (2.21, 11.47),
    (7, 0.0): (3.56, 12.53),
    (8, 0.0): (3.96, 13.99),
    (9, 0.0): (4.36, 15.30),
    (10, 0.0): (5.50, 16.50),
    (10, 3.0): (2.63, 13.50),
}


def test_feldman_cousins_intervals_are_those_of_their_paper():
    cases = list(FELDMAN_COUSINS)
    settings = LimitSettings(method="feldman_cousins", cl=0.90)
    for case, limit in zip(cases, upper_limits([window(n, b) for n, b in cases], settings), strict=True):
        low, high = FELDMAN_COUSINS[case]
        assert limit.observed_low == pytest.approx(low, abs=0.01), case
        assert limit.observed == pytest.approx(high, abs=0.01), case


@pytest.mark.parametrize(
    ("observed", "background", "uncertainty"), [(0, 0.5, 0.3), (3, 3.0, 0.3), (60, 70.0, 0.1)]
)
def test_an_uncertain_background_is_averaged_over_its_prior(observed, background, uncertainty):
    """The prior of pyhf's code 4 is log-normal for hi = 1/lo, up to the polynomial between -1 and 1."""
    sigma = np.log1p(uncertainty)

    def mean(strength):
        def integrand(b):
            return lognorm.pdf(b, sigma, scale=background) * poisson.cdf(observed, strength + b)

        edges = background * np.exp(sigma * np.array([-8.0, 0.0, 8.0]))
        return sum(quad(integrand, a, b, epsabs=1e-12)[0] for a, b in pairwise(edges))

    wanted = brentq(lambda s: mean(s) / mean(0.0) - 0.05, 0.0, 200.0)
    limit = upper_limits([window(observed, background, uncertainty)])[0]
    assert limit.method == "cls_exact_marginalised"
    assert limit.observed == pytest.approx(wanted, rel=2e-3)


def test_expected_limits_are_those_of_the_quantiles_of_the_counts():
    limit = upper_limits([window(2, 2.3)])[0]
    counts = poisson.ppf(norm.cdf([-2, -1, 0, 1, 2]), 2.3)
    wanted = [upper_limits([window(float(n), 2.3)])[0].observed for n in counts]
    assert limit.expected == pytest.approx(wanted)


@pytest.mark.parametrize("background", [500.0, 1000.0])
def test_exact_and_asymptotic_limits_agree_where_the_rule_changes_over(background):
    for n in (background, background + 40, background - 40):
        exact = upper_limits([window(n, background)], LimitSettings(calculation="exact"))[0]
        asymptotic = upper_limits([window(n, background)], LimitSettings(calculation="asymptotic"))[0]
        assert asymptotic.observed == pytest.approx(exact.observed, rel=0.012)


def test_toys_without_nuisance_parameters_find_the_exact_limit():
    settings = LimitSettings(calculation="toys", n_toys=4000)
    for n, b in ((0, 0.5), (3, 2.0)):
        toys, exact = upper_limits([window(n, b)], settings)[0], upper_limits([window(n, b)])[0]
        assert toys.method == "cls_toys"
        assert toys.observed == pytest.approx(exact.observed, rel=0.08)
        assert toys.expected[2] == pytest.approx(exact.expected[2], rel=0.08)


@pytest.mark.parametrize(("signal", "background", "observed"), [(1.0, 5.0, 14.0), (0.2, 20.0, 31.0)])
def test_an_empty_bin_without_background_does_not_hold_the_signal(signal, background, observed):
    """Two bins, the second as usual, the first with signal only and no event: it adds its signal to -ln L."""
    mu = {"name": "mu", "type": "normfactor", "data": None}
    samples = [
        {"name": "signal", "data": [signal, 1.0], "modifiers": [mu]},
        {"name": "background", "data": [0.0, background], "modifiers": []},
    ]
    workspace = {
        "channels": [{"name": "bins", "samples": samples}],
        "observations": [{"name": "bins", "data": [0.0, observed]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }

    def value(strength):
        nu = strength + background
        return signal * strength + nu - observed * np.log(nu)

    best = observed / (1.0 + signal) - background
    found = discoveries([workspace])[0]
    assert found.mu_hat == pytest.approx(best, rel=1e-4)
    assert found.q0 == pytest.approx(2.0 * (value(0.0) - value(best)), rel=1e-6)
    limit = upper_limits([workspace], LimitSettings(method="profile", calculation="asymptotic"))[0]
    root = brentq(lambda s: 2.0 * (value(s) - value(best)) - norm.isf(0.05) ** 2, best, best + 100.0)
    assert limit.observed == pytest.approx(root, rel=1e-6)


@pytest.mark.parametrize(("observed", "background", "uncertainty"), [(1.0, 3.0, 0.3), (6.0, 4.0, 0.5)])
def test_profiled_cls_is_the_ratio_of_tails_at_the_best_nuisance(observed, background, uncertainty):
    """The limit of the numerator alone, CLs+b, is another one."""
    grid = np.linspace(-5.0, 5.0, 200001)
    shape = np.array(normsys_shape(1.0 + uncertainty, 1.0 / (1.0 + uncertainty)))
    factor = normsys_factor(grid, np.broadcast_to(shape, (len(grid), len(shape))))[0]

    def tail(strength):
        nu = strength + background * factor
        best = np.argmin(nu - observed * np.log(nu) + 0.5 * grid**2)
        return poisson.cdf(observed, nu[best])

    cls = brentq(lambda s: tail(s) / tail(0.0) - 0.1, 0.0, 40.0)
    clsb = brentq(lambda s: tail(s) - 0.1, 0.0, 40.0) if tail(0.0) > 0.1 else 0.0
    rate = {"hi": 1.0 + uncertainty, "lo": 1.0 / (1.0 + uncertainty)}
    mu = {"name": "mu", "type": "normfactor", "data": None}
    samples = [
        {"name": "signal", "data": [1.0], "modifiers": [mu]},
        {
            "name": "background",
            "data": [background],
            "modifiers": [{"name": "rate", "type": "normsys", "data": rate}],
        },
    ]
    workspace = {
        "channels": [{"name": "window", "samples": samples}],
        "observations": [{"name": "window", "data": [observed]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }
    limit = upper_limits([workspace], LimitSettings(cl=0.9, calculation="exact", nuisance="profiled"))[0]
    assert limit.method == "cls_exact_profiled"
    assert limit.observed == pytest.approx(cls, rel=1e-4)
    assert abs(clsb / cls - 1.0) > 0.05
