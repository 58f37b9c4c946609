"""Relic density of dark matter that annihilates through a dark photon, and the coupling that leaves what is observed.

The cross-section is that of a virtual dark photon with its widths at the energy of the collision,

    sigma(s) = S (4 pi/k^2) s Gamma_in(s) Gamma_out(s)/((s - M^2)^2 + M^2 Gamma^2),

with the width to pairs of dark matter Gamma_in, that to leptons and hadrons Gamma_out, in which R(s) is
measured, and S = 3 over the number of spin states of the pair. Its thermal average is that of P. Gondolo and G.
Gelmini, Nucl. Phys. B360 (1991) 145, and Boltzmann's equation is solved until nothing happens. Models as in A.
Berlin, N. Blinov, G. Krnjaic, P. Schuster, N. Toro, Phys. Rev. D 99 (2019) 075001, arXiv:1807.01730: pseudo-
Dirac (two states with a splitting far below the temperature, so those of a Dirac fermion with a vector
coupling), a complex scalar, and a Majorana fermion with an axial coupling.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike
from scipy.special import kve

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.theory.dark_photon import DarkPhoton, thermal_variable
from umbra.theory.plasma import degrees_of_freedom
from umbra.theory.widths import vector_to_fermions, vector_to_scalars, velocity

#: Density times h^2 of cold dark matter: Planck 2018, arXiv:1807.06209.
OBSERVED = 0.120
#: In GeV, CODATA 2018; entropy in 1/cm^3 and critical density over h^2 in GeV/cm^3 today, Particle Data Group 2024.
_PLANCK_MASS_GEV, _ENTROPY_TODAY, _CRITICAL = 1.220890e19, 2891.2, 1.05371e-5
#: Mass over temperature: where Boltzmann's equation begins, in equilibrium, and ends; steps between.
_FIRST, _LAST, _STEPS = 8.0, 3000.0, 1500
#: Nodes of mass over temperature at which the average is computed, and of its integral; its reach in temperatures.
_TEMPERATURES, _NODES, _REACH = 40, 400, 40.0
_LARGEST_ROUNDS = 30
_ACCURACY = 1e-4
#: y over the mass squared where the search begins.
_START_PER_GEV2 = 1e-8
_X = np.geomspace(_FIRST, _LAST, _STEPS + 1)
_X_NODES = np.geomspace(_FIRST, _LAST, _TEMPERATURES)
# Kinetic energies t^2 in temperatures: the momentum opens like t.
_POINTS, _WEIGHTS = leggauss(_NODES)
_T = 0.5 * np.sqrt(_REACH) * (_POINTS + 1.0)
_MEASURE = 0.5 * np.sqrt(_REACH) * _WEIGHTS * 2.0 * _T


@dataclass(frozen=True)
class Matter:
    """A kind of dark matter.

    Parameters
    ----------
    states
        Degrees of freedom, antiparticles included.
    pair_spins
        Spin states of an annihilating pair.
    per_particle
        Rate of annihilation of one particle with the density of all, in units of that of a pair: a half where particles
        meet antiparticles only.
    width_gev
        Width of a dark photon to a pair, from both masses at alpha_D = 1; twice that of identical particles, whose
        collisions do not have its factor of a half.
    """

    states: float
    pair_spins: float
    per_particle: float
    width_gev: Callable[[Array, float], Array]


def _axial_width_gev(photon_gev: Array, matter_gev: float) -> Array:
    """M/3 (1 - 4 r)^(3/2): twice the width to two Majorana fermions, L = g_D/2 A' chibar gamma gamma5 chi."""
    width: Array = photon_gev / 3.0 * velocity(photon_gev, matter_gev) ** 3
    return width


KINDS: Mapping[str, Matter] = {
    "pseudo_dirac": Matter(4.0, 4.0, 0.5, lambda m, chi: 4.0 * np.pi * vector_to_fermions(m, chi)),
    "scalar": Matter(2.0, 1.0, 0.5, lambda m, chi: 4.0 * np.pi * vector_to_scalars(m, chi)),
    "majorana": Matter(2.0, 4.0, 1.0, _axial_width_gev),
}


