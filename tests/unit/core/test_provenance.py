"""Digests of content, versions and commits."""

import json
import sys
from pathlib import Path

import pytest

from umbra.core import provenance
from umbra.core.errors import UmbraError


def test_digest_of_content_does_not_depend_on_the_order_of_keys():
    assert provenance.digest_of({"a": 1, "b": [2]}) == provenance.digest_of({"b": [2], "a": 1})
    assert provenance.digest_of({"a": 1}) != provenance.digest_of({"a": 1.5})


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
