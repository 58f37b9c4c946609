"""A' of electrons on atoms at rest: of one electron on one atom, and of all electrons of a shower in a thick target.

The energy in the centre of mass of an electron and an atom tells that of the electron. The atom, which takes next to no
energy, is left out of the events. In a thick target an electron has radiated photons before, which are one particle
along the beam here; how far electrons of each energy go is that of `umbra.theory.shower`.
"""

from abc import ABC
from typing import ClassVar

import numpy as np

from umbra.core.constants import ALPHA, ELECTRON, ELECTRON_MASS_GEV, GEV2_PB, PHOTON
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, boost_along_z
from umbra.core.nuclei import LEAD, Nucleus
from umbra.core.particles import DARK_PHOTON
from umbra.generation.processes.bremsstrahlung_amplitude import Emission, emit
from umbra.generation.processes.catalogue.bremsstrahlung import (
    APRIME_IN_LEAD,
    APRIME_IN_LEAD_WITH_POSITRONS,
    APRIME_ON_LEAD,
)
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process
from umbra.theory.shower import track_length

#: Mass of the dark matter over that of the dark photon, where positrons make it: the convention of limits on y.
_DARK_MATTER = 1.0 / 3.0
#: Share of the beam's energy from which electrons of a shower are followed.
_LOWEST_SHARE = 0.4


class _Bremsstrahlung(Process, ABC):
    """What both have in common: the target.

    Class attributes
    ----------------
    nucleus
        Of the atoms.
    """

    nucleus: ClassVar[Nucleus]

    def other_masses_gev(self) -> float:
        """Electron and atom."""
        return ELECTRON_MASS_GEV + self.nucleus.mass_gev

    def check_threshold(self, sqrt_s_gev: float, parameters: Parameters) -> None:
        """Refuse what is no beam on this target, and particles heavier than the beam has energy."""
        if not sqrt_s_gev > self.other_masses_gev():
            raise UmbraError(
                f"process {self.name}: {sqrt_s_gev:g} GeV is not above the mass of {self.nucleus.symbol}, which it "
                "needs at rest: give a machine with that target"
            )
        super().check_threshold(sqrt_s_gev, parameters)

    def _beam_gev(self, sqrt_s_gev: Array) -> Array:
        mass = self.nucleus.mass_gev
        return (sqrt_s_gev**2 - mass**2 - ELECTRON_MASS_GEV**2) / (2.0 * mass)

    def _to_cm(self, p4: Array, beam_gev: Array) -> Array:
        beta = np.sqrt(beam_gev**2 - ELECTRON_MASS_GEV**2) / (beam_gev + self.nucleus.mass_gev)
        return boost_along_z(p4, -beta[:, None])


