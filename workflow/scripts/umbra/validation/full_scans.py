"""The record of full scans: which channels were run on their published grids, and what that took.

Full scans are longer than anybody wants to wait for a validation page, so their cost and their plots are kept, in
`config/validation/full_scans.yaml` and `docs/full_scans/`, and the page of every scan shows them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from umbra.config import yaml

#: The folder of the plots, seen from the validation page.
FIGURES = "../../docs/full_scans"


@dataclass(frozen=True)
class FullScan:
    """One full scan; see the schema `full_scans`."""

    channel: str
    hypotheses: int
    without_limit: int
    samples: str
    cpu_minutes: float
    date: str
    remark: str


def load(path: Path) -> list[FullScan]:
    """Read the record.

    Raises
    ------
    UmbraError
        If the file does not follow its schema.
    """
    return [FullScan(**scan) for scan in yaml.read(path).content["scans"]]


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
