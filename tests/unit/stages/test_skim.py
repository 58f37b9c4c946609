"""The normalisation of a skim: what the chunks of a sample generated."""

from pathlib import Path
from typing import Any

import pytest

from umbra.core.errors import UmbraError
from umbra.core.io import write_json
from umbra.stages.skim import normalisation

RECORD = {"mass_gev": None, "events": 10, "weight": 8.0, "effective_events": 9.0, "cross_section_pb": 2.0}


def chunks(folder: Path, *records: list[dict[str, Any]]) -> list[Path]:
    for i, each in enumerate(records):
        write_json(folder / f"{i}.json", {"samples": each})
    return [folder / f"{i}.root" for i in range(len(records))]


def test_chunks_add_up_by_mass(tmp_path: Path) -> None:
    heavy = RECORD | {"mass_gev": 2.0, "cross_section_pb": 1.0}
    light = RECORD | {"mass_gev": 1.0}
    found = normalisation(chunks(tmp_path, [light, heavy], [light, heavy | {"events": 5}]))
    assert [(each["mass_gev"], each["events"], each["weight"]) for each in found] == [
        (1.0, 20, 16.0),
        (2.0, 15, 16.0),
    ]


def test_parts_with_different_cross_sections_are_not_mixed(tmp_path: Path) -> None:
    """They were once: the first cross-section stood for the events of both."""
    files = chunks(tmp_path, [RECORD, RECORD | {"cross_section_pb": 0.002}])
    with pytest.raises(
        UmbraError, match=r"parts of one sample at mass_gev = None have the cross-sections 2 and 0\.002"
    ):
        normalisation(files)
