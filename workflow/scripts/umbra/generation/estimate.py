"""What is known of a cross-section: value, error, and whether both can be relied on."""

from dataclasses import dataclass, replace

import numpy as np

from umbra.core.kinematics import Array
from umbra.generation.generated import Accuracy

#: Share of the sum of squares in one trial from which on the error is not known.
_DOMINANT = 0.1
#: Tail index from which on the variance of the weights is infinite.
_HEAVIEST = 0.5


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


def error_is_known(weight: Array) -> bool:
    """Tell whether the scatter of weights can be taken for the error of their mean.

    It can not where one trial makes up most of it, nor where the largest weights fall so slowly that larger ones,
    which nobody has seen yet, would: by the estimator of B. M. Hill, Ann. Statist. 3 (1975) 1163, the upper tail of the
    weights is that of a density w^(-1-1/k), whose variance is infinite for k ≥ 1/2. It uses the 3 √n largest of n
    weights, as Vehtari et al., arXiv:1507.02646, do for importance sampling.

    Parameters
    ----------
    weight
        Weights of all trials, not negative, shape (n,).
    """
    squares = float(weight @ weight)
    if float(weight.max()) ** 2 > _DOMINANT * squares:
        return False
    size = min(int(3.0 * np.sqrt(len(weight))), len(weight) - 1)
    tail = np.sort(np.partition(weight, len(weight) - size - 1)[-size - 1 :])
    # Where fewer trials than these have any weight the tail is all there is.
    return bool(tail[0] > 0.0 and np.log(tail[1:] / tail[0]).mean() < _HEAVIEST)
