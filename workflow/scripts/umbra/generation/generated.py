"""What was generated: the records that lie beside each sample, and go with its skims to the signal and background.

Plain records: jobs that only read them need none of the generator's libraries.
"""

import math
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Strict

from umbra.core.errors import UmbraError
from umbra.core.io import read_json, write_json
from umbra.core.machines import GivenMachine
from umbra.core.records import Record, Several, validated
from umbra.generation.external.declaration import Coupling


class Accuracy(StrEnum):
    """Whether a cross-section is as well known as was asked for."""

    REACHED = "reached"
    #: The error is larger than what was asked for.
    NOT_REACHED = "not_reached"
    #: Single trials make up so much of the variance that the error itself is not known.
    FEW_TRIALS = "few_trials"


_AnyAccuracy = Annotated[Accuracy, Strict(False)]


class _Told(Record):
    """A record of numbers that came out; one that is not finite is refused with its place where it is written."""

    model_config = ConfigDict(allow_inf_nan=True)


class SourceFile(_Told):
    """A file of another generator: digest of its content, process, coupling, events and cross-section."""

    sha256: str
    process: str | None
    coupling: Coupling | None
    events: int
    cross_section_pb: float
    cross_section_error_pb: float


class Rate(_Told):
    """Cross-sections of a sample, and who made it.

    Parameters
    ----------
    cross_section_pb, cross_section_error_pb
        Within the cuts, with radiation.
    born_pb, born_error_pb
        The same at lowest order: what couplings refer to.
    accuracy, born_accuracy
        Whether they are as well known as was asked for; `None` where another generator says them.
    generator
        Name of what made the events.
    files
        What they were read from.
    """

    cross_section_pb: float
    cross_section_error_pb: float
    born_pb: float
    born_error_pb: float
    accuracy: _AnyAccuracy | None = None
    born_accuracy: _AnyAccuracy | None = None
    generator: str
    files: Several[SourceFile] = ()


class Generated(Rate):
    """Events of a sample at one mass or one pair of masses; those of a background have none.

    Parameters
    ----------
    mass_gev, mass2_gev
        The masses.
    events, weight
        Number of events, and the sum of their weights.
    effective_events
        Number of events of one weight with the same statistical error.
    unweighting_efficiency, overflow_fraction
        Events per trial, and the fraction of events whose weight was beyond the largest that was foreseen.
    """

    mass_gev: float | None
    mass2_gev: float | None = None
    events: int
    weight: float
    effective_events: float
    unweighting_efficiency: float
    overflow_fraction: float

    @property
    def masses(self) -> tuple[float, ...]:
        """Masses that it has, none to two."""
        return tuple(mass for mass in (self.mass_gev, self.mass2_gev) if mass is not None)

    @property
    def pb_per_weight(self) -> float:
        """Cross-section that an event of weight 1 stands for."""
        return self.cross_section_pb / self.weight

    @property
    def efficiency_per_weight(self) -> float:
        """Efficiency that an event of weight 1 stands for, relative to the lowest-order cross-section."""
        return self.cross_section_pb / self.born_pb / self.weight

    def __add__(self, other: "Generated") -> "Generated":
        """Put two parts of one sample together."""
        sums = {
            name: getattr(self, name) + getattr(other, name)
            for name in ("events", "weight", "effective_events")
        }
        return self.model_copy(update=sums)

    def to_json(self) -> dict[str, Any]:
        """Return plain content, without what is not there."""
        return self.model_dump(mode="json", exclude_defaults=True)


class Sidecar(Record):
    """The file beside a sample.

    Parameters
    ----------
    machine
        Where the collisions happened.
    samples
        What was generated at each mass.
    provenance
        See `umbra.core.provenance.stamp`.
    """

    machine: GivenMachine
    samples: Several[Generated]
    provenance: dict[str, Any]

    def write(self, path: Path) -> None:
        """Write it (JSON)."""
        content = self.model_dump(mode="json", exclude={"samples"})
        write_json(path, content | {"samples": [each.to_json() for each in self.samples]})

    @classmethod
    def beside(cls, sample: Path) -> "Sidecar":
        """Read the file beside a sample.

        Raises
        ------
        UmbraError
            If it is missing, or is not the record of a sample.
        """
        path = sample.with_suffix(".json")
        return validated(cls, read_json(path), path)


def added_up(parts: Iterable[Generated], where: Path) -> list[Generated]:
    """Add up the chunks of a sample for each mass or pair of masses.

    Raises
    ------
    UmbraError
        If chunks of one mass have different cross-sections, of which only one could be kept.
    """
    total: dict[tuple[float, ...], Generated] = {}
    for part in parts:
        known = total.get(part.masses)
        if known and not math.isclose(known.cross_section_pb, part.cross_section_pb, rel_tol=1e-6):
            raise UmbraError(
                f"{where}: parts of one sample at mass_gev = {part.mass_gev} have the cross-sections "
                f"{known.cross_section_pb:.6g} and {part.cross_section_pb:.6g} pb"
            )
        total[part.masses] = known + part if known else part
    return list(total.values())
