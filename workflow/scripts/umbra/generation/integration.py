"""Cross-sections: a closed form where there is one, otherwise scrambled sequences on a grid that has learnt."""

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.generation.collision import Collision, Radiation
from umbra.generation.estimate import Estimate, error_is_known
from umbra.generation.generated import Accuracy
from umbra.generation.grid import Grid
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process
from umbra.generation.sobol import scrambled

#: Independent scrambled sequences, whose scatter is the error.
_SEQUENCES = 32
#: Trials of each: where to start, and where to stop asking for more, as powers of two.
_FIRST, _LAST = 9, 16


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


def integrate(
    collision: Collision, relative_error: float, rng: np.random.Generator, grid: Grid | None = None
) -> Estimate:
    """Integrate the weight of a collision by Monte Carlo, whether or not there is a closed form.

    The grid is learnt first, unless one is given, and then left alone. Each measurement takes new random numbers and
    stands for itself; the one before only tells how many trials to ask for, so that none is chosen by its outcome.
    Where the error is as small as asked for but, for the second time, not known, more trials would not make it known.
    """
    if grid is None:
        grid = Grid.learnt(lambda x: _weight_pb(collision, x), collision.dimensions, rng)
    power, flagged = _FIRST, 0
    while True:
        estimate = _measured(collision, grid, power, rng).judged(relative_error)
        flagged += estimate.accuracy is Accuracy.FEW_TRIALS
        enough = flagged > 1 and estimate.relative_error <= relative_error
        if estimate.accuracy is Accuracy.REACHED or power == _LAST or enough:
            return estimate
        # Errors fall like 1/n at best and like 1/sqrt(n) at worst.
        missing = 2.0 * np.log2(max(estimate.relative_error / relative_error, 1.0))
        power = min(power + int(np.clip(np.ceil(missing), 1, 4)), _LAST)


def _measured(collision: Collision, grid: Grid, power: int, rng: np.random.Generator) -> Estimate:
    """Mean of independently scrambled Sobol sequences, each unbiased."""
    weights = np.empty((_SEQUENCES, 2**power))
    for sequence in weights:
        x, jacobian = grid.map(scrambled(collision.dimensions, power, rng))
        sequence[:] = _weight_pb(collision, x) * jacobian
    means = weights.mean(axis=1)
    value = float(means.mean())
    if value == 0.0:
        raise UmbraError(
            f"process {collision.process.name}: no trial passes the cuts {dict(collision.cuts)} "
            f"at sqrt(s) = {collision.sqrt_s_gev:g} GeV"
        )
    error = float(means.std(ddof=1)) / np.sqrt(_SEQUENCES)
    known = error_is_known(weights.ravel())
    return Estimate(value, error, Accuracy.REACHED if known else Accuracy.FEW_TRIALS)


def _weight_pb(collision: Collision, x: Array) -> Array:
    weight = collision.evaluate(x)[1]
    if not np.isfinite(weight.sum()):
        raise UmbraError(f"process {collision.process.name}: a weight is not finite")
    return weight
