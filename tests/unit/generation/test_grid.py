"""The grid that learns: an honest map of the cube, points where the integrand is, the same from the same numbers."""

import numpy as np
import pytest

from umbra.core.kinematics import Array
from umbra.core.seeds import generator
from umbra.generation.grid import Grid

WIDTH = 0.01


def hill(x: Array) -> Array:
    """A narrow Gaussian off the middle, of integral 1."""
    return np.asarray(np.exp(-0.5 * (((x - 0.3) / WIDTH) ** 2).sum(axis=1)) / (2.0 * np.pi * WIDTH**2))


def test_a_new_grid_changes_nothing() -> None:
    y = generator("new").random((100, 3))
    x, jacobian = Grid(3).map(y)
    np.testing.assert_allclose(x, y, rtol=1e-14)
    np.testing.assert_allclose(jacobian, 1.0, rtol=1e-14)


def test_the_jacobian_is_the_derivative_of_the_map() -> None:
    grid = Grid.learnt(hill, 2, generator("derivative"))
    y = generator("points").random((200, 2))
    # Numbers in the middle of bins, so that the step stays within one.
    y = (np.floor(y * 64) + 0.5) / 64
    _, jacobian = grid.map(y)
    step = 1e-4
    slopes = [(grid.map(y + step * e)[0] - grid.map(y - step * e)[0])[:, i] for i, e in enumerate(np.eye(2))]
    np.testing.assert_allclose(jacobian, np.prod(slopes, axis=0) / (2.0 * step) ** 2, rtol=1e-8)


def test_the_whole_cube_stays_within_reach() -> None:
    """No bin vanishes, and both ends are kept: what the grid has not seen is still sampled."""
    grid = Grid.learnt(hill, 2, generator("ends"))
    x, jacobian = grid.map(np.array([[0.0, 0.0], [1.0 - 1e-12, 1.0 - 1e-12]]))
    np.testing.assert_allclose(x, [[0.0, 0.0], [1.0, 1.0]], atol=1e-9)
    assert (jacobian > 0.0).all()
    y = generator("volume").random((400_000, 2))
    x, jacobian = grid.map(y)
    assert jacobian.mean() == pytest.approx(1.0, abs=4.0 * jacobian.std() / np.sqrt(len(y)))


def test_a_peak_is_found_and_flattened() -> None:
    """One point in 1,600 lies within a standard deviation and a half without the grid, half of them with it."""
    grid = Grid.learnt(hill, 2, generator("peak"))
    x, jacobian = grid.map(generator("sample").random((20_000, 2)))
    weight = hill(x) * jacobian
    assert (np.abs(x - 0.3) < 1.5 * WIDTH).all(axis=1).mean() > 0.4
    assert weight.std() / weight.mean() < 0.6
    assert weight.mean() == pytest.approx(1.0, abs=4.0 * weight.std() / np.sqrt(len(x)))


def test_an_integrand_that_is_zero_leaves_the_grid_alone() -> None:
    grid = Grid.learnt(lambda x: np.zeros(len(x)), 2, generator("zero"))
    y = generator("zeros").random((100, 2))
    np.testing.assert_allclose(grid.map(y)[0], y, rtol=1e-14)


def test_the_same_numbers_give_the_same_grid() -> None:
    y = generator("same").random((100, 2))
    first, second = (Grid.learnt(hill, 2, generator("seed")).map(y)[0] for _ in range(2))
    assert np.array_equal(first, second)
