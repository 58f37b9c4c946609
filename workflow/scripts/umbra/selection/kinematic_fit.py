"""Fit of tracks to a known total momentum, as searches do whose final state carries all of the energy of the beams.

The momenta move as little as possible, in units of their errors, for their sum to be the known one. Where a photon was
lost along the beams its momentum is shared out among the tracks, so that masses of pairs change: that is what the tails
of fitted masses are made of.
"""

import numpy as np

from umbra.core.kinematics import Array
from umbra.selection.objects import with_mass

#: The constraint on the energy is linearised so many times: it is met within 1e-6 GeV for what searches select.
_STEPS = 3


def to_total(p4: Array, covariance: Array, total: Array, mass_gev: float) -> Array:
    """Fit the tracks of events to their total momentum.

    Parameters
    ----------
    p4
        Momenta of k tracks, shape (n, k, 4).
    covariance
        Of their three-momenta in GeV^2, shape (n, k, 3, 3).
    total
        What they must add up to, shape (4,) or (n, 4).
    mass_gev
        Of each track.

    Returns
    -------
    numpy.ndarray
        Fitted momenta, shape (n, k, 4).
    """
    start, fitted = p4[..., :3], with_mass(p4, mass_gev)
    n, k = p4.shape[:2]
    # Derivatives of the four sums by the momenta of each track: the energy's is the velocity.
    derivative = np.zeros((n, k, 4, 3))
    derivative[:, :, :3] = np.eye(3)
    for _ in range(_STEPS):
        derivative[:, :, 3] = fitted[..., :3] / fitted[..., 3:]
        moved = derivative @ (start - fitted[..., :3])[..., None]
        excess = fitted.sum(axis=1) - total + moved[..., 0].sum(axis=1)
        spread = derivative @ covariance
        variance = (spread @ derivative.swapaxes(-1, -2)).sum(axis=1)
        multiplier = np.linalg.solve(variance, excess[..., None])
        step = spread.swapaxes(-1, -2) @ multiplier[:, None]
        fitted[..., :3] = start - step[..., 0]
        fitted = with_mass(fitted, mass_gev)
    return fitted
