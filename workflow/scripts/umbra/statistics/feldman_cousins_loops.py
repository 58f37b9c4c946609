"""Compiled loops behind `feldman_cousins`: which counts of a window are accepted at which signal strengths."""

from typing import Any

import numpy as np

from umbra.core.compilation import compiled
from umbra.statistics.model import Array

LARGEST_EXPONENT = 600.0  # exp(-x) of larger ones is near underflow: terms are then calculated one by one


@compiled
def log_factorials(n: int) -> Array:
    """Logarithms of 0!, 1! ... (n - 1)!."""
    result = np.zeros(n)
    for k in range(2, n):
        result[k] = result[k - 1] + np.log(k)
    return result


@compiled
def inverses(n: int) -> Array:
    """1, 1/2 ... 1/n: products are faster than quotients."""
    result = np.empty(n)
    for k in range(n):
        result[k] = 1.0 / (k + 1.0)
    return result


@compiled
def probability(n: int, mean: float, log_factorial: Array) -> float:
    """Poisson probability of n at a mean."""
    if mean == 0.0:
        return 1.0 if n == 0 else 0.0
    return float(np.exp(n * np.log(mean) - mean - log_factorial[n]))


@compiled
def fill_probabilities(
    signal: Array, background: Array, strength: float, log_factorial: Array, inverse: Array, result: Array
) -> None:
    """Fill P(n | strength) for n = 0, 1 ..., averaged over the points of the priors."""
    result[:] = 0.0
    for m in range(len(signal)):
        mean = strength * signal[m] + background[m]
        if mean > LARGEST_EXPONENT:
            for n in range(len(result)):
                result[n] += probability(n, mean, log_factorial)
            continue
        term = np.exp(-mean)
        for n in range(len(result)):
            result[n] += term
            term *= mean * inverse[n]
    result /= len(signal)


@compiled
def best_probabilities(signal: Array, background: Array, log_factorial: Array) -> Array:
    """P(n | best strength for n), averaged over the points of the priors."""
    result = np.zeros(len(log_factorial))
    events, expected = signal.mean(), background.mean()
    for n in range(len(result)):
        best = max((n - expected) / events, 0.0)
        for m in range(len(signal)):
            result[n] += probability(n, best * signal[m] + background[m], log_factorial)
        result[n] = max(result[n] / len(signal), 1e-300)
    return result


@compiled
def is_accepted(chances: Array, best: Array, count: int, cl: float) -> bool:
    """Whether the counts with a larger likelihood ratio than one carry less than the confidence level."""
    ratio = chances[count] / best[count]
    preferred = 0.0
    for n in range(len(chances)):
        if chances[n] > ratio * best[n]:
            preferred += chances[n]
    return preferred < cl


@compiled
def accepted(signal: Array, background: Array, strengths: Array, count: int, n_counts: int, cl: float) -> Any:
    """Whether a count is in the acceptance region of each strength, (strengths,).

    Counts below `n_counts` are ordered; that must be beyond what the largest strength gives.
    """
    log_factorial = log_factorials(n_counts)
    best = best_probabilities(signal, background, log_factorial)
    inverse, chances = inverses(n_counts), np.empty(n_counts)
    result = np.zeros(len(strengths), dtype=np.bool_)
    for i in range(len(strengths)):
        fill_probabilities(signal, background, strengths[i], log_factorial, inverse, chances)
        result[i] = is_accepted(chances, best, count, cl)
    return result


@compiled
def last_accepted(
    signal: Array, background: Array, strengths: Array, count: int, above: int, n_counts: int, cl: float
) -> int:
    """Place of the largest strength that accepts a count, if it is beyond the place `above`; otherwise `above`."""
    log_factorial = log_factorials(n_counts)
    best = best_probabilities(signal, background, log_factorial)
    inverse, chances = inverses(n_counts), np.empty(n_counts)
    for i in range(len(strengths) - 1, above, -1):
        fill_probabilities(signal, background, strengths[i], log_factorial, inverse, chances)
        if is_accepted(chances, best, count, cl):
            return i
    return above
