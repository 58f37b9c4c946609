"""The Crystal Ball distribution: a Gaussian core with a power-law tail on the low side."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtr

from umbra.core.kinematics import Array


@dataclass(frozen=True)
class CrystalBall:
    """Distribution of the pull z = (measured - true) / sigma of an energy measurement.

    The density is proportional to exp(-z^2/2) above -alpha and to a power (B - z)^-n below, joined with a
    continuous slope (J. Gaiser, SLAC-R-255 (1982), appendix F). Sigma is the width of the Gaussian core.

    Parameters
    ----------
    alpha
        Where the tail begins, in units of sigma below the peak; positive.
    index
        Power n of the tail, above 1. A large one leaves a Gaussian.
    """

    alpha: float
    index: float

    @cached_property
    def _reach(self) -> float:
        return self.index / self.alpha

    @cached_property
    def _shift(self) -> float:
        return self._reach - self.alpha

    @cached_property
    def _tail_area(self) -> float:
        return float(self._reach / (self.index - 1.0) * np.exp(-0.5 * self.alpha**2))

    @cached_property
    def _core_area(self) -> float:
        return float(np.sqrt(2.0 * np.pi) * ndtr(self.alpha))

    @cached_property
    def tail_fraction(self) -> float:
        """Probability of the tail."""
        return self._tail_area / (self._tail_area + self._core_area)

    def density(self, z: Array) -> Array:
        """Normalised density, same shape as `z`."""
        # The argument of the power is kept positive where the core is taken anyway.
        distance = np.maximum(self._shift - z, self._reach)
        tail = np.exp(-0.5 * self.alpha**2) * (self._reach / distance) ** self.index
        shape: Array = np.where(z > -self.alpha, np.exp(-0.5 * z**2), tail)
        return shape / (self._tail_area + self._core_area)

    def cumulative(self, z: Array) -> Array:
        """Probability below `z`."""
        distance = np.maximum(self._shift - z, self._reach)
        tail = self.tail_fraction * (self._reach / distance) ** (self.index - 1.0)
        core = 1.0 - (1.0 - self.tail_fraction) * ndtr(-z) / ndtr(self.alpha)
        result: Array = np.where(z > -self.alpha, core, tail)
        return result

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        """Draw `size` pulls: Gaussian ones of the core stay, the others and some more become tail."""
        z: Array = rng.standard_normal(size)
        # The tail holds more than the Gaussian does below -alpha: a power law falls more slowly.
        more = 1.0 - (1.0 - self.tail_fraction) / ndtr(self.alpha)
        tail = np.flatnonzero((z < -self.alpha) | (rng.random(size) < more))
        part = 1.0 - rng.random(len(tail))
        z[tail] = self._shift - self._reach * part ** (-1.0 / (self.index - 1.0))
        return z