def relic_density(
    photon: DarkPhoton, kind: str, matter_gev: float, y: float, alpha_d: float, mass_ratio: float
) -> float:
    """Density times h^2 that is left over.

    Parameters
    ----------
    photon
        What the dark photon decays to beside dark matter.
    kind
        One of `KINDS`.
    matter_gev
        Mass of the dark matter, above the electron's and below some 2 GeV, where the plasma is no gas of hadrons.
    y
        epsilon^2 alpha_D (m_chi/m_A')^4.
    alpha_d
        g_D^2/(4 pi).
    mass_ratio
        m_chi/m_A'.

    Raises
    ------
    UmbraError
        For another kind.
    """
    return _Relic.of(photon, kind, matter_gev, alpha_d, mass_ratio).density(y)


def target_y(
    photon: DarkPhoton, kind: str, matter_gev: ArrayLike, alpha_d: float, mass_ratio: float
) -> Array:
    """Value of y that leaves the observed density, shape of `matter_gev`; above it there is less. See `relic_density`.

    Raises
    ------
    UmbraError
        Where it is not found.
    """
    masses = np.asarray(matter_gev, float)
    found = [
        _Relic.of(photon, kind, mass, alpha_d, mass_ratio).target_y() for mass in masses.ravel().tolist()
    ]
    return np.array(found).reshape(masses.shape)


def cross_section_per_gev2(
    photon: DarkPhoton,
    kind: str,
    matter_gev: float,
    energy_gev: Array,
    epsilon: float,
    alpha_d: float,
    mass_ratio: float,
) -> Array:
    """Cross-section of a pair of dark matter into leptons and hadrons in GeV^-2, shape of `energy_gev`, root s."""
    relic = _Relic.at(photon, kind, matter_gev, alpha_d, mass_ratio, energy_gev)
    return relic.cross_section(epsilon**2)


@dataclass(frozen=True)
class _Relic:
    """Dark matter of one mass: what of its annihilation does not depend on epsilon, on a grid of energies.

    Parameters
    ----------
    matter, matter_gev, alpha_d, mass_ratio
        See `relic_density`.
    energy_gev
        Root s, shape (temperatures, nodes) for `density`.
    per_epsilon2
        Cross-section at epsilon = 1 without the propagator, in GeV^2, same shape.
    widths_gev
        Of the dark photon on its shell: to dark matter, and at epsilon = 1 to known particles.
    """

    matter: Matter
    matter_gev: float
    alpha_d: float
    mass_ratio: float
    energy_gev: Array
    per_epsilon2: Array
    widths_gev: tuple[float, float]

    @classmethod
    def of(
        cls, photon: DarkPhoton, kind: str, matter_gev: float, alpha_d: float, mass_ratio: float
    ) -> "_Relic":
        """With the energies of the thermal average."""
        energy = matter_gev * (2.0 + _T**2 / _X_NODES[:, None])
        return cls.at(photon, kind, matter_gev, alpha_d, mass_ratio, energy)

    @classmethod
    def at(
        cls,
        photon: DarkPhoton,
        kind: str,
        matter_gev: float,
        alpha_d: float,
        mass_ratio: float,
        energy_gev: Array,
    ) -> "_Relic":
        """With given energies."""
        if kind not in KINDS:
            raise UmbraError(f"dark matter '{kind}' is not known; known: {', '.join(KINDS)}")
        matter = KINDS[kind]
        mass = np.array([matter_gev / mass_ratio])
        incoming = alpha_d * matter.width_gev(energy_gev, matter_gev)
        outgoing = photon.width_gev(energy_gev, 1.0)
        k2 = 0.25 * energy_gev**2 - matter_gev**2
        without = 3.0 / matter.pair_spins * 4.0 * np.pi / k2 * energy_gev**2 * incoming * outgoing
        on_shell = alpha_d * matter.width_gev(mass, matter_gev), photon.width_gev(mass, 1.0)
        widths = float(on_shell[0][0]), float(on_shell[1][0])
        return cls(matter, matter_gev, alpha_d, mass_ratio, energy_gev, without, widths)

    def cross_section(self, epsilon2: float) -> Array:
        """In GeV^-2 at the energies."""
        mass = self.matter_gev / self.mass_ratio
        width = self.widths_gev[0] + epsilon2 * self.widths_gev[1]
        result: Array = (
            epsilon2 * self.per_epsilon2 / ((self.energy_gev**2 - mass**2) ** 2 + (mass * width) ** 2)
        )
        return result

    def density(self, y: float) -> float:
        """Density times h^2."""
        epsilon2 = y / float(thermal_variable(1.0, self.alpha_d, self.mass_ratio))
        average = np.exp(np.interp(np.log(_X), np.log(_X_NODES), np.log(self._average(epsilon2))))
        left = self._plasma.left(self.matter.per_particle * average)
        return left * self.matter_gev * _ENTROPY_TODAY / _CRITICAL

    def target_y(self) -> float:
        """Where the density is the observed one."""
        # It is nearly proportional to 1/y: what is too much of the one is missing in the other.
        y = _START_PER_GEV2 * self.matter_gev**2
        for _ in range(_LARGEST_ROUNDS):
            excess = self.density(y) / OBSERVED
            y *= excess
            if abs(excess - 1.0) < _ACCURACY:
                return y
        raise UmbraError(f"relic density: no coupling found for dark matter of {self.matter_gev:g} GeV")

    def _average(self, epsilon2: float) -> Array:
        """Thermal average of cross-section times relative velocity in GeV^-2, at `_X_NODES`."""
        average: Array = (self.cross_section(epsilon2) * self._thermal).sum(axis=1)
        return average

    @cached_property
    def _thermal(self) -> Array:
        """What the cross-section at each energy counts in the thermal average, shape (temperatures, nodes)."""
        x, energy, mass = _X_NODES[:, None], self.energy_gev, self.matter_gev
        # Bessel functions without their exponentials, of which exp(-t^2) is left; ds = 2 E dE, dE = T d(t^2).
        bessel = kve(1, energy * x / mass) * np.exp(-(_T**2))
        flux = (energy**2 - 4.0 * mass**2) * energy
        weight: Array = flux * bessel * 2.0 * energy * _MEASURE / (8.0 * mass**4 * kve(2, x) ** 2)
        return weight

    @cached_property
    def _plasma(self) -> "_Plasma":
        return _Plasma.of(self.matter.states, self.matter_gev)


