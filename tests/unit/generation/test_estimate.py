"""Whether the scatter of weights is the error of their mean: what is known of their tail."""

import numpy as np
import pytest

from umbra.core.kinematics import Array
from umbra.core.seeds import generator
from umbra.generation.estimate import Estimate, error_is_known
from umbra.generation.generated import Accuracy


def pareto(index: float, n: int) -> Array:
    """Weights of density w^(-1-1/index) above 1, whose variance is infinite from an index of 1/2 on."""
    return np.asarray(generator("pareto", index, n).random(n) ** -index)


@pytest.mark.parametrize("n", [16_384, 262_144])
@pytest.mark.parametrize(("index", "known"), [(0.2, True), (0.35, True), (0.65, False), (0.9, False)])
def test_a_tail_without_a_variance_is_seen(n: int, index: float, known: bool) -> None:
    assert error_is_known(pareto(index, n)) is known


def test_one_trial_that_makes_up_the_variance_is_seen() -> None:
    weight = generator("flat").random(16_384)
    assert error_is_known(weight)
    weight[100] = 200.0
    assert not error_is_known(weight)


def test_few_trials_that_pass_cuts_are_seen() -> None:
    weight = np.zeros(16_384)
    weight[:300] = 1.0
    assert not error_is_known(weight)
    weight[:3_000] = 1.0
    assert error_is_known(weight)


def test_constant_weights_are_known() -> None:
    assert error_is_known(np.ones(1_000))


def test_a_flag_stays() -> None:
    good, few = Estimate(2.0, 0.01), Estimate(2.0, 0.01, Accuracy.FEW_TRIALS)
    assert good.judged(0.01).accuracy is Accuracy.REACHED
    assert good.judged(0.001).accuracy is Accuracy.NOT_REACHED
    assert few.judged(0.001).accuracy is few.judged(0.01).accuracy is Accuracy.FEW_TRIALS
    assert Estimate(0.0, 0.0).relative_error == float("inf")
