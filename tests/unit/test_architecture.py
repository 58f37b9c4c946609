"""Arrows between modules go one way only: in the order of the table of docs/architecture.md."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from umbra.core.modules import Modules
from umbra.core.paths import PACKAGE


@pytest.fixture(scope="module")
def modules() -> Modules:
    return Modules(PACKAGE)


@pytest.fixture(scope="module")
def order(project: Path) -> list[str]:
    """Packages as the table lists them, each above those that may import it."""
    text = (project / "docs" / "architecture.md").read_text()
    return re.findall(r"^\| `(\w+)/` \|", text[text.index("| package |") :], re.MULTILINE)


def package_of(module: str) -> str:
    """Package of the chain that a module belongs to; empty for `umbra` itself and what starts it."""
    parts = module.split(".")
    return "" if module in ("umbra", "umbra.__main__") else parts[1]


def test_the_table_lists_every_package_and_no_module_lies_flat(modules: Modules, order: list[str]):
    assert sorted(order) == sorted({package_of(name) for name in modules.imports} - {""})
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py"}


def test_a_package_imports_none_below_it_in_the_table(modules: Modules, order: list[str]):
    floor = {package: number for number, package in enumerate(order)}
    below = [
        f"{name} imports {imported}"
        for name, imports in modules.imports.items()
        for imported in imports
        if package_of(name) and package_of(imported) and floor[package_of(imported)] > floor[package_of(name)]
    ]
    assert below == []


def test_no_modules_import_each_other(modules: Modules):
    """Importing a package runs its `__init__`, which imports nothing: circles are of modules alone."""
    alone = {
        name: {each for each in imports if not name.startswith(f"{each}.")}
        for name, imports in modules.imports.items()
    }
    while ends := [name for name, imports in alone.items() if not imports]:
        for name in ends:
            del alone[name]
        for imports in alone.values():
            imports.difference_update(ends)
    assert alone == {}


@pytest.mark.parametrize("package", ["theory", "detector", "statistics"])
def test_what_knows_nothing_of_a_search_needs_the_core_only(modules: Modules, package: str):
    imports = {
        each for name, found in modules.imports.items() if package_of(name) == package for each in found
    }
    assert {package_of(name) for name in imports} == {"", "core", package}


@pytest.mark.parametrize(
    ("stage", "package"),
    [
        ("generate", "selection"),
        ("skim", "expectation"),
        ("model", "inference"),
        ("fit", "results"),
        ("limit", "results"),
        ("table", "plotting"),
    ],
)
def test_a_change_of_a_later_package_does_not_run_an_earlier_stage(
    modules: Modules, stage: str, package: str
):
    assert package not in {package_of(name) for name in modules.reached(f"umbra.stages.{stage}")}


def test_files_are_short_but_for_compiled_kernels_that_say_why():
    """Kept machine code is current when the file of a kernel is, so that what kernels call lies beside them."""
    long = [path for path in PACKAGE.rglob("*.py") if len(path.read_text().splitlines()) > 400]
    assert [path.name for path in long if "One file, although a long one:" not in path.read_text()] == []


def test_records_travel_and_not_dictionaries():
    """Reads by a literal key stay few: 41 in 1,000 lines were there before the records, and 12 are the bound."""
    files = [path.read_text() for path in PACKAGE.rglob("*.py")]
    reads = sum(1 for text in files for _ in reads_by_key(text))
    assert 1000 * reads / sum(len(text.splitlines()) for text in files) < 12


def reads_by_key(text: str) -> Iterator[ast.expr]:
    """Subscripts, `.get` and `.pop` with a literal text, but for those of types."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            of, key = ast.unparse(node.value), node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            of, key = node.func.attr, node.args[0]
            of = "" if of in ("get", "pop") else "Literal"
        else:
            continue
        if of != "Literal" and isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key
