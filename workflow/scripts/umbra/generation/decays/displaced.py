"""One simulation for all lifetimes: weights of events for each of them.

Where a decay has to be simulated, proper decay lengths come from a wide distribution. Where it only has to lie beyond
some length, nothing is drawn: the probability is known.
"""

import numpy as np

from umbra.core.kinematics import Array

#: Column of `Events.extra` with the proper decay length of the one long-lived particle of each event.
COLUMN = "proper_length_mm"

#: Column with the proper length beyond which the one long-lived particle of each event leaves the detector whole.
ESCAPE_COLUMN = "escape_length_mm"

#: Proper lengths from far below any vertex resolution to far beyond any detector, at any boost in use.
DEFAULT_RANGE_MM = (1e-3, 1e5)


def draw_proper_lengths(n: int, range_mm: tuple[float, float], rng: np.random.Generator) -> Array:
    """Draw proper decay lengths in mm, uniform in their logarithm over the range."""
    low, high = np.log(range_mm[0]), np.log(range_mm[1])
    return np.exp(rng.uniform(low, high, n))


def lifetime_weights(proper_mm: Array, range_mm: tuple[float, float], ctau_mm: float) -> Array:
    """Weights that turn lengths of `draw_proper_lengths` into an exponential of mean `ctau_mm`.

    Their mean is the probability to decay within the range, exp(-low/ctau) - exp(-high/ctau): what lies
    outside is missing, so the range must hold every length that the detector can tell from zero and from
    infinity.
    """
    width = np.log(range_mm[1] / range_mm[0])
    x = proper_mm / ctau_mm
    weights: Array = width * x * np.exp(-x)
    return weights


def exponential_weights(proper_mm: Array, generated_ctau_mm: float, ctau_mm: float) -> Array:
    """Weights from one exponential to another; of infinite variance from twice the generated mean onwards."""
    weights: Array = (
        generated_ctau_mm / ctau_mm * np.exp(proper_mm * (1.0 / generated_ctau_mm - 1.0 / ctau_mm))
    )
    return weights


def escape_weights(escape_mm: Array, ctau_mm: float) -> Array:
    """Probability that a particle of mean proper length `ctau_mm` lives for longer than `escape_mm`."""
    weights: Array = np.exp(-escape_mm / ctau_mm)
    return weights
