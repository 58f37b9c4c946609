"""What a machine file says, as a typed record (`config/machines/`).

Imported while Snakemake parses the workflow, so: standard library and pydantic only.
"""

from math import sqrt
from typing import Annotated, Self

from pydantic import Field, model_validator

from umbra.core.records import NotNegativeFloat, Record, Source

#: A beam has more than the mass of the electron, 0.51099895 MeV, which is rounded up here.
BeamEnergy = Annotated[float, Field(gt=0.000511)]


class MachineRecord(Record):
    """A collider at one energy.

    Parameters
    ----------
    electron_energy_gev, positron_energy_gev
        Beam energies.
    crossing_angle_mrad
        Full angle between the beams.
    sqrt_s_spread_gev
        Standard deviation of the centre-of-mass energy, at most a tenth of it.
    source
        Where the numbers come from.
    """

    electron_energy_gev: BeamEnergy
    positron_energy_gev: BeamEnergy
    crossing_angle_mrad: Annotated[float, Field(ge=0.0, le=500.0)]
    sqrt_s_spread_gev: NotNegativeFloat
    source: Source

    @model_validator(mode="after")
    def _spread_is_small(self) -> Self:
        if self.sqrt_s_spread_gev > 0.1 * self.approximate_sqrt_s_gev:
            raise ValueError(
                f"sqrt_s_spread_gev: {self.sqrt_s_spread_gev:g} is above a tenth of "
                f"sqrt(s) = {self.approximate_sqrt_s_gev:.3g} GeV"
            )
        return self

    @property
    def approximate_sqrt_s_gev(self) -> float:
        """Centre-of-mass energy without crossing angle and mass of the electron, to the accuracy of a check."""
        return 2.0 * sqrt(self.electron_energy_gev * self.positron_energy_gev)
