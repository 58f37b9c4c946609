"""The workflow on a real Slurm of two virtual nodes: the same bytes as on this machine, whatever dies."""

import shutil

import pytest

from front_door_run import FrontDoorRun
from throwaway_slurm import ThrowawaySlurm, wait_for

pytestmark = pytest.mark.cluster

CHANNEL = "zprime_invisible_belle2_2018"

#: No accounting data base stands behind this Slurm; ask soon and often, because the jobs are short.
OPTIONS = (
    *("--profile", "profiles/slurm", "--slurm-status-command", "squeue"),
    *("--slurm-init-seconds-before-status-checks", "2"),
)


def on_slurm(checkout, slurm: ThrowawaySlurm) -> FrontDoorRun:
    return FrontDoorRun(checkout.folder, checkout.command, OPTIONS, slurm.environment)


def running(slurm: ThrowawaySlurm) -> list[list[str]]:
    """Return number and node of each running job."""
    return [
        line.split() for line in slurm.output("squeue", "-h", "-t", "running", "-o", "%i %N").splitlines()
    ]


def test_three_channels_give_the_same_bytes_as_here(unmade, finished, slurm) -> None:
    tables = [f"{channel}_table" for channel in finished.limits()]
    assert len(tables) == 3
    said = on_slurm(unmade, slurm).run(*tables)
    assert said.count("has been submitted with SLURM jobid") >= 30
    assert unmade.limits() == finished.limits()


def test_a_cancelled_job_is_tried_again(again, finished, slurm) -> None:
    lose(again, "fits", "workspaces", "limits", "limits.csv")
    umbra = on_slurm(again, slurm)
    process = umbra.start(f"{CHANNEL}_table")
    wait_for(lambda: running(slurm), "a running job")
    slurm.output("scancel", running(slurm)[0][0])
    said = umbra.finish(process)
    assert "SLURM status is: 'CANCELLED'" in said
    assert again.limits() == finished.limits()


@pytest.mark.nightly  # several minutes
def test_the_jobs_of_a_lost_node_are_tried_again_elsewhere(again, finished, slurm) -> None:
    lose(again, "fits", "workspaces", "limits", "limits.csv")
    umbra = on_slurm(again, slurm)
    process = umbra.start(f"{CHANNEL}_table")
    wait_for(lambda: running(slurm), "a running job")
    node = running(slurm)[0][1]
    slurm.kill_node(node)
    wait_for(lambda: "NODE_FAIL" in umbra.log(), "Slurm to give the node up", 120)
    slurm.start_node(node)
    umbra.finish(process)
    assert again.limits() == finished.limits()


def test_a_killed_run_is_cleared_away_and_taken_up(again, finished, slurm) -> None:
    lose(again, "fits", "workspaces", "limits", "limits.csv")
    umbra = on_slurm(again, slurm)
    dead = umbra.start(f"{CHANNEL}_table")
    wait_for(lambda: running(slurm), "a running job")
    dead.kill()
    dead.wait()
    left = {job for job, _ in running(slurm)}
    said = umbra.run(f"{CHANNEL}_table")
    assert "cancelling Slurm jobs of a run that died" in said
    assert left & set(said.split("cancelling Slurm jobs of a run that died: ")[1].splitlines()[0].split(", "))
    assert again.limits() == finished.limits()


@pytest.mark.nightly  # without Slurm it is tried with every change: tests/workflow/test_cache.py
def test_a_second_checkout_takes_from_the_cache_what_slurm_made(unmade, slurm, tmp_path) -> None:
    skim = "results/alp_3gamma_belle2/skims/gamma_gamma.root"
    other = type(unmade)(shutil.copytree(unmade.folder, tmp_path / "other"))
    cache = tmp_path / "cache"
    cache.mkdir()
    environment = slurm.environment | {"SNAKEMAKE_OUTPUT_CACHE": str(cache)}
    computed = []
    for checkout in (unmade, other, other):
        options = (*OPTIONS, "--cache", "generate")
        FrontDoorRun(checkout.folder, checkout.command, options, environment).run(skim)
        computed.append(sum(log.stat().st_size > 0 for log in (checkout.folder / "logs").rglob("*.log")))
    assert computed == [2, 0, 0]
    assert len(list(cache.iterdir())) == 4
    assert (other.folder / skim).read_bytes() == (unmade.folder / skim).read_bytes()


def lose(checkout, *names: str) -> None:
    """Remove results of the channel, so that their jobs run again."""
    for name in names:
        path = checkout.folder / "results" / CHANNEL / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
