"""The batch of limits beside that of another checkout: `python benchmarks/limit_batch.py CHECKOUT [--engine MODULE]`.

The sets of workspaces are those of `benchmarks/limits.py`. Two processes, one with each library, take turns, repeat by
repeat, so that both see the same machine; what counts is the CPU time of the fastest repeat. `--engine` is the module
of the other checkout that has `upper_limits` and `LimitSettings`. The exit code is 1 if a set takes more than `--bound`
times as long as there, or a limit differs by more than 1e-6.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from limits import LIBRARY, N_POINTS, SETS, workspace

WORKER = """
import importlib, json, sys, time
engine = importlib.import_module(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as stream:
    sets = json.load(stream)
settings = engine.LimitSettings(calculation="asymptotic")
for name in sys.stdin:
    start = time.process_time()
    limits = engine.upper_limits(sets[name.strip()], settings)
    seconds = time.process_time() - start
    print(json.dumps([seconds, [[each.observed, *each.expected] for each in limits]]), flush=True)
"""


class Side:
    """A process with one of the two libraries."""

    def __init__(self, library: Path, engine: str, sets: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(library)}
        command = [sys.executable, "-c", WORKER, engine, str(sets)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def run(self, name: str) -> tuple[float, Any]:
        """CPU seconds and limits of one set."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{name}\n")
        self.process.stdin.flush()
        seconds, limits = json.loads(self.process.stdout.readline())
        return seconds, np.array(limits, dtype=float)

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def main() -> int:
    """Time both, print the ratios, and return 1 if a bound was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--engine", default="umbra.statistics.engine")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--bound", type=float, default=1.1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    masses = np.linspace(10.0, 200.0, N_POINTS)
    sets = {name: [workspace(m, random, *make) for m in masses] for name, make in SETS.items()}
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sets.json"
        path.write_text(json.dumps(sets), encoding="utf-8")
        here = Side(LIBRARY, "umbra.statistics.engine", path)
        there = Side(options.checkout / "workflow" / "scripts", options.engine, path)
        print(f"ms a limit of {N_POINTS}: {'there':>25} {'here':>8} {'ratio':>7} {'differ by':>10}")
        for name in SETS:
            before, after = [], []
            for _ in range(options.repeats):
                seconds, old = there.run(name)
                before.append(seconds)
                seconds, new = here.run(name)
                after.append(seconds)
            ratio, apart = min(after) / min(before), float(np.nanmax(np.abs(new / old - 1.0)))
            good = ratio <= options.bound and apart < 1e-6
            missed += not good
            times = [1e3 * min(each) / N_POINTS for each in (before, after)]
            verdict = "" if good else "   MISSED"
            print(f"{name:<32} {times[0]:>8.3f} {times[1]:>8.3f} {ratio:>7.3f} {apart:>10.1e}{verdict}")
        here.close()
        there.close()
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
