"""Rule `data`: what plays the part of the data."""

from pathlib import Path
from typing import Any

from umbra.stages import channel as channels
from umbra.stages.job import stage


@stage
def main(rule: Any) -> None:
    """Write the data of each category, or that there are none."""
    channel, method, expectation = channels.read(rule)
    method.write_data(Path(rule.output[0]), method.make_data(expectation, channel.data))
