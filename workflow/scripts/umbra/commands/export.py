"""Write a sample as LHE or HepMC3: `umbra export SAMPLE.root OUT.lhe.gz`.

The cross-section and the machine are read from the JSON file that the workflow writes beside each sample.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from umbra.core import events
from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.generation.external.writing import Header, writer_for
from umbra.generation.generated import Generated, Sidecar


def export(sample: Path, out: Path, mass_gev: float | None = None, mass2_gev: float | None = None) -> None:
    """Write one sample in another format.

    Parameters
    ----------
    sample
        ROOT file of the workflow; its JSON file must lie beside it.
    out
        A name that ends in `.lhe`, `.hepmc3`, `.lhe.gz` or `.hepmc3.gz`.
    mass_gev, mass2_gev
        Which of the generated masses, or pairs of masses, to write; needed where the sample has several.

    Raises
    ------
    UmbraError
        If files are missing or broken, or the mass is not in the sample.
    """
    write = writer_for(out)
    info = Sidecar.beside(sample)
    made = _chosen(sample, info.samples, mass_gev, mass2_gev)
    try:
        header = Header(
            machine=info.machine,
            generator=made.generator,
            version=info.provenance["umbra_commit"],
            cross_section_pb=made.cross_section_pb,
            cross_section_error_pb=made.cross_section_error_pb,
            mean_weight=made.weight / made.events,
        )
    except (KeyError, ZeroDivisionError) as error:
        raise UmbraError(f"{sample.with_suffix('.json')}: not the record of a sample: {error}") from error
    write(out, _events(sample, made), header)


def _chosen(
    sample: Path, samples: Sequence[Generated], mass_gev: float | None, mass2_gev: float | None
) -> Generated:
    """What was generated at the only mass, or at the chosen one; a pair of masses may be known by its first."""
    chosen = [
        each for each in samples if mass_gev in (None, each.mass_gev) and mass2_gev in (None, each.mass2_gev)
    ]
    if len(chosen) != 1:
        known = [each.masses for each in samples]
        given = (mass_gev, mass2_gev) if mass2_gev is not None else mass_gev
        raise UmbraError(f"{sample}: choose one of its masses with --mass and --mass2, not {given}: {known}")
    return chosen[0]


def _events(sample: Path, made: Generated) -> Iterator[Events]:
    for batch in events.read(sample, step=10_000):
        chosen = np.ones(len(batch), dtype=bool)
        for key, mass in zip(("mass_gev", "mass2_gev"), made.masses, strict=False):
            chosen &= np.isclose(batch.extra[key], mass, rtol=1e-9)
        yield batch.select(chosen)


def main(arguments: Sequence[str]) -> int:
    """Write the sample that the arguments name; 0."""
    parser = argparse.ArgumentParser(prog="umbra export", description=__doc__)
    parser.add_argument("sample", type=Path, help="ROOT file below results/samples")
    parser.add_argument("out", type=Path, help="OUT.lhe or OUT.hepmc3, plain or with .gz")
    parser.add_argument("--mass", type=float, metavar="GEV", help="where the sample has several masses")
    parser.add_argument("--mass2", type=float, metavar="GEV", help="where it has several pairs of masses")
    given = parser.parse_args(arguments)
    export(given.sample, given.out, given.mass, given.mass2)
    return 0
