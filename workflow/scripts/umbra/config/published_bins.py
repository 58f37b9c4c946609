"""Binned data of a paper: `config/published/data/<table>.csv` of the kind `bins`, which a category takes for its own.

A bin is a range of the search variable and, where several have the same range, a range of something that no simulation
of ours knows, such as a classifier. A component that is like the signal tells how the signal is shared among these.

Imported while Snakemake parses the workflow, so: standard library and pydantic only.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from umbra.config import headed_csv
from umbra.config.blocks import Name
from umbra.config.headed_csv import HeadedCsv
from umbra.core.errors import UmbraError
from umbra.core.records import Fraction, NotNegativeFloat, OneOrMore, Record, Several, Source, validated

Count = Annotated[int, Field(ge=0)]

#: Columns that are no component.
_RANGE, _OBSERVED = ("low", "high"), "n_observed"


class Component(Record):
    """A background of binned data.

    Parameters
    ----------
    title
        What figures call it.
    relative_uncertainty
        Of its normalisation, which all bins share, and all categories with a component of that name.
    simulated_weight
        Expected events that one event of the paper's simulation stands for: the variance of n expected events is that
        many times n. 0: no error.
    """

    title: str
    relative_uncertainty: Fraction
    simulated_weight: NotNegativeFloat


class BinsHead(Record):
    """What a table of bins says of itself.

    Parameters
    ----------
    kind
        `bins`.
    arxiv, citation, origin, definition
        As for other tables (`umbra.config.measurements.TableHead`).
    components
        Column -> background.
    signal_like
        The component that tells how the signal is shared among bins of the same range of the search variable.
    """

    kind: Literal["bins"]
    arxiv: str
    citation: Source
    origin: Source
    definition: Source
    components: Annotated[dict[Name, Component], Field(min_length=1)]
    signal_like: Name

    @model_validator(mode="after")
    def _signal_like_is_there(self) -> Self:
        if self.signal_like not in self.components:
            raise ValueError(f"signal_like: '{self.signal_like}' is none of the components")
        return self


class PublishedBins(Record):
    """Bins of a paper: what it saw, and what it expects of each background.

    Parameters
    ----------
    citation
        Paper.
    low, high
        Range of the search variable, in its unit.
    observed
        Events seen; empty where the paper does not say.
    components
        Backgrounds.
    expected
        Component -> expected events.
    signal_like
        See `BinsHead`.
    """

    citation: str
    low: OneOrMore[float]
    high: OneOrMore[float]
    observed: Several[Count]
    components: dict[str, Component]
    expected: dict[str, OneOrMore[NotNegativeFloat]]
    signal_like: str

    @property
    def ranges(self) -> dict[tuple[float, float], list[int]]:
        """Range of the search variable -> numbers of the bins that have it."""
        found: dict[tuple[float, float], list[int]] = {}
        for number, ends in enumerate(zip(self.low, self.high, strict=True)):
            found.setdefault(ends, []).append(number)
        return found


def read_bins(path: Path) -> PublishedBins:
    """Read a table of bins; what is read is kept until the file changes.

    Raises
    ------
    UmbraError
        For a file that cannot be read, a head or a cell that is not what it must be, ranges that overlap, and a range
        in which nothing tells how the signal is shared.
    """
    return headed_csv.kept(path, _bins)


def _bins(file: HeadedCsv) -> PublishedBins:
    head = validated(BinsHead, file.said, f"{file.path}: head")
    observed = [_OBSERVED] if _OBSERVED in file.columns else []
    file.check_columns([*_RANGE, *observed, *head.components])
    columns: dict[str, list[Any]] = {name: [] for name in file.columns}
    for line, cells in file.rows():
        if list(cells) != list(file.columns):
            raise UmbraError(f"{file.path}: line {line}: {len(cells)} cells for {len(columns)} columns")
        for name, value in cells.items():
            columns[name].append(value)
    bins = validated(
        PublishedBins,
        {
            "citation": head.citation,
            "low": columns["low"],
            "high": columns["high"],
            "observed": columns.get(_OBSERVED, ()),
            "components": {name: each.model_dump() for name, each in head.components.items()},
            "expected": {name: columns[name] for name in head.components},
            "signal_like": head.signal_like,
        },
        str(file.path),
    )
    _check_ranges(bins, file.path)
    return bins


def _check_ranges(bins: PublishedBins, path: Path) -> None:
    ranges = sorted(bins.ranges)
    for low, high in ranges:
        if not low < high:
            raise UmbraError(f"{path}: {low:g} to {high:g} is no range")
    for (low, end), (start, high) in pairwise(ranges):
        if start < end:
            raise UmbraError(f"{path}: the ranges {low:g} to {end:g} and {start:g} to {high:g} overlap")
    for (low, high), numbers in bins.ranges.items():
        if not _sum(bins.expected[bins.signal_like], numbers) > 0.0:
            raise UmbraError(
                f"{path}: {low:g} to {high:g}: no {bins.signal_like} tells how the signal is shared"
            )


def _sum(values: Sequence[float], numbers: Sequence[int]) -> float:
    return math.fsum(values[number] for number in numbers)
