"""Rule `joint_plot`: the figure of a joint fit."""

from pathlib import Path
from typing import Any

from umbra.config.joint import Joint
from umbra.joint.points import read
from umbra.plotting.joint import plot_joint
from umbra.stages.channel import paths
from umbra.stages.job import stage


@stage
def main(rule: Any) -> None:
    """Draw it."""
    joint = Joint.model_validate(rule.params.slice)
    points = [point for path in paths(rule.input) for point in read(path)]
    stem = Path(rule.output.figure).with_suffix("")
    titles = rule.params.titles
    plot_joint(stem, joint, points, titles["title"], titles["coupling"], titles["inputs"])
