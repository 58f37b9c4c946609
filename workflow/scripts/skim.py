"""Rule `skim`: detector and selection for one sample."""

from pathlib import Path

from umbra import job
from umbra.skimming import skim


def main() -> None:
    """Write candidates, cutflow and normalisation."""
    output = snakemake.output
    files = [Path(path) for path in snakemake.input.events]
    skim(files, snakemake.params.slice, Path(output.skim), Path(output.cutflow), job.provenance(snakemake))


job.run(snakemake, main)
