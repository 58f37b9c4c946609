"""Dirac matrices, explicitly: traces that share no code with the formulas under test. Components are (x, y, z, E)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array

Matrix = NDArray[np.complex128]

_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
_ZERO, _ONE = np.zeros((2, 2)), np.eye(2)
METRIC = np.array([-1.0, -1.0, -1.0, 1.0])
UNIT = np.eye(4)
#: γ^μ, shape (4, 4, 4), and γ5.
GAMMA: Matrix = np.array(
    [*(np.block([[_ZERO, p], [-p, _ZERO]]) for p in _PAULI), np.block([[_ONE, _ZERO], [_ZERO, -_ONE]])]
)
GAMMA5 = np.block([[_ZERO, _ONE], [_ONE, _ZERO]])


def slash(p: Array) -> Matrix:
    """p̸ of each four-momentum, shape (..., 4) -> (..., 4, 4)."""
    return np.asarray(np.einsum("...i,ijk->...jk", METRIC * p, GAMMA))


def bar(matrices: Matrix) -> Matrix:
    """γ⁰ M† γ⁰ of each matrix."""
    return np.asarray(GAMMA[3] @ np.swapaxes(matrices.conj(), -1, -2) @ GAMMA[3])


def trace(matrices: Sequence[Matrix]) -> Array:
    """Real part of the trace of a product."""
    product = matrices[0]
    for matrix in matrices[1:]:
        product = product @ matrix
    return np.asarray(np.trace(product, axis1=-2, axis2=-1).real)
