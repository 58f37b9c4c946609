"""A file is written whole or not at all, whatever ends the writer, and its errors are one sentence."""

import errno
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from umbra.core.errors import UmbraError
from umbra.core.io import PART, atomic_open, atomic_path, remove_parts, write_json

WRITER = """
import sys, time
from umbra.core.io import atomic_open
with atomic_open(sys.argv[1]) as outer, atomic_open(sys.argv[1] + ".more") as inner:
    outer.write("half"), outer.flush()
    print("begun", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def writer(tmp_path: Path, project: Path) -> Callable[[], subprocess.Popen[bytes]]:
    """Return a function that starts a process in the middle of two files."""

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "table.csv")],
            env=os.environ | {"PYTHONPATH": str(project / "workflow/scripts")},
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        return process

    return start


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_writer_and_leaves_nothing(writer, tmp_path: Path, ending: signal.Signals) -> None:
    with writer() as process:
        assert len(list(tmp_path.iterdir())) == 2
        process.send_signal(ending)
        assert process.wait(30) == -ending
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_leaves_is_removed_and_nothing_else(writer, tmp_path: Path) -> None:
    notes = [tmp_path / ".notes", tmp_path / ".limits.csv.x1y2z3.csv", tmp_path / f"{PART}of-mine"]
    for path in notes:
        path.touch()
    with writer() as process:
        try:
            remove_parts(tmp_path)
            kept = len(list(tmp_path.iterdir()))
        finally:
            process.kill()
    assert kept == 2 + len(notes), "a living writer keeps its files"
    assert len(list(tmp_path.iterdir())) == 2 + len(notes)
    remove_parts(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(notes)


def test_the_handling_of_signals_ends_with_the_block(tmp_path: Path) -> None:
    with atomic_open(tmp_path / "a"):
        assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_who_handles_a_signal_keeps_it(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with atomic_open(tmp_path / "a"):
            assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    with (
        pytest.raises(UmbraError, match=r"table\.csv: cannot be written: No space left on device$"),
        atomic_path(path),
        open("/dev/full", "w") as full,  # noqa: PTH123
    ):
        full.write("more than fits")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "results").touch()
    with (
        pytest.raises(UmbraError, match=r"table\.csv: cannot be written"),
        atomic_open(tmp_path / "results/table.csv"),
    ):
        pass


def test_an_error_about_another_file_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), atomic_open(tmp_path / "table.csv"):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "input.csv"))


def test_a_failed_block_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic_open(path) as stream:
        stream.write(str(1 // (stream.write("new") - 3)))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_number_that_is_none_is_named_with_its_place(tmp_path: Path, value: float) -> None:
    path = tmp_path / "fits.json"
    with pytest.raises(UmbraError, match=rf"fits\.json: points/1/observed came out as {value}"):
        write_json(path, {"points": [{"observed": 1e300}, {"observed": value}], "name": "a"})
    assert list(tmp_path.iterdir()) == []
