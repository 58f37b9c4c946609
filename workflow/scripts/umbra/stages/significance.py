"""Rule `significance`: the global significance of the largest excess."""

from pathlib import Path
from typing import Any

from umbra.config.records import Channel
from umbra.inference.global_significance import combine
from umbra.stages.channel import paths
from umbra.stages.job import provenance, stage


@stage
def main(rule: Any) -> None:
    """Merge the pseudo-experiments and compare the data with them."""
    main_name = Channel.from_slice(rule.params.slice).simulated.name
    combine(paths(rule.input.toys), paths(rule.input.fits), main_name, Path(rule.output[0]), provenance(rule))
