"""`limits.csv`: the table of limits of one channel, one row per mass point and quantity."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import get_args

from umbra.core.errors import UmbraError
from umbra.core.io import atomic_open
from umbra.core.status import STATUSES
from umbra.core.vocabulary import QUANTITIES

#: Columns that tell rows of one mass and quantity apart, where a channel has more than one value of them.
KEYS = ("model", "mass2_gev", "luminosity_fb", "lifetime_mm")
#: Columns with the limits themselves.
VALUES = ("observed", "expected_minus2", "expected_minus1", "expected", "expected_plus1", "expected_plus2")
#: Column of a statistical error -> the limit it belongs to. Only limits by pseudo-experiments have them.
ERRORS = {"observed_error": "observed", "expected_error": "expected"}

Key = tuple[str | float | None, ...]


@dataclass(frozen=True, kw_only=True)
class LimitRow:
    """Limit of one quantity at one mass point.

    Parameters
    ----------
    mass_gev
        Mass of the new particle, not negative.
    quantity
        One of `umbra.core.vocabulary.QUANTITIES`; its unit is the end of its name.
    observed
        Observed upper limit; None where there is no data.
    expected_minus2, expected_minus1, expected, expected_plus1, expected_plus2
        Quantiles of the upper limit without a signal, not falling; None where the point has no limit.
    observed_error, expected_error
        Standard deviation of the observed limit, and of the median expected one, under other random numbers, in the
        unit of the quantity; None where no pseudo-experiments made them.
    method
        Statistical method and calculation that made the numbers.
    status
        One of `umbra.core.status.STATUSES`.
    model, mass2_gev, luminosity_fb, lifetime_mm
        What tells this row from others of the same mass and quantity; None where the channel has one value.
    """

    mass_gev: float
    quantity: str
    method: str
    status: str
    observed: float | None = None
    expected_minus2: float | None = None
    expected_minus1: float | None = None
    expected: float | None = None
    expected_plus1: float | None = None
    expected_plus2: float | None = None
    observed_error: float | None = None
    expected_error: float | None = None
    model: str | None = None
    mass2_gev: float | None = None
    luminosity_fb: float | None = None
    lifetime_mm: float | None = None

    @property
    def key(self) -> Key:
        """Model, second mass, luminosity and lifetime."""
        return tuple(getattr(self, name) for name in KEYS)

    @property
    def converged(self) -> bool:
        """Whether the row has numbers."""
        return self.status == "converged"


def check_row(row: LimitRow, where: str) -> None:
    """Refuse a row that breaks the contract of the table.

    Raises
    ------
    UmbraError
        Naming `where`, the mass, the column and the offending value.
    """
    here = f"{where}: row at mass_gev={row.mass_gev!r}, quantity={row.quantity!r}"
    if row.quantity not in QUANTITIES:
        raise UmbraError(f"{here}: the quantity is not one of {', '.join(QUANTITIES)}")
    if row.status not in STATUSES:
        raise UmbraError(f"{here}: status {row.status!r} is not one of {', '.join(STATUSES)}")
    for name in ("mass_gev", *KEYS[1:], *VALUES, *ERRORS):
        value = getattr(row, name)
        if value is not None and not (math.isfinite(value) and value >= 0.0):
            raise UmbraError(f"{here}: {name} is {value!r} where a finite number >= 0 is needed")
    if row.model == "":
        raise UmbraError(f"{here}: the model is empty")
    for error, limit in ERRORS.items():
        if getattr(row, error) is not None and getattr(row, limit) is None:
            raise UmbraError(f"{here}: there is {error} without {limit}")
    numbers = {name: getattr(row, name) for name in VALUES if getattr(row, name) is not None}
    if not row.converged and numbers:
        raise UmbraError(f"{here}: status {row.status} does not go with {name_value(numbers)}")
    if row.converged and not numbers:
        raise UmbraError(f"{here}: status converged, but there is no number")
    if row.converged and not row.method:
        raise UmbraError(f"{here}: the method is missing")
    bands = [getattr(row, name) for name in VALUES[1:]]
    known = [value for value in bands if value is not None]
    if known and len(known) < len(bands):
        raise UmbraError(f"{here}: some expected values are there and some are missing")
    if known != sorted(known):
        raise UmbraError(f"{here}: the expected values {known} fall where they must rise")


def name_value(numbers: Mapping[str, float]) -> str:
    """Write the first of some named numbers as `name=value`."""
    name, value = next(iter(numbers.items()))
    return f"{name}={value!r}"


def write_limits(path: Path | str, rows: Sequence[LimitRow]) -> None:
    """Write `limits.csv`, whole or not at all, in the order of the rows; the same rows give the same bytes.

    Numbers are written as the shortest text that gives the same double back. A key column is there when the
    rows have it, the columns of errors when some rows do.

    Raises
    ------
    UmbraError
        If a row is not valid, a key is set in some rows only, or two rows share mass, quantity and keys.
    """
    check_table(rows, str(path))
    keys = [name for name in KEYS if any(getattr(row, name) is not None for row in rows)]
    errors = ERRORS if any(getattr(row, name) is not None for row in rows for name in ERRORS) else ()
    columns = [*keys, "mass_gev", "quantity", *VALUES, *errors, "method", "status"]
    with atomic_open(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_text(getattr(row, name)) for name in columns])


def _text(value: str | float | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else repr(float(value))


def check_table(rows: Sequence[LimitRow], where: str) -> None:
    """Refuse a table whose rows are not valid, whose keys have holes or whose points occur twice.

    Raises
    ------
    UmbraError
        Naming `where` and the offending row.
    """
    seen = set()
    for row in rows:
        check_row(row, where)
        identity = (row.key, row.mass_gev, row.quantity)
        if identity in seen:
            raise UmbraError(f"{where}: mass_gev={row.mass_gev!r}, quantity={row.quantity!r} occurs twice")
        seen.add(identity)
    for name in KEYS:
        holes = [row for row in rows if getattr(row, name) is None]
        if holes and len(holes) < len(rows):
            raise UmbraError(
                f"{where}: {name} is missing at mass_gev={holes[0].mass_gev!r}, but other rows have it"
            )


def read_limits(path: Path | str) -> list[LimitRow]:
    """Read `limits.csv` by the names of its columns and check it.

    Raises
    ------
    UmbraError
        If the file is missing, a column is unknown, missing or double, a cell is not what its column holds,
        or the table breaks the contract; the message names file, line and cell.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UmbraError(f"{path}: not readable: {error}") from error
    lines = list(csv.reader(io.StringIO(text)))
    if not lines:
        raise UmbraError(f"{path}: empty where a header is needed")
    header, *body = lines
    needed = ["mass_gev", "quantity", *VALUES, "method", "status"]
    unknown = [name for name in header if name not in (*KEYS, *needed, *ERRORS)]
    missing = [name for name in needed if name not in header]
    if unknown or missing or len(set(header)) < len(header):
        raise UmbraError(f"{path}: header {','.join(header)} (unknown: {unknown}, missing: {missing})")
    rows = [_parse(cells, header, f"{path}, line {number}") for number, cells in enumerate(body, start=2)]
    check_table(rows, str(path))
    return rows


