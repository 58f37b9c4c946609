"""Typed records: what a file says becomes a frozen object, or one sentence that names what is wrong.

Imported while Snakemake parses the workflow, so: standard library and pydantic only.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import pairwise
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from umbra.core.errors import UmbraError

T = TypeVar("T")
R = TypeVar("R", bound="Record")


class Record(BaseModel):
    """A frozen record without unknown keys; a number must be a finite number, never a text or a truth value.

    `validated` builds one from plain content; `model_dump(mode="json")` gives that content back. What the docstring of
    a class says of a parameter describes it in the schema for editors, too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _know_keys(cls, content: Any) -> Any:
        """Refuse the first unknown key here, where the known ones are at hand."""
        if isinstance(content, Mapping):
            known = [field.alias or name for name, field in cls.model_fields.items()]
            for key in content:
                if key not in known:
                    raise PydanticCustomError(
                        "unknown_key",
                        "{sentence}",
                        {"sentence": unknown_word(f"there is no key '{key}'", key, known)},
                    )
        return content


#: Entries of one type, as a tuple; a list in a file.
Several = Annotated[tuple[T, ...], Strict(False)]
#: The same, not empty.
OneOrMore = Annotated[tuple[T, ...], Strict(False), Field(min_length=1)]
#: Two entries of one type.
Pair = Annotated[tuple[T, T], Strict(False)]

PositiveFloat = Annotated[float, Field(gt=0.0)]
NotNegativeFloat = Annotated[float, Field(ge=0.0)]
PositiveInt = Annotated[int, Field(ge=1)]
#: From 0 to 1, ends included: a probability, an efficiency, a share.
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
#: Where numbers come from: arXiv number and place; or a talk; or derived; or from memory (then also marked `!memory`).
Source = Annotated[str, Field(min_length=10)]


def increasing(ends: tuple[float | None, float | None]) -> Any:
    """Refuse an interval that is reversed, empty or without any end; for `AfterValidator`."""
    low, high = ends
    if low is None and high is None:
        raise ValueError("an interval without any end limits nothing")
    if low is not None and high is not None and not low < high:
        raise ValueError(f"the interval is reversed or empty: {low:g} is not below {high:g}")
    return ends


def distinct(entries: tuple[T, ...]) -> tuple[T, ...]:
    """Refuse an entry that occurs twice; for `AfterValidator`."""
    for i, entry in enumerate(entries):
        if entry in entries[:i]:
            raise ValueError(f"'{entry}' occurs twice")
    return entries


def rising(entries: tuple[float, ...]) -> tuple[float, ...]:
    """Refuse a number that is not above the one before; for `AfterValidator`."""
    for low, high in pairwise(entries):
        if not low < high:
            raise ValueError(f"they do not increase: {low:g} is followed by {high:g}")
    return entries


def rising_rows(rows: tuple[tuple[float, float], ...]) -> Any:
    """Refuse rows (mass, value) whose masses do not increase; for `AfterValidator`."""
    for (before, _), (after, _) in pairwise(rows):
        if not before < after:
            raise ValueError(f"the masses must increase: {after:g} follows {before:g}")
    return rows


#: What editors are told: rows, or what points at them.
_CURVE_IN_FILES = {
    "anyOf": [
        {
            "type": "array",
            "minItems": 1,
            "items": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        },
        {
            "type": "object",
            "properties": {"table": {"type": "string"}, "column": {"type": "string"}},
            "required": ["table", "column"],
            "additionalProperties": False,
        },
    ]
}
#: Rows (mass, value), the masses increasing; a channel may point at them: `{table: <name>, column: <name>}`.
Curve = Annotated[
    tuple[Pair[float], ...],
    Strict(False),
    Field(min_length=1),
    AfterValidator(rising_rows),
    WithJsonSchema(_CURVE_IN_FILES),
]
#: Two numbers, the lower one first and below the higher one.
Interval = Annotated[tuple[float, float], Strict(False), AfterValidator(increasing)]
#: The same, where an end may be null: open.
OpenInterval = Annotated[tuple[float | None, float | None], Strict(False), AfterValidator(increasing)]


def validated(record: type[R], content: Any, where: object) -> R:
    """Fill a record from plain content.

    Parameters
    ----------
    record
        Its class.
    content
        Mappings, lists and scalars, as a file has them.
    where
        Name of the file, which begins the message.

    Raises
    ------
    UmbraError
        If the content does not fit: one sentence "where: a/b/0: what is wrong", for the first thing that is.
    """
    _check_size(content, where, ())
    try:
        return record.model_validate(content)
    except ValidationError as error:
        raise UmbraError(f"{where}: {_sentence(error, content)}") from None


#: No quantity is larger, or smaller without being zero, in the unit of its key; powers of such numbers stay finite.
_LARGEST, _SMALLEST = 1e40, 1e-40


