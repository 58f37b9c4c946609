"""e+e- -> Υ(3S) -> π⁺π⁻Υ(1S), where the Υ(1S) decays to nothing that is seen or to a pair of leptons.

The "cross-section" is the fraction of the Υ(3S): a search counts them. The pions are in an S wave, so that their
direction is isotropic and the Υ(1S) keeps the polarisation that the beams give the Υ(3S): its leptons follow 1 + cos²
of the angle to the beams. The Υ(3S) is narrower than the spread of the beams: its mass is the energy of all events.
"""

from abc import ABC, abstractmethod
from functools import cache
from typing import ClassVar

import numpy as np

from umbra.core.constants import PION_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, boost_from_rest, from_spherical, two_body_momentum
from umbra.core.pdg import mass_gev
from umbra.generation.processes.catalogue.upsilon import (
    UPSILON3S_TO_PIPI_EE,
    UPSILON3S_TO_PIPI_MUMU,
    UPSILON3S_TO_PIPI_TAUTAU,
    UPSILON3S_TO_PIPI_UNSEEN,
)
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process
from umbra.generation.processes.two_body import draw_one_plus
from umbra.theory import upsilon

_PION = 211
#: Of the free codes of `umbra.core.particles`: nothing detects it.
UNSEEN = 9_910_553
#: The energy of the beams is that of the resonance to this part.
_SAME_MASS = 1e-3


class _UpsilonToPions(Process, ABC):
    """What all have in common: the pions."""

    dimensions = 5

    def check_threshold(self, sqrt_s_gev: float, parameters: Parameters) -> None:
        """Refuse beams that make no Υ(3S), and an X that is too heavy."""
        if abs(sqrt_s_gev / upsilon.UPSILON_3S_GEV - 1.0) > _SAME_MASS:
            raise UmbraError(f"process {self.name}: {sqrt_s_gev:g} GeV is not the mass of the Upsilon(3S)")
        super().check_threshold(sqrt_s_gev, parameters)

    def other_masses_gev(self) -> float:
        """The pions."""
        return 2.0 * PION_MASS_GEV

    def recoil_gev(self, parameters: Parameters) -> float:
        """Mass of what the pions recoil against."""
        return upsilon.UPSILON_1S_GEV

    @abstractmethod
    def fraction(self, parameters: Parameters) -> float:
        """Of the Υ(1S) that decay so."""

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Product of both branching fractions."""
        return upsilon.TO_PIONS * self.fraction(parameters)

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`; the mean weight is the branching fraction."""
        mass = self.recoil_gev(parameters)
        low, high = 2.0 * PION_MASS_GEV, upsilon.largest_pair_gev(mass)
        q = low + (high - low) * x[:, 0]
        cosine = 2.0 * x[:, 1] - 1.0
        weight = upsilon.dipion_rate(q, cosine, mass) / _mean_rate(mass)
        k = two_body_momentum(np.full(len(x), upsilon.UPSILON_3S_GEV), q, mass)
        direction, azimuth = 2.0 * x[:, 2] - 1.0, 2.0 * np.pi * x[:, 3]
        pair = from_spherical(k, direction, azimuth, q)
        recoil = from_spherical(-k, direction, azimuth, mass)
        plus = boost_from_rest(_along(pair, q, cosine, 2.0 * np.pi * x[:, 4]), pair)
        products = np.stack([plus, pair - plus, *self.products(x[:, 5:], recoil)], axis=1)
        return products, upsilon.TO_PIONS * self.fraction(parameters) * weight

    def products(self, x: Array, recoil: Array) -> tuple[Array, ...]:
        """Momenta of what the pions recoil against, shape (n, 4) each."""
        return (recoil,)


def _along(pair: Array, q: Array, cosine: Array, phi: Array) -> Array:
    """One pion in the rest frame of the pair, whose polar axis is the direction of the pair, shape (n, 4)."""
    axis = pair[:, :3] / np.linalg.norm(pair[:, :3], axis=1)[:, None]
    helper = np.where(np.abs(axis[:, 2:]) < 0.9, np.array([[0.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.0]]))
    first = np.cross(axis, helper)
    first /= np.linalg.norm(first, axis=1)[:, None]
    second = np.cross(axis, first)
    sine = np.sqrt(1.0 - cosine**2)
    way = cosine[:, None] * axis + sine[:, None] * (
        np.cos(phi)[:, None] * first + np.sin(phi)[:, None] * second
    )
    pion = np.empty((len(q), 4))
    pion[:, :3] = np.sqrt(np.maximum(0.25 * q**2 - PION_MASS_GEV**2, 0.0))[:, None] * way
    pion[:, 3] = 0.5 * q
    return pion


@cache
def _mean_rate(recoil_gev: float) -> float:
    """Mean of `umbra.theory.upsilon.dipion_rate` over mass and cosine."""
    nodes, weights = np.polynomial.legendre.leggauss(80)
    low, high = 2.0 * PION_MASS_GEV, upsilon.largest_pair_gev(recoil_gev)
    # The momenta vanish as roots at both ends: q = low + (high - low) (1 - cos t)/2 takes them out.
    t = 0.5 * np.pi * (nodes + 1.0)
    q = low + 0.5 * (high - low) * (1.0 - np.cos(t))
    over_q = 0.5 * np.pi * weights * 0.5 * np.sin(t)
    rate = upsilon.dipion_rate(q[:, None], nodes[None], recoil_gev)
    return float(over_q @ rate @ (0.5 * weights))


class UpsilonUnseen(_UpsilonToPions):
    """What recoils is not seen; its mass is free, so that a peak can be followed around the Υ(1S)."""

    entry = UPSILON3S_TO_PIPI_UNSEEN

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Pions, and what is not seen."""
        return (_PION, -_PION, UNSEEN)

    def recoil_gev(self, parameters: Parameters) -> float:
        """Mass of what is not seen."""
        return parameters["mass_gev"]

    def fraction(self, parameters: Parameters) -> float:
        """The coupling."""
        return parameters["coupling"]


class _UpsilonToLeptons(_UpsilonToPions):
    """The Υ(1S) decays to a pair of leptons."""

    dimensions = 7
    lepton: ClassVar[int]

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Pions and leptons, the negative one first."""
        return (_PION, -_PION, self.lepton, -self.lepton)

    def fraction(self, parameters: Parameters) -> float:
        """Branching fraction of the Υ(1S)."""
        return upsilon.TO_LEPTONS[self.lepton]

    def products(self, x: Array, recoil: Array) -> tuple[Array, ...]:
        """Leptons, by 1 + cos² of the angle to the beams."""
        mass = mass_gev(self.lepton)
        k = two_body_momentum(np.full(len(x), upsilon.UPSILON_1S_GEV), mass, mass)
        cos_theta, _ = draw_one_plus(1.0, 1.0, -1.0, 1.0, x[:, 0])
        minus = boost_from_rest(from_spherical(k, cos_theta, 2.0 * np.pi * x[:, 1], mass), recoil)
        return minus, recoil - minus


class UpsilonToElectrons(_UpsilonToLeptons):
    """Electrons."""

    entry = UPSILON3S_TO_PIPI_EE
    lepton = 11


class UpsilonToMuons(_UpsilonToLeptons):
    """Muons."""

    entry = UPSILON3S_TO_PIPI_MUMU
    lepton = 13


class UpsilonToTaus(_UpsilonToLeptons):
    """Taus, undecayed."""

    entry = UPSILON3S_TO_PIPI_TAUTAU
    lepton = 15
