"""The data stage: what plays the part of the data in each category.

`asimov` is the expectation itself and makes no claim of an observation; `toy` is one pseudo-experiment that spans the
whole scan; `file` is somebody's events or bins. What a paper saw in bins of its own comes with the category
(`umbra.inference.methods.bins`). Pseudo-data of categories are drawn independently of each other. Data
are counts in bins (`umbra.inference.binned_data`) or points (`umbra.inference.unbinned_data`), as the channel's windows
are intervals or ellipses.
"""

import csv
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from umbra.config.records import Asimov, Category, Data, FileData, Injection, Interpretation, ToyData
from umbra.core import seeds
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.records import no_such
from umbra.core.root import new_root_file, open_root
from umbra.expectation.channel import Expectation, coupling_power
from umbra.expectation.point import Point

log = logging.getLogger(__name__)

#: No injected signal has more events in a category.
MOST_INJECTED = 1e12

T = TypeVar("T")


class Form(Protocol, Generic[T]):
    """A way to keep the data of one category: counts in bins, or points."""

    def expected(self, category: Category) -> T:
        """Expected background."""

    def injected(self, category: Category, point: Point, strength: float, rng: np.random.Generator) -> T:
        """Expected signal of the channel's simulation; the strength is in units of the reference coupling's rate."""

    def added(self, parts: Sequence[T]) -> T:
        """Put parts together."""

    def drawn(self, expected: T, rng: np.random.Generator) -> T:
        """One pseudo-experiment."""

    def from_file(self, path: Path) -> dict[str, T]:
        """Somebody's data."""


def make(form: Form[T], expectation: Expectation, settings: Data) -> dict[str, T] | None:  # type: ignore[type-arg]
    """Return the data of each category; `None` for plain Asimov data, which observe nothing.

    Raises
    ------
    UmbraError
        For a data file that does not fit the channel, and for a signal that cannot be injected.
    """
    if isinstance(settings, FileData):
        return from_file(form, expectation, Path(settings.file))
    if isinstance(settings, Asimov) and settings.inject is None:
        return None
    channel, seed = expectation.channel, settings.seed if isinstance(settings, ToyData) else "asimov"
    reading = channel.simulated
    data = {}
    for category in channel.categories:
        rng = seeds.generator(channel.name, "toy", seed, category.name)
        parts = [form.expected(category)]
        if settings.inject is not None:
            point = _checked_injection(expectation, settings.inject)
            if category in expectation.categories_at(point.mass_gev):
                strength = _strength(reading, settings.inject)
                _check_yield(expectation, category, point, strength)
                parts.append(form.injected(category, point, strength, rng))
        total = form.added(parts)
        data[category.name] = form.drawn(total, rng) if isinstance(settings, ToyData) else total
    return data


def _strength(reading: Interpretation, injection: Injection) -> float:
    """Injected signal over that of the reference coupling."""
    coupling, power = reading.coupling, coupling_power(reading)
    if coupling is None or power is None:
        raise UmbraError("data/inject: no coupling says how much of a signal is to be injected")
    return float(injection.coupling**coupling.power / power)


def _checked_injection(expectation: Expectation, injection: Injection) -> Point:  # type: ignore[type-arg]
    """Point of an injected signal, in the categories that know it."""
    channel = expectation.channel
    where = f"channel {channel.name}: data/inject"
    if channel.lifetimes_mm:
        raise UmbraError(
            f"{where}: a signal that flies cannot be injected: its coupling does not say how far"
        )
    if (injection.mass2_gev is None) != (channel.masses.second is None):
        raise UmbraError(f"{where}: mass2_gev is needed in a scan of two masses, and only there")
    point = Point(injection.mass_gev, injection.mass2_gev)
    categories = expectation.categories_at(point.mass_gev)
    if not any(expectation.signal(category).covers(point) for category in categories):
        raise UmbraError(f"{where}: no category has a simulated signal at {point}")
    return point


def _check_yield(expectation: Expectation, category: Category, point: Point, strength: float) -> None:  # type: ignore[type-arg]
    """Refuse more signal events than can be counted."""
    expected, _ = expectation.signal_yield(category, point, expectation.channel.simulated)
    if strength * expected > MOST_INJECTED:
        raise UmbraError(
            f"channel {expectation.channel.name}: data/inject: the coupling gives {strength * expected:.2g} events in "
            f"category {category.name}, more than {MOST_INJECTED:g}"
        )


def from_file(form: Form[T], expectation: Expectation, path: Path) -> dict[str, T]:  # type: ignore[type-arg]
    """Read somebody's data.

    A ROOT file has one tree for each category, named after it, with a branch named after each search variable. A CSV of
    events has the columns `region,value` (in a scan of two masses `region,value,value2`). A CSV of bins has
    `region,low,high,count`; its bins are then those of the fit, so they should be no wider than half a resolution, and
    must not be wider than one.

    Raises
    ------
    UmbraError
        For a missing file, column or category, and for values that no data can have.
    """
    if not path.is_file():
        raise UmbraError(f"channel {expectation.channel.name}: data file {path} does not exist")
    return form.from_file(path)


