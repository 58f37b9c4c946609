"""Rule `table`: the limits of a channel in one table, and outlines of the regions that are excluded."""

from pathlib import Path

from umbra import job
from umbra.contour_table import write_contours
from umbra.io import write_json
from umbra.limit_setting import write_islands, write_table
from umbra.limit_table import read_limits
from umbra.plane_contours import excluded_regions


def main() -> None:
    """Write the table, islands or regions of a plane, and beside them provenance and the points without a limit."""
    blocks, output, slice_ = (
        [Path(path) for path in snakemake.input],
        snakemake.output,
        snakemake.params.slice,
    )
    missing = write_table(blocks, slice_, Path(output.table))
    if slice_["coupling"]["benchmarks"]:
        write_contours(output.contours, excluded_regions(read_limits(output.table), slice_["coupling"]))
    else:
        write_islands(blocks, slice_, Path(output.contours))
    write_json(output.provenance, job.provenance(snakemake, missing=missing))


job.run(snakemake, main)