class AprimeOnLead(_Bremsstrahlung):
    """One electron on one atom; coupling epsilon."""

    entry = APRIME_ON_LEAD
    dimensions = 5
    nucleus = LEAD

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Electron and dark photon."""
        return (ELECTRON, DARK_PHOTON)

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        beam_gev = self._beam_gev(sqrt_s_gev)
        made = emit(x, beam_gev, parameters["mass_gev"], self.nucleus)
        p4 = np.stack([made.electron, made.emitted], axis=1)
        return self._to_cm(p4, beam_gev), made.weight_pb * parameters["coupling"] ** 2


class AprimeInLead(_Bremsstrahlung):
    """Electrons and positrons of a shower, from `_LOWEST_SHARE` of its energy on; coupling epsilon."""

    entry = APRIME_IN_LEAD
    dimensions = 6
    nucleus = LEAD

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Electron, dark photon, and what else the shower has."""
        return (ELECTRON, DARK_PHOTON, PHOTON)

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`; the mean weight is the number of dark photons per electron on target."""
        beam_gev = self._beam_gev(sqrt_s_gev)
        shower = track_length(_LOWEST_SHARE)
        energy = beam_gev * shower.share_at(x[:, 5])
        made: Emission = emit(x[:, :5], energy, parameters["mass_gev"], self.nucleus)
        rest = _along(beam_gev - energy, beam_gev)
        p4 = np.stack([made.electron, made.emitted, rest], axis=1)
        per_electron = made.weight_pb * shower.total * self.nucleus.per_pb * parameters["coupling"] ** 2
        return self._to_cm(p4, beam_gev), per_electron


class AprimeInLeadWithPositrons(AprimeInLead):
    """Bremsstrahlung, and positrons of the shower that annihilate with electrons of the atoms, which rest.

    The dark photon decays to a Dirac fermion of a third of its mass, which gives it its width; events of annihilation
    have its virtual mass, and no electron. What A' radiate is as if they were stable.
    """

    entry = APRIME_IN_LEAD_WITH_POSITRONS
    dimensions = 7

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`; every second trial is one of annihilation."""
        annihilates = x[:, 6] < 0.5
        p4, weight = np.empty((len(x), 3, 4)), np.empty(len(x))
        for chosen, evaluate in ((annihilates, self._annihilation), (~annihilates, super().evaluate)):
            p4[chosen], weight[chosen] = evaluate(x[chosen, :6], sqrt_s_gev[chosen], parameters, cuts)
        return p4, 2.0 * weight

    def _annihilation(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """Momenta and weights of e+ e- -> A' -> chi chibar, energies of positrons by the resonance."""
        beam_gev = self._beam_gev(sqrt_s_gev)
        mass2, alpha_d = parameters["mass_gev"] ** 2, parameters["alpha_d"]
        width2 = mass2 * alpha_d / 3.0 * _dark_phase_space(np.array([mass2]), mass2)[0]
        ends = [2.0 * ELECTRON_MASS_GEV * beam_gev * share for share in (_LOWEST_SHARE, 1.0)]
        low, high = (np.arctan((end - mass2) / width2) for end in ends)
        s = mass2 + width2 * np.tan(low + (high - low) * x[:, 0])
        jacobian = (high - low) * ((s - mass2) ** 2 + width2**2) / width2
        coupled = (ALPHA * parameters["coupling"] ** 2 * s / 3.0) * (alpha_d * s / 3.0)
        sigma = 12.0 * np.pi / s * coupled * _dark_phase_space(s, mass2) / ((s - mass2) ** 2 + width2**2)
        energy = s / (2.0 * ELECTRON_MASS_GEV)
        # Track length per energy, over the change of s with the energy
        lengths = track_length(_LOWEST_SHARE).positrons_at(energy / beam_gev) / s
        weight = GEV2_PB * sigma * jacobian * lengths * self.nucleus.per_pb * self.nucleus.atomic_number
        made = np.zeros((len(x), 3, 4))
        made[:, 1, 3], made[:, 1, 2] = energy, np.sqrt(energy**2 - s)
        made[:, 2] = _along(np.maximum(beam_gev - energy, 0.0), beam_gev)
        return self._to_cm(made, beam_gev), weight


def _dark_phase_space(s: Array, mass2: float) -> Array:
    """(1 + 2r) (1 - 4r)^(1/2) of a pair of Dirac fermions of squared mass r s; zero below their threshold."""
    r = np.minimum(_DARK_MATTER**2 * mass2 / s, 0.25)
    return np.asarray((1.0 + 2.0 * r) * np.sqrt(1.0 - 4.0 * r))


def _along(energy: Array, beam_gev: Array) -> Array:
    """Photons of the shower at the angle of bremsstrahlung, m/E: no detector turns a momentum along the very axis."""
    p4 = np.zeros((len(energy), 4))
    p4[:, 3] = energy
    p4[:, 0] = energy * ELECTRON_MASS_GEV / beam_gev
    p4[:, 2] = np.sqrt(p4[:, 3] ** 2 - p4[:, 0] ** 2)
    return p4
