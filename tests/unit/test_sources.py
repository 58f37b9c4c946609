"""The tests find the project's files in a clone and in an unpacked archive of it."""

import subprocess
from pathlib import Path

from sources import source_files


def test_a_clone_and_an_archive_have_the_same_files(tmp_path: Path) -> None:
    wanted = [Path(name) for name in (".gitignore", "README.md", "docs/a.md", "docs/results/b.md")]
    made = ("results/limits.csv", ".venv/bin/python", "docs/__pycache__/a.pyc", "logs/a.log")
    for name in (*map(str, wanted), *made):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("/results/\n/logs/\n/.venv/\n__pycache__/\n")
    assert source_files(tmp_path) == wanted
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert sorted(source_files(tmp_path)) == wanted
