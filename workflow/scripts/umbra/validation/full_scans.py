"""The record of full scans: which channels were run on their published grids, and what that took.

Full scans are longer than anybody wants to wait for a validation page, so their cost and their plots are kept, in
`config/validation/full_scans.yaml` and `docs/full_scans/`, and the page of every scan shows them.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from umbra.config import yaml
from umbra.core.records import OneOrMore, PositiveFloat, PositiveInt, Record, validated

#: The folder of the plots, seen from the validation page.
FIGURES = "../../docs/full_scans"


class FullScan(Record):
    """One full scan.

    Parameters
    ----------
    channel
        Name of the channel.
    hypotheses
        Points of the scan, of all interpretations.
    without_limit
        Those that have no limit, vetoed ones included.
    samples
        Number of events that were generated, that of which scan.
    cpu_minutes
        Processor time of all jobs on one core.
    date
        When, as YYYY-MM-DD.
    remark
        What else must be said.
    """

    channel: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
    hypotheses: PositiveInt
    without_limit: Annotated[int, Field(ge=0)]
    samples: Literal["full", "default"]
    cpu_minutes: PositiveFloat
    date: Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    remark: str = ""


class FullScans(Record):
    """The file of the record."""

    scans: OneOrMore[FullScan]


def load(path: Path) -> Sequence[FullScan]:
    """Read the record.

    Raises
    ------
    UmbraError
        For anything that is wrong: one sentence with file, key and value.
    """
    return validated(FullScans, yaml.read(path).content, path).scans


def section(scans: Sequence[FullScan]) -> Iterable[str]:
    """Lines of the validation page."""
    yield ""
    yield "## Full scans"
    yield ""
    yield "Published grids that have been run to their end; the plots are those of that run."
    yield ""
    yield "| channel | hypotheses | without a limit | events | processor time [min] | date | remark |"
    yield "|---|---|---|---|---|---|---|"
    for scan in scans:
        yield (
            f"| [`{scan.channel}`]({FIGURES}/{scan.channel}.png) | {scan.hypotheses} | {scan.without_limit} "
            f"| {scan.samples} | {scan.cpu_minutes:.1f} | {scan.date} | {scan.remark} |"
        )
