"""Colliders: beam energies, crossing angle and energy spread.

The job graph is built with machines: what needs NumPy or the tables of particles imports them where it is used.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator

from umbra.core.machine_record import MachineRecord

if TYPE_CHECKING:
    from umbra.core.kinematics import Array


@dataclass(frozen=True)
class Machine:
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
    def sqrt_s_gev(self) -> float:
        """Centre-of-mass energy."""
        from umbra.core.kinematics import mass_squared

        squared = float(mass_squared(self.total))
        return math.sqrt(squared)

    @property
    def approximate_sqrt_s_gev(self) -> float:
        """The same without crossing angle and mass of the electron, to the accuracy of a check."""
        return float(2.0 * (self.electron_energy_gev * self.positron_energy_gev) ** 0.5)

    @property
    def beta(self) -> "Array":
        """Velocity of the centre of mass in the laboratory, shape (3,)."""
        beta: Array = self.total[:3] / self.total[3]
        return beta

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


#: A machine, or the plain data of one.
AnyMachine = Annotated[
    Machine, BeforeValidator(lambda given: Machine(**given) if isinstance(given, dict) else given)
]
