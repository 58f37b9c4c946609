"""Integration: honest errors, the accuracy asked for, and the same numbers from the same seed."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest

from umbra.core.constants import PHOTON
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.core.seeds import generator
from umbra.generation.collision import Collision
from umbra.generation.generated import Accuracy
from umbra.generation.grid import Grid
from umbra.generation.integration import cross_section, integrate
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.entry import ProcessEntry
from umbra.generation.processes.process import Parameters, Process
from umbra.generation.processes.registry import find
from umbra.generation.sampling import Sampler


class Peak(Process):
    """Integrand with a correlated peak, whose integral over the unit square is known: π w² in the middle."""

    entry = ProcessEntry(name="peak", implementation="Peak", summary="test", parameters={"mass_gev": 0.0})
    dimensions = 2

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        return (PHOTON,)

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        along, across = x[:, 0] + x[:, 1] - 1.0, x[:, 0] - x[:, 1]
        weight = np.exp(-(along**2) / 0.02 - across**2 / 0.005) / (np.pi * np.sqrt(0.02 * 0.005) / 2.0)
        return np.zeros((len(x), 1, 4)), weight


def peak(rng: np.random.Generator, relative_error: float = 3e-3):  # type: ignore[no-untyped-def]
    return integrate(Collision(Peak(), 10.0, {}, {}), relative_error, rng)


def test_pulls_of_repeated_integrations_are_standard_normal() -> None:
    estimates = [peak(generator("pull", i)) for i in range(50)]
    pulls = np.array([(e.value_pb - 1.0) / e.error_pb for e in estimates])
    assert kstest(pulls, "norm").pvalue > 1e-3
    # Scrambled means have a skewness of 2.7 here, with SciPy's sequences too, and low ones have small errors:
    # the mean of the pulls is then -2.7 / (2 √32) where that of the values is right.
    values = np.array([e.value_pb for e in estimates])
    assert abs(values.mean() - 1.0) < 3.5 * values.std() / np.sqrt(50)
    assert abs(pulls.mean() + 2.7 / (2.0 * np.sqrt(32))) < 0.5
    assert 0.7 < pulls.std() < 1.3


def test_pulls_of_a_process_are_standard_normal() -> None:
    """Spread of repeated cross-sections over the error that each reports."""
    collision = Collision(find("mumu_zprime"), 10.58, {"mass_gev": 2.0}, {"muon_theta": (20.0, 160.0)})
    estimates = [integrate(collision, 5e-3, generator("process", i)) for i in range(24)]
    values = np.array([e.value_pb for e in estimates])
    errors = np.array([e.error_pb for e in estimates])
    assert 0.6 < values.std(ddof=1) / np.sqrt((errors**2).mean()) < 1.45


@pytest.mark.parametrize("relative_error", [1e-2, 3e-3, 3e-4])
def test_the_accuracy_asked_for_is_reached(relative_error: float) -> None:
    estimate = peak(generator("accuracy"), relative_error)
    assert estimate.relative_error <= relative_error
    assert estimate.value_pb == pytest.approx(1.0, abs=4.5 * estimate.error_pb)


def test_the_same_seed_gives_the_same_number() -> None:
    assert peak(generator("same")) == peak(generator("same"))
    assert peak(generator("same")) != peak(generator("other"))


def test_closed_forms_have_no_error() -> None:
    estimate = cross_section(find("mumu"), 10.58, {}, {}, rng=generator("unused"))
    assert estimate.error_pb == 0.0


def test_cuts_that_leave_nothing_are_refused() -> None:
    cuts = {"muon_theta": (10.0, 20.0), "dimuon_mass": (9.0, None)}
    with pytest.raises(UmbraError, match="mumu_zprime: no trial passes the cuts"):
        cross_section(find("mumu_zprime"), 10.58, {"mass_gev": 5.0}, cuts, rng=generator("nothing"))


def test_bad_accuracy_and_energy_are_refused() -> None:
    with pytest.raises(UmbraError, match="relative error 0"):
        cross_section(find("mumu"), 10.58, {}, {}, rng=generator("bad"), relative_error=0.0)
    with pytest.raises(UmbraError, match=r"sqrt\(s\) = -1 GeV"):
        cross_section(find("mumu"), -1, {}, {}, rng=generator("bad"))


class Spike(Peak):
    """A ridge along the diagonal, which no grid along the axes can learn, with a tail of infinite variance."""

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        return np.zeros((len(x), 1, 4)), (np.abs(x[:, 0] - x[:, 1]) + 1e-12) ** -0.8


def test_an_accuracy_that_is_not_reached_is_said() -> None:
    assert peak(generator("accuracy"), 3e-3).accuracy is Accuracy.REACHED
    assert peak(generator("accuracy"), 1e-7).accuracy is Accuracy.NOT_REACHED


def test_a_cross_section_from_single_trials_is_flagged() -> None:
    """The error that few trials give is none, however small it seems and however little was asked for."""
    still = Machine("still", 5.29, 5.29)
    estimate = integrate(Collision(Spike(), 10.0, {}, {}), 0.5, generator("spike"))
    assert estimate.accuracy is Accuracy.FEW_TRIALS
    assert estimate.relative_error < 0.5
    source = Sampler(Spike(), still, {}, {}, rng=generator("spike"), relative_error=0.5)
    assert source.cross_section.accuracy is Accuracy.FEW_TRIALS
    fair = Sampler(Peak(), still, {}, {}, rng=generator("fair"), relative_error=3e-3)
    assert fair.cross_section.accuracy is Accuracy.REACHED
    poor = Sampler(Peak(), still, {}, {}, rng=generator("fair"), relative_error=1e-6)
    assert poor.cross_section.accuracy is Accuracy.NOT_REACHED


def test_no_trials_are_spent_on_an_error_that_stays_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flagged twice at the accuracy asked for: a seventieth of the most trials."""
    trials = []
    evaluate = Spike.evaluate

    def counted(self: Spike, x: Array, *others: Any) -> tuple[Array, Array]:
        trials.append(len(x))
        return evaluate(self, x, *others)

    monkeypatch.setattr(Spike, "evaluate", counted)
    estimate = integrate(Collision(Spike(), 10.0, {}, {}), 0.5, generator("spike"))
    assert estimate.accuracy is Accuracy.FEW_TRIALS
    assert sum(trials) < 200_000


def test_a_flat_integrand_needs_no_grid() -> None:
    """Its first trials tell; zero is not flat, for there may be something elsewhere."""
    seen = []
    Grid.learnt(lambda x: seen.append(len(x)) or 1.0 + x[:, 0], 2, generator("flat"))
    assert len(seen) == 1
    Grid.learnt(lambda x: seen.append(len(x)) or np.zeros(len(x)), 2, generator("zero"))
    assert len(seen) > 2


def test_errors_fall_faster_than_those_of_random_numbers() -> None:
    """Sobol's sequences: a smooth integrand with 65,536 trials, against 1/sqrt(n) of the same grid."""
    grid = Grid.learnt(lambda x: Peak().evaluate(x, x, {}, {})[1], 2, generator("grid"))
    x, jacobian = grid.map(generator("plain").random((65_536, 2)))
    weight = Peak().evaluate(x, x, {}, {})[1] * jacobian
    plain = weight.std() / weight.mean() / np.sqrt(len(weight))
    assert peak(generator("sequences"), 0.5 * plain).relative_error < 0.5 * plain
