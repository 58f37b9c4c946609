"""What Slurm and Snakemake add to a job: waiting, and start-up beside the work itself.

    ./run python benchmarks/slurm_jobs.py [CHANNEL]

Runs the tiny scan of a channel on a throw-away Slurm of two virtual nodes of two cores on this machine (Debian:
slurm-wlm, munge) and reads, for each job, when it was submitted, started and ended from Slurm, and what its script
took from the benchmark files of Snakemake (skims and samples have none). Meaningful on an idle machine only: the load
is printed.
"""

import argparse
import csv
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from job_graph import ROOT, copy_project

sys.path.insert(0, str(ROOT / "tests" / "helpers"))
from throwaway_slurm import ThrowawaySlurm, missing_programs

OPTIONS = (
    *("--profile", "profiles/slurm", "--slurm-status-command", "squeue"),
    *("--slurm-init-seconds-before-status-checks", "2", "--slurm-keep-successful-logs"),
)


def main() -> None:
    """Run the channel and print the times of its jobs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("channel", nargs="?", default="alp_3gamma_belle2")
    channel = parser.parse_args().channel
    if missing := missing_programs():
        raise SystemExit(f"no Slurm on this machine: {', '.join(missing)} not found")
    with tempfile.TemporaryDirectory(prefix="slurm-", dir="/tmp") as name:
        folder = Path(name) / "umbra"
        folder.mkdir()
        copy_project(folder)
        slurm = ThrowawaySlurm(Path(name) / "cluster")
        try:
            slurm.start()
            start = time.perf_counter()
            run(folder, channel, slurm)
            seconds = time.perf_counter() - start
            jobs = slurm.output("scontrol", "--oneliner", "show", "jobs").splitlines()
        finally:
            slurm.stop()
        print_jobs(jobs, measured(folder / "logs/benchmarks" / channel))
    print(f"\n{len(jobs)} jobs in {seconds:.0f} s of wall time, load at the end {os.getloadavg()[0]:.1f}")


def run(folder: Path, channel: str, slurm: ThrowawaySlurm) -> None:
    """Make the table of a channel on the Slurm."""
    environment = slurm.environment | {"PYTHONPATH": str(folder / "workflow/scripts")}
    config = ("--config", "scan=tiny", f"channels={json.dumps([channel])}")
    command = [sys.executable, "-m", "umbra.commands.front_door", f"{channel}_table", *OPTIONS, *config]
    subprocess.run(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL, check=True)


def measured(folder: Path) -> dict[str, float]:
    """Read wall times in seconds of scripts by rule, of rules that run once."""
    seconds = {}
    for path in folder.glob("*.tsv"):
        with path.open(newline="") as stream:
            (row,) = csv.DictReader(stream, delimiter="\t")
        seconds[path.stem.split("_block")[0]] = float(row["s"])
    return seconds


def print_jobs(jobs: list[str], scripts: dict[str, float]) -> None:
    """Print waiting, running and the script's own seconds of each job, and the medians."""
    waits, starts = [], []
    print("| rule | waited s | ran s | script s |\n|---|---|---|---|")
    for job in jobs:
        comment = re.search(r"Comment=rule_(\S+)", job)
        rule = comment[1] if comment else "?"
        submitted, started, ended = (moment(job, name) for name in ("SubmitTime", "StartTime", "EndTime"))
        script = next((seconds for stage, seconds in scripts.items() if rule.endswith(f"_{stage}")), None)
        waits.append(started - submitted)
        if script is not None:
            starts.append(ended - started - script)
        print(f"| {rule} | {started - submitted:.0f} | {ended - started:.0f} | {script or ''} |")
    print(f"\nmedian: {statistics.median(waits):.0f} s of waiting,", end=" ")
    print(f"{statistics.median(starts):.0f} s of start-up beside the script ({len(starts)} jobs)")


def moment(job: str, name: str) -> float:
    """Read a time, in whole seconds, from a line of scontrol."""
    found = re.search(rf"{name}=(\S+)", job)
    if found is None:
        raise SystemExit(f"scontrol gives no {name}: {job}")
    return datetime.fromisoformat(found[1]).timestamp()


if __name__ == "__main__":
    main()
