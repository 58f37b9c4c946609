"""Rule `limit`: limits of one block of points on the signal strength."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from umbra.config.records import Channel
from umbra.inference import workspace
from umbra.inference.hypothesis import read_fits, write_points
from umbra.inference.limiting import limit_settings, limited
from umbra.stages.job import provenance, stage

log = logging.getLogger(__name__)


def limit_block(
    channel: Channel, fits: Path, archive: Path, output: Path, provenance: Mapping[str, Any]
) -> None:
    """Set the limits of a block and write them (JSON) with what a signal strength of 1 means.

    Parameters
    ----------
    channel
        With `name` and `limit`.
    fits, archive
        Output of the fit stage.
    output
        JSON file.
    provenance
        Written into it.
    """
    settings = limit_settings(channel, archive.stem)
    results = limited(read_fits(fits), workspace.read_archive(archive), settings)
    for each in results:
        if each.status not in ("converged", "excluded_window"):
            log.warning("%s, %s: %s: %s", each.point, each.interpretation, each.status, each.reason)
    write_points(output, channel.name, results, provenance)


@stage
def main(rule: Any) -> None:
    """Write the limits."""
    channel = Channel.from_slice(rule.params.slice)
    limit_block(
        channel, Path(rule.input.fits), Path(rule.input.workspaces), Path(rule.output[0]), provenance(rule)
    )
