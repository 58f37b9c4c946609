"""Limits side by side with stock pyhf: `python benchmarks/limits.py [--all] [--points 20]`.

Four sets of 200 workspaces are made from a seed: a double-sided Crystal Ball signal with normsys 5%, lumi 1% and a
resolution histosys on five free Bernstein terms (high counts; one twentieth of them), on eigen-variations as
histosys, and with a staterror. Both programs run in one process on one core, and CPU time is compared: the kernel
(workspaces in memory to limits) and end to end (fresh process, JSON files to a CSV table). pyhf runs on a seeded
random subset, 20 points of the first three sets and 3 of the last; its cost a point is what counts. Then toys: q0
against pyhf's ToyCalculator, and the correlated toys of a whole scan.

The exit code is 1 if a bound is missed; the bounds are printed with what was measured.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

LIBRARY = Path(__file__).parents[1] / "workflow" / "scripts"
sys.path.insert(0, str(LIBRARY))

import numpy as np  # noqa: E402
import pyhf  # noqa: E402

from umbra.statistics.compilation import compile_workspace  # noqa: E402
from umbra.statistics.engine import LimitSettings, upper_limits  # noqa: E402
from umbra.statistics.look_elsewhere import spectrum_toys, toy_discovery_statistic  # noqa: E402
from umbra.statistics.profile import prepare  # noqa: E402

N_POINTS, N_BINS = 200, 100
ASYMPTOTIC = LimitSettings(calculation="asymptotic")
Workspace = dict[str, Any]


def crystal_ball(x: np.ndarray, mean: float, width: float) -> np.ndarray:
    """Double-sided Crystal Ball with alpha = 1.5, n = 4 on either side, normalised over the bins."""
    alpha, n = 1.5, 4.0
    t = np.abs(x - mean) / width
    tail = (n / alpha) ** n * math.exp(-0.5 * alpha**2) * (n / alpha - alpha + np.maximum(t, alpha)) ** -n
    shape = np.where(t < alpha, np.exp(-0.5 * t**2), tail)
    return np.asarray(shape / shape.sum())


def workspace(mass_gev: float, random: np.random.Generator, scale: float, background: str) -> Workspace:
    """One mass point on a falling spectrum, in a window of 24 widths of 2%."""
    width = 0.02 * mass_gev
    edges = np.linspace(mass_gev - 12 * width, mass_gev + 12 * width, N_BINS + 1)
    x = 0.5 * (edges[1:] + edges[:-1])
    u = (x - edges[0]) / (edges[-1] - edges[0])
    expected = np.exp(-1.5 * x / mass_gev)
    expected *= scale * 2e6 * (10.0 / mass_gev) ** 2 / expected.sum()
    strength = 2.0 * math.sqrt(expected[N_BINS // 2 - 5 : N_BINS // 2 + 5].sum())

    def peak(factor: float) -> list[float]:
        return list(strength * crystal_ball(x, mass_gev, factor * width))

    modifiers = [
        {"name": "mu", "type": "normfactor", "data": None},
        {"name": "lumi", "type": "lumi", "data": None},
        {"name": "efficiency", "type": "normsys", "data": {"hi": 1.05, "lo": 0.95}},
        {"name": "resolution", "type": "histosys", "data": {"hi_data": peak(1.1), "lo_data": peak(0.9)}},
    ]
    samples = [{"name": "signal", "data": peak(1.0), "modifiers": modifiers}]
    if background == "eigen":
        variations: list[dict[str, Any]] = [{"name": "rate", "type": "normfactor", "data": None}]
        for k in range(1, 5):
            shift = 0.02 * expected * np.polynomial.legendre.Legendre.basis(k)(2 * u - 1)
            data = {"hi_data": list(expected + shift), "lo_data": list(expected - shift)}
            variations.append({"name": f"eigen{k}", "type": "histosys", "data": data})
        samples.append({"name": "background", "data": list(expected), "modifiers": variations})
    else:
        basis = np.array([math.comb(4, k) * u**k * (1 - u) ** (4 - k) for k in range(5)])
        for k, c in enumerate(np.linalg.lstsq(basis.T, expected, rcond=None)[0]):
            terms: list[dict[str, Any]] = [{"name": f"term{k}", "type": "normfactor", "data": None}]
            if background == "staterror":
                terms.append({"name": "stat", "type": "staterror", "data": list(0.02 * c * basis[k])})
            samples.append({"name": f"term{k}", "data": list(c * basis[k]), "modifiers": terms})
    lumi = {"name": "lumi", "auxdata": [1.0], "sigmas": [0.01], "bounds": [[0.5, 1.5]], "inits": [1.0]}
    return {
        "channels": [{"name": "window", "samples": samples}],
        "observations": [{"name": "window", "data": [float(n) for n in random.poisson(expected)]}],
        "measurements": [{"name": "benchmark", "config": {"poi": "mu", "parameters": [lumi]}}],
        "version": "1.0.0",
    }


SETS = {
    "high counts": (1.0, "bernstein"),
    "one twentieth": (0.05, "bernstein"),
    "eigen-histosys": (1.0, "eigen"),
    "staterror": (1.0, "staterror"),
}


class Report:
    """Prints what was measured beside its bound, and remembers whether one was missed."""

    def __init__(self) -> None:
        self.missed = 0

    def __call__(self, what: str, value: float, bound: float | None = None, *, at_least: bool = True) -> None:
        """Print one number; with a bound, note if it is missed."""
        good = bound is None or (value >= bound if at_least else value <= bound)
        self.missed += not good
        sign = (
            ""
            if bound is None
            else f"   (bound {'>=' if at_least else '<='} {bound:g}{'' if good else ', MISSED'})"
        )
        print(f"  {what:<62} {value:>12.4g}{sign}", flush=True)


def end_to_end(workspaces: list[Workspace]) -> float:
    """CPU seconds of a fresh process that turns JSON files into a CSV table."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i, content in enumerate(workspaces):
            path = Path(folder) / f"{i}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
            paths.append(str(path))
        command = [
            sys.executable,
            "-m",
            "umbra",
            "limits",
            *paths,
            "--calculation",
            "asymptotic",
            "--format",
            "csv",
        ]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(LIBRARY)}
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def pyhf_limit(content: Workspace) -> tuple[float, list[float]] | None:
    """Stock pyhf: its own root search; None where it raises."""
    try:
        spec = pyhf.Workspace(content)
        model = spec.model()
        observed, expected = pyhf.infer.intervals.upper_limits.toms748_scan(
            spec.data(model), model, 0.0, 10.0, level=0.05
        )
    except Exception as error:  # whatever stock pyhf raises is a failed point
        print(f"  pyhf failed: {type(error).__name__}: {str(error).splitlines()[0][:80]}")
        return None
    return float(observed), [float(value) for value in expected]


