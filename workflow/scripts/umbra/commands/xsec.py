"""Cross-section calculator: `umbra xsec PROCESS --mass 1 --cut photon_theta=10:170`.

Prints one JSON object on standard output: process, value and error in pb (of a decay, the fraction per parent),
parameters and cuts. Lowest order
with 1/α = 137.036 unless radiation is asked for.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from umbra.config.files import load_machine
from umbra.config.folders import Folders
from umbra.core.errors import UmbraError
from umbra.core.machines import of_record
from umbra.core.seeds import generator
from umbra.generation.collision import Radiation
from umbra.generation.estimate import Estimate
from umbra.generation.integration import cross_section as integrated
from umbra.generation.processes.cuts import Bounds
from umbra.generation.processes.registry import find, knows, names

#: Centre-of-mass energy where none is given.
SQRT_S_GEV = 10.58

#: Relative error of Monte Carlo results, or better.
ACCURACY = 2.5e-3

#: Command-line option of each parameter.
OPTIONS = {
    "mass_gev": ("--mass", "GEV", "mass of the new particle (aprime_higgs: A')"),
    "mass2_gev": ("--mass2", "GEV", "second mass (aprime_higgs: h'; darkonium_gamma: A')"),
    "coupling": ("--coupling", "X", "epsilon, g_agammagamma [1/GeV], g', epsilon^2 alpha_D or xi; default 1"),
    "alpha_d": ("--alpha-d", "X", "dark fine-structure constant (darkonium_gamma)"),
}


def main(arguments: Sequence[str]) -> int:
    """Print what the arguments ask for; 0."""
    given = _parser().parse_args(arguments)
    result = catalogue() if given.list else calculate(given)
    print(json.dumps(result, indent=2 if given.list else None))
    return 0


def cross_section(
    process: str,
    *,
    sqrt_s_gev: float = SQRT_S_GEV,
    cuts: Mapping[str, Bounds] | None = None,
    isr: Radiation = "none",
    **parameters: float,
) -> Estimate:
    """Cross-section of a process at lowest order with 1/α = 137.036.

    Parameters
    ----------
    process
        Name of the process, see `umbra xsec --list`.
    sqrt_s_gev
        Centre-of-mass energy.
    cuts
        Name -> lower and upper bound, either of which may be `None`: angles in degrees, energies and masses in GeV, in
        the centre of mass.
    isr
        Initial-state radiation: `none` or `leading_log`.
    **parameters
        Those of the process, such as `mass_gev` and `coupling`.

    Returns
    -------
    Estimate
        Value and error in pb; of a decay, the fraction per parent. The same input gives the same numbers.

    Raises
    ------
    UmbraError
        For an unknown process, parameter or cut, naming those that are valid.
    """
    found = find(process)
    complete = found.complete({name: float(value) for name, value in parameters.items()})
    bounds = {name: _bounds(name, ends) for name, ends in (cuts or {}).items()}
    energy = float(sqrt_s_gev)
    names = [str(item) for item in (energy, isr, sorted(complete.items()), sorted(bounds.items()))]
    rng = generator("xsec", found.name, *names)
    return integrated(found, energy, complete, bounds, relative_error=ACCURACY, rng=rng, isr=isr)


def calculate(given: argparse.Namespace) -> dict[str, Any]:
    """Compute what the parsed arguments ask for.

    Raises
    ------
    UmbraError
        For an unknown process, machine, parameter or cut, naming those that are valid.
    """
    if given.process is None:
        raise UmbraError(f"no process given; known: {', '.join(names())}")
    options = {name: getattr(given, name) for name in OPTIONS}
    parameters = {name: value for name, value in options.items() if value is not None}
    cuts = parse_cuts(given.cut)
    sqrt_s_gev = given.sqrt_s if given.machine is None else _sqrt_s_gev(given.machine)
    estimate = cross_section(given.process, sqrt_s_gev=sqrt_s_gev, cuts=cuts, isr=given.isr, **parameters)
    radiation = {} if given.isr == "none" else {"isr": given.isr}
    unit = "per_parent" if knows(given.process).per_parent else "pb"
    return {
        "process": given.process,
        f"value_{unit}": estimate.value_pb,
        f"error_{unit}": estimate.error_pb,
        "accuracy": estimate.accuracy,
        "parameters": {"sqrt_s_gev": sqrt_s_gev, **find(given.process).complete(parameters), **radiation},
        "cuts": {name: list(bounds) for name, bounds in cuts.items()},
    }


def catalogue() -> dict[str, Any]:
    """Every process with its summary, the default of each parameter (null: must be given) and its cuts."""
    return {
        entry.name: {
            "summary": entry.summary,
            "parameters": dict(entry.parameters),
            "cuts": list(entry.cuts),
            "required_cuts": list(entry.required_cuts),
        }
        for entry in map(knows, names())
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


def _bounds(name: str, ends: Bounds) -> Bounds:
    """Give both ends of a cut as numbers, whatever kind of number or sequence they came as."""
    try:
        low, high = ends
        return (None if low is None else float(low), None if high is None else float(high))
    except (TypeError, ValueError) as error:
        raise UmbraError(f"cut '{name}': {ends!r} is not a pair of a lower and an upper bound") from error


def _sqrt_s_gev(name: str) -> float:
    file = Folders.of(Path("config")).find("machines", name)
    return of_record(name, load_machine(file)[0]).sqrt_s_gev


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
        prog="umbra xsec",
        description="Cross-section of a process, lowest order with 1/alpha = 137.036, as JSON.",
    )
    parser.add_argument("process", nargs="?", metavar="PROCESS", help="name of the process, see --list")
    parser.add_argument("--list", action="store_true", help="show processes, parameters and cuts")
    energy = parser.add_mutually_exclusive_group()
    energy.add_argument(
        "--sqrt-s", type=float, default=SQRT_S_GEV, metavar="GEV", help="default: %(default)s"
    )
    energy.add_argument("--machine", metavar="NAME", help="at the energy of a machine, such as superkekb")
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
