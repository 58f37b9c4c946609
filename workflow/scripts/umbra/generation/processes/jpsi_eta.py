"""J/psi -> P A', A' -> e+e-, and J/psi -> P e+e- through a virtual photon, P an eta or eta': the same amplitude.

The amplitude is (e_psi x e_A').p, so that the (dark) photon is transverse. With p its direction, z the beams,
t = p x z, n the electron's direction in its rest frame and b the electron's velocity there, the rate is
1 + cos^2 - b^2 (sin^2(n, p) - (t.n)^2), where cos is that of p and z. The J/psi is narrower than the spread of
the beams, so that its mass is the energy of every event. The weights are fractions of the J/psi's decays.
"""

from typing import ClassVar

import numpy as np

from umbra.core.constants import ALPHA, ELECTRON, ELECTRON_MASS_GEV
from umbra.core.kinematics import Array, boost_from_rest, from_spherical, two_body_momentum
from umbra.generation.decays.directions import direction
from umbra.generation.processes.catalogue.jpsi_eta import (
    JPSI_ETA_APRIME,
    JPSI_ETA_EE,
    JPSI_ETAPRIME_APRIME,
    JPSI_ETAPRIME_EE,
)
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process
from umbra.theory.meson import JPSI_MASS_GEV, JPSI_TO_ETA, JPSI_TO_ETA_PRIME, DalitzDecay

_ETA, _ETA_PRIME = 221, 331


class _JPsiMeson(Process):
    """What all have in common: the final state and the angles."""

    meson: ClassVar[int]
    decay: ClassVar[DalitzDecay]

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Meson, electron, positron."""
        return (self.meson, ELECTRON, -ELECTRON)

    def other_masses_gev(self) -> float:
        """The meson; the electrons come from the (dark) photon."""
        return self.decay.pseudoscalar_gev


class _WithDarkPhoton(_JPsiMeson):
    """J/psi -> P A', A' -> e+e-; the branching fraction of the A' is not part of the weight."""

    dimensions = 4

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        mass = np.full(len(x), parameters["mass_gev"])
        p4, shape = _with_angles(x, mass, self.other_masses_gev())
        return p4, shape * self._fraction(parameters)

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Branching fraction of `umbra.theory.meson.DalitzDecay`."""
        return self._fraction(parameters)

    def _fraction(self, parameters: Parameters) -> float:
        return float(self.decay.branching_fraction(parameters["mass_gev"], parameters["coupling"]))


class _WithElectrons(_JPsiMeson):
    """J/psi -> P e+e-, the Dalitz decay.

    With B(q) the branching fraction to an A' of mass q and epsilon = 1,
    dB/dq = B(q) 2 alpha/(3 pi q) (1 + 2 m_e^2/q^2) (1 - 4 m_e^2/q^2)^(1/2):
    L. G. Landsberg, Phys. Rep. 128 (1985) 301.
    """

    dimensions = 5

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`; the logarithm of q is uniform."""
        low, high = cuts.get("dielectron_mass", (None, None))
        low = max(low or 0.0, 2.0 * ELECTRON_MASS_GEV)
        high = min(high or np.inf, JPSI_MASS_GEV - self.other_masses_gev())
        length = np.log(high / low)
        q = low * np.exp(length * x[:, 4])
        p4, shape = _with_angles(x[:, :4], q, self.other_masses_gev())
        ratio = (ELECTRON_MASS_GEV / q) ** 2
        splitting = (
            2.0 * ALPHA / (3.0 * np.pi) * (1.0 + 2.0 * ratio) * np.sqrt(np.maximum(1.0 - 4.0 * ratio, 0.0))
        )
        return p4, shape * length * splitting * self.decay.branching_fraction(q, 1.0)


class JPsiEtaDarkPhoton(_WithDarkPhoton):
    """J/psi -> eta A'."""

    entry = JPSI_ETA_APRIME
    meson, decay = _ETA, JPSI_TO_ETA


class JPsiEtaElectrons(_WithElectrons):
    """J/psi -> eta e+e-."""

    entry = JPSI_ETA_EE
    meson, decay = _ETA, JPSI_TO_ETA


class JPsiEtaPrimeDarkPhoton(_WithDarkPhoton):
    """J/psi -> eta' A'."""

    entry = JPSI_ETAPRIME_APRIME
    meson, decay = _ETA_PRIME, JPSI_TO_ETA_PRIME


class JPsiEtaPrimeElectrons(_WithElectrons):
    """J/psi -> eta' e+e-."""

    entry = JPSI_ETAPRIME_EE
    meson, decay = _ETA_PRIME, JPSI_TO_ETA_PRIME


def _with_angles(x: Array, mass_gev: Array, meson_gev: float) -> tuple[Array, Array]:
    """Momenta of meson, electron and positron for four random numbers, and the rate over its mean."""
    cos_theta, phi = 2.0 * x[:, 0] - 1.0, 2.0 * np.pi * x[:, 1]
    electron = direction(2.0 * x[:, 2] - 1.0, 2.0 * np.pi * x[:, 3])
    axis = direction(cos_theta, phi)
    t = np.cross(axis, np.array([0.0, 0.0, 1.0]))
    ratio = (ELECTRON_MASS_GEV / mass_gev) ** 2
    beta2 = np.maximum(1.0 - 4.0 * ratio, 0.0)
    along, across = (electron * axis).sum(axis=1), (electron * t).sum(axis=1)
    rate = 1.0 + cos_theta**2 - beta2 * (1.0 - along**2 - across**2)

    k = two_body_momentum(np.full(len(x), JPSI_MASS_GEV), mass_gev, meson_gev)
    vector = from_spherical(k, cos_theta, phi, mass_gev)
    meson = from_spherical(-k, cos_theta, phi, meson_gev)
    at_rest = np.empty((len(x), 4))
    at_rest[:, :3] = (0.5 * mass_gev * np.sqrt(beta2))[:, None] * electron
    at_rest[:, 3] = 0.5 * mass_gev
    minus = boost_from_rest(at_rest, vector)
    # The mean over all angles is 4/3 - 4 b^2/9.
    return np.stack([meson, minus, vector - minus], axis=1), rate / (8.0 / 9.0 * (1.0 + 2.0 * ratio))
