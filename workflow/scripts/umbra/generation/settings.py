"""What the generator is told of a sample: the record that goes from the configuration to the stage `generate`.

Its plain data name the sample and seed its random numbers, so numbers stay as they are written: 10 is not 10.0.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import SerializerFunctionWrapHandler, model_serializer

from umbra.core.records import Record, Several
from umbra.generation.external.declaration import Coupling, Declaration
from umbra.generation.pythia_file import PythiaSample

Number = int | float


class _AsGiven(Record):
    """A record whose plain data lack what was not given."""

    @model_serializer(mode="wrap")
    def _given(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in serialize(self).items() if value is not None}

    def to_json(self) -> dict[str, Any]:
        """Plain data, without what was not given."""
        return self.model_dump(mode="json")


class PythiaSettings(PythiaSample, _AsGiven):
    """A sample of Pythia with all lines for it, and the share of the cross-section that they leave."""

    fraction: Number


class GeneratorSettings(_AsGiven):
    """What the generator is told; `None` where it is told nothing.

    Parameters
    ----------
    process
        Name of a process or of one of Pythia's samples.
    radiation, parameters, cuts, decay, weighted, masses_gev, masses2_gev
        See `umbra.config.channel_file.SampleBlock`.
    external
        Declarations of the files of another generator, as they are written.
    pythia
        What Pythia is told.
    reference_coupling
        Coupling that the cross-section of external files is taken to.
    chunk_events
        Events of one file, at each mass; 0 where files say it.
    """

    process: str | None = None
    radiation: Literal["none", "leading_log"] | None = None
    parameters: dict[str, Number] | None = None
    cuts: dict[str, Several[Number | None]] | None = None
    decay: str | None = None
    weighted: bool | None = None
    masses_gev: Several[Number] | None = None
    masses2_gev: Several[Number] | None = None
    external: Several[dict[str, Any]] | None = None
    pythia: PythiaSettings | None = None
    reference_coupling: Coupling | None = None
    chunk_events: int = 0

    @property
    def ranges(self) -> dict[str, tuple[Number | None, Number | None]]:
        """Lowest and highest value that each cut lets pass."""
        return {name: (low, high) for name, (low, high) in (self.cuts or {}).items()}

    @property
    def points(self) -> list[dict[str, Number]]:
        """Masses of each point that is generated, by their names: none of a background."""
        if self.masses_gev is None:
            return [{}]
        if self.masses2_gev is None:
            return [{"mass_gev": mass} for mass in self.masses_gev]
        pairs = zip(self.masses_gev, self.masses2_gev, strict=True)
        return [{"mass_gev": first, "mass2_gev": second} for first, second in pairs]

    @property
    def declarations(self) -> list[Declaration]:
        """Files of another generator."""
        return [Declaration.from_mapping(each) for each in self.external or ()]

    def seed(self) -> Mapping[str, Any]:
        """What fixes the events but for the mass and the number of the chunk, as plain data."""
        return self.model_dump(mode="json", exclude={"masses_gev", "masses2_gev", "chunk_events"})
