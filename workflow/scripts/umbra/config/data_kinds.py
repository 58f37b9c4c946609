"""What can play the part of the data: the expectation, pseudo-data, a file, or what a paper saw."""

from typing import Literal

from umbra.config.bounds import CouplingValue, MassGev
from umbra.core.records import Record


class Injection(Record):
    """A signal that is put into pseudo-data."""

    mass_gev: MassGev
    mass2_gev: MassGev | None = None
    coupling: CouplingValue


class Asimov(Record):
    """The expectation itself plays the part of the data."""

    kind: Literal["asimov"] = "asimov"
    inject: Injection | None = None


class ToyData(Record):
    """One pseudo-experiment plays the part of the data."""

    kind: Literal["toy"] = "toy"
    seed: int
    inject: Injection | None = None


class FileData(Record):
    """Data of a file: ROOT or CSV in the search variables, or a CSV of bins (region, low, high, count)."""

    kind: Literal["file"] = "file"
    file: str


class PublishedCounts(Record):
    """What the paper saw in its bins, see `umbra.config.published_bins`."""

    kind: Literal["published"] = "published"

    @property
    def inject(self) -> None:
        """No signal is added to data."""


Data = Asimov | ToyData | FileData | PublishedCounts
