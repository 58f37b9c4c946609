"""Cross-sections: a closed form where there is one, otherwise adaptive Monte Carlo (vegas)."""

from dataclasses import dataclass, replace

import numpy as np
import vegas

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.generation.collision import Collision, Radiation
from umbra.generation.generated import Accuracy
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process

_ADAPTATIONS, _MEASUREMENTS = 8, 10
#: Evaluations of one iteration: where to start, and where to stop asking for more.
_FIRST, _LAST = 20_000, 2_000_000


@dataclass(frozen=True)
class Estimate:
    """A cross-section in pb, its standard error, zero for a closed form, and whether that is what was asked for."""

    value_pb: float
    error_pb: float
    accuracy: Accuracy = Accuracy.REACHED

    @property
    def relative_error(self) -> float:
        """Error over value; infinite where the value is zero."""
        return self.error_pb / abs(self.value_pb) if self.value_pb else float("inf")

    def judged(self, relative_error: float) -> "Estimate":
        """Return the same estimate, flagged if its error is larger than what was asked for."""
        if self.accuracy is Accuracy.REACHED and self.relative_error > relative_error:
            return replace(self, accuracy=Accuracy.NOT_REACHED)
        return self


def cross_section(
    process: Process,
    sqrt_s_gev: float,
    parameters: Parameters,
    cuts: Cuts,
    *,
    relative_error: float = 2e-3,
    rng: np.random.Generator,
    isr: Radiation = "none",
) -> Estimate:
    """Cross-section of a process within cuts.

    Parameters
    ----------
    process, sqrt_s_gev, parameters, cuts, isr
        See `umbra.generation.collision.Collision`.
    relative_error
        Accuracy asked for; the result says with `accuracy` whether it was reached.
    rng
        Source of random numbers; the same state gives the same result.

    Returns
    -------
    Estimate
        Lowest order, or with leading-log initial-state radiation.

    Raises
    ------
    UmbraError
        For input that the process refuses, and if no trial passes the cuts.
    """
    if not relative_error > 0.0:
        raise UmbraError(f"process {process.name}: relative error {relative_error} is not positive")
    collision = Collision(process, sqrt_s_gev, parameters, cuts, isr)
    exact = collision.closed_form_pb()
    if exact is not None:
        return Estimate(exact, 0.0)
    return integrate(collision, relative_error, rng)


def integrate(collision: Collision, relative_error: float, rng: np.random.Generator) -> Estimate:
    """Integrate the weight of a collision by Monte Carlo, whether or not there is a closed form.

    The grid is adapted first and then left alone, so that the measurements are independent and unbiased, and
    averaged with equal weight; iterations are never chosen by their outcome.
    """

    def weight_pb(x: Array) -> Array:
        return collision.evaluate(np.asarray(x))[1]

    integrand = vegas.lbatchintegrand(weight_pb)
    integrator = vegas.Integrator([[0.0, 1.0]] * collision.dimensions, ran_array_generator=rng.random)
    evaluations = _FIRST
    integrator(integrand, nitn=_ADAPTATIONS, neval=evaluations)
    while True:
        result = integrator(integrand, nitn=_MEASUREMENTS, neval=evaluations, adapt=False)
        estimate = Estimate(float(result.mean), float(result.sdev))
        if estimate.value_pb == 0.0:
            raise UmbraError(
                f"process {collision.process.name}: no trial passes the cuts {dict(collision.cuts)} "
                f"at sqrt(s) = {collision.sqrt_s_gev:g} GeV"
            )
        if estimate.relative_error <= relative_error or evaluations == _LAST:
            return estimate.judged(relative_error)
        # The old measurement only tells how many evaluations to ask for; refine the grid with as many, then
        # repeat.
        needed = 1.2 * evaluations * (estimate.relative_error / relative_error) ** 2
        evaluations = int(np.clip(needed, 2 * evaluations, min(16 * evaluations, _LAST)))
        integrator(integrand, nitn=3, neval=evaluations // 2)
