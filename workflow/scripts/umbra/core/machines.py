"""Machines: where events are made, and how that moves in the laboratory.

The job graph is built with machines: what needs NumPy or the tables of particles imports them where it is used.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from umbra.core.machine_record import AnyMachineRecord, MachineRecord
from umbra.core.nuclei import NUCLEI

if TYPE_CHECKING:
    from umbra.core.kinematics import Array


class AnyMachine(ABC):
    """A centre of mass that moves in the laboratory.

    Attributes
    ----------
    name
        Stem of its file in `config/machines/`.
    sqrt_s_spread_gev
        Standard deviation of the energy in the centre of mass.
    """

    name: str
    sqrt_s_spread_gev: float

    @cached_property
    @abstractmethod
    def total(self) -> "Array":
        """Four-momentum of what meets, or decays, in the laboratory, shape (4,)."""

    @property
    @abstractmethod
    def approximate_sqrt_s_gev(self) -> float:
        """Energy in the centre of mass to the accuracy of a check, without tables."""

    @property
    @abstractmethod
    def beam_energy_gev(self) -> float:
        """Energy of the particles of the beam along +z."""

    @property
    @abstractmethod
    def description(self) -> str:
        """What figures say of it in the place of the energy in the centre of mass; empty for colliders."""

    @property
    def sqrt_s_gev(self) -> float:
        """Energy in the centre of mass."""
        from umbra.core.kinematics import mass_squared

        squared = float(mass_squared(self.total))
        return math.sqrt(squared)

    @property
    def beta(self) -> "Array":
        """Velocity of the centre of mass in the laboratory, shape (3,)."""
        beta: Array = self.total[:3] / self.total[3]
        return beta

    def to_lab(self, p: "Array") -> "Array":
        """Take momenta from the centre of mass to the laboratory."""
        from umbra.core.kinematics import boost

        return boost(p, self.beta)

    def to_cm(self, p: "Array") -> "Array":
        """Take laboratory momenta to the centre of mass."""
        from umbra.core.kinematics import boost

        return boost(p, -self.beta)


@dataclass(frozen=True)
class Beam(AnyMachine):
    """A beam of unstable particles along +z, which decay in flight.

    Parameters
    ----------
    name
        Stem of its file in `config/machines/`.
    particle
        Of which it is, a key of `PARTICLES`.
    momentum_gev
        Of each particle.
    """

    name: str
    particle: str
    momentum_gev: float
    kind: str = "beam"
    sqrt_s_spread_gev: float = 0.0

    @cached_property
    def total(self) -> "Array":
        """Four-momentum of a particle of the beam, shape (4,)."""
        import numpy as np

        return np.array([0.0, 0.0, self.momentum_gev, np.hypot(self.momentum_gev, self.sqrt_s_gev)])

    @property
    def pdg_id(self) -> int:
        """Of its particles."""
        return PARTICLES[self.particle].pdg_id

    @property
    def sqrt_s_gev(self) -> float:
        """Mass of its particles."""
        from umbra.core.pdg import mass_gev

        return mass_gev(self.pdg_id)

    @property
    def approximate_sqrt_s_gev(self) -> float:
        """Mass of its particles, rounded."""
        return PARTICLES[self.particle].rounded_mass_gev

    @property
    def beam_energy_gev(self) -> float:
        """Energy of each particle."""
        return float(self.total[3])

    @property
    def description(self) -> str:
        """Particles and momentum."""
        return f"{PARTICLES[self.particle].symbol} of {self.momentum_gev:g} GeV"


@dataclass(frozen=True)
class BeamParticle:
    """What is known of the particles of a beam without tables: identifier, symbol, rounded mass."""

    pdg_id: int
    symbol: str
    rounded_mass_gev: float


#: Particles that beams are made of, by the name that machine files have.
PARTICLES: Mapping[str, BeamParticle] = {
    "k_plus": BeamParticle(321, "K⁺", 0.494),
    "electron": BeamParticle(11, "e⁻", 0.000511),
}


@dataclass(frozen=True)
class FixedTarget(AnyMachine):
    """A beam of stable particles along +z on atoms at rest.

    Parameters
    ----------
    name
        Stem of its file in `config/machines/`.
    particle
        Of which the beam is, a key of `PARTICLES`.
    momentum_gev
        Of each particle.
    target
        Element that it meets, a key of `NUCLEI`.
    """

    name: str
    particle: str
    momentum_gev: float
    target: str
    kind: str = "fixed_target"
    sqrt_s_spread_gev: float = 0.0

    @cached_property
    def total(self) -> "Array":
        """Four-momentum of a particle of the beam and of an atom, shape (4,)."""
        import numpy as np

        return np.array([0.0, 0.0, self.momentum_gev, self.beam_energy_gev + NUCLEI[self.target].mass_gev])

    @property
    def approximate_sqrt_s_gev(self) -> float:
        """The same without the mass of the particles of the beam."""
        mass = NUCLEI[self.target].mass_gev
        return math.sqrt(mass * (mass + 2.0 * self.momentum_gev))

    @property
    def beam_energy_gev(self) -> float:
        """Energy of each particle of the beam."""
        from umbra.core.pdg import mass_gev

        return math.hypot(self.momentum_gev, mass_gev(PARTICLES[self.particle].pdg_id))

    @property
    def description(self) -> str:
        """Particles, momentum and target."""
        return f"{PARTICLES[self.particle].symbol} of {self.momentum_gev:g} GeV on {self.target}"


@dataclass(frozen=True)
class Machine(AnyMachine):
    """An e+e- collider at one energy.

    The electron beam points along +z but for half of the crossing angle, which tilts both beams towards +x;
    that is the frame of the detectors ("laboratory").

    Parameters
    ----------
    name
        Stem of its file in `config/machines/`.
    electron_energy_gev, positron_energy_gev
        Beam energies.
    crossing_angle_mrad
        Full angle between the beams.
    sqrt_s_spread_gev
        Standard deviation of the centre-of-mass energy.
    """

    name: str
    electron_energy_gev: float
    positron_energy_gev: float
    crossing_angle_mrad: float = 0.0
    sqrt_s_spread_gev: float = 0.0
    kind: str = "collider"

    @classmethod
    def from_record(cls, name: str, record: MachineRecord) -> "Machine":
        """Give a name to what the file `config/machines/<name>.yaml` says."""
        return cls(
            name,
            record.electron_energy_gev,
            record.positron_energy_gev,
            record.crossing_angle_mrad,
            record.sqrt_s_spread_gev,
        )

    @cached_property
    def total(self) -> "Array":
        """Four-momentum of the colliding beams in the laboratory, shape (4,)."""
        import numpy as np

        from umbra.core.constants import ELECTRON_MASS_GEV

        half = 0.5e-3 * self.crossing_angle_mrad
        electron = np.sqrt(self.electron_energy_gev**2 - ELECTRON_MASS_GEV**2)
        positron = np.sqrt(self.positron_energy_gev**2 - ELECTRON_MASS_GEV**2)
        return np.array(
            [
                (electron + positron) * np.sin(half),
                0.0,
                (electron - positron) * np.cos(half),
                self.electron_energy_gev + self.positron_energy_gev,
            ]
        )

    @property
    def approximate_sqrt_s_gev(self) -> float:
        """The same without crossing angle and mass of the electron, to the accuracy of a check."""
        return float(2.0 * (self.electron_energy_gev * self.positron_energy_gev) ** 0.5)

    @property
    def beam_energy_gev(self) -> float:
        """Energy of the electrons."""
        return self.electron_energy_gev

    @property
    def description(self) -> str:
        """Nothing: the energy says all."""
        return ""

    def to_lab(self, p: "Array") -> "Array":
        """Take momenta from the centre of mass (electron along +z) to the laboratory.

        The electron of the centre-of-mass frame is turned by the angle that the crossing leaves between the
        boosted beam and the z axis, so that it comes out along the real beam.
        """
        from umbra.core.kinematics import boost

        cos, sin = self._tilt
        turned = p.copy()
        turned[..., 0] = cos * p[..., 0] + sin * p[..., 2]
        turned[..., 2] = cos * p[..., 2] - sin * p[..., 0]
        return boost(turned, self.beta)

    def to_cm(self, p: "Array") -> "Array":
        """Take laboratory momenta to the centre of mass with the electron along +z."""
        from umbra.core.kinematics import boost

        cos, sin = self._tilt
        rest = boost(p, -self.beta)
        turned = rest.copy()
        turned[..., 0] = cos * rest[..., 0] - sin * rest[..., 2]
        turned[..., 2] = cos * rest[..., 2] + sin * rest[..., 0]
        return turned

    @cached_property
    def _tilt(self) -> tuple[float, float]:
        import numpy as np

        from umbra.core.constants import ELECTRON_MASS_GEV
        from umbra.core.kinematics import boost

        half = 0.5e-3 * self.crossing_angle_mrad
        electron = np.sqrt(self.electron_energy_gev**2 - ELECTRON_MASS_GEV**2)
        beam = np.array([electron * np.sin(half), 0.0, electron * np.cos(half), self.electron_energy_gev])
        in_cm = boost(beam, -self.beta)
        magnitude = np.hypot(in_cm[0], in_cm[2])
        return float(in_cm[2] / magnitude), float(in_cm[0] / magnitude)


#: A machine of any kind.
KnownMachine = Machine | Beam | FixedTarget

_CLASSES: Mapping[str, type[KnownMachine]] = {"collider": Machine, "beam": Beam, "fixed_target": FixedTarget}


def of_record(name: str, record: AnyMachineRecord) -> KnownMachine:
    """Give a name to what the file `config/machines/<name>.yaml` says."""
    return of_plain({"name": name, **record.model_dump(exclude={"source"})})


def of_plain(content: Mapping[str, Any]) -> KnownMachine:
    """Machine of plain data, such as `dataclasses.asdict` gives."""
    return _CLASSES[content["kind"]](**content)


#: A machine, or the plain data of one.
GivenMachine = Annotated[
    KnownMachine, BeforeValidator(lambda given: of_plain(given) if isinstance(given, dict) else given)
]
