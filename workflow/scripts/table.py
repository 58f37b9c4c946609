"""Rule `table`: the limits of a channel in one table."""

from pathlib import Path

from umbra import job
from umbra.io import write_json
from umbra.limit_setting import write_islands, write_table


def main() -> None:
    """Write the table, the islands, and beside them provenance and the points without a limit."""
    blocks, output = [Path(path) for path in snakemake.input], snakemake.output
    missing = write_table(blocks, snakemake.params.slice, Path(output.table))
    write_islands(blocks, snakemake.params.slice, Path(output.contours))
    write_json(snakemake.output.provenance, job.provenance(snakemake, missing=missing))


job.run(snakemake, main)