def compare_limits(
    name: str, n_pyhf: int, random: np.random.Generator, report: Report
) -> tuple[float, float]:
    """One set; returns the CPU time a point of the kernel and of pyhf."""
    scale, background = SETS[name]
    workspaces = [workspace(m, random, scale, background) for m in np.linspace(10.0, 200.0, N_POINTS)]
    upper_limits(workspaces[:2], ASYMPTOTIC)
    start = time.process_time()
    limits = upper_limits(workspaces, ASYMPTOTIC)
    kernel = (time.process_time() - start) / N_POINTS
    whole = end_to_end(workspaces) / N_POINTS

    chosen = np.sort(random.choice(N_POINTS, size=min(n_pyhf, N_POINTS), replace=False))
    start = time.process_time()
    stock = [pyhf_limit(workspaces[i]) for i in chosen]
    reference = (time.process_time() - start) / len(chosen)
    differences = [
        max(
            abs(ours / theirs - 1.0)
            for ours, theirs in zip((l.observed, *l.expected), (r[0], *r[1]), strict=True)
        )
        for l, r in ((limits[i], r) for i, r in zip(chosen, stock, strict=True))  # noqa: E741
        if r is not None
    ]
    bounded = name != "staterror"
    print(f"{name}: {N_POINTS} points, pyhf on {len(chosen)}")
    report("kernel, ms a point", 1e3 * kernel)
    report("end to end, ms a point", 1e3 * whole)
    report("pyhf, ms a point", 1e3 * reference)
    report("kernel: times faster than pyhf", reference / kernel, 3000 if bounded else None)
    report("end to end: times faster than pyhf", reference / whole, 500 if bounded else None)
    report("largest relative difference to pyhf", max(differences), 1e-3 if bounded else None, at_least=False)
    report("median relative difference to pyhf", float(np.median(differences)))
    report("failures of the engine", sum(limit.status != "converged" for limit in limits), 0, at_least=False)
    report("failures of pyhf", sum(r is None for r in stock))
    return kernel, reference


