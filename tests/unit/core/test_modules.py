"""What a stage imports, and code digests: what changes them and what does not."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from umbra.core import modules
from umbra.core.errors import UmbraError
from umbra.core.modules import Modules
from umbra.core.paths import PACKAGE

#: A tiny package: the stage `work` -> umbra.used -> umbra.deep.inner; umbra.other is not used.
FILES = {
    "__init__.py": "",
    "stages/__init__.py": "",
    "stages/work.py": "from umbra import used\n",
    "used.py": "def f():\n    from umbra.deep.inner import g\n    return g\n",
    "other.py": "x = 1\n",
    "deep/__init__.py": "",
    "deep/inner.py": "def g():\n    return 1\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "umbra" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "umbra"


def digest(package: Path, *modules: str) -> str:
    return Modules(package).digest(["umbra.stages.work", *modules])


@pytest.mark.parametrize(
    "name", ["stages/work.py", "used.py", "deep/inner.py", "deep/__init__.py", "__init__.py"]
)
def test_a_change_of_any_module_in_use_changes_the_digest(package: Path, name: str):
    before = digest(package)
    (package / name).write_text((package / name).read_text() + "# changed\n")
    assert digest(package) != before


def test_the_name_of_a_module_counts(package: Path):
    before = digest(package)
    (package / "used.py").rename(package / "renamed.py")
    (package / "stages/work.py").write_text("from umbra import renamed\n")
    assert digest(package) != before


def test_tables_that_a_module_reads_count_and_others_do_not(package: Path):
    tables = package / "theory" / "data"
    tables.mkdir(parents=True)
    for name in ("read", "not_read"):
        (tables / f"{name}.yaml").write_text("value: 1\n")
    (package / "used.py").write_text('from umbra.theory import tables\nx = tables.load("read")\n')
    before = digest(package)
    (tables / "not_read.yaml").write_text("value: 2\n")
    assert digest(package) == before
    (tables / "read.yaml").write_text("value: 2\n")
    assert digest(package) != before


def test_other_modules_and_time_stamps_do_not_matter(package: Path):
    before = digest(package)
    (package / "other.py").write_text("x = 2\n")
    for path in package.rglob("*.py"):
        path.touch()
    assert digest(package) == before


def test_a_module_imported_by_name_counts_when_it_is_told(package: Path):
    before = digest(package, "umbra.other")
    (package / "other.py").write_text("x = 2\n")
    assert digest(package, "umbra.other") != before


def test_modules_that_import_each_other_are_followed_once(package: Path):
    (package / "deep/inner.py").write_text("import umbra.used\n")
    assert {"umbra.used", "umbra.deep.inner"} < Modules(package).reached("umbra.used")


def test_a_stage_that_is_not_there_has_no_digest(package: Path):
    with pytest.raises(UmbraError, match=r"there is no module umbra\.stages\.fit$"):
        Modules(package).digest(["umbra.stages.fit"])


def test_the_text_of_a_module_tells_the_imports_of_its_syntax_tree():
    found = Modules(PACKAGE).imports
    assert len(found) > 100
    for name, imported in found.items():
        expected = {part for each in imported_by(name) if each in found for part in with_packages(each)}
        assert imported == expected - {name}, name


def test_the_text_of_a_module_tells_its_tables():
    for path in PACKAGE.rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        read = [ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "tables.load"]
        assert sorted(modules._TABLE.findall(path.read_text())) == sorted(read), path


def imported_by(name: str) -> Iterator[str]:
    """Names that a module imports, by its syntax tree: modules, and what might be one."""
    base = PACKAGE.parent.joinpath(*name.split("."))
    file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    yield name
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            assert node.module
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def with_packages(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
