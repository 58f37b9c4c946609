"""Rule `table`: the limits of a channel in one table, and outlines of the regions that are excluded."""

from pathlib import Path
from typing import Any

from umbra.core import arithmetic
from umbra.core.io import write_json
from umbra.results.contours import write_contours
from umbra.results.limits import read_limits
from umbra.results.plane_contours import excluded_regions
from umbra.stages.job import provenance, stage
from umbra.stages.limit import write_islands, write_table


@stage
def main(rule: Any) -> None:
    """Write the table, islands or regions of a plane, and beside them provenance and the points without a limit."""
    blocks, output, slice_ = (
        [Path(path) for path in rule.input],
        rule.output,
        rule.params.slice,
    )
    missing = write_table(blocks, slice_, Path(output.table))
    if slice_["coupling"]["benchmarks"]:
        write_contours(output.contours, excluded_regions(read_limits(output.table), slice_["coupling"]))
    else:
        write_islands(blocks, slice_, Path(output.contours))
    processor = arithmetic.processor()
    write_json(output.provenance, provenance(rule, missing=missing, processor=processor))
