"""One limit by four engines in one run: `python benchmarks/limit_engines.py [--set "high counts"] [--points 3]`.

The models are those of `benchmarks/limits.py`: 100 bins, nine parameters. Each engine turns workspaces in memory into
the observed CLs limit and the five expected ones at 95%, on one core: this one 200 at a time, stock pyhf by its root
search, NextStat (`pip install nextstat`) by its own, RooFit (`pip install ROOT`) by AsymptoticCalculator in a scan of
ten strengths from a third to twice the expected limit, which it is told. What counts is CPU time a limit, of models
building included. An engine that is not installed is left out, and a sentence says so; the exit code is 1 if a bound is
missed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
from limits import ASYMPTOTIC, N_POINTS, SETS, pyhf_limit, upper_limits, workspace

Workspace = dict[str, Any]
SCAN_POINTS = 10
REPEATS = 5


def by_pyhf(content: Workspace, _: float) -> tuple[float, float]:
    """Observed and median expected limit of stock pyhf."""
    found = pyhf_limit(content)
    return (np.nan, np.nan) if found is None else (found[0], found[1][2])


def by_nextstat(content: Workspace, _: float) -> tuple[float, float]:
    """Observed and median expected limit of NextStat."""
    nextstat = importlib.import_module("nextstat")
    observed, expected = nextstat.upper_limit(nextstat.from_pyhf(json.dumps(content)), method="root")
    return float(observed), float(expected[2])


def by_roofit(content: Workspace, expected: float) -> tuple[float, float]:
    """Observed and median expected limit of RooFit, around an expected one that is known."""
    root = importlib.import_module("ROOT")
    root.gErrorIgnoreLevel = root.kFatal
    root.RooMsgService.instance().setGlobalKillBelow(root.RooFit.FATAL)
    root.Math.MinimizerOptions.SetDefaultMinimizer("Minuit2")
    root.Math.MinimizerOptions.SetDefaultPrintLevel(-1)
    root.RooStats.AsymptoticCalculator.SetPrintLevel(-1)
    model = roofit_workspace(root, content)
    signal, background = model.obj("ModelConfig"), model.obj("ModelConfig").Clone("background")
    strength = signal.GetParametersOfInterest().first()
    strength.setRange(0.0, 20.0 * expected)
    strength.setVal(expected)
    signal.SetSnapshot(root.RooArgSet(strength))
    strength.setVal(0.0)
    background.SetSnapshot(root.RooArgSet(strength))
    calculator = root.RooStats.AsymptoticCalculator(model.data("obsData"), background, signal)
    calculator.SetOneSided(True)
    inverter = root.RooStats.HypoTestInverter(calculator)
    inverter.SetConfidenceLevel(0.95)
    inverter.UseCLs(True)
    inverter.SetVerbose(0)
    inverter.SetFixedScan(SCAN_POINTS, expected / 3.0, 2.0 * expected)
    result = inverter.GetInterval()
    return float(result.UpperLimit()), float(result.GetExpectedUpperLimit(0))


def roofit_workspace(root: Any, content: Workspace) -> Any:
    """Build the model of a workspace with RooFit's HistFactory."""
    factory = root.RooStats.HistFactory
    measurement = factory.Measurement("m", "m")
    measurement.SetPOI("mu")
    measurement.SetLumi(1.0)
    measurement.SetLumiRelErr(0.01)
    numbers = count()

    def histogram(values: list[float]) -> Any:
        made = root.TH1D(f"h{next(numbers)}", "", len(values), 0.0, float(len(values)))
        made.SetDirectory(root.nullptr)
        for i, value in enumerate(values):
            made.SetBinContent(i + 1, value)
        root.SetOwnership(made, False)  # HistFactory deletes it
        return made

    (channel,), (observation,) = content["channels"], content["observations"]
    target = factory.Channel(channel["name"])
    target.SetData(histogram(observation["data"]))
    for content_of_sample in channel["samples"]:
        sample = factory.Sample(content_of_sample["name"])
        sample.SetHisto(histogram(content_of_sample["data"]))
        sample.SetNormalizeByTheory(False)
        for modifier in content_of_sample["modifiers"]:
            name, kind, data = modifier["name"], modifier["type"], modifier["data"]
            if kind == "normfactor":
                sample.AddNormFactor(name, 1.0, 0.0, 10.0)
            elif kind == "lumi":
                sample.SetNormalizeByTheory(True)
            elif kind == "normsys":
                sample.AddOverallSys(name, data["lo"], data["hi"])
            elif kind == "histosys":
                variation = factory.HistoSys()
                variation.SetName(name)
                variation.SetHistoHigh(histogram(data["hi_data"]))
                variation.SetHistoLow(histogram(data["lo_data"]))
                sample.AddHistoSys(variation)
            else:
                raise ValueError(f"no translation of '{kind}' to RooFit")
        target.AddSample(sample)
    measurement.AddChannel(target)
    return factory.HistoToWorkspaceFactoryFast.MakeCombinedModel(measurement)


#: How each other engine sets a limit, the module that it needs, and how many times faster this one must be.
OTHERS: dict[str, tuple[Callable[[Workspace, float], tuple[float, float]], str, float]] = {
    "pyhf": (by_pyhf, "pyhf", 3000.0),
    "RooFit": (by_roofit, "ROOT", 20.0),
    "NextStat": (by_nextstat, "nextstat", 1.0),
}


def cpu_seconds(work: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    """CPU seconds of the work, and its result."""
    start = time.process_time()
    result = work(*arguments)
    return time.process_time() - start, result


def main() -> int:
    """Time all engines, print the ratios, and return 1 if a bound was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", choices=SETS, default="high counts")
    parser.add_argument("--points", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    workspaces = [workspace(m, random, *SETS[options.set]) for m in np.linspace(10.0, 200.0, N_POINTS)]
    runs = [cpu_seconds(upper_limits, workspaces, ASYMPTOTIC) for _ in range(REPEATS)]
    ours, limits = min(run[0] for run in runs) / N_POINTS, runs[0][1]
    chosen = random.choice(N_POINTS, size=options.points + 1, replace=False)
    print(f"{options.set}: observed limit and five expected ones, CPU ms a limit")
    print(f"  {'this engine':<12} {1e3 * ours:>12.3f}   ({N_POINTS} at a time)")
    missed = 0
    for name, (limit_by, module, bound) in OTHERS.items():
        try:
            importlib.import_module(module)
        except ImportError:
            print(f"  {name:<12} is not installed: pip install {module}")
            continue
        seconds, differences = [], []
        for k in chosen:
            known = limits[k]
            taken, found = cpu_seconds(limit_by, workspaces[k], known.expected[2])
            seconds.append(taken)
            differences.append(np.abs(np.divide(found, (known.observed, known.expected[2])) - 1.0).max())
        theirs = float(np.mean(seconds[1:]))  # the first one is for loading and compiling
        good = theirs / ours >= bound
        missed += not good
        print(
            f"  {name:<12} {1e3 * theirs:>12.3f}   {theirs / ours:>8.1f} times as long"
            f" (bound {bound:g}{'' if good else ', MISSED'}); limits differ by up to {np.nanmax(differences):.1e}",
            flush=True,
        )
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
