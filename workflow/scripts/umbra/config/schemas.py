"""JSON schemas for editors, made from the records: `python -m umbra.config.schemas` writes them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from umbra.config.channel_file import ChannelFile
from umbra.config.experiment_file import ExperimentFile
from umbra.config.joint_file import JointFile
from umbra.config.model_file import ModelFile
from umbra.config.run_file import RunFile
from umbra.core.machine_record import BeamRecord, FixedTargetRecord, MachineRecord
from umbra.core.paths import schemas
from umbra.core.records import Record
from umbra.detector.records import DetectorRecord

FOLDER = schemas()

#: What each kind of file holds: kind -> record.
RECORDS: Mapping[str, type[Record]] = {
    "beam": BeamRecord,
    "channel": ChannelFile,
    "config": RunFile,
    "detector": DetectorRecord,
    "experiment": ExperimentFile,
    "joint": JointFile,
    "fixed_target": FixedTargetRecord,
    "machine": MachineRecord,
    "model": ModelFile,
}

_HEADING = "Parameters\n----------\n"


def write(folder: Path = FOLDER) -> None:
    """Write the schema of each kind of file to `<folder>/<kind>.schema.json`."""
    for kind, record in RECORDS.items():
        (folder / f"{kind}.schema.json").write_text(schema_text(record), encoding="utf-8")


def schema_text(record: type[Record]) -> str:
    """Schema of a record in JSON; the docstrings of the records describe the blocks and their keys."""
    schema = record.model_json_schema()
    for block in (schema, *schema.get("$defs", {}).values()):
        _describe(block)
    tree = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _describe(block: dict[str, Any]) -> None:
    """Move what the docstring says of each parameter to its key, and drop titles that repeat the names."""
    block.pop("title", None)
    summary, _, parameters = block.get("description", "").partition(_HEADING)
    block["description"] = " ".join(summary.split())
    described = _parameters(parameters)
    for name, entry in block.get("properties", {}).items():
        entry.pop("title", None)
        if name in described:
            entry["description"] = described[name]


def _parameters(section: str) -> dict[str, str]:
    """Read "a, b", and below it the indented description of both."""
    described: dict[str, str] = {}
    names: list[str] = []
    for line in section.splitlines():
        if not line.startswith(" "):
            names = line.split(", ")
            continue
        for name in names:
            described[name] = f"{described.get(name, '')} {line.strip()}".strip()
    return described


if __name__ == "__main__":
    write()
