"""Which cross-sections of a channel's samples are less well known than was asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from umbra.expectation.skims import generated
from umbra.generation.generated import Accuracy, Generated

_REASONS = {
    Accuracy.NOT_REACHED: "error larger than asked for",
    Accuracy.FEW_TRIALS: "error unknown, single trials carry the integral",
}


@dataclass(frozen=True)
class Imprecise:
    """Cross-sections of one sample with the same flag.

    Parameters
    ----------
    sample
        Name of the sample.
    accuracy
        The flag, never `reached`.
    masses
        Masses, or pairs of masses, that have it.
    relative_error
        Largest relative error among them.
    """

    sample: str
    accuracy: Accuracy
    masses: int
    relative_error: float

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Imprecise":
        """Read what `dataclasses.asdict` wrote."""
        return cls(**{**content, "accuracy": Accuracy(content["accuracy"])})

    @property
    def text(self) -> str:
        """Sample, error and reason in words."""
        places = f" at {self.masses} masses" if self.masses > 1 else ""
        name = self.sample.replace("_", " ")
        return f"{name}{places} ({100.0 * self.relative_error:.2g} %, {_REASONS[self.accuracy]})"


def imprecise(skims: Iterable[Path]) -> list[Imprecise]:
    """Read the flags that generation left beside samples, from the JSON files of their skims."""
    found = []
    for path in skims:
        flagged = sorted(_flagged(generated(path)))
        for accuracy, group in groupby(flagged, key=lambda each: each[0]):
            errors = {masses: error for _, masses, error in group}
            found.append(Imprecise(path.stem, accuracy, len(errors), max(errors.values())))
    return found


def _flagged(made: Iterable[Generated]) -> Iterator[tuple[Accuracy, tuple[float, ...], float]]:
    """Flag, masses and relative error of each cross-section that has one."""
    for each in made:
        for accuracy, value_pb, error_pb in (
            (each.accuracy, each.cross_section_pb, each.cross_section_error_pb),
            (each.born_accuracy, each.born_pb, each.born_error_pb),
        ):
            # Samples from files and from Pythia have no flag.
            if accuracy not in (None, Accuracy.REACHED):
                yield accuracy, each.masses, error_pb / value_pb


def note(found: Sequence[Imprecise]) -> str:
    """One sentence for figures and pages, empty where there is nothing to say."""
    return (
        f"Cross-sections known less well than asked: {'; '.join(each.text for each in found)}."
        if found
        else ""
    )
