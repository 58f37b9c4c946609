"""Sobol sequences: those of SciPy before they are scrambled, uniform and even afterwards."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest
from scipy.stats.qmc import Sobol

from umbra.core.kinematics import Array
from umbra.core.seeds import generator
from umbra.generation.processes.registry import find, names
from umbra.generation.sobol import MOST_DIMENSIONS, scrambled


class Nought:
    """No scrambling."""

    def integers(self, low: int, high: int, size: Any) -> Array:
        return np.zeros(size, np.int64)


@pytest.mark.parametrize("power", [1, 4, 11])
def test_without_scrambling_the_points_are_those_of_scipy(power: int) -> None:
    own = scrambled(MOST_DIMENSIONS, power, Nought()) - 0.5**31  # type: ignore[arg-type]
    theirs = Sobol(MOST_DIMENSIONS, scramble=False, bits=30).random_base2(power)
    np.testing.assert_array_equal(own[np.argsort(own[:, 0])], theirs[np.argsort(theirs[:, 0])])


def test_each_interval_of_an_axis_holds_one_point() -> None:
    points = scrambled(12, 8, generator("strata"))
    assert points.shape == (256, 12)
    np.testing.assert_array_equal(
        np.sort((points * 256).astype(int), axis=0), np.arange(256)[:, None] + np.zeros(12)
    )


def test_a_point_is_uniform() -> None:
    third = np.array([scrambled(5, 3, generator("uniform", i))[3] for i in range(400)])
    assert min(kstest(third[:, axis], "uniform").pvalue for axis in range(5)) > 1e-3


def test_means_of_a_smooth_function_scatter_less_than_those_of_random_numbers_and_have_no_bias() -> None:
    means = np.array([np.prod(2.0 * scrambled(4, 8, generator("mean", i)), axis=1).mean() for i in range(64)])
    plain = np.sqrt((4.0 / 3.0) ** 4 - 1.0) / 16.0
    assert means.std() < 0.25 * plain
    assert abs(means.mean() - 1.0) < 4.0 * means.std() / 8.0


def test_there_are_directions_for_every_process_with_radiation_and_energy_spread() -> None:
    assert max(find(name).dimensions for name in names()) + 3 <= MOST_DIMENSIONS
    with pytest.raises(ValueError, match="17 axes"):
        scrambled(17, 3, generator("many"))
