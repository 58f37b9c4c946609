"""Form factor of the charged pion."""

import numpy as np
import pytest

from umbra.core.constants import PION_MASS_GEV
from umbra.theory import pion


def test_no_pion_pair_is_lighter_than_two_pions() -> None:
    assert pion.ratio([0.1, 2.0 * PION_MASS_GEV]) == pytest.approx([0.0, 0.0], abs=1e-12)


def test_the_charge_of_the_pion_is_one() -> None:
    # Far below the rho: 1 + s <r^2>/6 with the radius 0.66 fm of the Particle Data Group.
    s = (2.0 * PION_MASS_GEV + 1e-6) ** 2
    linear = 1.0 + s * (0.66 / 0.19733) ** 2 / 6.0
    assert abs(pion.form_factor(np.sqrt(s))) == pytest.approx(linear, rel=0.05)


def test_the_omega_makes_a_step_on_the_upper_side_of_the_rho() -> None:
    before, after = pion.ratio([0.778, 0.787])
    smooth = np.interp([0.778, 0.787], [0.765, 0.80], pion.ratio([0.765, 0.80]))
    assert before / after > 1.3 > 1.1 * smooth[0] / smooth[1]


@pytest.mark.parametrize(
    ("mass_gev", "published"), [(0.5, 0.50475), (0.7, 4.9123), (0.775, 9.2637), (0.9, 1.7284)]
)
def test_the_ratio_is_that_of_a_compilation(mass_gev: float, published: float) -> None:
    """The pi+pi- part of R in arXiv:1801.04847."""
    assert pion.ratio(mass_gev) == pytest.approx(published, rel=0.07)
