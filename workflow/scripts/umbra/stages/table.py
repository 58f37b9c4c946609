"""Rule `table`: the limits of a channel in one table, and outlines of the regions that are excluded."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from umbra.config.records import Channel
from umbra.core import arithmetic
from umbra.core.io import write_json
from umbra.expectation.precision import imprecise
from umbra.inference.hypothesis import read_limits
from umbra.results import islands, plane_contours
from umbra.results.contours import write_contours
from umbra.results.limits import write_limits
from umbra.results.table import rows_of
from umbra.stages.channel import paths
from umbra.stages.job import provenance, stage


@stage
def main(rule: Any) -> None:
    """Write the table, outlines of regions, and provenance with the points without a limit and flagged samples."""
    channel = Channel.from_slice(rule.params.slice)
    points = [point for path in paths(rule.input.limits) for point in read_limits(path)]
    rows = rows_of(channel, points)
    write_limits(Path(rule.output.table), rows)
    regions = [*islands.of_channel(channel, points), *plane_contours.excluded_regions(rows, channel.coupling)]
    write_contours(Path(rule.output.contours), regions)
    missing = [point.model_dump(mode="json") for point in points if point.status != "converged"]
    flagged = [asdict(each) for each in imprecise(paths(rule.input.cutflows))]
    more = {"missing": missing, "imprecise_cross_sections": flagged, "processor": arithmetic.processor()}
    write_json(Path(rule.output.provenance), provenance(rule, **more))
