"""e+e-γ with electrons near the beams: ten seeds scatter as each of them says, whichever cuts are asked for."""

import numpy as np
import pytest
from scipy.stats import chi2, kstest

from umbra.core.kinematics import Array
from umbra.core.seeds import generator
from umbra.generation.collision import Collision
from umbra.generation.generated import Accuracy
from umbra.generation.integration import integrate
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.registry import find

SEEDS = 10


def near_beams(least_gev: float, theta_deg: tuple[float, float], lost_deg: float) -> Cuts:
    return {
        "photon_energy": (least_gev, None),
        "photon_theta": theta_deg,
        "electron_beam_angle": (None, lost_deg),
    }


#: The photon off the electrons' cones; the first two are what the searches for single photons ask for.
APART = (
    near_beams(2.05, (33.0, 147.0), 19.5),
    near_beams(1.7, (51.0, 116.0), 27.5),
    near_beams(1.8, (20.0, 160.0), 17.0),
    near_beams(2.0, (30.0, 150.0), 18.0),
    near_beams(0.5, (45.0, 135.0), 15.0),
    near_beams(1.0, (25.0, 155.0), 10.0),
    near_beams(2.5, (22.0, 158.0), 21.0),
    near_beams(0.2, (18.0, 162.0), 5.0),
)
#: The photon may lie beside an electron.
OVERLAPPING = (near_beams(1.0, (10.0, 170.0), 17.0), near_beams(1.5, (20.0, 160.0), 30.0))


def pulls(cuts: Cuts, relative_error: float) -> Array:
    """Deviations of each seed from their mean, in units of its error, scaled to variance 1."""
    collision = Collision(find("eegamma"), 10.58, {}, cuts)
    estimates = [
        integrate(collision, relative_error, generator("near beams", str(cuts), i)) for i in range(SEEDS)
    ]
    assert {each.accuracy for each in estimates} == {Accuracy.REACHED}
    values, errors = np.array([(each.value_pb, each.error_pb) for each in estimates]).T
    assert (errors < relative_error * values).all()
    return np.asarray((values - values.mean()) / errors * np.sqrt(SEEDS / (SEEDS - 1)))


def p_value(scaled: Array) -> float:
    """Of the scatter of ten seeds about their mean: χ² with nine degrees of freedom."""
    return float(chi2.sf((scaled**2).sum() * (SEEDS - 1) / SEEDS, SEEDS - 1))


@pytest.mark.parametrize("cuts", [APART[0], OVERLAPPING[0]])
def test_ten_seeds_agree(cuts: Cuts) -> None:
    assert 1e-3 < p_value(pulls(cuts, 1e-2)) < 0.999


@pytest.mark.nightly
def test_pulls_of_a_hundred_integrals_are_gaussian() -> None:
    found = [pulls(cuts, 5e-3) for cuts in (*APART, *OVERLAPPING)]
    assert min(p_value(scaled) for scaled in found) > 1e-4
    every = np.concatenate(found)
    assert kstest(every, "norm").pvalue > 1e-3
    assert 0.8 < every.std() < 1.2
    assert np.abs(every).max() < 4.0
