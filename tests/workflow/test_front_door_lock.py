"""What `umbra.commands.front_door` does around Snakemake: cores, locks of the living and the dead, the plots."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from umbra.commands import front_door

SNAKEFILE = """
rule all:
    input: "results/tiny/plot.png"

rule slow:
    output: "results/tiny/slow.txt"
    shell: "echo $$ > pid; while [ ! -e go ]; do sleep 0.05; done; echo done > {output}; touch finished"

rule plot:
    output: "results/tiny/plot.png"
    params: cores=workflow.cores
    shell: "echo {params.cores} > {output}"

rule other:
    output: "results/tiny/other.txt"
    shell: "touch {output}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    return tmp_path


@pytest.fixture
def start(folder: Path, project: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return a function that starts `python -m <module> <arguments>` in the folder; the living are ended."""
    started: list[subprocess.Popen[str]] = []
    environment = os.environ | {"PYTHONPATH": str(project / "workflow/scripts")}

    def start_one(*arguments: str, module: str = "umbra.commands.front_door") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start_one
    (folder / "go").touch()
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def run(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., tuple[int, str, str]]:
    """Return a function that does the same, waits, and gives exit code, stdout and stderr."""

    def run_one(*arguments: str, module: str = "umbra.commands.front_door") -> tuple[int, str, str]:
        process = start(*arguments, module=module)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    return run_one


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def slow_job(folder: Path) -> int:
    """Wait until the slow job runs and return its process number."""
    pid = folder / "pid"
    wait_for(lambda: pid.exists() and pid.read_text().strip())
    return int(pid.read_text())


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def locks(folder: Path) -> list[Path]:
    return sorted((folder / ".snakemake/locks").glob("*.lock"))


def test_a_run_of_everything_takes_all_cores_and_tells_where_the_plots_are(run, folder: Path) -> None:
    code, out, err = run()
    assert (code, out) == (0, "")
    assert int((folder / "results/tiny/plot.png").read_text()) == len(os.sched_getaffinity(0))
    assert err.endswith("umbra: the plots are results/*/*.png, in tiny\n")


@pytest.mark.parametrize("option", ["--cores=1", "-c1", "-j1"])
def test_a_number_of_cores_that_was_asked_for_is_kept(run, folder: Path, option: str) -> None:
    code, _, err = run("plot", option)
    assert code == 0, err
    assert (folder / "results/tiny/plot.png").read_text() == "1\n"
    assert "umbra:" not in err


def test_a_wrong_option_is_an_error_without_a_traceback(run) -> None:
    code, out, err = run("--profile", "nowhere")
    assert (code != 0, out) == (True, "")
    assert "nowhere" in err
    assert "Traceback" not in err


def test_the_lock_of_a_killed_run_is_removed_and_its_jobs_are_ended(start, run, folder: Path) -> None:
    dead = start("slow")
    job = slow_job(folder)
    dead.kill()
    dead.wait()
    assert locks(folder)
    assert lives(job)
    (folder / "pid").unlink()
    second = start("slow", "--rerun-incomplete")
    assert slow_job(folder) != job
    assert not lives(job)
    (folder / "go").touch()
    _, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    assert "removed the lock of a run that died" in err
    assert "a job of a run that died" in err
    assert not locks(folder)


@pytest.mark.parametrize("module", ["umbra.commands.front_door", "snakemake"])
def test_the_lock_of_a_living_run_is_respected(start, run, folder: Path, module: str) -> None:
    living = start("slow", "--cores=1", module=module)
    job = slow_job(folder)
    code, _, err = run("slow")
    assert code == 1
    assert "its lock is respected" in err
    assert lives(job)
    assert locks(folder)
    (folder / "go").touch()
    _, err = living.communicate(timeout=60)
    assert living.returncode == 0, err
    assert (folder / "results/tiny/slow.txt").read_text() == "done\n"


def test_runs_of_different_targets_may_live_side_by_side(start, run, folder: Path) -> None:
    living = start("slow")
    job = slow_job(folder)
    code, _, err = run("other")
    assert code == 0, err
    assert lives(job)
    (folder / "go").touch()
    living.communicate(timeout=60)
    assert living.returncode == 0


def test_a_question_disturbs_no_one_and_needs_no_lock(start, run, folder: Path) -> None:
    dead = start("slow")
    job = slow_job(folder)
    dead.send_signal(signal.SIGKILL)
    dead.wait()
    code, _, err = run("plot", "--dry-run")
    assert code == 0, err
    assert lives(job)
    assert locks(folder)


def test_a_dry_run_is_a_table_and_says_when_there_is_nothing_to_do(run) -> None:
    code, out, err = run("-n")
    assert code == 0, err
    assert out == "              total\nall together      2\ntotal             2\n"
    assert "-n -p shows each" in err
    assert "rule plot" in run("-n", "-p")[1]
    assert run("plot")[0] == 0
    assert run("-n", "plot")[1] == "Nothing to be done: all requested files are present and up to date.\n"


def test_an_error_of_the_system_has_no_traceback(run, folder: Path) -> None:
    (folder / "results").touch()
    code, out, err = run("plot")
    assert code == 1
    assert "Traceback" not in out + err
    assert "results" in err


def test_what_a_killed_run_left_is_removed_at_the_next_start(run, folder: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    part = folder / f"results/tiny/.umbra-part-{dead.pid}-abc.csv"
    kept = folder / "results/tiny/.notes"
    left = folder / f".snakemake/tmp/{dead.pid}/snakemakeabc"
    left.mkdir(parents=True)
    part.parent.mkdir(parents=True)
    part.touch()
    kept.touch()
    assert run("plot")[0] == 0
    assert not part.exists()
    assert not left.parent.exists()
    assert kept.exists()


def test_the_temporary_folder_of_a_run_goes_with_it(folder: Path, project: Path) -> None:
    # As `run` does: the folder has the number of the process, which it keeps when it becomes Python.
    shell = f'mkdir -p {folder}/.snakemake/tmp/$$; TMPDIR={folder}/.snakemake/tmp/$$ exec "$@"'
    command = ["bash", "-c", shell, "run", sys.executable, "-m", "umbra.commands.front_door", "plot"]
    environment = os.environ | {"PYTHONPATH": str(project / "workflow/scripts")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (folder / "results/tiny/plot.png").exists()
    assert list((folder / ".snakemake/tmp").iterdir()) == []


def test_a_run_in_another_folder_holds_the_environment_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_door.paths, "checkout", lambda: tmp_path)
    front_door.keep_environment(tmp_path / "mine")  # nobody has run anything in the checkout
    (tmp_path / ".snakemake").mkdir()
    with (tmp_path / ".snakemake/run.lock").open("w") as lock:
        front_door.keep_environment(tmp_path)  # there `hold_run_lock` does it
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(lock, fcntl.LOCK_UN)
        front_door.keep_environment(tmp_path / "mine")
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
