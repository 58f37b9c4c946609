"""How long it takes to plan a large run: 30 channels with full grids, as a dry run.

    ./run python benchmarks/job_graph.py [--channels N]

Works in a copy of the project in a temporary folder, in which the channels are copies of those that there are, under
other names. Prints wall time, processor time and number of jobs. Exit code 1 if a bound is missed: 10 s of wall time
(on an idle machine) and 1,000 jobs.
"""

import argparse
import itertools
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: What planning a run reads.
SOURCES = ("Snakefile", "workflow", "config", "profiles", "envs", "tests/data")
MAXIMUM_SECONDS = 10.0
MAXIMUM_JOBS = 1000


def main() -> int:
    """Plan the run; 0 if both bounds are met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--channels", type=int, default=30, help="number of channels (30)")
    channels = parser.parse_args().channels
    with tempfile.TemporaryDirectory(prefix="umbra-job-graph-") as name:
        folder = Path(name)
        copy_project(folder)
        multiply_channels(folder / "config" / "channels", channels)
        text, seconds, processor_seconds = plan(folder)
    jobs = number_of_jobs(text)
    print(f"{channels} channels, full grids: {jobs} jobs planned in {seconds:.1f} s", end=" ")
    print(f"({processor_seconds:.1f} s of processor time)")
    missed = [
        text
        for text, met in (
            (f"{seconds:.1f} s is not below {MAXIMUM_SECONDS:g} s", seconds < MAXIMUM_SECONDS),
            (f"{jobs} jobs are not below {MAXIMUM_JOBS}", jobs < MAXIMUM_JOBS),
        )
        if not met
    ]
    for text in missed:
        print(f"MISSED: {text}")
    return 1 if missed else 0


def copy_project(folder: Path) -> None:
    """Copy what planning a run reads, without results."""
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)


def multiply_channels(folder: Path, number: int) -> None:
    """Copy the channels of a folder under other names, one after the other, until there are so many."""
    paths = sorted(folder.glob("*.yaml"))
    for i, path in enumerate(itertools.islice(itertools.cycle(paths), len(paths), number), start=1):
        shutil.copy2(path, folder / f"{path.stem}_copy_{i:02d}.yaml")


def plan(folder: Path) -> tuple[str, float, float]:
    """Do the dry run; return what it says, its wall time and its processor time in seconds.

    Raises
    ------
    SystemExit
        If Snakemake fails.
    """
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--cores", "1", "--quiet", "rules"]
    before = processor_time()
    start = time.perf_counter()
    done = subprocess.run(
        [*command, "--config", "scan=full"], cwd=folder, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    text = done.stdout + done.stderr
    if done.returncode:
        raise SystemExit(f"the dry run failed:\n{text[-4000:]}")
    return text, seconds, processor_time() - before


def processor_time() -> float:
    """Return the processor time in seconds of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def number_of_jobs(text: str) -> int:
    """Read the number of jobs from what a dry run says."""
    found = re.search(r"^total +(\d+)$", text, flags=re.MULTILINE)
    if found is None:
        raise SystemExit(f"the dry run names no number of jobs:\n{text[-4000:]}")
    return int(found[1])


if __name__ == "__main__":
    sys.exit(main())
