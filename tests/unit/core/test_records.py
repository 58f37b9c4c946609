"""Records: what they take, and what they say about what they do not take."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError

from umbra.core.errors import UmbraError
from umbra.core.records import (
    Fraction,
    Interval,
    NotNegativeFloat,
    OneOrMore,
    OpenInterval,
    Pair,
    PositiveFloat,
    PositiveInt,
    Record,
    Several,
    Source,
    validated,
)


class Peak(Record):
    """One alternative."""

    kind: Literal["peak"]
    degree: PositiveInt


class Ellipse(Record):
    """The other."""

    kind: Literal["ellipse"]
    axes: Pair[PositiveFloat]


class Everything(Record):
    """One field of each sort."""

    energy_gev: float
    range_gev: Interval = (0.0, 1.0)
    cut: OpenInterval = (None, 1.0)
    method: Literal["asymptotic", "toys"] = "toys"
    efficiency: OneOrMore[Fraction] = (0.5,)
    width: Several[NotNegativeFloat] = ()
    fit: Annotated[Peak | Ellipse, Field(discriminator="kind")] | None = None
    points: float | Literal["all"] = "all"
    parts: dict[str, Peak] = Field(default={})
    scaled: bool = True
    source: Source = "arXiv:1234.56789"


def test_whole_numbers_are_numbers_and_lists_become_tuples() -> None:
    found = validated(Everything, {"energy_gev": 1, "range_gev": [0, 2], "width": [1, 2.5]}, "f")
    assert (found.energy_gev, found.range_gev, found.width) == (1.0, (0.0, 2.0), (1.0, 2.5))
    assert all(type(value) is float for value in (found.energy_gev, *found.range_gev, *found.width))


def test_a_record_survives_json() -> None:
    content = {"energy_gev": 0.1, "fit": {"kind": "ellipse", "axes": [1, 2]}, "cut": [0.5, None]}
    found = validated(Everything, content, "f")
    plain = found.model_dump(mode="json")
    assert plain["fit"]["axes"] == [1.0, 2.0]
    assert plain["cut"] == [0.5, None]
    assert validated(Everything, plain, "f") == found


def test_a_record_is_frozen() -> None:
    found = validated(Everything, {"energy_gev": 1.0}, "f")
    with pytest.raises(ValidationError, match="frozen"):
        found.energy_gev = 2.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"energy_gev": "1.5"}, "energy_gev: '1.5' is not a number"),
        ({"energy_gev": True}, "energy_gev: True is not a number"),
        ({"energy_gev": None}, "energy_gev: None is not a number"),
        ({"energy_gev": float("nan")}, "energy_gev: nan is not a finite number"),
        ({"energy_gev": float("inf")}, "energy_gev: inf is not a finite number"),
        ({"range_gev": [2, 1]}, "range_gev: the interval is reversed or empty: 2 is not below 1"),
        ({"range_gev": [1, 1]}, "range_gev: the interval is reversed or empty: 1 is not below 1"),
        ({"range_gev": [1]}, "range_gev: an entry is missing"),
        ({"range_gev": [1, 2, 3]}, "range_gev: [1, 2, 3] has too many entries: 3, and 2 at most"),
        ({"range_gev": 3}, "range_gev: 3 is not a list"),
        ({"range_gev": [None, 3]}, "range_gev/0: None is not a number"),
        ({"cut": [None, None]}, "cut: an interval without any end limits nothing"),
        ({"cut": [3, 2]}, "cut: the interval is reversed or empty: 3 is not below 2"),
        ({"method": "toy"}, "method: 'toy' is not known; did you mean 'toys'? known: asymptotic, toys"),
        ({"method": "ünlike"}, "method: 'ünlike' is not known; known: asymptotic, toys"),
        ({"efficiency": []}, "efficiency: [] has too few entries: 0, and 1 at least"),
        ({"efficiency": [0.5, 1.1]}, "efficiency/1: 1.1 is above 1.0"),
        ({"efficiency": [-0.1]}, "efficiency/0: -0.1 is below 0.0"),
        (
            {"fit": {"kind": "peek"}},
            "fit/kind: 'peek' is not known; did you mean 'peak'? known: peak, ellipse",
        ),
        ({"fit": {}}, "fit: the key 'kind' is missing"),
        ({"fit": {"kind": "peak"}}, "fit: the key 'degree' is missing"),
        ({"fit": {"kind": "peak", "degree": 1.0}}, "fit/degree: 1.0 is not a whole number"),
        ({"fit": {"kind": "peak", "degree": 0}}, "fit/degree: 0 is below 1"),
        ({"fit": {"kind": "ellipse", "axes": [1, 0]}}, "fit/axes/1: 0 is not above 0.0"),
        (
            {"fit": {"kind": "peak", "degre": 1}},
            "fit: there is no key 'degre'; did you mean 'degree'? known: kind, degree",
        ),
        (
            {"points": "al"},
            "points: 'al' is not a number, and 'al' is not known; did you mean 'all'? known: all",
        ),
        ({"parts": {"a": {"kind": "peak", "degree": "x"}}}, "parts/a/degree: 'x' is not a whole number"),
        ({"parts": []}, "parts: [] is not a mapping of keys to values"),
        ({"parts": {"a": 3}}, "parts/a: 3 is not a mapping of keys to values"),
        ({"scaled": 1}, "scaled: 1 is neither true nor false"),
        ({"source": "none"}, "source: 'none' is too short: 10 characters at least"),
        ({"source": 12}, "source: 12 is not a text"),
        (
            {"energy": 1.0},
            "(top): there is no key 'energy'; did you mean 'energy_gev'? known: energy_gev, range_gev, cut, method, "
            "efficiency, width, fit, points, parts, scaled, source",
        ),
    ],
)
def test_a_refusal_names_file_key_value_and_the_nearest_word(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UmbraError) as refused:
        validated(Everything, {"energy_gev": 1.0} | changes, "a/file.yaml")
    assert str(refused.value) == f"a/file.yaml: {sentence}"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({}, "(top): the key 'energy_gev' is missing"),
        (None, "(top): None is not a mapping of keys to values"),
        ([1], "(top): [1] is not a mapping of keys to values"),
        ("x" * 100, f"(top): '{'x' * 76}... is not a mapping of keys to values"),
    ],
)
def test_what_is_no_record_is_refused(content: object, sentence: str) -> None:
    with pytest.raises(UmbraError) as refused:
        validated(Everything, content, "f")
    assert str(refused.value) == f"f: {sentence}"
