"""Refuse workspaces whose meaning is not clear, before anything is computed from them.

The keys and types are those of pyhf's schema 1.0.0. On top of it nothing may be said twice, because readers then
differ in which of the two counts: no observation, measurement, parameter or modifier.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from umbra.statistics.compilation import compile_workspace
from umbra.statistics.model import Model, WorkspaceError

#: Numbers beyond it are refused: no experiment has them, and their squares overflow on the way to a likelihood.
LARGEST = 1e100

_WORKSPACE = ("channels", "observations", "measurements"), ("version",)
_CHANNEL = ("name", "samples"), ()
_SAMPLE = ("name", "data", "modifiers"), ()
_MODIFIER = ("name", "type"), ("data",)
_OBSERVATION = ("name", "data"), ()
_MEASUREMENT = ("name", "config"), ()
_CONFIG = (), ("poi", "parameters")
_PARAMETER = ("name",), ("inits", "bounds", "auxdata", "factors", "sigmas", "fixed")

#: What the `data` of each type of modifier holds: nothing, a list, two numbers or two lists.
_LISTS = ("staterror", "shapesys")
_NOTHING = ("normfactor", "lumi", "shapefactor")
_PAIRS = {"normsys": ("hi", "lo"), "histosys": ("hi_data", "lo_data")}
_TYPES = (*_NOTHING, *_LISTS, *_PAIRS)


def checked_model(
    workspace: Mapping[str, Any], poi: str | None = None, measurement: str | None = None
) -> Model:
    """Check a workspace and compile it; arguments and errors as for `compile_workspace` and `check_workspace`."""
    check_workspace(workspace)
    return compile_workspace(workspace, poi, measurement)


def check_workspace(workspace: Any) -> None:
    """Refuse what is no HistFactory workspace, or one that can be read in two ways.

    Parameters
    ----------
    workspace
        What a JSON file held.

    Raises
    ------
    WorkspaceError
        A key is missing or unknown, a name occurs twice, a value has another type than its key asks for, or a number
        is not finite or absurd. The sentence names the place, the key and the value.
    """
    _keys(workspace, _WORKSPACE, "the workspace")
    if workspace.get("version", "1.0.0") != "1.0.0":
        raise WorkspaceError(f"the workspace has the version {workspace['version']!r}; only '1.0.0' is known")
    channels = _named(workspace["channels"], _CHANNEL, "channel", "of the workspace")
    for name, channel in channels.items():
        where = f"of channel '{name}'"
        for sample, content in _named(channel["samples"], _SAMPLE, "sample", where).items():
            _sample(content, f"sample '{sample}' {where}")
    for name, entry in _named(workspace["observations"], _OBSERVATION, "observation", "").items():
        if name not in channels:
            raise WorkspaceError(
                f"the observation of '{name}' belongs to no channel{_nearest(name, channels)}"
            )
        _numbers(entry["data"], f"the observation of channel '{name}'")
    for name, entry in _named(workspace["measurements"], _MEASUREMENT, "measurement", "").items():
        _measurement(entry["config"], f"measurement '{name}'")


def _sample(sample: Mapping[str, Any], where: str) -> None:
    _numbers(sample["data"], f"the data of {where}")
    seen: set[tuple[str, str]] = set()
    for modifier in _items(sample["modifiers"], f"the modifiers of {where}"):
        _keys(modifier, _MODIFIER, f"a modifier of {where}")
        kind, name = modifier["type"], _text(modifier["name"], f"the name of a modifier of {where}")
        here = f"modifier '{name}' of {where}"
        if kind not in _TYPES:
            raise WorkspaceError(f"{here} has the unknown type '{kind}'{_nearest(kind, _TYPES)}")
        if (kind, name) in seen:
            raise WorkspaceError(f"{here} is there twice with the type '{kind}'")
        seen.add((kind, name))
        _modifier_data(kind, modifier.get("data"), here)


def _modifier_data(kind: str, data: Any, where: str) -> None:
    if kind in _NOTHING:
        if data is not None:
            raise WorkspaceError(f"{where} has the data {_shown(data)} where its type '{kind}' needs null")
    elif kind in _LISTS:
        _numbers(data, f"the data of {where}")
    else:
        keys = _PAIRS[kind]
        _keys(data, (keys, ()), f"the data of {where}")
        for key in keys:
            if kind == "histosys":
                _numbers(data[key], f"'{key}' of {where}")
            else:
                _number(data[key], f"'{key}' of {where}")


def _measurement(config: Any, where: str) -> None:
    _keys(config, _CONFIG, f"the config of {where}")
    _text(config.get("poi", ""), f"the poi of {where}")
    parameters = _named(config.get("parameters", []), _PARAMETER, "parameter", f"of {where}", empty=True)
    for name, entry in parameters.items():
        here = f"of parameter '{name}' of {where}"
        for key in ("inits", "auxdata", "factors", "sigmas"):
            if key in entry:
                _numbers(entry[key], f"'{key}' {here}")
        for pair in _items(entry.get("bounds", []), f"'bounds' {here}"):
            _numbers(pair, f"an entry of 'bounds' {here}")
            if len(pair) != 2:
                raise WorkspaceError(
                    f"an entry of 'bounds' {here} is {_shown(pair)} where two numbers are needed"
                )
        if not isinstance(entry.get("fixed", False), bool):
            raise WorkspaceError(f"'fixed' {here} is {_shown(entry['fixed'])} where true or false is needed")


def _keys(content: Any, keys: tuple[tuple[str, ...], tuple[str, ...]], where: str) -> None:
    """Refuse what is no object, lacks one of the first keys, or has others than all of them."""
    needed, optional = keys
    if not isinstance(content, Mapping):
        raise WorkspaceError(
            f"not a HistFactory workspace: {where} is {_shown(content)} where an object is needed"
        )
    for key in needed:
        if key not in content:
            raise WorkspaceError(f"not a HistFactory workspace: {where} has no '{key}'")
    for key in content:
        if key not in needed and key not in optional:
            raise WorkspaceError(f"{where} has the unknown key '{key}'{_nearest(key, (*needed, *optional))}")


def _named(
    items: Any, keys: tuple[tuple[str, ...], tuple[str, ...]], what: str, where: str, *, empty: bool = False
) -> dict[str, Any]:
    """Objects of a list by their names, none of which may occur twice."""
    found: dict[str, Any] = {}
    for item in _items(items, f"the list of {what}s {where}".strip()):
        _keys(item, keys, f"a {what} {where}".strip())
        name = _text(item["name"], f"the name of a {what} {where}".strip())
        if name in found:
            raise WorkspaceError(f"there are two {what}s '{name}' {where}".strip())
        found[name] = item
    if not found and not empty:
        raise WorkspaceError(f"the list of {what}s {where}".strip() + " is empty")
    return found


def _items(items: Any, where: str) -> Iterable[Any]:
    if not isinstance(items, list | tuple):
        raise WorkspaceError(f"{where} is {_shown(items)} where a list is needed")
    return items


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise WorkspaceError(f"{where} is {_shown(value)} where text is needed")
    return value


def _number(value: Any, where: str) -> None:
    if not _is_number(type(value)):
        raise WorkspaceError(f"{where} is {_shown(value)} where a number is needed")
    if not abs(value) <= LARGEST:
        raise WorkspaceError(f"{where} is {_shown(value)} where a finite number is needed")


def _numbers(values: Any, where: str) -> None:
    if isinstance(values, np.ndarray) and values.ndim == 1:
        values = values.tolist()
    if not isinstance(values, list | tuple):
        raise WorkspaceError(f"{where} is {_shown(values)} where a list of numbers is needed")
    if not all(map(_is_number, set(map(type, values)))):
        wrong = next(value for value in values if not _is_number(type(value)))
        raise WorkspaceError(f"{where} holds {_shown(wrong)} where a number is needed")
    if not _length(values) <= LARGEST:
        for wrong in (value for value in values if not abs(value) <= LARGEST):
            raise WorkspaceError(f"{where} holds {_shown(wrong)} where a finite number is needed")


def _length(values: Sequence[float]) -> float:
    """Root of the sum of squares, no less than any of them: one fast look at all; NaN if there is one."""
    try:
        return math.hypot(*values)
    except OverflowError:  # Python's integers may be larger than any float
        return math.inf


def _is_number(kind: type) -> bool:
    return kind is float or kind is int or issubclass(kind, np.integer | np.floating)


def _nearest(word: Any, known: Iterable[str]) -> str:
    """Suggest the most similar of the known words, if one is."""
    close = get_close_matches(str(word), list(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def _shown(value: Any) -> str:
    """Write a value for a message, cut short."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