def _check_size(content: Any, where: object, place: tuple[Any, ...]) -> None:
    if isinstance(content, Mapping):
        for key, value in content.items():
            _check_size(value, where, (*place, key))
    elif isinstance(content, list | tuple):
        for i, value in enumerate(content):
            _check_size(value, where, (*place, i))
    elif isinstance(content, int | float) and (
        0.0 < abs(content) < _SMALLEST or _LARGEST < abs(content) < math.inf
    ):
        shown = content if isinstance(content, float) else f"a number of {content.bit_length()} bits"
        wrong = "large" if abs(content) > _LARGEST else "small"
        raise UmbraError(f"{where}: {_path([*place])}: {shown} is too {wrong} for any quantity")


def unknown_word(sentence: str, word: object, known: list[str]) -> str:
    """Add to a sentence which known word was probably meant, and all that are known."""
    near = get_close_matches(str(word), known, n=1, cutoff=0.65)
    meant = f"; did you mean '{near[0]}'?" if near else ";"
    return f"{sentence}{meant} known: {', '.join(known)}"


def no_such(what: str, name: object, known: Iterable[str]) -> str:
    """Say that there is none of that name, with the one that was probably meant, and all that are known."""
    return unknown_word(f"there is no {what} '{name}'", name, list(known))


def _sentence(error: ValidationError, content: Any) -> str:
    """Say what is wrong at the first place; alternatives report one error each there, which are joined."""
    found: dict[str, list[str]] = {}
    for each in error.errors(include_url=False):
        place, message = _place_and_message(each, content)
        known = found.setdefault(place, [])
        if message not in known:
            known.append(message)
    place, messages = next(iter(found.items()))
    return f"{place}: {', and '.join(messages)}"


def _place_and_message(error: ErrorDetails, content: Any) -> tuple[str, str]:
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    parts = list(_steps(error["loc"], content))
    if kind == "missing":
        lost = error["loc"][-1]
        return _path(parts), "an entry is missing" if isinstance(
            lost, int
        ) else f"the key '{lost}' is missing"
    if kind == "union_tag_not_found":
        return _path(parts), f"the key {context['discriminator']} is missing"
    if kind == "union_tag_invalid":
        parts.append(context["discriminator"].strip("'"))
        return _path(parts), _not_known(context["tag"], context["expected_tags"])
    if kind in ("literal_error", "enum"):
        return _path(parts), _not_known(value, context["expected"])
    if kind == "value_error":
        key, sentence = _key_and_sentence(str(context["error"]))
        return _path([*parts, *key]), sentence
    if kind in _PLAIN:
        return _path(parts), f"{_shown(value)} {_PLAIN[kind].format(**context)}"
    return _path(parts), error["msg"] if kind == "unknown_key" else f"{_shown(value)}: {error['msg']}"


def _key_and_sentence(text: str) -> tuple[list[str | int], str]:
    """Part what a validator of a whole record says, `key: sentence` or only a sentence."""
    found = re.match(r"([a-z0-9_]+(?:/[a-z0-9_]+)*): ", text)
    return ([found[1]], text[found.end() :]) if found else ([], text)


def _steps(location: tuple[str | int, ...], content: Any) -> Iterator[str | int]:
    """Parts of a location that lead through the content; pydantic also names the alternatives of unions."""
    for part in location:
        if isinstance(content, list | tuple):
            content = dict(enumerate(content))
        if isinstance(content, Mapping) and part in content:
            content = content[part]
            yield part


def _path(parts: list[str | int]) -> str:
    return "/".join(map(str, parts)) or "(top)"


def _not_known(value: object, expected: str) -> str:
    known = [word.strip("'") for word in re.split(r", | or ", expected)]
    return unknown_word(f"{_shown(value)} is not known", value, known)


def _shown(value: Any) -> str:
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


#: What is wrong with a value, in words that go behind it.
_PLAIN = {
    "float_type": "is not a number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "bool_type": "is neither true nor false",
    "string_type": "is not a text",
    "finite_number": "is not a finite number",
    "none_required": "is not null",
    "greater_than": "is not above {gt}",
    "greater_than_equal": "is below {ge}",
    "less_than": "is not below {lt}",
    "less_than_equal": "is above {le}",
    "string_too_short": "is too short: {min_length} characters at least",
    "string_too_long": "is too long: {max_length} characters at most",
    "string_pattern_mismatch": "does not match the pattern {pattern}",
    "too_short": "has too few entries: {actual_length}, and {min_length} at least",
    "too_long": "has too many entries: {actual_length}, and {max_length} at most",
    "model_type": "is not a mapping of keys to values",
    "model_attributes_type": "is not a mapping of keys to values",
    "dict_type": "is not a mapping of keys to values",
    "mapping_type": "is not a mapping of keys to values",
    "list_type": "is not a list",
    "tuple_type": "is not a list",
    "dict_attributes_type": "is not a mapping of keys to values",
}
