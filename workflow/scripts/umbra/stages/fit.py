"""Rule `fit`: workspaces and fits of one block of hypotheses."""

from pathlib import Path
from typing import Any

from umbra.config.measurements import Block
from umbra.inference.block import fit_block, fit_rows, points_of
from umbra.stages import channel as channels
from umbra.stages.job import provenance, stage


@stage
def main(rule: Any) -> None:
    """Write the fits and the workspaces."""
    channel, method, expectation = channels.read(rule)
    block = Block.model_validate(rule.params.hypotheses)
    output = Path(rule.output.fits), Path(rule.output.workspaces)
    if block.rows:
        fit_rows(expectation, block, *output, provenance(rule))
        return
    data = method.read_data(Path(rule.input.data))
    points = points_of(channel, block.masses_gev)
    fit_block(method, expectation, data, points, *output, provenance(rule))
