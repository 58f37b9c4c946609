"""What a machine file says, as a typed record (`config/machines/`): one for each kind of machine.

Imported while Snakemake parses the workflow, so: standard library and pydantic only.
"""

from collections.abc import Mapping
from math import sqrt
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from umbra.core.errors import UmbraError
from umbra.core.records import NotNegativeFloat, PositiveFloat, Record, Source, no_such, validated

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
    kind
        `collider`.
    """

    electron_energy_gev: BeamEnergy
    positron_energy_gev: BeamEnergy
    crossing_angle_mrad: Annotated[float, Field(ge=0.0, le=500.0)]
    sqrt_s_spread_gev: NotNegativeFloat
    source: Source
    kind: Literal["collider"] = "collider"

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


class BeamRecord(Record):
    """A beam of unstable particles, which are observed as they decay in flight.

    Parameters
    ----------
    kind
        `beam`.
    particle
        Of which it is.
    momentum_gev
        Of each particle.
    source
        Where the numbers come from.
    """

    kind: Literal["beam"]
    particle: Literal["k_plus"]
    momentum_gev: PositiveFloat
    source: Source


class FixedTargetRecord(Record):
    """A beam of stable particles on atoms at rest.

    Parameters
    ----------
    kind
        `fixed_target`.
    particle
        Of which the beam is.
    momentum_gev
        Of each particle.
    target
        Element that it meets, see `umbra.core.nuclei.NUCLEI`.
    source
        Where the numbers come from.
    """

    kind: Literal["fixed_target"]
    particle: Literal["electron"]
    momentum_gev: PositiveFloat
    target: Literal["lead"]
    source: Source


AnyMachineRecord = MachineRecord | BeamRecord | FixedTargetRecord

#: What a file says under `kind`, which colliders need not say -> its record.
KINDS: Mapping[str, type[AnyMachineRecord]] = {
    "collider": MachineRecord,
    "beam": BeamRecord,
    "fixed_target": FixedTargetRecord,
}


def record_of(content: Any, where: Any) -> AnyMachineRecord:
    """Give what a machine file says as the record of its kind.

    Raises
    ------
    UmbraError
        For a kind that is not known, and what the record refuses.
    """
    kind = content.get("kind", "collider") if isinstance(content, Mapping) else "collider"
    if kind not in KINDS:
        raise UmbraError(f"{where}: kind: {no_such('machine of the kind', str(kind), KINDS)}")
    record: type[AnyMachineRecord] = KINDS[kind]
    return validated(record, content, where)
