"""Rule `limit`: limits of one block of mass points."""

from pathlib import Path

from umbra import job
from umbra.limit_setting import limit_block


def main() -> None:
    """Write the limits."""
    fits, archive = Path(snakemake.input.fits), Path(snakemake.input.workspaces)
    limit_block(fits, archive, snakemake.params.slice, Path(snakemake.output[0]), job.provenance(snakemake))


job.run(snakemake, main)
