"""Rule `significance`: the global significance of the largest excess."""

from pathlib import Path

from umbra import job
from umbra.scan_significance import combine


def main() -> None:
    """Merge the pseudo-experiments and compare the data with them."""
    files = snakemake.input
    model = snakemake.params.slice["models"][0]["name"]
    chunks, fits = ([Path(path) for path in paths] for paths in (files.toys, files.fits))
    combine(chunks, fits, model, Path(snakemake.output[0]), job.provenance(snakemake))


job.run(snakemake, main)
