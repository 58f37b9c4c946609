"""Rule `fit`: workspaces and fits of one block of hypotheses."""

from pathlib import Path
from typing import Any

from umbra.inference.block import fit_block, points_of
from umbra.stages import channel as channels
from umbra.stages.job import provenance, stage


@stage
def main(rule: Any) -> None:
    """Write the fits and the workspaces."""
    channel, method, expectation = channels.read(rule)
    data = method.read_data(Path(rule.input.data))
    points = points_of(channel, rule.params.masses)
    output = Path(rule.output.fits), Path(rule.output.workspaces)
    fit_block(method, expectation, data, points, *output, provenance(rule))
