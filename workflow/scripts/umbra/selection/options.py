"""Options of a selection: from the channel's YAML into a typed record, nothing unknown, nothing missing."""

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from umbra.core.errors import UmbraError

Record = TypeVar("Record")

#: An interval (low, high) of a quantity.
Interval = tuple[float, float]


def parse(record: type[Record], options: Mapping[str, Any], where: str) -> Record:
    """Fill a dataclass from a mapping.

    Fields may be `float`, `int`, `Interval` (two increasing numbers), `Literal` of texts, another dataclass,
    or one of these `| None`, which is written `null`.

    Parameters
    ----------
    record
        The dataclass; it has no defaults.
    options
        What the configuration says.
    where
        For messages, such as "selection three_photons".

    Raises
    ------
    UmbraError
        For an unknown or missing option and for a value of the wrong type.
    """
    if not isinstance(options, Mapping):
        raise UmbraError(f"{where}: expected options by name, not {options!r}")
    declared: dict[str, Field[Any]] = {field.name: field for field in fields(record)}  # type: ignore[arg-type]
    for name in options:
        if name not in declared:
            raise UmbraError(f"{where}: unknown option '{name}'; it knows: {', '.join(declared)}")
    for name in declared:
        if name not in options:
            raise UmbraError(f"{where}: option '{name}' is missing")
    hints = get_type_hints(record)
    return record(
        **{name: _value(hints[name], options[name], f"{where}: option '{name}'") for name in declared}
    )


def _value(hint: Any, value: Any, where: str) -> Any:
    choices = get_args(hint)
    if NoneType in choices:
        return None if value is None else _value(next(c for c in choices if c is not NoneType), value, where)
    if is_dataclass(hint):
        return parse(hint, value, where)  # type: ignore[arg-type]
    if get_origin(hint) is Literal:
        if value not in choices:
            raise UmbraError(f"{where}: {value!r} is none of {', '.join(map(str, choices))}")
        return value
    if hint == Interval:
        if not isinstance(value, list | tuple) or len(value) != 2 or not all(map(_is_number, value)):
            raise UmbraError(f"{where}: expected two numbers, not {value!r}")
        if not value[0] < value[1]:
            raise UmbraError(f"{where}: the interval {value!r} is empty")
        return float(value[0]), float(value[1])
    if hint is int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise UmbraError(f"{where}: expected a whole number, not {value!r}")
        return value
    if not _is_number(value):
        raise UmbraError(f"{where}: expected a number, not {value!r}")
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
