"""A' of electrons on atoms at rest: of one electron on one atom, and of all electrons of a shower in a thick target.

The energy in the centre of mass of an electron and an atom tells that of the electron. The atom, which takes next to no
energy, is left out of the events. In a thick target an electron has radiated photons before, which are one particle
along the beam here; how far electrons of each energy go is that of `umbra.theory.shower`.
"""

from abc import ABC
from typing import ClassVar

import numpy as np

from umbra.core.constants import ELECTRON, ELECTRON_MASS_GEV, PHOTON
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, boost
from umbra.core.nuclei import LEAD, Nucleus
from umbra.core.particles import DARK_PHOTON
from umbra.generation.processes.bremsstrahlung_amplitude import Emission, emit
from umbra.generation.processes.catalogue.bremsstrahlung import APRIME_IN_LEAD, APRIME_ON_LEAD
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process
from umbra.theory.shower import track_length

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
        beta = np.zeros((len(p4), 1, 3))
        beta[:, 0, 2] = np.sqrt(beam_gev**2 - ELECTRON_MASS_GEV**2) / (beam_gev + self.nucleus.mass_gev)
        return boost(p4, -beta)


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
        # At the angle of bremsstrahlung, m/E: along the very axis no detector can turn a momentum.
        rest = np.zeros_like(made.electron)
        rest[:, 3] = beam_gev - energy
        rest[:, 0] = rest[:, 3] * ELECTRON_MASS_GEV / beam_gev
        rest[:, 2] = np.sqrt(rest[:, 3] ** 2 - rest[:, 0] ** 2)
        p4 = np.stack([made.electron, made.emitted, rest], axis=1)
        per_electron = made.weight_pb * shower.total * self.nucleus.per_pb * parameters["coupling"] ** 2
        return self._to_cm(p4, beam_gev), per_electron
