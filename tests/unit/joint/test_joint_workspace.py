"""Joint likelihoods of counts, beside what they are in closed form."""

from collections.abc import Sequence

import pytest

from umbra.core.errors import UmbraError
from umbra.inference.workspace import Workspace
from umbra.joint.workspace import Correlations, combined
from umbra.statistics.engine import LimitSettings, upper_limits

SETTINGS = LimitSettings(cl=0.9, calculation="asymptotic")
ALONE = Correlations()


def count(signal: float, background: float, observed: float, **relative: float) -> Workspace:
    """One bin, with uncertainties of the signal by name."""
    modifiers = [{"name": "mu", "type": "normfactor", "data": None}]
    modifiers += [
        {"name": name, "type": "normsys", "data": {"hi": 1.0 + each, "lo": 1.0 / (1.0 + each)}}
        for name, each in relative.items()
    ]
    samples = [
        {"name": "signal", "data": [signal], "modifiers": modifiers},
        {"name": "background", "data": [background], "modifiers": []},
    ]
    parameters = [{"name": "mu", "inits": [1.0], "bounds": [[0.0, 100.0]]}]
    return {
        "channels": [{"name": "window", "samples": samples}],
        "observations": [{"name": "window", "data": [observed]}],
        "measurements": [{"name": "count", "config": {"poi": "mu", "parameters": parameters}}],
        "version": "1.0.0",
    }


def joined(
    parts: Sequence[Workspace], correlations: Correlations = ALONE, factors: Sequence[float] = (1.0, 1.0)
) -> Workspace:
    names = ("one", "other")[: len(parts)]
    named = dict(zip(names, parts, strict=True))
    return combined(named, dict(zip(names, factors, strict=False)), correlations, "both")


def limits(*workspaces: Workspace) -> list[tuple[float, float]]:
    """Observed and median expected limit of each."""
    found = upper_limits(list(workspaces), SETTINGS)
    assert all(each.status == "converged" for each in found)
    return [(float(each.observed or 0.0), float(each.expected[2] or 0.0)) for each in found]


def test_two_counts_with_the_same_purity_are_their_sum() -> None:
    """Both expect b (1 + mu r): the likelihood knows the sum of the events alone."""
    together, one = limits(joined([count(6.0, 20.0, 25.0), count(12.0, 40.0, 37.0)]), count(18.0, 60.0, 62.0))
    assert together == pytest.approx(one, rel=1e-6)


def test_a_shared_uncertainty_is_that_of_the_sum_and_independent_ones_average_out() -> None:
    parts = [count(6.0, 20.0, 25.0, luminosity=0.4), count(12.0, 40.0, 37.0, luminosity=0.4)]
    shared = Correlations({("one", "luminosity"): "lumi", ("other", "luminosity"): "lumi"})
    together, sum_of_both, apart, exact = limits(
        joined(parts, shared),
        count(18.0, 60.0, 62.0, luminosity=0.4),
        joined(parts),
        count(18.0, 60.0, 62.0),
    )
    assert together == pytest.approx(sum_of_both, rel=1e-6)
    assert exact[1] < 0.99 * apart[1] < apart[1] < 0.99 * together[1]


def test_a_common_uncertainty_is_the_same_as_one_that_both_have_and_share() -> None:
    bare = [count(6.0, 20.0, 25.0), count(12.0, 40.0, 37.0)]
    having = [count(6.0, 20.0, 25.0, rate=0.2), count(12.0, 40.0, 37.0, rate=0.2)]
    shared = Correlations({("one", "rate"): "theory", ("other", "rate"): "theory"})
    added = Correlations(common={"theory": (0.2, ("one", "other"))})
    first, second = limits(joined(having, shared), joined(bare, added))
    assert first == second
    only_one = limits(joined(bare, Correlations(common={"theory": (0.2, ("one",))})))[0]
    assert only_one[1] < first[1]


def test_signals_mean_the_same_coupling() -> None:
    """Where the second input is written for ten times the square of the coupling, a tenth of its signal is added."""
    direct, scaled = limits(
        joined([count(6.0, 20.0, 25.0), count(12.0, 90.0, 80.0)]),
        joined([count(6.0, 20.0, 25.0), count(120.0, 90.0, 80.0)], factors=(1.0, 0.1)),
    )
    assert direct == pytest.approx(scaled, rel=1e-12)


def test_one_input_alone_keeps_its_likelihood() -> None:
    own = count(6.0, 20.0, 25.0, luminosity=0.1, signal_efficiency=0.2)
    alone, plain = limits(joined([own]), own)
    assert alone == pytest.approx(plain, rel=1e-12)


@pytest.mark.parametrize("background", [4.0, 20.0, 400.0, 1e5])
@pytest.mark.parametrize("uncertainty", [0.01, 0.3])
def test_more_data_never_weaken_what_is_expected(background: float, uncertainty: float) -> None:
    parts = [
        count(6.0, 20.0, 20.0, luminosity=uncertainty),
        count(9.0, background, background, luminosity=uncertainty),
    ]
    shared = Correlations({("one", "luminosity"): "lumi", ("other", "luminosity"): "lumi"})
    together, one, other = limits(
        joined(parts, shared),
        joined(parts[:1], shared),
        combined({"other": parts[1]}, {"other": 1.0}, shared, "o"),
    )
    assert together[1] <= min(one[1], other[1]) * (1.0 + 1e-6)


def test_names_of_categories_and_parameters_say_whose_they_are() -> None:
    shared = Correlations({("one", "luminosity"): "lumi", ("other", "luminosity"): "lumi"})
    parts = [count(6.0, 20.0, 25.0, luminosity=0.1, signal_efficiency=0.2)] * 2
    both = joined(parts, shared)
    names = [
        {modifier["name"] for modifier in channel["samples"][0]["modifiers"]} for channel in both["channels"]
    ]
    assert names == [{"mu", "lumi", f"{each}_signal_efficiency"} for each in ("one", "other")]
    assert [each["name"] for each in both["observations"]] == ["one_window", "other_window"]


def test_what_an_input_has_not_cannot_be_shared() -> None:
    shared = Correlations({("one", "luminosity"): "lumi", ("other", "luminosity"): "lumi"})
    with pytest.raises(
        UmbraError, match="shared/lumi: the workspaces of 'other' have no parameter 'luminosity'"
    ):
        joined([count(6.0, 20.0, 25.0, luminosity=0.1), count(6.0, 20.0, 25.0)], shared)