#: Columns that hold text; all others hold numbers.
_TEXT = tuple(field.name for field in fields(LimitRow) if str in (field.type, *get_args(field.type)))


def _parse(cells: Sequence[str], header: Sequence[str], where: str) -> LimitRow:
    if len(cells) != len(header):
        raise UmbraError(f"{where}: {len(cells)} cells where the header has {len(header)}")
    values: dict[str, str | float | None] = {}
    for name, cell in zip(header, cells, strict=True):
        if name in _TEXT:
            values[name] = cell
        elif cell:
            try:
                values[name] = float(cell)
            except ValueError:
                raise UmbraError(f"{where}: {name} is {cell!r} where a number is needed") from None
    if "mass_gev" not in values:
        raise UmbraError(f"{where}: mass_gev is empty")
    return LimitRow(**values)  # type: ignore[arg-type]


def select(rows: Iterable[LimitRow], quantity: str, **keys: str | float | None) -> list[LimitRow]:
    """Rows of one quantity and of given keys, in order of mass.

    Parameters
    ----------
    rows
        A table.
    quantity
        One of `umbra.core.vocabulary.QUANTITIES`.
    **keys
        Values of some of `KEYS`.
    """
    wanted = [
        row
        for row in rows
        if row.quantity == quantity and all(getattr(row, name) == value for name, value in keys.items())
    ]
    return sorted(wanted, key=lambda row: row.mass_gev)


def groups(rows: Iterable[LimitRow], quantity: str) -> dict[Key, list[LimitRow]]:
    """Rows of one quantity by key, in order of mass; keys come in the order of the table, main one first."""
    found: dict[Key, list[LimitRow]] = {}
    for row in rows:
        if row.quantity == quantity:
            found.setdefault(row.key, []).append(row)
    return {key: sorted(members, key=lambda row: row.mass_gev) for key, members in found.items()}
