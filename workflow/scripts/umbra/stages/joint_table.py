"""Rule `joint_table`: the limits of a joint fit in tables, and its page."""

from pathlib import Path
from typing import Any

from umbra.config.joint import Joint
from umbra.core.io import atomic_open, write_json
from umbra.joint.points import read
from umbra.joint.table import page, weaker, write_inputs, write_limits
from umbra.stages.channel import paths
from umbra.stages.job import provenance, stage


@stage
def main(rule: Any) -> None:
    """Write both tables, the page, and provenance with the points that have no limit or a weaker one."""
    joint = Joint.model_validate(rule.params.slice)
    points = [point for path in paths(rule.input) for point in read(path)]
    write_limits(Path(rule.output.limits), joint, points)
    write_inputs(Path(rule.output.inputs), joint, points)
    with atomic_open(Path(rule.output.page)) as stream:
        lines = page(joint, rule.params.titles["title"], rule.params.said, points)
        stream.write("\n".join(lines) + "\n")
    more = {
        "missing": [point.model_dump(mode="json") for point in points if point.joint.status != "converged"],
        "weaker": {f"{point.mass_gev:.6f}": weaker(point) for point in points if weaker(point)},
    }
    write_json(Path(rule.output.provenance), provenance(rule, **more))
