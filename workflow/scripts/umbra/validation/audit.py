"""What stock pyhf says of the limits of all channels."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from umbra.core.io import atomic_open, read_json
from umbra.core.records import Record, Several
from umbra.statistics.pyhf_audit import TOLERANCE, Audit
from umbra.statistics.pyhf_engine import why_no_equivalent


class ChannelAudit(Record):
    """The audit of one channel.

    Parameters
    ----------
    channel
        Its name.
    limits
        How many limits pyhf was asked about.
    largest_difference
        Of CLs from 1 - CL at a limit; `None` without limits.
    seconds_pyhf, seconds_engine
        Processor time of both for the same questions.
    methods
        Of the channel's limits.
    """

    channel: str
    limits: int
    largest_difference: float | None
    seconds_pyhf: float
    seconds_engine: float
    methods: Several[str]

    @classmethod
    def of(cls, channel: str, records: Sequence[Audit], methods: Sequence[str]) -> Self:
        """Sum up the records of a channel."""
        differences = [abs(each.difference) for each in records if each.difference is not None]
        return cls(
            channel=channel,
            limits=len(records),
            largest_difference=max(differences, default=None),
            seconds_pyhf=sum(each.seconds_pyhf for each in records),
            seconds_engine=sum(each.seconds_engine for each in records),
            methods=tuple(methods),
        )

    @property
    def remark(self) -> str:
        """Why pyhf was not asked about limits of some methods."""
        reasons = {method: why_no_equivalent(method) for method in self.methods}
        return "; ".join(f"{method}: {why}" for method, why in reasons.items() if why)


def read(path: Path) -> ChannelAudit:
    """Read what the rule `audit` wrote."""
    content = read_json(path)
    return ChannelAudit.model_validate({name: content[name] for name in ChannelAudit.model_fields})


def write(audits: Sequence[ChannelAudit], table: Path, page: Path) -> None:
    """Write a table (CSV) and a page (Markdown) of all channels."""
    with atomic_open(table) as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow([*ChannelAudit.model_fields, "remark"])
        for each in audits:
            values = each.model_dump()
            rows.writerow(
                [*(" ".join(v) if isinstance(v, tuple) else v for v in values.values()), each.remark]
            )
    with atomic_open(page) as stream:
        stream.write("\n".join(_page(audits)) + "\n")


def _page(audits: Sequence[ChannelAudit]) -> Iterator[str]:
    yield "# Audit by stock pyhf"
    yield ""
    yield (
        "The first, the last, the strongest and a random limit of each channel go to `pyhf.infer.hypotest`, which must "
        f"give CLs = 1 - CL there, within {TOLERANCE:g}; a disagreement fails the run. Methods that pyhf does not have "
        "are named."
    )
    yield ""
    yield "| channel | limits asked | largest difference of CLs | time of pyhf over ours | not asked |"
    yield "|---|---|---|---|---|"
    for each in audits:
        difference = "" if each.largest_difference is None else f"{each.largest_difference:.1e}"
        ratio = f"{each.seconds_pyhf / each.seconds_engine:.0f}" if each.seconds_engine > 0.0 else ""
        yield f"| `{each.channel}` | {each.limits} | {difference} | {ratio} | {each.remark} |"
