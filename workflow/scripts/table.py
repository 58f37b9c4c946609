"""Rule `table`: the limits of a channel in one table."""

from pathlib import Path

from umbra import job
from umbra.io import write_json
from umbra.limit_setting import write_table


def main() -> None:
    """Write the table, and beside it its provenance and the points without a limit."""
    missing = write_table(
        [Path(path) for path in snakemake.input], snakemake.params.slice, Path(snakemake.output.table)
    )
    write_json(snakemake.output.provenance, job.provenance(snakemake, missing=missing))


job.run(snakemake, main)
