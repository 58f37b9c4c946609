"""Rule `model`: signal efficiency and shape, background expectation."""

from pathlib import Path
from typing import Any

from umbra.config.records import Channel
from umbra.expectation import building
from umbra.stages.job import provenance, stage


@stage
def main(rule: Any) -> None:
    """Write the signals and the backgrounds."""
    channel = Channel.from_slice(rule.params.slice)
    skims = {Path(path).stem: Path(path) for path in rule.input.skims}
    signals, background = Path(rule.output.signal), Path(rule.output.templates)
    building.make(channel, skims, signals, background, provenance(rule))
