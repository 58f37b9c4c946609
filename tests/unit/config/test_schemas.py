"""The schemas for editors: in step with the records, and true of the files."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from umbra.config import schemas
from umbra.config.yaml import read
from umbra.core import paths


def test_the_schemas_are_those_of_the_records(tmp_path: Path) -> None:
    schemas.write(tmp_path)
    for kind in schemas.RECORDS:
        file = f"{kind}.schema.json"
        now = "python -m umbra.config.schemas writes them anew"
        assert (paths.schemas() / file).read_text() == (tmp_path / file).read_text(), now


def pointed_at(path: Path) -> Path:
    first = path.read_text().splitlines()[0]
    return (path.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()


def test_every_file_points_at_a_schema() -> None:
    folders = ("channels", "machines", "detectors", "experiments", "joint")
    files = [path for folder in folders for path in (paths.shipped_config() / folder).glob("*.yaml")]
    assert {pointed_at(path).parent for path in files} == {paths.schemas().resolve()}


@pytest.mark.parametrize("kind", sorted(schemas.RECORDS))
def test_every_file_points_at_its_schema_and_fits(kind: str) -> None:
    tree = json.loads((paths.schemas() / f"{kind}.schema.json").read_text())
    Draft202012Validator.check_schema(tree)
    run = [paths.shipped_config() / "config.yaml"]
    folder = {"beam": "machines", "fixed_target": "machines", "joint": "joint"}.get(kind, f"{kind}s")
    every = run if kind == "config" else sorted((paths.shipped_config() / folder).glob("*.yaml"))
    files = [path for path in every if pointed_at(path) == paths.schemas() / f"{kind}.schema.json"]
    assert files
    for path in files:
        Draft202012Validator(tree).validate(read(path).content)
    assert not Draft202012Validator(tree).is_valid({**read(path).content, "colour": "blue"})


def test_docstrings_describe_blocks_and_keys() -> None:
    tree = json.loads(schemas.schema_text(schemas.RECORDS["detector"]))
    assert tree["description"] == "A parametrised detector."
    region = tree["$defs"]["RegionRecord"]
    assert region["description"] == "A range of polar angle where photons are noticed."
    assert region["properties"]["inefficiency"]["description"].startswith(
        "Probability that a photon is missed"
    )
    for block in (tree, *tree["$defs"].values()):
        for name, entry in block["properties"].items():
            assert entry.get("description"), name
            assert "title" not in entry
