"""The documentation's site builds, and no link of the documentation leads nowhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

LINK = re.compile(r"\]\(([^()\s#]+)(?:#[^()\s]*)?\)")


def pages(project: Path) -> list[Path]:
    outside = (
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "config/README.md",
        "config/published/README.md",
    )
    return [*(project / name for name in outside), *sorted(project.glob("docs/**/*.md"))]


def test_every_link_leads_to_a_file(project: Path):
    checked = 0
    for page in pages(project):
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.relative_to(project)}: {target}"
                checked += 1
    assert checked > 100


def test_the_site_builds_without_a_warning(project: Path, tmp_path: Path):
    pytest.importorskip("mkdocs")
    command = ("-m", "mkdocs", "build", "--config-file", "docs/mkdocs.yml", "--site-dir", str(tmp_path))
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        [sys.executable, *command], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    keys = (tmp_path / "keys.html").read_text(encoding="utf-8")
    assert "luminosity_fb" in keys
    assert "mass_gev" in (tmp_path / "library.html").read_text(encoding="utf-8")
    searches = {path.stem for path in (project / "docs" / "channels").glob("*.md")}
    assert searches == {path.stem for path in (tmp_path / "channels").glob("*.html")}
