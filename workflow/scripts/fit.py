"""Rule `fit`: workspaces and fits of one block of mass points."""

from pathlib import Path

from umbra import job, modelling, pseudodata
from umbra.fitting import fit_block


def main() -> None:
    """Write the fits and the workspaces."""
    files, params = snakemake.input, snakemake.params
    search = modelling.read_search(params.slice, files.model)
    data = pseudodata.read(Path(files.data))
    fits, archive = (Path(path) for path in snakemake.output)
    fit_block(search, params.slice, data, params.masses, fits, archive, job.provenance(snakemake))


job.run(snakemake, main)
