"""Rule `injections`: what all channels find of injected signals."""

from pathlib import Path
from typing import Any

from umbra.inference import injection
from umbra.plotting.injection import plot_injections
from umbra.stages.job import stage


@stage
def main(rule: Any) -> None:
    """Write the table and the figure."""
    found = [each for path in rule.input for each in injection.read(Path(path))]
    plot_injections(Path(rule.output[0]).with_suffix(""), found)
