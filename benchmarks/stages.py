"""What each stage of each channel costs: the tables of docs/scaling.md.

    ./run python benchmarks/stages.py [--scan tiny|default|full] [--cores N] [CHANNEL ...]

Makes the scan from nothing in a copy of the project in a temporary folder and prints, for each channel and stage and
for each sample, the processor time that the kernel counted for its jobs (start of Python and libraries included,
Snakemake excluded) and the largest memory of one. Wall time depends on the machine's load, processor time less.
Linux only.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from job_graph import copy_project, processor_time

STAGES = ("skim", "model", "data", "fit", "limit", "table", "plot")

#: Python reads this module at its start: each job of Snakemake then notes at its end what it took.
NOTE = """
import atexit, json, os, re, resource, sys
from pathlib import Path

def note():
    job = getattr(sys.modules["__main__"], "snakemake", None)
    if hasattr(job, "rule"):
        used = resource.getrusage(resource.RUSAGE_SELF)
        line = {
            "rule": job.rule,
            "outputs": [str(path) for path in job.output],
            "seconds": used.ru_utime + used.ru_stime,
            # Not ru_maxrss, in which Snakemake, from which the job was forked, is counted.
            "megabytes": int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024,
        }
        with open(os.environ["UMBRA_STAGES"], "a") as stream:
            stream.write(json.dumps(line) + "\\n")

atexit.register(note)
"""


class Cost(NamedTuple):
    """Processor time of some jobs, and the largest memory of one."""

    seconds: float
    megabytes: float


def main() -> None:
    """Run the scan and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("channels", nargs="*", metavar="CHANNEL", help="channels (all)")
    parser.add_argument("--scan", default="default", choices=("tiny", "default", "full"))
    parser.add_argument("--cores", default="1")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="umbra-stages-") as name:
        folder = Path(name)
        copy_project(folder)
        start, before = time.perf_counter(), processor_time()
        jobs = run(folder, options.scan, options.channels, options.cores)
        wall, processor = time.perf_counter() - start, processor_time() - before
        print_channels(jobs)
        print_samples(jobs, folder)
    print_gathering(jobs)
    total = sum(job["seconds"] for job in jobs)
    print(
        f"\nTogether {total:.0f} s in {len(jobs)} jobs; with Snakemake {processor:.0f} s, {wall:.0f} s of wall time"
    )
    print(f"on {options.cores} of {os.cpu_count()} cores; load at the end {os.getloadavg()[0]:.1f}")


def run(folder: Path, scan: str, channels: list[str], cores: str) -> list[dict[str, Any]]:
    """Make everything in a copy of the project and return what its jobs noted."""
    notes = folder / "jobs"
    (folder / "note").mkdir()
    (folder / "note/sitecustomize.py").write_text(NOTE)
    config = [f"scan={scan}", f"channels={json.dumps(channels)}"]
    paths = [str(folder / "workflow/scripts"), str(folder / "note")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "UMBRA_STAGES": str(notes)}
    options = ["--cores", cores, "--quiet", "all", "--config", *config]
    subprocess.run(
        [sys.executable, "-m", "umbra.commands.front_door", *options], cwd=folder, env=environment, check=True
    )
    return [json.loads(line) for line in notes.read_text().splitlines()]


def costs(jobs: list[dict[str, Any]]) -> dict[str, Cost]:
    """Add up the jobs of each rule."""
    found: dict[str, Cost] = defaultdict(lambda: Cost(0.0, 0.0))
    for job in jobs:
        cost = found[job["rule"]]
        found[job["rule"]] = Cost(cost.seconds + job["seconds"], max(cost.megabytes, job["megabytes"]))
    return found


def print_channels(jobs: list[dict[str, Any]]) -> None:
    """Print seconds, and megabytes in brackets, of each channel and stage."""
    of_rule = costs(jobs)
    names = sorted(rule.removesuffix("_model") for rule in of_rule if rule.endswith("_model"))
    print(f"| channel | {' | '.join(STAGES)} | sum |\n|{(len(STAGES) + 2) * '---|'}")
    for name in names:
        row = [of_rule[f"{name}_{stage}"] for stage in STAGES]
        cells = [f"{cost.seconds:.1f} ({cost.megabytes:.0f})" for cost in row]
        print(f"| {name} | {' | '.join(cells)} | {sum(cost.seconds for cost in row):.1f} |")


def print_samples(jobs: list[dict[str, Any]], folder: Path) -> None:
    """Print events, seconds, microseconds an event and megabytes of each machine and process."""
    generated = [job for job in jobs if job["rule"] == "generate"]
    events: dict[str, int] = defaultdict(int)
    for job in generated:
        events_file, info = (folder / path for path in job["outputs"])
        job["rule"] = "/".join(events_file.parts[-3:-1])
        events[job["rule"]] += sum(record["events"] for record in json.loads(info.read_text())["samples"])
    print("\n| samples | events | seconds | µs an event | MB |\n|---|---|---|---|---|")
    for name, cost in sorted(costs(generated).items()):
        each = 1e6 * cost.seconds / events[name]
        print(f"| {name} | {events[name]:,} | {cost.seconds:.1f} | {each:.0f} | {cost.megabytes:.0f} |")


def print_gathering(jobs: list[dict[str, Any]]) -> None:
    """Print what gathers all channels."""
    of_rule = costs(jobs)
    parts = [f"{rule} {of_rule[rule].seconds:.1f} s" for rule in ("summary", "validation", "cross_sections")]
    print(f"\n{', '.join(parts)}")


if __name__ == "__main__":
    main()
