"""What can break a run on one machine: the next call recovers, redoes only what is needed, ends with the same bytes."""

import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from front_door_run import FrontDoorRun
from throwaway_slurm import wait_for

CHANNEL = "zprime_invisible_belle2_2018"
TABLE = f"{CHANNEL}_table"
MOUNT = ("mount", "-t", "tmpfs", "-o")


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


@pytest.mark.nightly  # several minutes
def test_twenty_kills_end_with_the_same_bytes(unmade, finished) -> None:
    """Kill the head process at random moments that go with the run, from its first sample to its last skim."""
    umbra = here(unmade)
    moments = random.Random(20)
    # A skim and its cutflow for each sample, which is two files as well in the small run.
    before_the_model = 2 * len(list((results(finished) / "skims").iterdir()))
    for kill in range(20):
        process = umbra.start(TABLE)
        enough = before_the_model * kill // 20
        wait_for(lambda enough=enough: number_of_results(unmade) >= enough, f"{enough} results", 600)
        time.sleep(moments.uniform(0.0, 3.0))
        assert process.poll() is None, umbra.log()[-4000:]
        process.kill()
        process.wait()
    assert not (results(unmade) / "limits.csv").exists()
    umbra.run(TABLE)
    assert unmade.limits()[CHANNEL] == finished.limits()[CHANNEL]
    assert not [path for path in results(unmade).rglob(".*") if path.is_file()]


def number_of_results(checkout) -> int:
    """Count the files that are complete: what a job is writing has a hidden name."""
    return sum(path.is_file() for path in (checkout.folder / "results").rglob("[!.]*"))


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
def full_disk(again, finished) -> Iterator[Path]:
    """Put the samples and skims of a copy on a file system with no room for more, which needs root."""
    folder = again.folder / "results"
    shutil.rmtree(folder)
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run([*MOUNT, "size=1g", "tmpfs", folder], check=False).returncode:
        pytest.skip("this machine does not let us mount a small file system")
    try:
        for part in ("samples", f"{CHANNEL}/skims"):
            shutil.copytree(finished.folder / "results" / part, folder / part)
        used = shutil.disk_usage(folder).used
        subprocess.run([*MOUNT, f"remount,size={used}", "tmpfs", folder], check=True)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_leaves_nothing_half_written(again, finished, full_disk) -> None:
    umbra = here(again)
    before = sorted(full_disk.rglob("*"))
    assert umbra.start(TABLE).wait(300) != 0
    assert "No space left on device" in umbra.log()
    assert "manifest.json could not be written" in umbra.log()
    assert sorted(full_disk.rglob("*")) == before
    subprocess.run([*MOUNT, "remount,size=1g", "tmpfs", full_disk], check=True)
    assert f"{CHANNEL}_skim" not in rules_run(umbra.run(TABLE))
    assert again.limits()[CHANNEL] == finished.limits()[CHANNEL]
