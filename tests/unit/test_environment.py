"""The forms of the locked environment are in step and free of index addresses."""

import re
from pathlib import Path

import pytest
import yaml


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_name(line: str) -> str:
    return canonical(re.split(r"[\s\[<>=!~;]", line, maxsplit=1)[0])


def requirements(project: Path) -> dict[str, str]:
    lines = (project / "envs" / "requirements.in").read_text().splitlines()
    return {requirement_name(line): line for line in lines if line and not line.startswith("#")}


def locked_blocks(project: Path) -> list[str]:
    """Return each requirement of the lock with its continuation lines."""
    text = re.sub(r"^\s*#.*\n?", "", (project / "envs" / "requirements.txt").read_text(), flags=re.MULTILINE)
    return re.split(r"\n(?=\S)", text.strip())


def test_lock_has_every_requirement(project: Path) -> None:
    assert requirements(project).keys() <= {requirement_name(block) for block in locked_blocks(project)}


def test_every_locked_package_has_one_version_and_hashes(project: Path) -> None:
    for block in locked_blocks(project):
        first, *rest = block.splitlines()
        assert re.match(r"[\w.\-\[\]]+==[\w.!+]+( ; .*)? \\$", first), first
        assert rest, first
        assert all(re.match(r"    --hash=sha256:[0-9a-f]{64}( \\)?$", line) for line in rest), first


def test_no_index_address_in_the_environment_files(project: Path) -> None:
    for path in sorted((project / "envs").glob("requirements.*")):
        assert not re.search(r"://|--(extra-)?index|--find-links", path.read_text()), path.name


def test_conda_file_pins_the_same_versions(project: Path) -> None:
    dependencies = yaml.safe_load((project / "envs" / "umbra.yaml").read_text())["dependencies"]
    (pinned,) = (entry["pip"] for entry in dependencies if isinstance(entry, dict))
    pins = [block.splitlines()[0].removesuffix(" \\") for block in locked_blocks(project)]
    assert pinned == pins
    assert [entry for entry in dependencies if isinstance(entry, str)] == ["python =3.11", "pip"]


@pytest.mark.parametrize("recipe", ["Dockerfile", "envs/umbra.def"])
def test_images_install_the_lock_with_its_hashes_on_the_same_python(project: Path, recipe: str) -> None:
    text = (project / recipe).read_text()
    assert re.search(r"^(FROM|From:) python:3\.11\.\d+-slim-bookworm$", text, flags=re.MULTILINE)
    assert re.search(r"pip install .*--require-hashes -r /opt/requirements.txt$", text, flags=re.MULTILINE)
    assert "envs/requirements.txt /opt/requirements.txt" in text
