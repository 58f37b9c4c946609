"""Elliptical windows: all are counted at once, and each as if it were alone."""

import numpy as np
import pytest

from umbra.core.seeds import generator
from umbra.expectation import ellipses
from umbra.expectation.ellipses import Ellipses, sums

COVARIANCE = [0.04, -0.018, 0.01]


def windows(n: int = 50) -> Ellipses:
    rng = generator("ellipses")
    return Ellipses(rng.uniform(-1.0, 1.0, (n, 2)), np.tile(COVARIANCE, (n, 1)), 2.0)


def points(n: int = 20_000):
    rng = generator("points")
    return rng.uniform(-2.0, 2.0, n), rng.uniform(-2.0, 2.0, n), rng.uniform(0.5, 1.5, n)


def test_sums_are_those_of_a_loop_with_the_inverse_matrix():
    x, y, weight = points()
    found = sums(windows(), x, y, (weight, weight**2), (1.0, 1.5))
    xx, xy, yy = COVARIANCE
    inverse = np.linalg.inv([[xx, xy], [xy, yy]])
    for centre, sum_ in zip(windows().centre, found, strict=True):
        d = np.stack([x, y]) - centre[:, None]
        distance2 = np.einsum("in,ij,jn->n", d, inverse, d)
        for scale, (first, second) in zip((1.0, 1.5), sum_, strict=True):
            inside = distance2 < (2.0 * scale) ** 2
            assert first == pytest.approx(weight[inside].sum(), rel=1e-12)
            assert second == pytest.approx((weight[inside] ** 2).sum(), rel=1e-12)


def test_a_gaussian_has_its_closed_form_share_inside():
    rng = generator("gaussian")
    n = 200_000
    xx, xy, yy = COVARIANCE
    x, y = rng.multivariate_normal([0.3, -0.2], [[xx, xy], [xy, yy]], n).T
    window = Ellipses(np.array([[0.3, -0.2]]), np.array([COVARIANCE]), 2.0)
    share = sums(window, x, y, (np.ones(n),))[0, 0, 0] / n
    # Within k standard deviations of two variables: 1 - exp(-k^2/2).
    assert share == pytest.approx(1.0 - np.exp(-2.0), abs=4.0 * np.sqrt(0.117 / n))


def test_numbers_do_not_depend_on_the_company(monkeypatch):
    x, y, weight = points()
    together = sums(windows(), x, y, (weight,))
    alone = [
        sums(Ellipses(c[None, :], np.array([COVARIANCE]), 2.0), x, y, (weight,))[0] for c in windows().centre
    ]
    np.testing.assert_array_equal(together, alone)
    monkeypatch.setattr(ellipses, "_PAIRS", 5000)
    np.testing.assert_array_equal(sums(windows(), x, y, (weight,)), together)


def test_no_windows_and_no_points_are_zeros():
    none = np.zeros(0)
    assert sums(Ellipses(np.zeros((0, 2)), np.zeros((0, 3)), 2.0), *points()[:2], (points()[2],)).shape == (
        0,
        1,
        1,
    )
    assert not sums(windows(3), none, none, (none,)).any()
