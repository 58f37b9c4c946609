"""What `import umbra` offers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import umbra

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


def test_every_public_name_can_be_had_and_says_what_it_is() -> None:
    assert sorted(umbra.__all__) == sorted(umbra._HOMES)
    for name in umbra.__all__:
        found = getattr(umbra, name)
        assert isinstance(found, str) if name == "__version__" else found.__doc__, name
    assert set(umbra.__all__) <= set(dir(umbra))


def test_type_checkers_see_the_same_names() -> None:
    stub = Path(umbra.__file__).with_suffix(".pyi")
    seen: dict[str, object] = {}
    exec(stub.read_text(), seen)
    assert seen["__all__"] == umbra.__all__
    for name in set(umbra.__all__) - {"__version__"}:
        assert seen[name] is getattr(umbra, name), name


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'umbra' has no attribute 'limit'"):
        umbra.limit  # noqa: B018


def test_the_import_alone_imports_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import umbra; print(*(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = set(done.stdout.split())
    assert {name for name in found if name.split(".")[0] == "umbra"} == {"umbra"}
    assert not found & {"numpy", "yaml", "pathlib", "dataclasses"}
