"""Rule `joint_fit`: limits of one block of masses of a joint fit."""

from pathlib import Path
from typing import Any

from umbra.config.joint import Joint
from umbra.config.records import Channel
from umbra.joint.fitting import fit_block
from umbra.joint.inputs import Input
from umbra.stages.job import provenance, stage


@stage
def main(rule: Any) -> None:
    """Write the limits of all inputs together and of each alone, and the joint workspaces."""
    told = rule.params.slice
    joint = Joint.model_validate(told["joint"])
    channels = {name: Channel.from_slice(content) for name, content in told["channels"].items()}
    files = zip(rule.input.signals, rule.input.templates, rule.input.data, strict=True)
    inputs = [
        Input(name, channel, channel.interpretation(joint.interpretations[name]), *map(Path, paths))
        for (name, channel), paths in zip(channels.items(), files, strict=True)
    ]
    output = Path(rule.output.limits), Path(rule.output.workspaces)
    fit_block(joint, inputs, rule.params.masses_gev, *output, provenance(rule))