def compare_toys(n_pyhf: int, random: np.random.Generator, report: Report) -> None:
    """The discovery statistic of toys of one point."""
    content = workspace(50.0, random, 1.0, "bernstein")
    hypotheses = prepare([compile_workspace(content)])
    expected = hypotheses.asimov.observed[0]
    observed = random.poisson(expected, size=(4000, len(expected))).astype(float)
    observed[:, len(content["observations"][0]["data"]) :] = 0.0
    start = time.process_time()
    toy_discovery_statistic(hypotheses, observed[:10])
    compilation = time.process_time() - start
    start = time.process_time()
    q0 = toy_discovery_statistic(hypotheses, observed)
    ours = (time.process_time() - start) / len(observed)

    spec = pyhf.Workspace(content)
    model = spec.model()
    auxiliary, start_values = model.config.auxdata, model.config.suggested_init()
    bounds, fixed = model.config.suggested_bounds(), model.config.suggested_fixed()
    differences = []
    for i in range(n_pyhf):
        data = [*observed[i, : model.config.nmaindata], *auxiliary]
        theirs = pyhf.infer.test_statistics.q0(0.0, data, model, start_values, bounds, fixed)
        differences.append(abs(q0[i] - float(theirs)))
    calculator = pyhf.infer.calculators.ToyCalculator(
        spec.data(model), model, test_stat="q0", ntoys=n_pyhf, track_progress=False
    )
    start = time.process_time()
    calculator.distributions(0.0)
    theirs = (time.process_time() - start) / (2 * n_pyhf)  # it makes toys with and without signal
    print("toys of one point")
    report("compilation, CPU seconds, once a process (not in the ratio)", compilation)
    report("q0, microseconds a toy", 1e6 * ours)
    report("pyhf's ToyCalculator, microseconds a toy", 1e6 * theirs)
    report("times faster than pyhf", theirs / ours, 2000)
    report("largest difference of q0, toy by toy", max(differences), 1e-4, at_least=False)


def scan_toys(n_toys: int, n_masses: int, random: np.random.Generator, report: Report) -> None:
    """Correlated toys of a whole spectrum, windows of 100 out of 2000 bins."""
    spectrum = 3000.0 * np.exp(-np.arange(2000) / 700.0)
    workspaces, bins = [], []
    for first in np.linspace(0, 1900, n_masses).astype(int):
        x = np.arange(100) + 0.5
        u, expected = x / 100, spectrum[first : first + 100]
        basis = np.array([math.comb(3, k) * u**k * (1 - u) ** (3 - k) for k in range(4)])
        heights = np.linalg.lstsq(basis.T, expected, rcond=None)[0]
        signal = 100.0 * crystal_ball(x, 50.0, 4.0)
        samples = [
            {
                "name": "signal",
                "data": list(signal),
                "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
            }
        ]
        for k in range(4):
            term = {"name": f"term{k}", "type": "normfactor", "data": None}
            samples.append({"name": f"term{k}", "data": list(heights[k] * basis[k]), "modifiers": [term]})
        workspaces.append(
            {
                "channels": [{"name": "window", "samples": samples}],
                "observations": [{"name": "window", "data": list(expected)}],
                "measurements": [{"name": "scan", "config": {"poi": "mu", "parameters": []}}],
                "version": "1.0.0",
            }
        )
        bins.append(np.stack([np.arange(first, first + 100), np.arange(first, first + 100) + 1], axis=1))
    start = time.process_time()
    toys = spectrum_toys(workspaces, bins, spectrum, n_toys, random)
    seconds = time.process_time() - start
    print(f"correlated toys: {n_toys} pseudo-experiments x {n_masses} masses")
    report("CPU seconds", seconds, 60, at_least=False)
    report("failed fits", toys.failed_fits, 0, at_least=False)


def main() -> int:
    """Run everything, print the ratios, and return 1 if a bound was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--points", type=int, default=20, help="points of the first three sets that pyhf runs on"
    )
    parser.add_argument("--all", action="store_true", help="run pyhf on every point (hours)")
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # pyhf's own, of which it has many
    pyhf.set_backend("numpy", "scipy")
    report = Report()
    random = np.random.default_rng(options.seed)
    for name in SETS:
        n = N_POINTS if options.all else 3 if name == "staterror" else options.points
        compare_limits(name, n, random, report)
    compare_toys(10, random, report)
    scan_toys(1000, 500, random, report)
    print(f"bounds missed: {report.missed}")
    return int(report.missed > 0)


if __name__ == "__main__":
    sys.exit(main())
