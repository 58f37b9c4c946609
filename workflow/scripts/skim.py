"""Rule `skim`: detector and selection for one sample."""

from pathlib import Path

from umbra import job
from umbra.skimming import skim


def main() -> None:
    """Write candidates, cutflow and normalisation."""
    output, params = snakemake.output, snakemake.params
    files = [Path(path) for path in snakemake.input.events]
    provenance = job.provenance(snakemake)
    skim(files, params.slice, params.sample, Path(output.skim), Path(output.cutflow), provenance)


job.run(snakemake, main)
