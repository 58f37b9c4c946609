"""Our cross-sections beside those of other generators, of formulas and of published tables."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from umbra.config import yaml
from umbra.core.errors import UmbraError
from umbra.core.records import NotNegativeFloat, OneOrMore, Pair, PositiveFloat, Record, Source, validated
from umbra.core.seeds import generator
from umbra.generation.estimate import Estimate
from umbra.generation.generated import Accuracy
from umbra.generation.integration import cross_section
from umbra.generation.processes.cuts import Bounds
from umbra.generation.processes.registry import find

#: A lowest-order value agrees within this fraction or this many standard errors.
TOLERANCE, STANDARD_ERRORS = 0.01, 3.0
AGREES, DIFFERS, UNKNOWN = "agrees", "differs", "error not known"


class Reference(Record):
    """A cross-section to compare with, and the arguments that give ours.

    Parameters
    ----------
    process, sqrt_s_gev, parameters, cuts, isr
        What is calculated, see `umbra.commands.xsec`.
    value_pb, error_pb
        The number to compare with, and its standard error.
    source
        Where it comes from.
    not_comparable
        Why ours need not agree; the row is then not judged.
    """

    process: str
    sqrt_s_gev: PositiveFloat = 10.58
    parameters: dict[str, float] = Field(default_factory=dict)
    cuts: dict[str, Pair[float | None]] = Field(default_factory=dict)
    isr: Literal["none", "leading_log"] = "none"
    value_pb: PositiveFloat
    error_pb: NotNegativeFloat
    source: Source
    not_comparable: Source | None = None

    @property
    def bounds(self) -> Mapping[str, Bounds]:
        """Cuts, as processes take them."""
        return dict(self.cuts)

    @property
    def judged(self) -> bool:
        """Whether ours has to agree."""
        return self.not_comparable is None

    @property
    def arguments(self) -> str:
        """Parameters and cuts in the words of the calculator."""
        return " ".join(part for part in (self.parameter_text, self.cut_text, self._isr_text) if part)

    @property
    def parameter_text(self) -> str:
        """Parameters as `name=value`, separated by blanks."""
        return " ".join(f"{name}={value:g}" for name, value in self.parameters.items())

    @property
    def cut_text(self) -> str:
        """Cuts as `name=low:high`, separated by blanks."""

        def end(value: float | None) -> str:
            return "" if value is None else f"{value:g}"

        return " ".join(f"{name}={end(low)}:{end(high)}" for name, (low, high) in self.cuts.items())

    @property
    def _isr_text(self) -> str:
        return "" if self.isr == "none" else f"isr={self.isr}"


class References(Record):
    """The file of them."""

    rows: OneOrMore[Reference]


@dataclass(frozen=True)
class Comparison:
    """Ours beside a reference."""

    reference: Reference
    ours: Estimate

    @property
    def ratio(self) -> float:
        """Ours over theirs."""
        return self.ours.value_pb / self.reference.value_pb

    @property
    def ratio_error(self) -> float:
        """Standard error of the ratio."""
        theirs = self.reference.error_pb / self.reference.value_pb
        return float(self.ratio * np.hypot(self.ours.relative_error, theirs))

    @property
    def pull(self) -> float:
        """Difference over its standard error."""
        error = np.hypot(self.ours.error_pb, self.reference.error_pb)
        return float((self.ours.value_pb - self.reference.value_pb) / error) if error else 0.0

    @property
    def verdict(self) -> str:
        """Whether they agree, or why that cannot be said."""
        if self.reference.not_comparable is not None:
            return self.reference.not_comparable
        if self.ours.accuracy is Accuracy.FEW_TRIALS:
            return UNKNOWN
        agrees = abs(self.ratio - 1.0) < TOLERANCE or abs(self.pull) < STANDARD_ERRORS
        return AGREES if agrees else DIFFERS


def load(path: Path) -> Sequence[Reference]:
    """Read the references.

    Raises
    ------
    UmbraError
        For anything that is wrong, such as a process, parameter or cut that does not exist.
    """
    references = validated(References, yaml.read(path).content, path).rows
    for reference in references:
        process = find(reference.process)
        process.complete(reference.parameters)
        process.check_cuts(reference.bounds)
    return references


def compare(
    references: Sequence[Reference], relative_error: float, processes: Collection[str] | None = None
) -> list[Comparison]:
    """Compute ours for each reference.

    Parameters
    ----------
    references
        From `load`.
    relative_error
        Accuracy of the Monte Carlo integrals.
    processes
        Only these; all if `None`.

    Raises
    ------
    UmbraError
        If a name is not among the references.
    """
    unknown = set(processes or ()) - {reference.process for reference in references}
    if unknown:
        raise UmbraError(f"no cross-section to compare with for: {', '.join(sorted(unknown))}")
    chosen = [r for r in references if processes is None or r.process in processes]
    # Several references may ask for the same number.
    ours = {_question(r): r for r in chosen}
    answers = {question: _ours(reference, relative_error) for question, reference in ours.items()}
    return [Comparison(reference, answers[_question(reference)]) for reference in chosen]


def _question(reference: Reference) -> tuple[str, float, str]:
    return (reference.process, reference.sqrt_s_gev, reference.arguments)


def _ours(reference: Reference, relative_error: float) -> Estimate:
    return cross_section(
        find(reference.process),
        reference.sqrt_s_gev,
        reference.parameters,
        reference.bounds,
        relative_error=relative_error,
        rng=generator("cross-section table", *_question(reference)),
        isr=reference.isr,
    )
