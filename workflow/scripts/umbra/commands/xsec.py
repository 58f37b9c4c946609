"""Cross-section calculator: `python -m umbra.commands.xsec PROCESS --mass 1 --cut photon_theta=10:170`.

Prints one JSON object on standard output: process, value and error in pb (of a decay, the fraction per parent),
parameters and cuts. Lowest order
with 1/α = 137.036 unless radiation is asked for.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from umbra.core.errors import UmbraError
from umbra.core.seeds import generator
from umbra.generation.integration import cross_section
from umbra.generation.processes.cuts import Bounds
from umbra.generation.processes.registry import LOCATIONS, PER_PARENT, find

#: Relative error of Monte Carlo results, or better.
ACCURACY = 2.5e-3

#: Command-line option of each parameter.
OPTIONS = {
    "mass_gev": ("--mass", "GEV", "mass of the new particle (aprime_higgs: A')"),
    "mass2_gev": ("--mass2", "GEV", "second mass (aprime_higgs: h'; darkonium_gamma: A')"),
    "coupling": ("--coupling", "X", "epsilon, g_agammagamma [1/GeV], g', epsilon^2 alpha_D or xi; default 1"),
    "alpha_d": ("--alpha-d", "X", "dark fine-structure constant (darkonium_gamma)"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the calculator and return its exit code: 0, or 2 for input that it refuses."""
    given = _parser().parse_args(arguments)
    try:
        result = catalogue() if given.list else calculate(given)
    except UmbraError as error:
        print(f"umbra.commands.xsec: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result, indent=2 if given.list else None))
    return 0


def calculate(given: argparse.Namespace) -> dict[str, Any]:
    """Compute what the parsed arguments ask for.

    Raises
    ------
    UmbraError
        For an unknown process, parameter or cut, naming those that are valid.
    """
    if given.process is None:
        raise UmbraError(f"no process given; known: {', '.join(sorted(LOCATIONS))}")
    process = find(given.process)
    options = {name: getattr(given, name) for name in OPTIONS}
    parameters = process.complete({name: value for name, value in options.items() if value is not None})
    cuts = parse_cuts(given.cut)
    names = [
        str(item) for item in (given.sqrt_s, given.isr, sorted(parameters.items()), sorted(cuts.items()))
    ]
    estimate = cross_section(
        process,
        given.sqrt_s,
        parameters,
        cuts,
        relative_error=ACCURACY,
        rng=generator("xsec", process.name, *names),
        isr=given.isr,
    )
    radiation = {} if given.isr == "none" else {"isr": given.isr}
    unit = "per_parent" if process.name in PER_PARENT else "pb"
    return {
        "process": process.name,
        f"value_{unit}": estimate.value_pb,
        f"error_{unit}": estimate.error_pb,
        "accuracy": estimate.accuracy,
        "parameters": {"sqrt_s_gev": given.sqrt_s, **parameters, **radiation},
        "cuts": {name: list(bounds) for name, bounds in cuts.items()},
    }


def catalogue() -> dict[str, Any]:
    """Every process with its summary, the default of each parameter (null: must be given) and its cuts."""
    processes = {name: find(name) for name in sorted(LOCATIONS)}
    return {
        name: {
            "summary": process.summary,
            "parameters": dict(process.parameters),
            "cuts": list(process.cut_names),
            "required_cuts": list(process.required_cuts),
        }
        for name, process in processes.items()
    }


def parse_cuts(texts: Sequence[str]) -> dict[str, Bounds]:
    """Read cuts written as NAME=LOW:HIGH, an end left out being open.

    Raises
    ------
    UmbraError
        For text of another form, or a cut given twice.
    """
    cuts: dict[str, Bounds] = {}
    for text in texts:
        name, equals, bounds = text.partition("=")
        low, colon, high = bounds.partition(":")
        if not (name and equals and colon):
            raise UmbraError(f"cut '{text}' is not of the form NAME=LOW:HIGH")
        if name in cuts:
            raise UmbraError(f"cut '{name}' is given twice")
        cuts[name] = (_end(low, text), _end(high, text))
    return cuts


def _end(text: str, cut: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value:
        raise UmbraError(f"cut '{cut}': '{text}' is not a number")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m umbra.commands.xsec",
        description="Cross-section of a process, lowest order with 1/alpha = 137.036, as JSON.",
    )
    parser.add_argument("process", nargs="?", metavar="PROCESS", help="name of the process, see --list")
    parser.add_argument("--list", action="store_true", help="show processes, parameters and cuts")
    parser.add_argument("--sqrt-s", type=float, default=10.58, metavar="GEV", help="default 10.58")
    for name, (option, metavar, text) in OPTIONS.items():
        parser.add_argument(option, dest=name, type=float, metavar=metavar, help=text)
    parser.add_argument(
        "--cut",
        action="append",
        default=[],
        metavar="NAME=LOW:HIGH",
        help="repeatable; angles in degrees, energies and masses in GeV, centre of mass; holds for every "
        "particle or pair of its kind; either end may be left out",
    )
    parser.add_argument(
        "--isr",
        choices=["none", "leading_log"],
        default="none",
        help="initial-state radiation; the cuts then hold in the centre of mass of the hard process",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