@dataclass(frozen=True)
class _Plasma:
    """The expanding plasma that particles of a mass leave, at `_X`.

    Parameters
    ----------
    per_rate
        L of Boltzmann's equation, dY/dln x = -L (Y^2 - Y_eq^2), over the rate: s/H (1 + 1/3 dln h/dln T), in GeV^2.
    equilibrium
        Number of particles over the entropy in equilibrium.
    """

    per_rate: Array
    equilibrium: Array

    @classmethod
    def of(cls, states: float, matter_gev: float) -> "_Plasma":
        """For particles of that many states."""
        temperature = matter_gev / _X
        energy, entropy = degrees_of_freedom(temperature)
        density = 2.0 * np.pi**2 / 45.0 * entropy * temperature**3
        hubble = np.sqrt(8.0 * np.pi**3 * energy / 90.0) * temperature**2 / _PLANCK_MASS_GEV
        slope = np.gradient(np.log(entropy), np.log(temperature))
        number = states * matter_gev**2 * temperature * kve(2, _X) * np.exp(-_X) / (2.0 * np.pi**2)
        return cls(density / hubble * (1.0 + slope / 3.0), number / density)

    def left(self, rate: Array) -> float:
        """Particles over the entropy after the last step, by the trapezoidal rule, which is implicit.

        Parameters
        ----------
        rate
            Thermal average of cross-section times velocity in GeV^-2, at `_X`.
        """
        strengths, equilibria = (self.per_rate * rate).tolist(), self.equilibrium.tolist()
        step = math.log(_X[1] / _X[0])
        left = equilibria[0]
        for (lower, upper), (before, after) in zip(pairwise(strengths), pairwise(equilibria), strict=True):
            # Fully implicit while in equilibrium, where the average of both ends would swing.
            stiff = step * upper * after > 1.0
            weight = 1.0 if stiff else 0.5
            source = left - (1.0 - weight) * step * lower * (left**2 - before**2)
            a = weight * step * upper
            left = (math.sqrt(1.0 + 4.0 * a * (source + a * after**2)) - 1.0) / (2.0 * a)
        return float(left)
