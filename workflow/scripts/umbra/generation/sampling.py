"""Events: adapted proposal, then acceptance by weight.

A sampler learns once (the grid and the largest weight), with its own random numbers; events are then drawn
from the numbers of their chunk only, so that a chunk is the same however chunks are distributed over jobs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import Array
from umbra.core.machines import AnyMachine
from umbra.generation.collision import Collision, Radiation
from umbra.generation.estimate import Estimate
from umbra.generation.grid import Grid
from umbra.generation.integration import integrate
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Process

#: Most trials of one batch: bounds the memory, and keeps the arrays in the cache of the processor.
BATCH = 32_768
_TRIALS_OF_ADAPTATION, _MOST_TRIALS = 8_192, 2_000_000
#: A proposal whose largest weight is within this factor of the mean needs no grid.
_FLAT = 1.5
#: Share of the cross-section that may lie above the largest weight; such events keep their excess as weight.
_EXCESS = 1e-3


@dataclass(frozen=True)
class Sample:
    """Events with what their generation tells.

    Parameters
    ----------
    events
        In the centre of mass of the beams, electron along +z. Unweighted events have weight 1, but the few
        above the largest weight of the sampler carry the excess, so that no distribution is biased; weighted
        events have weights of mean 1.
    cross_section_pb, error_pb
        Of the sampler: the same for all chunks.
    measured
        The same cross-section from the trials of this chunk only, by plain Monte Carlo.
    efficiency
        Accepted trials over trials.
    overflow_fraction
        Fraction of the events whose weight exceeds the largest one.
    effective_size
        (Σw)²/Σw²: the number of unweighted events of the same statistical power.
    trials
        Number of trials.
    """

    events: Events
    cross_section_pb: float
    error_pb: float
    measured: Estimate
    efficiency: float
    overflow_fraction: float
    effective_size: float
    trials: int


@dataclass
class _Count:
    trials: int = 0
    accepted: int = 0
    sum: float = 0.0
    sum_of_squares: float = 0.0

    def add(self, weight: Array, accepted: int) -> None:
        self.trials += len(weight)
        self.accepted += accepted
        self.sum += float(weight.sum())
        self.sum_of_squares += float(weight @ weight)

    def estimate(self) -> Estimate:
        mean = self.sum / self.trials
        variance = max(self.sum_of_squares / self.trials - mean**2, 0.0)
        return Estimate(mean, float(np.sqrt(variance / self.trials)))


class Sampler:
    """Source of events of one process at one machine.

    Parameters
    ----------
    process, machine, parameters, cuts, isr
        See `umbra.generation.collision.Collision`: cuts hold in the centre of mass of the hard process.
    rng
        Random numbers of the adaptation, to be seeded from machine, process and parameters, never from the
        chunk.
    weighted
        Keep all trials that pass the cuts, with their weight, instead of accepting by weight.
    relative_error
        Accuracy of `cross_section`.

    Raises
    ------
    UmbraError
        For input that the process refuses, or if no trial passes the cuts.
    """

    def __init__(
        self,
        process: Process,
        machine: AnyMachine,
        parameters: Mapping[str, float],
        cuts: Cuts,
        isr: Radiation = "none",
        *,
        rng: np.random.Generator,
        weighted: bool = False,
        relative_error: float = 3e-3,
    ) -> None:
        self.collision = Collision(
            process, machine.sqrt_s_gev, parameters, cuts, isr, sqrt_s_spread_gev=machine.sqrt_s_spread_gev
        )
        self.weighted = weighted
        self._grid: Grid | None = None
        self._learn(rng, relative_error)

    @property
    def pdg_ids(self) -> tuple[int, ...]:
        """The particles of each event."""
        return self.collision.pdg_ids

    @property
    def cross_section(self) -> Estimate:
        """Cross-section within the cuts: the closed form where there is one, else an integral."""
        return self._cross_section

    def generate(self, n: int, rng: np.random.Generator) -> Sample:
        """Draw n events.

        Parameters
        ----------
        n
            Number of events.
        rng
            Random numbers of this chunk; nothing else enters.
        """
        count = _Count()
        p4 = np.empty((n, len(self.pdg_ids), 4))
        weight = np.empty(n)
        filled = 0
        for momenta, weights in self._batches(n, rng, count):
            p4[filled : filled + len(weights)] = momenta
            weight[filled : filled + len(weights)] = weights
            filled += len(weights)
        squares = float(weight @ weight)
        return Sample(
            events=Events.from_momenta(self.pdg_ids, p4, weight),
            cross_section_pb=self.cross_section.value_pb,
            error_pb=self.cross_section.error_pb,
            measured=count.estimate() if count.trials else self.cross_section,
            efficiency=count.accepted / count.trials if count.trials else 1.0,
            overflow_fraction=0.0 if self.weighted else float(np.mean(weight > 1.0)) if n else 0.0,
            effective_size=float(weight.sum()) ** 2 / squares if n else 0.0,
            trials=count.trials,
        )

    def _batches(self, n: int, rng: np.random.Generator, count: _Count) -> Iterator[tuple[Array, Array]]:
        missing = n
        while missing:
            # Enough for all that is missing, nearly always, without wasting a batch on the last few.
            margin = 4.0 * np.sqrt(missing * (1.0 - self._efficiency)) + 10.0
            wanted = (missing + margin) / self._efficiency
            p4, weight = self._trials(int(min(wanted, BATCH)), rng)
            if self.weighted:
                kept = np.flatnonzero(weight > 0.0)
                relative = weight[kept] / self._mean_of_nonzero
            else:
                threshold = rng.random(len(weight)) * self._largest
                kept = np.flatnonzero(weight > threshold)
                relative = np.maximum(weight[kept] / self._largest, 1.0)
            count.add(weight, len(kept))
            if len(kept) > missing:
                kept, relative = kept[:missing], relative[:missing]
            missing -= len(kept)
            yield (p4 if len(kept) == len(p4) else p4[kept]), relative

    def _trials(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        return self._evaluate(rng.random((n, self.collision.dimensions)))

    def _evaluate(self, y: Array) -> tuple[Array, Array]:
        if self._grid is None:
            p4, weight = self.collision.evaluate(y)
        else:
            x, jacobian = self._grid.map(y)
            p4, weight = self.collision.evaluate(x)
            weight = weight * jacobian
        if not np.isfinite(weight.sum()):
            raise UmbraError(f"process {self.collision.process.name}: a weight is not finite")
        return p4, weight

    def _learn(self, rng: np.random.Generator, relative_error: float) -> None:
        _, plain = self._trials(_TRIALS_OF_ADAPTATION, rng)
        self._refuse_nothing(plain)
        own_trials = self.weighted and self.collision.process.maps_all_peaks
        learnt: Grid | None = None
        if plain.max() > _FLAT * plain.mean() and not own_trials:
            self._grid = learnt = Grid.learnt(lambda x: self._evaluate(x)[1], self.collision.dimensions, rng)
            _, adapted = self._trials(_TRIALS_OF_ADAPTATION, rng)
            # Processes that map all their peaks are often better without a grid.
            if _acceptance(adapted) < _acceptance(plain):
                self._grid = None
        trials = self._trials_of_adaptation(relative_error, rng)
        exact = self.collision.closed_form_pb()
        self._cross_section = (
            integrate(self.collision, relative_error, rng, learnt) if exact is None else Estimate(exact, 0.0)
        )
        nonzero = float((trials > 0.0).mean())
        self._mean_of_nonzero = self._cross_section.value_pb / nonzero
        self._largest = _largest_weight(trials)
        accepted = np.minimum(trials / self._largest, 1.0)
        self._efficiency = nonzero if self.weighted else float(accepted.mean())

    def _trials_of_adaptation(self, relative_error: float, rng: np.random.Generator) -> Array:
        """Weights from which the largest is known, or the fraction that passes the cuts."""
        count, weights = _Count(), []
        while count.trials < (BATCH if self.weighted else _MOST_TRIALS):
            _, weight = self._trials(BATCH if count.trials else _TRIALS_OF_ADAPTATION, rng)
            count.add(weight, 0)
            weights.append(weight)
            if count.estimate().relative_error <= relative_error:
                break
        return np.concatenate(weights)

    def _refuse_nothing(self, weight: Array) -> None:
        if not weight.any():
            raise UmbraError(
                f"process {self.collision.process.name}: none of {len(weight)} trials passes the cuts "
                f"{dict(self.collision.cuts)} at sqrt(s) = {self.collision.sqrt_s_gev:g} GeV"
            )


def _acceptance(weight: Array) -> float:
    """Fraction of trials that acceptance by weight keeps."""
    largest = _largest_weight(weight)
    return float(np.minimum(weight / largest, 1.0).mean())


def _largest_weight(weight: Array) -> float:
    """Largest weight or, if far above the mean, the smallest with at most `_EXCESS` of the sum above it."""
    if weight.max() <= _FLAT * weight.mean():
        return float(weight.max())
    descending = np.sort(weight)[::-1]
    # Excess of the k largest weights above the next one.
    excess = np.cumsum(descending)[:-1] - np.arange(1, len(descending)) * descending[1:]
    allowed = _EXCESS * weight.sum()
    return float(descending[np.searchsorted(excess, allowed, side="right")])
