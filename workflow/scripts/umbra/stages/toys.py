"""Rule `toys`: one chunk of pseudo-experiments of the whole scan."""

from pathlib import Path
from typing import Any

from umbra.inference.global_significance import make_toys
from umbra.stages import channel as channels
from umbra.stages.job import stage


@stage
def main(rule: Any) -> None:
    """Write what the scan shows in each pseudo-experiment."""
    channel, method, expectation = channels.read(rule)
    data = method.read_data(Path(rule.input.data))
    assert data is not None, "the job graph has toys only where there are data"
    make_toys(
        expectation,
        data,
        channels.paths(rule.input.fits),
        channels.paths(rule.input.workspaces),
        int(rule.params.chunk),
        channel.significance.chunk_toys,
        Path(rule.output[0]),
    )