def write_root(
    path: Path, data: Mapping[str, T] | None, kind: str, put: Callable[[Any, str, T], None]
) -> None:
    """Write the data of each category under its name; `kind` tells plain Asimov data, which have none.

    Parameters
    ----------
    path, data
        ROOT file, and what `make` returned.
    kind
        What the file calls data of this form.
    put
        Writes those of one category into the open file.
    """
    with new_root_file(path) as file:
        file["kind"] = "asimov" if data is None else kind
        for name, each in (data or {}).items():
            put(file, name, each)


def read_root(path: Path, get: Callable[[Any], T]) -> dict[str, T] | None:
    """Read what `write_root` wrote; `get` reads one object of the open file.

    Raises
    ------
    UmbraError
        If the file is missing or truncated.
    """
    with open_root(path, "not a readable file of data") as file:
        if str(file["kind"]) == "asimov":
            return None
        return {name: get(file[name]) for name in file.keys(cycle=False) if name != "kind"}


def read_trees(path: Path, categories: Sequence[Category]) -> dict[str, Array]:
    """Values of the search variables of a ROOT file, shape (n, number of variables) by category."""
    found = {}
    with open_root(path, "needs a tree for each region with a branch for its variable") as file:
        for category in categories:
            tree = file[category.name]
            if not hasattr(tree, "num_entries"):
                raise UmbraError(
                    f"{path}: {category.name} is a {tree.classname}, not a tree of events; bins are read from a CSV"
                )
            columns = [_values(tree, name, path, category) for name in variables(category)]
            found[category.name] = np.stack(columns, axis=1)
    return found


def _values(tree: Any, name: str, path: Path, category: Category) -> Array:
    """Read a branch with one number for each event."""
    values = tree[name].array(library="np")
    if values.ndim != 1 or values.dtype.kind not in "fiu":
        raise UmbraError(
            f"{path}: {category.name}: the branch {name} does not hold one number for each event"
        )
    found: Array = values.astype(float)
    return found


def read_rows(
    path: Path, categories: Sequence[Category], layouts: Sequence[Sequence[str]]
) -> tuple[Sequence[str], dict[str, Array]]:
    """Columns of a CSV file, one of some layouts, and its numbers by category, shape (n, columns without the first)."""
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        columns = list(reader.fieldnames or [])
        rows = list(reader)
    if columns not in [list(layout) for layout in layouts]:
        wanted = " nor ".join(",".join(layout) for layout in layouts)
        raise UmbraError(f"{path}: columns {','.join(columns)} are not {wanted}")
    if not rows:
        raise UmbraError(f"{path}: there is a header, but no data below it")
    tables: dict[str, list[list[float]]] = {category.name: [] for category in categories}
    for line, row in enumerate(rows, start=2):
        if row["region"] not in tables:
            raise UmbraError(f"{path}: line {line}: {no_such('region', row['region'], tables)}")
        tables[row["region"]].append(_numbers(row, columns[1:], path, line))
    return columns, {
        name: np.array(table, dtype=float).reshape(-1, len(columns) - 1) for name, table in tables.items()
    }


def _numbers(
    row: Mapping[str | None, str | list[str]], columns: list[str], path: Path, line: int
) -> list[float]:
    if None in row:
        raise UmbraError(f"{path}: line {line}: {len(row[None])} cells more than columns: {row[None]}")
    found = []
    for column in columns:
        try:
            found.append(float(str(row[column])))
        except ValueError:
            raise UmbraError(f"{path}: line {line}: {column} = {row[column]!r} is not a number") from None
    if not np.isfinite(found).all():
        raise UmbraError(f"{path}: line {line}: {found} is not finite")
    return found


def check_inside(
    values: Array, low: float, high: float, path: Path, category: Category, variable: str
) -> None:
    """Refuse values of which none can be meant: not finite, or all of them outside of the axis.

    Raises
    ------
    UmbraError
        Naming the file, the category and what its variable is.
    """
    if not np.isfinite(values).all():
        bad = values[~np.isfinite(values)][0]
        raise UmbraError(f"{path}: region {category.name}: {bad} is not a finite value of {variable}")
    if len(values) and not ((values >= low) & (values <= high)).any():
        raise UmbraError(
            f"{path}: region {category.name}: all {len(values)} values of {variable}, from {values.min():g} to "
            f"{values.max():g}, lie outside of {low:g} to {high:g}: is the unit right?"
        )


def variables(category: Category) -> tuple[str, ...]:
    """Search variables of a category, one or two."""
    return (category.variable,) if category.variable2 is None else (category.variable, category.variable2)
