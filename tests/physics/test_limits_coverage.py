"""How often limits exclude a signal that is there: 1 - CL of the time, or less where counts or CLs demand it."""

import numpy as np
import pytest

from umbra.statistics.engine import LimitSettings, upper_limits

# Signal and background of the pairs: background-free, few events, and the Gaussian regime.
PAIRS = [
    (3.0, 0.0),
    (6.0, 0.0),
    (3.0, 0.1),
    (4.0, 1.0),
    (6.0, 3.0),
    (12.0, 3.0),
    (8.0, 10.0),
    (15.0, 30.0),
    (25.0, 100.0),
    (50.0, 100.0),
    (60.0, 500.0),
    (90.0, 1000.0),
]


def window(observed, background, uncertainty, auxiliary):
    modifiers, parameters = [], []
    if uncertainty:
        data = {"hi": 1.0 + uncertainty, "lo": 1.0 / (1.0 + uncertainty)}
        modifiers.append({"name": "rate", "type": "normsys", "data": data})
        parameters.append({"name": "rate", "auxdata": [auxiliary]})
    signal = {
        "name": "signal",
        "data": [1.0],
        "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
    }
    return {
        "channels": [
            {
                "name": "window",
                "samples": [signal, {"name": "background", "data": [background], "modifiers": modifiers}],
            }
        ],
        "observations": [{"name": "window", "data": [observed]}],
        "measurements": [{"name": "test", "config": {"poi": "mu", "parameters": parameters}}],
        "version": "1.0.0",
    }


def exclusion_rate(signal, background, settings, n_toys, uncertainty=0.0, seed=1):
    """Share of toys that exclude the signal that they contain; the auxiliary measurement fluctuates with them."""
    random = np.random.default_rng(seed)
    counts = random.poisson(signal + background, n_toys).astype(float)
    auxiliary = random.normal(size=n_toys) if uncertainty else np.zeros(n_toys)
    distinct, place = np.unique(np.stack([counts, auxiliary]), axis=1, return_inverse=True)
    workspaces = [window(n, background, uncertainty, float(a)) for n, a in distinct.T]
    limits = upper_limits(workspaces, settings)
    # A limit that excludes even no signal at all, which only the profile method can give, excludes this one.
    upper = np.array([0.0 if limit.observed is None else limit.observed for limit in limits])
    assert all(limit.status in ("converged", "no_sensitivity") for limit in limits)
    return float((upper[place.reshape(-1)] < signal).mean())


def allowed(n_toys, level=0.05, deviations=4.0):
    return level + deviations * np.sqrt(level * (1 - level) / n_toys)


@pytest.mark.parametrize(
    ("method", "signal", "background"),
    [(method, *pair) for method in ("cls", "bayesian", "profile") for pair in PAIRS]
    + [
        ("feldman_cousins", *pair) for pair in PAIRS[:3]
    ],  # each toy of a larger background needs its own belt
)
def test_limits_of_known_backgrounds_cover(method, signal, background):
    rate = exclusion_rate(signal, background, LimitSettings(method=method), 10000)
    assert rate <= allowed(10000)


@pytest.mark.parametrize("nuisance", ["marginalised", "profiled"])
@pytest.mark.parametrize("uncertainty", [0.05, 0.3])
@pytest.mark.parametrize(("signal", "background"), [(4.0, 1.0), (12.0, 3.0), (25.0, 30.0)])
def test_limits_of_uncertain_backgrounds_cover(signal, background, uncertainty, nuisance):
    settings = LimitSettings(calculation="exact", nuisance=nuisance)
    rate = exclusion_rate(signal, background, settings, 150, uncertainty)
    assert rate <= allowed(150)


def test_asymptotic_limits_undercover_at_low_counts_which_is_why_they_are_not_used_there():
    forced = LimitSettings(calculation="asymptotic")
    assert exclusion_rate(2.5, 0.1, forced, 2000) > allowed(2000)
    assert exclusion_rate(2.5, 0.1, LimitSettings(), 2000) <= allowed(2000)


@pytest.mark.nightly
@pytest.mark.parametrize("nuisance", ["marginalised", "profiled"])
@pytest.mark.parametrize("uncertainty", [0.05, 0.3])
@pytest.mark.parametrize(("signal", "background"), PAIRS[2:])
def test_limits_of_uncertain_backgrounds_cover_in_full(signal, background, uncertainty, nuisance):
    settings = LimitSettings(calculation="exact", nuisance=nuisance)
    rate = exclusion_rate(signal, background, settings, 10000, uncertainty)
    assert rate <= allowed(10000, level=0.055)
