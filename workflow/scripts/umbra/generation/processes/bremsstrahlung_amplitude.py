"""e- Z -> e- Z X at tree level: squared matrix elements and the phase space of a nucleus that takes momentum.

The nucleus has no spin and meets the electron by one photon; X leaves the electron before or after. The squared
matrix elements follow from the traces of Dirac matrices, as a test repeats; see Liu and Miller, arXiv:1705.01633.
Everything is computed in the laboratory from small quantities (energies minus momenta, the momentum transfer), because
the momentum that the nucleus takes is down to 1e-12 of that of the beam.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB
from umbra.core.kinematics import Array
from umbra.core.nuclei import Nucleus

_M = ELECTRON_MASS_GEV
#: Mass of the proton, and its magnetic moment in nuclear magnetons.
_PROTON_MASS_GEV, _PROTON_MOMENT = 0.938, 2.79
#: Momenta across and along the beam that the nucleus takes, and transverse ones of the new particle, beyond which there
#: is nothing left.
_LARGEST_TRANSFER_GEV, _LARGEST_KT_GEV = 2.0, 6.0
#: Share of the trials near the directions of the electron before and after; in the others it flies anywhere.
_NARROW = 0.8
#: Share of the trials whose electron flies backwards, which it can where little energy is left to it.
_BACKWARD = 0.1
#: Steps of the longitudinal momentum transfer; each is smaller than the one before by its share of the beam's energy.
_STEPS = 10


@dataclass(frozen=True)
class Invariants:
    """What squared matrix elements are made of; all of shape (n,).

    Parameters
    ----------
    s, u
        How far the electron is off its mass squared, (p' + k)² - m² where X leaves last and (p - k)² - m² where it
        leaves first.
    t
        Squared momentum transfer, negative.
    t2
        (p - p')².
    big2, big_p, big_p1
        Sum of the momenta of the nucleus before and after, P: P², P·p and P·p'.
    mixed
        u P·p + s P·p'.
    """

    s: Array
    u: Array
    t: Array
    t2: Array
    big2: Array
    big_p: Array
    big_p1: Array
    mixed: Array


def vector(of: Invariants, mass_gev: float) -> Array:
    """Vector that couples to the electron's current, summed over its polarisations; mean over the electron's spin."""
    su, m2 = of.s * of.u, mass_gev**2
    return np.asarray(
        (2.0 * (of.s**2 + of.u**2) + 4.0 * of.t * (of.t2 + m2)) / su * of.big2
        + 8.0 * of.t * (of.big_p**2 + of.big_p1**2) / su
        - 2.0 * (2.0 * _M**2 + m2) / su**2 * (4.0 * of.mixed**2 + (of.s + of.u) ** 2 * of.big2 * of.t)
    )


@dataclass(frozen=True)
class Emission:
    """Weighted events of one reaction.

    Parameters
    ----------
    electron, emitted
        Momenta in the laboratory, electron of the beam along +z, shape (n, 4).
    weight_pb
        Shape (n,); its mean is the cross-section at unit coupling.
    """

    electron: Array
    emitted: Array
    weight_pb: Array


def charge_squared(transfer2: Array, nucleus: Nucleus) -> Array:
    """Squared charge of an atom over that of the proton, at a squared momentum transfer in GeV².

    Elastic, with the screening by the electrons and the size of the nucleus, and inelastic, where one electron or
    proton takes the momentum: Kim and Tsai, Phys. Rev. D 8 (1973) 3109, as in Bjorken et al., arXiv:0906.0580. The atom
    that is left has the mass of the one before in both.
    """
    number = nucleus.atomic_number
    screening = (111.0 * number ** (-1.0 / 3.0) / _M) ** 2 * transfer2
    size = 0.164 * nucleus.mass_number ** (-2.0 / 3.0)
    elastic = number * screening / (1.0 + screening) / (1.0 + transfer2 / size)
    binding = (773.0 * number ** (-2.0 / 3.0) / _M) ** 2 * transfer2
    magnetic = 1.0 + transfer2 / (4.0 * _PROTON_MASS_GEV**2) * (_PROTON_MOMENT**2 - 1.0)
    proton = magnetic / (1.0 + transfer2 / 0.71) ** 4
    return np.asarray(elastic**2 + number * (binding / (1.0 + binding) * proton) ** 2)


def emit(
    x: Array,
    beam_gev: Array,
    mass_gev: float,
    nucleus: Nucleus,
    squared: Callable[[Invariants, float], Array] = vector,
) -> Emission:
    """Turn five uniform random numbers into events.

    They are the energy of X, the momentum that the nucleus takes across the beam, the angle of X to the electron before
    or to the one after, its azimuth, and the azimuth of all.

    Parameters
    ----------
    x
        Shape (n, 5).
    beam_gev
        Energy of the electrons, shape (n,).
    mass_gev
        Of X.
    nucleus
        That is met.
    squared
        Squared matrix element, such as `vector`.
    """
    left, jacobian = _left(x[:, 0], beam_gev, mass_gev)
    share = 1.0 - left
    omega = share * beam_gev
    width2 = left * mass_gev**2 + (share * _M) ** 2
    across2, step = _across(x[:, 1], width2, beam_gev, share, left, nucleus)
    jacobian = jacobian * beam_gev * step * np.pi
    transfer = np.stack([np.sqrt(across2), np.zeros_like(across2)], axis=1)
    left_momentum = np.sqrt(np.maximum((left * beam_gev) ** 2 - _M**2, 0.0))
    kt, density = _transverse(x[:, 2], x[:, 3], share, width2, transfer, left_momentum)
    jacobian = jacobian / density
    kt2, pt = (kt**2).sum(axis=1), transfer - kt
    pt2 = (pt**2).sum(axis=1)
    kz2 = omega**2 - mass_gev**2 - kt2
    kz = np.sqrt(np.maximum(kz2, 0.0))
    lag_k = (mass_gev**2 + kt2) / (omega + kz)
    lag_p = _M**2 / (beam_gev + np.sqrt(beam_gev**2 - _M**2))
    back = x[:, 4] < _BACKWARD
    side = np.where(back, -1.0, 1.0)
    jacobian = jacobian / np.where(back, _BACKWARD, 1.0 - _BACKWARD)
    turn = 2.0 * np.pi * np.where(back, x[:, 4] / _BACKWARD, (x[:, 4] - _BACKWARD) / (1.0 - _BACKWARD))
    along, recoil, energy, pz, lag_p1 = _longitudinal(
        beam_gev - omega, across2, pt2, lag_k - lag_p, side, nucleus
    )
    allowed = (kz2 > 0.0) & (energy**2 > _M**2 + pt2) & (-along < _LARGEST_TRANSFER_GEV)
    t = -across2 - along**2 + recoil**2
    # q·p, q·k, and the combination of both that stays small
    qp = (beam_gev - lag_p) * (lag_k + lag_p1 - lag_p) - recoil * lag_p
    qk = -recoil * omega - along * kz - transfer[:, 0] * kt[:, 0]
    small = along * (beam_gev * lag_k - omega * lag_p) - beam_gev * transfer[:, 0] * kt[:, 0]
    s, u = t + 2.0 * qp, -t - 2.0 * qp + 2.0 * qk
    mass = nucleus.mass_gev
    qp1 = qp + t - qk
    mixed = 2.0 * mass * (2.0 * small - recoil * (t + 2.0 * qp) - omega * t) - u * qp - s * qp1
    of = Invariants(
        s=s,
        u=u,
        t=t,
        t2=mass_gev**2 - s - u + t,
        big2=4.0 * mass**2 - t,
        big_p=2.0 * mass * beam_gev - qp,
        big_p1=2.0 * mass * energy - qp1,
        mixed=mixed,
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        jacobian = jacobian / (
            2.0 * kz * 4.0 * (mass + recoil) * np.abs(pz - along * energy / (mass + recoil))
        )
        charge2 = charge_squared(-t, nucleus) / t**2
        weight = squared(of, mass_gev) * charge2 * jacobian / (4.0 * mass * (beam_gev - lag_p))
    factor = GEV2_PB * (4.0 * np.pi * ALPHA) ** 3 / (2.0 * np.pi) ** 5
    # A squared matrix element of zero may come out negative by rounding.
    weight = np.where(allowed, factor * np.maximum(weight, 0.0), 0.0)
    return Emission(
        electron=_turned(pt, pz, energy, turn), emitted=_turned(kt, kz, omega, turn), weight_pb=weight
    )


def _left(x: Array, beam_gev: Array, mass_gev: float) -> tuple[Array, Array]:
    """Share of the energy that X leaves, 1 - x, which peaks where the electron's mass tells; and its Jacobian."""
    low, high = _M / beam_gev, 1.0 - mass_gev / beam_gev
    offset = _M**2 / (_M**2 + mass_gev**2)
    length = np.log((high + offset) / (low + offset))
    left = (low + offset) * np.exp(length * x) - offset
    return left, length * (left + offset)


def _across(
    x: Array, width2: Array, beam_gev: Array, share: Array, left: Array, nucleus: Nucleus
) -> tuple[Array, Array]:
    """Squared momentum that the nucleus takes across the beam, and its Jacobian."""
    along2 = (width2 / (2.0 * beam_gev * share * left)) ** 2
    start = along2 + (_M * nucleus.atomic_number ** (1.0 / 3.0) / 111.0) ** 2
    length = np.log1p(_LARGEST_TRANSFER_GEV**2 / start)
    across2 = start * np.expm1(length * x)
    return across2, length * (across2 + start)


def _transverse(
    x: Array, turn: Array, share: Array, width2: Array, transfer: Array, momentum: Array
) -> tuple[Array, Array]:
    """Transverse momentum of X and its density.

    Around the electron before, around the one after, or so that the latter, of a given momentum, flies anywhere.
    """
    length = np.log1p(_LARGEST_KT_GEV**2 / width2)
    after, wide = (x >= 0.5 * _NARROW) & (x < _NARROW), x >= _NARROW
    within = np.where(wide, (x - _NARROW) / (1.0 - _NARROW), 2.0 * x / _NARROW - after)
    near = np.sqrt(width2 * np.expm1(length * np.where(wide, 0.0, within)))
    far = momentum * np.sqrt(within * (2.0 - within))
    angle = 2.0 * np.pi * turn
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    centre = share[:, None] * transfer
    kt = (
        np.where(wide[:, None], transfer, centre * after[:, None])
        + np.where(wide, far, near)[:, None] * direction
    )
    peaks = [1.0 / (((kt - place) ** 2).sum(axis=1) + width2) for place in (0.0, centre)]
    along2 = momentum**2 - ((kt - transfer) ** 2).sum(axis=1)
    with np.errstate(divide="ignore"):
        anywhere = np.where(along2 > 0.0, 1.0 / (2.0 * np.pi * momentum * np.sqrt(np.abs(along2))), 0.0)
    return kt, 0.5 * _NARROW * (peaks[0] + peaks[1]) / (np.pi * length) + (1.0 - _NARROW) * anywhere


def _longitudinal(
    rest_gev: Array, across2: Array, pt2: Array, lag: Array, side: Array, nucleus: Nucleus
) -> tuple[Array, Array, Array, Array, Array]:
    """Momentum transfer along the beam, recoil energy, and energy, momentum and lag of the electron after.

    Energy conservation, solved by iteration: the lag of a particle is its energy less its momentum along the beam.
    """
    mass = nucleus.mass_gev
    recoil = np.zeros_like(across2)
    for _ in range(_STEPS):
        energy = np.maximum(rest_gev - recoil, _M)
        pz = np.sqrt(np.maximum(energy**2 - _M**2 - pt2, 0.0))
        lag_p1 = np.where(side > 0.0, (_M**2 + pt2) / (energy + pz), energy + pz)
        along = -(lag + lag_p1 + recoil)
        transfer2 = across2 + along**2
        recoil = transfer2 / (mass + np.sqrt(mass**2 + transfer2))
    return along, recoil, energy, side * pz, lag_p1


def _turned(across: Array, along: Array, energy: Array, angle: Array) -> Array:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack(
        [cos * across[:, 0] - sin * across[:, 1], sin * across[:, 0] + cos * across[:, 1], along, energy],
        axis=1,
    )
