"""What papers publish of their data: `config/published/data/<table>.csv`, and the blocks of hypotheses made from it.

A table is a CSV whose first lines, behind `#`, are YAML: what it is and where it was published.

Imported while Snakemake parses the workflow, so: standard library, PyYAML and pydantic only.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from umbra.config import headed_csv
from umbra.config.headed_csv import HeadedCsv
from umbra.core.errors import UmbraError
from umbra.core.records import (
    NotNegativeFloat,
    OneOrMore,
    Pair,
    PositiveFloat,
    Record,
    Several,
    Source,
    validated,
)

Efficiency = Annotated[float, Field(gt=0.0, le=1.0)]


class WindowCount(Record):
    """Events in one window of mass, and what was expected there.

    Parameters
    ----------
    mass_low_gev, mass_high_gev
        Ends of the window; the lower one may be negative, where a mass is the root of a squared one.
    n_observed
        Events seen.
    efficiency
        Of the signal, in the window.
    n_background
        Events expected without signal.
    """

    mass_low_gev: float
    mass_high_gev: PositiveFloat
    n_observed: Annotated[int, Field(ge=0)]
    efficiency: Efficiency
    n_background: NotNegativeFloat

    @model_validator(mode="after")
    def _has_a_width(self) -> Self:
        if not -self.mass_high_gev < self.mass_low_gev < self.mass_high_gev:
            raise ValueError(f"{self.mass_low_gev:g} to {self.mass_high_gev:g} GeV is no window")
        return self

    @property
    def mass_gev(self) -> float:
        """Mass that it stands for: its middle."""
        return round(0.5 * (self.mass_low_gev + self.mass_high_gev), 6)

    @property
    def interval_gev(self) -> tuple[float, float]:
        """What no other row may reach into."""
        return self.mass_low_gev, self.mass_high_gev


class FittedCrossSection(Record):
    """Cross-section that a fit to the data found at one mass, which may be negative, and its error.

    Parameters
    ----------
    mass_gev
        Hypothesis.
    cross_section_fb, error_fb
        Of production times the branching fraction that is searched for.
    efficiency
        Of the signal.
    """

    mass_gev: PositiveFloat
    cross_section_fb: float
    error_fb: PositiveFloat
    efficiency: Efficiency

    @property
    def interval_gev(self) -> tuple[float, float]:
        """The mass itself."""
        return self.mass_gev, self.mass_gev


Row = WindowCount | FittedCrossSection

#: Kind of table -> what its rows are.
ROWS: Mapping[str, type[WindowCount] | type[FittedCrossSection]] = {
    "counts": WindowCount,
    "fits": FittedCrossSection,
}


class TableHead(Record):
    """What a table says of itself.

    Parameters
    ----------
    kind
        `counts`: events in windows; `fits`: fitted cross-sections with their errors.
    arxiv, citation
        Paper.
    origin
        Which table or figure of it.
    definition
        What is counted or fitted, and how columns that are not the paper's were made.
    """

    kind: Literal["counts", "fits"]
    arxiv: str
    citation: Source
    origin: Source
    definition: Source


class Table(Record):
    """A table: its head, and its rows in order of mass."""

    head: TableHead
    rows: OneOrMore[Row]


class Block(Record):
    """Hypotheses of one job of the fit stage.

    Parameters
    ----------
    masses_gev
        Masses, or pairs of them, of the channel's grid.
    table, rows
        Or some rows of a table.
    """

    masses_gev: Several[float | Pair[float]] = ()
    table: str | None = None
    rows: Several[Row] = ()


def read_table(path: Path) -> Table:
    """Read a table; what is read is kept until the file changes.

    Raises
    ------
    UmbraError
        For a file that cannot be read, a head or a cell that is not what it must be, a column that is missing or
        unknown, and rows that do not follow each other in mass.
    """
    return headed_csv.kept(path, _table)


def _table(file: HeadedCsv) -> Table:
    head = validated(TableHead, file.said, f"{file.path}: head")
    row = ROWS[head.kind]
    file.check_columns(list(row.model_fields))
    rows: list[Row] = [validated(row, cells, f"{file.path}: line {line}") for line, cells in file.rows()]
    _check_order(rows, file.path, file.first_line)
    return Table.model_construct(head=head, rows=tuple(rows))


def _check_order(rows: Sequence[Row], path: Path, first_line: int) -> None:
    for line, (before, row) in enumerate(pairwise(rows), start=first_line + 1):
        low, high = row.interval_gev
        end = before.interval_gev[1]
        if low < end or high == end:
            raise UmbraError(
                f"{path}: line {line}: {low:g} GeV does not follow {end:g} GeV of the line before: masses must increase"
            )
