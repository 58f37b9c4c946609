"""Rule `limit`: limits of one block of points on the signal strength."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from umbra.config.records import Channel
from umbra.inference import workspace
from umbra.inference.hypothesis import LimitedPoint, read_fits, write_points
from umbra.stages.job import provenance, stage
from umbra.statistics.engine import LimitSettings, upper_limits

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
    points = read_fits(fits)
    workspaces = workspace.read_archive(archive)
    settings = limit_settings(channel, archive.stem)
    usable = [point for point in points if point.status == "converged"]
    limits = upper_limits(
        [workspaces[str(point.member)] for point in usable],
        settings,
        has_data=any(point.has_data for point in usable),
    )
    found = {point.member: limit for point, limit in zip(usable, limits, strict=True)}
    results = [LimitedPoint.of(each, found.get(each.member)) for each in points]
    for each in results:
        if each.status not in ("converged", "excluded_window"):
            log.warning("%s, %s: %s: %s", each.point, each.interpretation, each.status, each.reason)
    write_points(output, channel.name, results, provenance)


def limit_settings(channel: Channel, block: str) -> LimitSettings:
    """Settings of the engine for the limits of a block."""
    limit = channel.limit
    return LimitSettings(
        method=limit.method,
        cl=limit.level,
        # Stock pyhf knows the asymptotic calculation only.
        calculation="asymptotic" if limit.engine == "pyhf" else limit.calculation,
        seed=(channel.name, block),
        engine=limit.engine,
    )


@stage
def main(rule: Any) -> None:
    """Write the limits."""
    channel = Channel.from_slice(rule.params.slice)
    limit_block(
        channel, Path(rule.input.fits), Path(rule.input.workspaces), Path(rule.output[0]), provenance(rule)
    )
