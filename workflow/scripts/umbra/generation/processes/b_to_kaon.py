"""e+e- -> Upsilon(4S) -> B Bbar with B+ -> K+ X or B0 -> K*(892)0 X, X a new particle without spin.

The "cross-section" of these processes is the branching fraction of the B at the given coupling: a search counts
its B mesons. The pair follows sin^2 of the angle to the beams. A K*0 is longitudinal, so that its kaon follows
cos^2 of the helicity angle; its mass is a relativistic Breit-Wigner with constant width, cut at the thresholds
of both decays. The other B comes out whole, and X undecayed: `umbra.generation.decays.b_meson` gives the B its
flight and decays X. Both charges are drawn there as well.
"""

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, boost_from_rest, from_spherical, momentum, two_body_momentum
from umbra.core.particles import ALP, SCALAR
from umbra.core.pdg import mass_gev, width_gev
from umbra.generation.decays.directions import split
from umbra.generation.processes.catalogue.b_to_kaon import B_TO_K_ALP, B_TO_K_SCALAR, B_TO_KSTAR_SCALAR
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process
from umbra.generation.processes.two_body import back_to_back, draw_one_plus
from umbra.theory import meson

_KAON, _PION, _K_STAR = 321, 211, 313
#: Fraction of K*0 -> K+ pi-, by isospin.
_K_STAR_TO_CHARGED = 2.0 / 3.0


class _BToX(Process):
    """What the decays have in common."""

    b_meson: ClassVar[int]
    #: Identifier of the new particle.
    pdg_id: ClassVar[int]
    #: Known products of the signal B.
    known: ClassVar[tuple[int, ...]]
    #: Mass of the known products at their lightest.
    lightest_gev: ClassVar[float]

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Known products of the signal B, the new particle, and the other B."""
        return (*self.known, self.pdg_id, -self.b_meson)

    def check_threshold(self, sqrt_s_gev: float, parameters: Parameters) -> None:
        """Refuse energies below the threshold of the pair, and masses that the B cannot decay to."""
        pair = 2.0 * mass_gev(self.b_meson)
        if sqrt_s_gev <= pair:
            raise UmbraError(
                f"process {self.name}: sqrt(s) = {sqrt_s_gev:g} GeV is below the B Bbar threshold of {pair:g} GeV"
            )
        limit = mass_gev(self.b_meson) - self.lightest_gev
        if parameters["mass_gev"] >= limit:
            raise UmbraError(
                f"process {self.name}: mass {parameters['mass_gev']:g} GeV is above the kinematic limit of "
                f"{limit:g} GeV"
            )

    def threshold_gev(self, parameters: Parameters, cuts: Cuts) -> float:
        """Mass of the pair of B mesons."""
        return 2.0 * mass_gev(self.b_meson)

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Branching fraction of the B, the same at all energies."""
        return self._fraction(parameters["mass_gev"], parameters["coupling"])

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`; the weight is the branching fraction."""
        mass_b = mass_gev(self.b_meson)
        is_open = sqrt_s_gev > 2.0 * mass_b
        energy = np.where(is_open, sqrt_s_gev, 2.1 * mass_b)
        cos_theta, _ = draw_one_plus(1.0, -1.0, -1.0, 1.0, x[:, 0])
        pair = back_to_back(energy, mass_b, mass_b, cos_theta, 2.0 * np.pi * x[:, 1])
        products = self._products(x[:, 2:], mass_b, parameters["mass_gev"])
        signal = boost_from_rest(products, pair[:, :1])
        fraction = self._fraction(parameters["mass_gev"], parameters["coupling"])
        return np.concatenate([signal, pair[:, 1:]], axis=1), np.where(is_open, fraction, 0.0)

    @abstractmethod
    def _products(self, x: Array, mass_b: float, mass: float) -> Array:
        """Momenta of the known products and X in the rest frame of the B, shape (n, k, 4)."""

    @abstractmethod
    def _fraction(self, mass: float, coupling: float) -> float:
        """Branching fraction of the B."""


class _BToKaonX(_BToX):
    """B+ -> K+ X: isotropic."""

    dimensions = 4
    b_meson = 521
    known = (_KAON,)
    lightest_gev = mass_gev(_KAON)

    def _products(self, x: Array, mass_b: float, mass: float) -> Array:
        return _isotropic(x, np.full(len(x), mass_b), np.full(len(x), mass_gev(_KAON)), mass)


class _BToKStarX(_BToX):
    """B0 -> K*0 X, K*0 -> K+ pi-."""

    dimensions = 7
    b_meson = 511
    known = (_KAON, -_PION)
    lightest_gev = mass_gev(_KAON) + mass_gev(_PION)

    def _products(self, x: Array, mass_b: float, mass: float) -> Array:
        drawn = _breit_wigner(x[:, 2], self.lightest_gev, mass_b - mass)
        resonance, new = np.moveaxis(_isotropic(x, np.full(len(x), mass_b), drawn, mass), 1, 0)
        speed = momentum(resonance)
        daughters = (mass_gev(_KAON), mass_gev(_PION))
        angles = (np.cbrt(2.0 * x[:, 3] - 1.0), 2.0 * np.pi * x[:, 4])
        kaon, pion = split(resonance[:, :3] / speed[:, None], drawn, speed, daughters, angles)
        return np.stack([kaon, pion, new], axis=1)


class BToKScalar(_BToKaonX):
    """The new particle is a scalar that mixes with the Higgs boson; coupling sin(theta)."""

    entry = B_TO_K_SCALAR
    pdg_id = SCALAR

    def _fraction(self, mass: float, coupling: float) -> float:
        return float(meson.b_to_k_scalar(mass, coupling))


class BToKStarScalar(_BToKStarX):
    """The same with a K*(892)0."""

    entry = B_TO_KSTAR_SCALAR
    pdg_id = SCALAR

    def _fraction(self, mass: float, coupling: float) -> float:
        return _K_STAR_TO_CHARGED * float(meson.b_to_k_star_scalar(mass, coupling))


class BToKAlp(_BToKaonX):
    """The new particle is an ALP that couples to W bosons; coupling g_aW in GeV^-1."""

    entry = B_TO_K_ALP
    pdg_id = ALP

    def _fraction(self, mass: float, coupling: float) -> float:
        return float(meson.b_to_k_weak_alp(mass, coupling))


def _isotropic(x: Array, parent_gev: Array, first_gev: Array, second_gev: float) -> Array:
    """Two-body decays at rest, shape (n, 2, 4), from two uniform numbers each."""
    k = two_body_momentum(parent_gev, first_gev, second_gev)
    first = from_spherical(k, 2.0 * x[:, 0] - 1.0, 2.0 * np.pi * x[:, 1], first_gev)
    second = first * np.array([-1.0, -1.0, -1.0, 1.0])
    second[:, 3] = np.sqrt(k**2 + second_gev**2)
    return np.stack([first, second], axis=1)


def _breit_wigner(x: Array, low_gev: float, high_gev: float) -> Array:
    """Masses of a K*(892)0 between two ends."""
    mass, width = mass_gev(_K_STAR), width_gev(_K_STAR)
    low, high = (np.arctan((edge**2 - mass**2) / (mass * width)) for edge in (low_gev, high_gev))
    drawn: Array = np.sqrt(mass**2 + mass * width * np.tan(low + x * (high - low)))
    return drawn
