"""Rule `audit`: stock pyhf asked for CLs at some of a channel's limits."""

import logging
from pathlib import Path
from typing import Any

from umbra.config.records import Channel
from umbra.core.errors import UmbraError
from umbra.core.io import write_json
from umbra.inference import workspace
from umbra.inference.hypothesis import LimitedPoint, read_limits
from umbra.inference.limiting import limit_settings
from umbra.inference.workspace import Workspace
from umbra.stages.channel import paths
from umbra.stages.job import provenance, stage
from umbra.statistics.pyhf_audit import Audit, audit, choose, disagreements
from umbra.statistics.results import NO_BANDS, Limit
from umbra.validation.audit import ChannelAudit

log = logging.getLogger(__name__)

#: Limits of each method that are asked for, beside the first, the last and the strongest.
RANDOM = 1
#: pyhf needs minutes for a limit with more parameters than this.
MOST_PARAMETERS = 30
#: Of likelihoods of more events pyhf's fits, whose gradients are differences of large numbers, miss the minimum: CLs is
#: off by 0.0015 at 1e7 events, by 0.2 at 2e8, or is no number.
MOST_EVENTS = 5e6


def audit_channel(channel: Channel, blocks: list[Path], archives: list[Path]) -> ChannelAudit:
    """Ask stock pyhf about a channel.

    Parameters
    ----------
    channel
        With `name` and `limit`.
    blocks, archives
        Limits and workspaces of the blocks, in order.

    Raises
    ------
    UmbraError
        If pyhf disagrees: channel, workspace, and both values.
    """
    limits = {
        workspace.member(point.interpretation, point.point): _limit(channel, point)
        for block in blocks
        for point in read_limits(block)
    }
    small: dict[str, Workspace] = {}
    for archive in archives:
        found = workspace.read_archive(archive)
        small |= {name: each for name, each in found.items() if within_reach(each)}
    chosen = choose(
        {name: each for name, each in limits.items() if name in small}, RANDOM, (channel.name, "audit")
    )
    records = audit(small, {name: limits[name] for name in chosen}, limit_settings(channel, "audit"))
    for record in records:
        log.info("%s", record)
    wrong = disagreements(records)
    if wrong:
        raise UmbraError(f"channel {channel.name}: {sentence(wrong[0])}")
    methods = sorted({each.method for each in limits.values() if each.status == "converged"})
    return ChannelAudit.of(channel.name, records, methods)


def within_reach(content: Workspace) -> bool:
    """Whether stock pyhf can fit a workspace, and within seconds."""
    events = sum(sum(each["data"]) for each in content["observations"])
    return _parameters(content) <= MOST_PARAMETERS and events <= MOST_EVENTS


def _limit(channel: Channel, point: LimitedPoint) -> Limit:
    _, *expected = point.strengths
    bands = (expected[0], expected[1], expected[2], expected[3], expected[4])
    return Limit(
        poi="mu",
        cl=channel.limit.level,
        observed=point.observed,
        observed_low=None,
        expected=bands if point.expected else NO_BANDS,
        method=point.method,
        status=point.status,
        reason=point.reason,
    )


def _parameters(specification: Workspace) -> int:
    """How many parameters a workspace has: one for each modifier, and one a bin where it has bins."""
    by_bin = {"staterror", "shapesys", "shapefactor"}
    found = {}
    for channel in specification["channels"]:
        for sample in channel["samples"]:
            for modifier in sample["modifiers"]:
                bins = len(sample["data"]) if modifier["type"] in by_bin else 1
                found[modifier["name"], modifier["type"]] = bins
    return sum(found.values())


def sentence(record: Audit) -> str:
    """Say what pyhf found at a limit."""
    where = (
        f"workspace {record.workspace}: at the {record.quantity} limit, mu = {record.strength:g}, pyhf has"
    )
    if record.cls is None:
        return f"{where} no CLs: {record.reason}"
    return f"{where} CLs = {record.cls:.6f}, which should be {record.wanted:.6f}. {record.reason}".rstrip()


@stage
def main(rule: Any) -> None:
    """Write what pyhf says, or fail where it disagrees."""
    channel = Channel.from_slice(rule.params.slice)
    done = audit_channel(channel, paths(rule.input.limits), paths(rule.input.workspaces))
    write_json(Path(rule.output[0]), {**done.model_dump(mode="json"), "provenance": provenance(rule)})
