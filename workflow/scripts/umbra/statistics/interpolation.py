"""How an expectation follows a nuisance parameter: HistFactory's interpolation codes 4 (rates) and 4p (shapes)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

LINEAR, NORMSYS, HISTOSYS = 0, 1, 2  # kinds of factors
NORMSYS_SHAPE = 8  # six polynomial coefficients, log(hi), log(lo)


class Slot(NamedTuple):
    """One factor of a row: which parameter, which function, and its constants (`normsys` only).

    `varies_shape` marks the factor that a row has because it is a variation of a sample's shape.
    """

    parameter: int
    kind: int
    shape: tuple[float, ...] = ()
    varies_shape: bool = False


_A_INVERSE = np.array(
    [
        [15 / 16, -15 / 16, -7 / 16, -7 / 16, 1 / 16, -1 / 16],
        [3 / 2, 3 / 2, -9 / 16, 9 / 16, 1 / 16, 1 / 16],
        [-5 / 8, 5 / 8, 5 / 8, 5 / 8, -1 / 8, 1 / 8],
        [-3 / 2, -3 / 2, 7 / 8, -7 / 8, -1 / 8, -1 / 8],
        [3 / 16, -3 / 16, -3 / 16, -3 / 16, 1 / 16, -1 / 16],
        [1 / 2, 1 / 2, -5 / 16, 5 / 16, 1 / 16, 1 / 16],
    ]
)


def normsys_shape(high: float, low: float) -> tuple[float, ...]:
    """Constants of interpolation code 4 with alpha_0 = 1 (CERN-OPEN-2012-016, section 4.1), for positive `hi` and `lo`.

    The polynomial 1 + sum a_i alpha^i meets hi^alpha and lo^-alpha at alpha = 1 and -1 with equal value, first
    and second derivative.

    Returns
    -------
    tuple of floats
        a_1 ... a_6, log(hi), log(lo).
    """
    log_high, log_low = math.log(high), math.log(low)
    edge = np.array(
        [high - 1.0, low - 1.0, log_high * high, -log_low * low, log_high**2 * high, log_low**2 * low]
    )
    return (*(float(a) for a in (_A_INVERSE * edge).sum(axis=1)), log_high, log_low)


def normsys_value(alpha: Array, shapes: Array) -> Array:
    """Interpolation code 4; `shapes` is made by `normsys_shape`."""
    a1, a2, a3, a4, a5, a6, log_high, log_low = np.moveaxis(shapes, -1, 0)
    inner = np.abs(alpha) < 1.0
    x = np.where(inner, alpha, 0.0)
    value = 1.0 + x * (a1 + x * (a2 + x * (a3 + x * (a4 + x * (a5 + x * a6)))))
    if inner.all():
        return np.asarray(value)
    return np.where(inner, value, _outside(alpha, inner, log_high, log_low)[1])


def normsys_factor(alpha: Array, shapes: Array) -> tuple[Array, Array, Array]:
    """Interpolation code 4 and its first two derivatives; see `normsys_value`."""
    a1, a2, a3, a4, a5, a6, log_high, log_low = np.moveaxis(shapes, -1, 0)
    inner = np.abs(alpha) < 1.0
    x = np.where(inner, alpha, 0.0)
    value = 1.0 + x * (a1 + x * (a2 + x * (a3 + x * (a4 + x * (a5 + x * a6)))))
    first = a1 + x * (2 * a2 + x * (3 * a3 + x * (4 * a4 + x * (5 * a5 + x * 6 * a6))))
    second = 2 * a2 + x * (6 * a3 + x * (12 * a4 + x * (20 * a5 + x * 30 * a6)))
    if inner.all():
        return value, first, second
    slope, outer = _outside(alpha, inner, log_high, log_low)
    return (
        np.where(inner, value, outer),
        np.where(inner, first, slope * outer),
        np.where(inner, second, slope * slope * outer),
    )


def _outside(
    alpha: Array, inner: npt.NDArray[np.bool_], log_high: Array, log_low: Array
) -> tuple[Array, Array]:
    """Slope of the logarithm, and the factor, beyond one standard deviation."""
    slope = np.where(alpha > 0.0, log_high, -log_low)
    return slope, np.exp(slope * np.where(inner, 0.0, alpha))


def histosys_factor(alpha: Array) -> tuple[Array, Array, Array]:
    """Coefficient of (up - down) in interpolation code 4p, and its first two derivatives.

    alpha^2 (3 alpha^4 - 10 alpha^2 + 15) / 16 inside [-1, 1], |alpha|/2 outside.
    """
    x = np.clip(alpha, -1.0, 1.0)
    s = x * x
    inner = np.abs(alpha) < 1.0
    value = np.where(inner, s * (s * (3.0 * s - 10.0) + 15.0) / 16.0, 0.5 * np.abs(alpha))
    first = x * (s * (18.0 * s - 40.0) + 30.0) / 16.0
    second = np.where(inner, (s * (90.0 * s - 120.0) + 30.0) / 16.0, 0.0)
    return value, first, second
