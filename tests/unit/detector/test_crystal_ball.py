"""The Crystal Ball distribution."""

import numpy as np
import pytest
from scipy import integrate, stats

from umbra.detector.crystal_ball import CrystalBall

SHAPES = [(1.0, 3.0), (0.5, 1.5), (2.0, 5.0), (1.0, 20.0)]


@pytest.mark.parametrize(("alpha", "index"), SHAPES)
def test_the_density_is_normalised(alpha: float, index: float) -> None:
    shape = CrystalBall(alpha, index)
    core, _ = integrate.quad(lambda z: float(shape.density(np.asarray(z))), -alpha, np.inf)
    tail, _ = integrate.quad(lambda z: float(shape.density(np.asarray(z))), -np.inf, -alpha)
    assert core + tail == pytest.approx(1.0, abs=1e-7)
    assert tail == pytest.approx(shape.tail_fraction, abs=1e-7)


@pytest.mark.parametrize(("alpha", "index"), SHAPES)
def test_the_cumulative_distribution_is_the_integral_of_the_density(alpha: float, index: float) -> None:
    shape = CrystalBall(alpha, index)
    z = np.array([-30.0, -alpha - 0.1, -alpha, 0.0, 1.7])
    slope = (shape.cumulative(z + 1e-5) - shape.cumulative(z - 1e-5)) / 2e-5
    np.testing.assert_allclose(slope, shape.density(z), rtol=1e-4)
    assert shape.cumulative(np.array([-1e12, 40.0])) == pytest.approx([0.0, 1.0], abs=1e-5)


def test_core_and_tail_join_with_the_same_slope() -> None:
    shape = CrystalBall(1.0, 3.0)
    z = np.array([-1.0 - 1e-6, -1.0 + 1e-6])
    below, above = shape.density(z)
    assert below == pytest.approx(above, rel=1e-5)
    step = 1e-4
    slopes = [
        (shape.density(np.array(x + step)) - shape.density(np.array(x))) / step for x in (-1.0 - step, -1.0)
    ]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-3)


@pytest.mark.parametrize(("alpha", "index"), SHAPES)
def test_samples_follow_the_distribution(alpha: float, index: float) -> None:
    shape = CrystalBall(alpha, index)
    z = shape.sample(np.random.default_rng(7), 50_000)
    assert stats.kstest(z, shape.cumulative).pvalue > 1e-3


def test_a_far_tail_leaves_a_gaussian() -> None:
    z = np.linspace(-4.0, 4.0, 9)
    np.testing.assert_allclose(CrystalBall(6.0, 50.0).density(z), stats.norm.pdf(z), rtol=1e-6)
