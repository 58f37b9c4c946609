"""The forms of the locked environment are in step and free of index addresses."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
import yaml


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_name(line: str) -> str:
    return canonical(re.split(r"[\s\[<>=!~;]", line, maxsplit=1)[0])


def requirements(project: Path) -> dict[str, set[str]]:
    """Names of the packages that pyproject.toml asks for: of the library (`core`), and of each extra."""
    about = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    lists = {"core": about["dependencies"], **about["optional-dependencies"]}
    return {extra: {requirement_name(line) for line in lines} - {"umbra"} for extra, lines in lists.items()}


def locked_blocks(project: Path) -> list[str]:
    """Return each requirement of the lock with its continuation lines."""
    text = re.sub(r"^\s*#.*\n?", "", (project / "envs" / "requirements.txt").read_text(), flags=re.MULTILINE)
    return re.split(r"\n(?=\S)", text.strip())


def test_lock_has_every_requirement(project: Path) -> None:
    locked = {requirement_name(block) for block in locked_blocks(project)}
    assert set.union(*requirements(project).values()) <= locked


def imported(folder: Path) -> Iterator[str]:
    """Top-level modules that Python files import, those of the standard library left out."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            yield from (
                name for name in (n.split(".")[0] for n in names) if name not in sys.stdlib_module_names
            )


#: Imported where it is there, or a part of another package that asks for the one version that fits.
NOT_ASKED_FOR = {"umbra", "compression", "backports", "pydantic_core"}


def packages_of(modules: set[str]) -> set[str]:
    provided = metadata.packages_distributions()
    return {canonical(provided.get(module, [module])[0]) for module in modules - NOT_ASKED_FOR}


def test_the_library_asks_for_what_it_imports_and_for_nothing_else(project: Path) -> None:
    asked = requirements(project)
    library = packages_of(set(imported(project / "workflow" / "scripts" / "umbra")))
    optional = set.union(*(asked[extra] for extra in ("pythia", "publish", "page")))
    assert asked["core"] | optional <= library
    assert library <= asked["core"] | optional | asked["workflow"]


def test_what_only_tests_need_is_not_asked_of_those_who_install(project: Path) -> None:
    asked = requirements(project)
    for name in ("ruff", "mypy", "moto", "pytest", "snakemake", "pythia8mc"):
        assert name not in asked["core"], name
    assert not asked["test"] & (asked["core"] | asked["workflow"] | asked["pythia"])


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
