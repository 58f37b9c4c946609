"""K+ -> pi+ S and K+ -> pi+ nu nubar of kaons at rest; where they fly, the machine moves them.

The "cross-section" of these processes is the branching fraction of the K+: a search counts its kaons. A decay to a
scalar is isotropic. That to neutrinos has the rate lambda^(3/2) f_+^2 in the squared mass of the pair, whose neutrinos
come out isotropic in their rest frame: nothing sees them.
"""

from abc import ABC

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, boost_from_rest, from_spherical, two_body_momentum
from umbra.core.particles import SCALAR
from umbra.core.pdg import mass_gev
from umbra.generation.processes.catalogue.k_to_pion import K_TO_PI_NUNU, K_TO_PI_SCALAR
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process
from umbra.theory import meson

_KAON, _PION, _NEUTRINO = 321, 211, 12
#: A beam has the mass of the kaon, to rounding.
_SAME_MASS = 1e-3


class _KToPion(Process, ABC):
    """What both have in common: the parent is at rest."""

    def other_masses_gev(self) -> float:
        """The pion."""
        return mass_gev(_PION)

    def check_threshold(self, sqrt_s_gev: float, parameters: Parameters) -> None:
        """Refuse what is no beam of kaons, and masses that a kaon cannot decay to."""
        if abs(sqrt_s_gev / mass_gev(_KAON) - 1.0) > _SAME_MASS:
            raise UmbraError(
                f"process {self.name}: {sqrt_s_gev:g} GeV is not the mass of a kaon, which decays"
            )
        super().check_threshold(sqrt_s_gev, parameters)


class KToPiScalar(_KToPion):
    """The new particle is a scalar that mixes with the Higgs boson; coupling sin(theta)."""

    entry = K_TO_PI_SCALAR
    dimensions = 2

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Pion and scalar."""
        return (_PION, SCALAR)

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Branching fraction of `umbra.theory.meson.k_to_pi_scalar`."""
        return float(meson.k_to_pi_scalar(parameters["mass_gev"], parameters["coupling"]))

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`; the weight is the branching fraction."""
        p4 = _decay(x, sqrt_s_gev, np.full(len(x), parameters["mass_gev"]))
        return p4, np.full(len(x), self.closed_form(0.0, parameters, cuts))


class KToPiNuNu(_KToPion):
    """Two neutrinos, by their squared mass."""

    entry = K_TO_PI_NUNU
    dimensions = 5

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Pion, neutrino, antineutrino."""
        return (_PION, _NEUTRINO, -_NEUTRINO)

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Branching fraction of the Standard Model."""
        return meson.K_TO_PI_NUNU

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`; the mean weight is the branching fraction."""
        most = (mass_gev(_KAON) - mass_gev(_PION)) ** 2
        q2 = most * x[:, 4]
        rate = meson.k_to_pi_nunu_rate(q2)
        nodes = most * (np.arange(2000) + 0.5) / 2000.0
        mean = float(meson.k_to_pi_nunu_rate(nodes).mean())
        pair = np.sqrt(q2)
        pion, both = np.moveaxis(_decay(x, sqrt_s_gev, pair), 1, 0)
        first = from_spherical(0.5 * pair, 2.0 * x[:, 2] - 1.0, 2.0 * np.pi * x[:, 3], 0.0)
        neutrino = boost_from_rest(first, both)
        return np.stack([pion, neutrino, both - neutrino], axis=1), meson.K_TO_PI_NUNU * rate / mean


def _decay(x: Array, kaon_gev: Array, recoil_gev: Array) -> Array:
    """Pion and what recoils against it in the rest frame of the kaon, shape (n, 2, 4), from two uniform numbers."""
    k = two_body_momentum(kaon_gev, mass_gev(_PION), recoil_gev)
    pion = from_spherical(k, 2.0 * x[:, 0] - 1.0, 2.0 * np.pi * x[:, 1], mass_gev(_PION))
    recoil = -pion
    recoil[:, 3] = np.sqrt(k**2 + recoil_gev**2)
    return np.stack([pion, recoil], axis=1)
