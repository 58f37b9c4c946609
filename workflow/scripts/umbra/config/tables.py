"""Numbers against mass that were read from papers: `config/tables/<name>.yaml`, and where a channel points at them.

Imported while Snakemake parses the workflow, so: standard library, PyYAML and pydantic only.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from umbra.config import yaml
from umbra.config.folders import Folders
from umbra.core.errors import UmbraError
from umbra.core.records import OneOrMore, Record, Source, no_such, validated

#: Rows (mass or other abscissa, value).
Rows = list[list[float]]

#: Keys of what stands in a channel for the rows of a column.
_POINTER = {"table", "column"}
#: Units that the end of a name states.
_UNITS = ("_gev2", "_gev", "_mev", "_mm", "_pb", "_fb", "_deg")
_FACTORS = {("_mev", "_gev"): 1e-3, ("_fb", "_pb"): 1e-3}


class TableFile(Record):
    """A table of a paper.

    Parameters
    ----------
    title
        What it tells, and of what.
    arxiv
        Of the paper.
    place
        Figure or table, and how the numbers were read.
    columns
        Names with units, that of the abscissa first.
    rows
        Numbers, the abscissa increasing; null where the paper hides a point.
    """

    title: str
    arxiv: str
    place: Source
    columns: Annotated[OneOrMore[str], Field(min_length=2)]
    rows: OneOrMore[OneOrMore[float | None]]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(set(self.columns)) < len(self.columns):
            raise ValueError(f"columns: a name occurs twice in {', '.join(self.columns)}")
        last = float("-inf")
        for i, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"rows: row {i} has {len(row)} cells for {len(self.columns)} columns")
            if row[0] is None or not row[0] > last:
                raise ValueError(f"rows: {self.columns[0]} must increase, and {row[0]} in row {i} does not")
            last = row[0]
        return self

    def against_first(self, column: str) -> Rows:
        """Rows (abscissa, value) of a column, without those that hide it.

        Raises
        ------
        UmbraError
            If there is no such column, with the nearest name.
        """
        if column not in self.columns[1:]:
            raise UmbraError(no_such("column", column, self.columns[1:]))
        place = self.columns.index(column)
        return [[row[0], row[place]] for row in self.rows if row[place] is not None]  # type: ignore[list-item]


def filled(content: Any, folders: Folders, place: tuple[str, ...] = ()) -> Any:
    """Put the rows of a table where `{table: <name>, column: <name>}` points at them.

    Parameters
    ----------
    content
        Plain content of a channel.
    folders
        Where `tables/` are looked for.

    Raises
    ------
    UmbraError
        If there is no such table or column, or the column is in another unit than the name of the key says.
    """
    if isinstance(content, Mapping):
        if set(content) == _POINTER:
            return _rows(content, folders, place)
        return {key: filled(value, folders, (*place, str(key))) for key, value in content.items()}
    if isinstance(content, list):
        return [filled(value, folders, (*place, str(i))) for i, value in enumerate(content)]
    return content


def _rows(pointer: Mapping[str, Any], folders: Folders, place: tuple[str, ...]) -> Rows:
    where = "/".join(place)
    try:
        path = folders.find("tables", str(pointer["table"]))
        column = str(pointer["column"])
        rows = validated(TableFile, yaml.read(path).content, path).against_first(column)
    except UmbraError as error:
        raise UmbraError(f"{where}: {error}") from None
    wanted = _unit(where)
    factor = 1.0 if column.endswith(wanted) else _FACTORS.get((_unit(column), wanted))
    if factor is None:
        raise UmbraError(f"{where}: column '{column}' of {path} is not in {wanted.strip('_')}")
    return [[x, factor * value] for x, value in rows]


def _unit(name: str) -> str:
    """Unit that the end of a name states, or none."""
    return next((unit for unit in _UNITS if name.endswith(unit)), "")
