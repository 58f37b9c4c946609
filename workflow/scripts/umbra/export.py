"""Write a sample as LHE or HepMC3: `python -m umbra.export SAMPLE.root OUT.lhe.gz`.

The cross-section and the machine are read from the JSON file that the workflow writes beside each sample.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from umbra import events
from umbra.errors import UmbraError
from umbra.events import Events
from umbra.external.writing import Header, writer_for
from umbra.io import read_json
from umbra.machines import Machine


def export(sample: Path, out: Path, mass_gev: float | None = None) -> None:
    """Write one sample in another format.

    Parameters
    ----------
    sample
        ROOT file of the workflow; its JSON file must lie beside it.
    out
        A name that ends in `.lhe`, `.hepmc3`, `.lhe.gz` or `.hepmc3.gz`.
    mass_gev
        Which of the generated masses to write, needed where the sample has several.

    Raises
    ------
    UmbraError
        If files are missing or broken, or the mass is not in the sample.
    """
    write = writer_for(out)
    info = read_json(sample.with_suffix(".json"))
    record = _record(sample, info, mass_gev)
    try:
        header = Header(
            machine=Machine(**info["machine"]),
            generator=record["generator"],
            version=info["provenance"]["umbra_commit"],
            cross_section_pb=record["cross_section_pb"],
            cross_section_error_pb=record["cross_section_error_pb"],
            mean_weight=record["weight"] / record["events"],
        )
    except (KeyError, TypeError, ZeroDivisionError) as error:
        raise UmbraError(f"{sample.with_suffix('.json')}: not the record of a sample: {error}") from error
    write(out, _of_mass(sample, record["mass_gev"]), header)


def _record(sample: Path, info: Any, mass_gev: float | None) -> dict[str, Any]:
    records: list[dict[str, Any]] = info["samples"]
    masses = [record["mass_gev"] for record in records]
    if mass_gev is None and len(records) == 1:
        return records[0]
    if mass_gev not in masses:
        raise UmbraError(f"{sample}: choose one of its masses with --mass, not {mass_gev}: {masses}")
    return records[masses.index(mass_gev)]


def _of_mass(sample: Path, mass_gev: float | None) -> Iterator[Events]:
    for batch in events.read(sample, step=10_000):
        yield (
            batch
            if mass_gev is None
            else batch.select(np.isclose(batch.extra["mass_gev"], mass_gev, rtol=1e-9))
        )


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m umbra.export", description=__doc__)
    parser.add_argument("sample", type=Path, help="ROOT file below results/samples")
    parser.add_argument("out", type=Path, help="OUT.lhe or OUT.hepmc3, plain or with .gz")
    parser.add_argument("--mass", type=float, metavar="GEV", help="where the sample has several masses")
    given = parser.parse_args(arguments)
    try:
        export(given.sample, given.out, given.mass)
    except UmbraError as error:
        print(f"umbra.export: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
