"""Code digests: what changes them and what does not."""

import json
import sys
from pathlib import Path

import pytest

from umbra.core import provenance
from umbra.core.errors import UmbraError


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny package: the stage `work` -> umbra.used -> umbra.deep.inner; umbra.other is not used."""
    files = {
        "umbra/stages/__init__.py": "",
        "umbra/stages/work.py": "from umbra import used\n",
        "umbra/__init__.py": "",
        "umbra/used.py": "def f():\n    from umbra.deep.inner import g\n    return g\n",
        "umbra/other.py": "x = 1\n",
        "umbra/deep/__init__.py": "",
        "umbra/deep/inner.py": "def g():\n    return 1\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(provenance, "LIBRARY", tmp_path)
    monkeypatch.setattr(provenance, "TABLES", tmp_path / "tables")
    return tmp_path


def digest(*modules: str) -> str:
    provenance.code_digest.cache_clear()
    provenance._content.cache_clear()
    provenance._nodes.cache_clear()
    provenance._imports.cache_clear()
    provenance._tables.cache_clear()
    return provenance.code_digest("work", *modules)


@pytest.mark.parametrize(
    "name", ["umbra/stages/work.py", "umbra/used.py", "umbra/deep/inner.py", "umbra/deep/__init__.py"]
)
def test_a_change_of_any_module_in_use_changes_the_digest(scripts: Path, name: str):
    before = digest()
    (scripts / name).write_text((scripts / name).read_text() + "# changed\n")
    assert digest() != before


def test_tables_that_a_module_reads_count_and_others_do_not(scripts: Path):
    (scripts / "tables").mkdir()
    for name in ("read", "not_read"):
        (scripts / "tables" / f"{name}.yaml").write_text("value: 1\n")
    (scripts / "umbra/used.py").write_text('from umbra.theory import tables\nx = tables.load("read")\n')
    before = digest()
    (scripts / "tables" / "not_read.yaml").write_text("value: 2\n")
    assert digest() == before
    (scripts / "tables" / "read.yaml").write_text("value: 2\n")
    assert digest() != before


def test_other_modules_and_time_stamps_do_not_matter(scripts: Path):
    before = digest()
    (scripts / "umbra/other.py").write_text("x = 2\n")
    for path in scripts.rglob("*.py"):
        path.touch()
    assert digest() == before


def test_a_module_imported_by_name_counts_when_it_is_told(scripts: Path):
    before = digest("umbra.other")
    (scripts / "umbra/other.py").write_text("x = 2\n")
    assert digest("umbra.other") != before


def test_digest_of_content_does_not_depend_on_the_order_of_keys():
    assert provenance.digest_of({"a": 1, "b": [2]}) == provenance.digest_of({"b": [2], "a": 1})
    assert provenance.digest_of({"a": 1}) != provenance.digest_of({"a": 1.5})


def test_a_stage_that_is_not_there_has_no_digest(scripts: Path):
    with pytest.raises(UmbraError, match=r"there is no module umbra\.stages\.fit$"):
        provenance.code_digest("fit")


def test_rules_of_another_version_are_refused(tmp_path: Path, project: Path):
    provenance.check_version(project / "pyproject.toml")
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "99.1"\n')
    with pytest.raises(
        UmbraError, match=r"workflow is of umbra 99\.1 and the library that is installed of umbra \d"
    ):
        provenance.check_version(tmp_path / "pyproject.toml")


def test_an_installed_library_is_of_the_commit_that_pip_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    record = tmp_path / "umbra-0.1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.4\nName: umbra\nVersion: 0.1.0\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(provenance, "checkout", lambda: None)
    try:
        provenance.commit.cache_clear()
        assert provenance.commit() == "unknown"
        origin = {"url": "https://example.org/umbra", "vcs_info": {"vcs": "git", "commit_id": "ab" * 20}}
        (record / "direct_url.json").write_text(json.dumps(origin))
        provenance.commit.cache_clear()
        assert provenance.commit() == "ab" * 20
    finally:
        provenance.commit.cache_clear()
