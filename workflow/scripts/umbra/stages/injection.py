"""Rule `injection`: what a channel finds of a signal that is put into pseudo-data."""

from pathlib import Path
from typing import Any

from umbra.inference.injection import study
from umbra.stages import channel as channels
from umbra.stages.job import provenance, stage


@stage
def main(rule: Any) -> None:
    """Write yield, coverage, coupling and mass of the injected signals."""
    _, method, expectation = channels.read(rule)
    study(
        method,
        expectation,
        channels.paths(rule.input.fits),
        channels.paths(rule.input.workspaces),
        Path(rule.output[0]),
        provenance(rule),
    )
