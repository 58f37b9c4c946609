"""Spin correlation of a pair of taus.

In the rest frame of a pair from e+e- -> gamma* the amplitude is xi^dagger A^i eta, A = sigma - (1 - 1/gamma)
p (p.sigma) with p the direction of the tau-, contracted with the electrons' tensor delta^ij - z^i z^j. For
spins s-, s+ in the rest frames that are reached from there without rotation the rate is therefore

    tr H (1 + s-.s+) - 2 s-.H s+,    H = a (1 - z z^T) a,    a = 1 - (1 - 1/gamma) p p^T,

compare Y.-S. Tsai, Phys. Rev. D 4 (1971) 2821. With photons radiated in the initial state along
the beams it holds unchanged in the frame of the pair; for other photons the axis is that of Collins and
Soper, the bisector of the beams in the pair's frame, and the correlation is an approximation.

A vector boson whose own polarisation is not carried has the unit matrix in place of 1 - z z^T, a
pseudoscalar has the amplitude xi^dagger eta, hence -s-.s+, a scalar xi^dagger p.sigma eta, hence s-.s+ - 2
(s-.p)(s+.p).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from umbra.core.constants import TAU_MASS_GEV
from umbra.core.kinematics import Array, boost_from_rest, boost_to_rest, mass_squared
from umbra.core.machines import Machine

Source = Literal["beams", "vector", "scalar", "pseudoscalar"]


@dataclass(frozen=True)
class Pair:
    """Taus of n events.

    Parameters
    ----------
    minus, plus
        Momenta in the laboratory, shape (n, 4).
    machine
        Whose beams they come from.
    source
        `beams` for one virtual photon, else the new particle that decayed to them.
    """

    minus: Array
    plus: Array
    machine: Machine
    source: Source = "beams"

    def correlation(self, spin_minus: Array, spin_plus: Array) -> Array:
        """Spin-dependent part of the rate relative to the spin-averaged one.

        Parameters
        ----------
        spin_minus, spin_plus
            Spin vectors in the rest frames reached from the laboratory without rotation, shape (n, 3).

        Returns
        -------
        numpy.ndarray
            Shape (n,), between -1 and 1 for unit vectors.
        """
        total = self.minus + self.plus
        minus = boost_to_rest(self.minus, total)
        mirrored = minus * np.array([-1.0, -1.0, -1.0, 1.0])
        s_minus = _turned_to_pair(spin_minus, self.minus, total, minus)
        s_plus = _turned_to_pair(spin_plus, self.plus, total, mirrored)
        flight = _unit(minus[:, :3])
        aligned = _dot(s_minus, s_plus)
        if self.source == "pseudoscalar":
            return -aligned
        if self.source == "scalar":
            return aligned - 2.0 * _dot(s_minus, flight) * _dot(s_plus, flight)

        inverse_gamma = 2.0 * TAU_MASS_GEV / np.sqrt(mass_squared(total))

        def shortened(v: Array) -> Array:
            return v - ((1.0 - inverse_gamma) * _dot(v, flight))[:, None] * flight

        product = _dot(shortened(s_minus), shortened(s_plus))
        trace = 2.0 + inverse_gamma**2
        if self.source == "beams":
            beam = shortened(self._beam_axis(total))
            product -= _dot(beam, s_minus) * _dot(beam, s_plus)
            trace -= _dot(beam, beam)
        return aligned - 2.0 * product / trace

    def _beam_axis(self, total: Array) -> Array:
        beams = self.machine.to_lab(np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, -1.0, 1.0]]))
        electron, positron = (_unit(boost_to_rest(beam[None, :], total)[:, :3]) for beam in beams)
        return _unit(electron - positron)


def _turned_to_pair(spin: Array, parent: Array, pair: Array, parent_in_pair: Array) -> Array:
    """Take a spin vector to the rest frame that is reached from the frame of the pair without rotation."""
    at_rest = np.zeros((len(spin), 4))
    at_rest[:, :3] = spin
    in_pair = boost_to_rest(boost_from_rest(at_rest, parent), pair)
    return boost_to_rest(in_pair, parent_in_pair)[:, :3]


def _unit(v: Array) -> Array:
    result: Array = v / np.sqrt(_dot(v, v))[:, None]
    return result


def _dot(a: Array, b: Array) -> Array:
    product: Array = np.einsum("ni,ni->n", a, b)
    return product
