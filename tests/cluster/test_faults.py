"""What can break a run on one machine: the next call recovers, redoes only what is needed, ends with the same bytes."""

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from front_door_run import FrontDoorRun

CHANNEL = "zprime_invisible_belle2_2018"
TABLE = f"{CHANNEL}_table"


def here(checkout) -> FrontDoorRun:
    return FrontDoorRun(checkout.folder, checkout.command, ("--cores", "2"), {})


def results(checkout) -> Path:
    return checkout.folder / "results" / CHANNEL


def replace(path: Path, content: bytes) -> None:
    """Put a new file in place of one that other copies of the project may share."""
    path.unlink()
    path.write_bytes(content)


def rules_run(said: str) -> list[str]:
    """Return the rules of the jobs that finished, as Snakemake reported them."""
    return [
        line.split("Rule: ")[1].rstrip(")") for line in said.splitlines() if line.startswith("Finished jobid")
    ]


def test_twenty_kills_end_with_the_same_bytes(unmade, finished) -> None:
    umbra = here(unmade)
    moments = random.Random(20)
    killed = 0
    while killed < 20:
        process = umbra.start(TABLE)
        try:
            process.wait(moments.uniform(0.5, 4))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
        else:
            assert process.returncode == 0, umbra.log()[-4000:]
            break
    umbra.run(TABLE)
    assert killed >= 5
    assert unmade.limits()[CHANNEL] == finished.limits()[CHANNEL]
    assert not [path for path in results(unmade).rglob(".*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("templates.root", lambda content: content[: len(content) // 2]),
        ("fits/block_000.json", lambda content: content[: len(content) // 2]),
        ("fits/block_000.json", lambda _: b""),
        ("workspaces/block_000.zip", lambda content: b"\0" * len(content)),
    ],
)
def test_a_damaged_intermediate_is_made_again_when_it_is_needed(again, finished, name, damage) -> None:
    path = results(again) / name
    replace(path, damage(path.read_bytes()))
    (results(again) / "limits/block_000.json").unlink()
    (results(again) / "limits.csv").unlink()
    said = here(again).run(TABLE)
    assert f"removed results/{CHANNEL}/{name}: it was changed since it was made" in said
    assert again.limits() == finished.limits()
    assert f"{CHANNEL}_skim" not in rules_run(said)


def test_a_damaged_intermediate_that_nothing_needs_costs_nothing(again, finished) -> None:
    replace(results(again) / "templates.root", b"")
    said = here(again).run(TABLE)
    assert rules_run(said) == []
    assert again.limits() == finished.limits()


@pytest.mark.parametrize("name", ["limits/block_000.json", "limits.csv"])
def test_a_truncated_result_is_made_again_and_nothing_before_it(again, finished, name) -> None:
    path = results(again) / name
    content = path.read_bytes()
    replace(path, content[:100])
    said = here(again).run(TABLE)
    assert again.limits() == finished.limits()
    assert set(rules_run(said)) <= {f"{CHANNEL}_limit", TABLE}


@pytest.fixture
def small_disk(unmade) -> Path:
    """Make `results/` of a copy a file system of 300 kB, which needs root."""
    folder = unmade.folder / "results"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("this machine (a container?) does not let us mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_leaves_nothing_half_written(unmade, finished, small_disk) -> None:
    umbra = here(unmade)
    assert umbra.start(TABLE).wait(300) != 0
    assert "No space left on device" in umbra.log() or "Errno 28" in umbra.log()
    for path in small_disk.rglob("*.*"):
        other = finished.folder / "results" / path.relative_to(small_disk)
        assert not path.is_file() or path.stat().st_size == other.stat().st_size, f"{path} is half written"
    subprocess.run(["mount", "-o", "remount,size=1g", small_disk], check=True)
    umbra.run(TABLE)
    assert unmade.limits()[CHANNEL] == finished.limits()[CHANNEL]
