"""Rule `joint_audit`: stock pyhf asked about some limits of a joint fit."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from umbra.config.joint import Joint
from umbra.core.errors import UmbraError
from umbra.core.io import write_json
from umbra.inference.workspace import Workspace, read_archive
from umbra.joint.fitting import settings_of
from umbra.joint.points import JointPoint, read
from umbra.stages.audit import RANDOM, sentence, within_reach
from umbra.stages.channel import paths
from umbra.stages.job import provenance, stage
from umbra.statistics.pyhf_audit import audit, choose, disagreements
from umbra.statistics.results import NO_BANDS, Limit
from umbra.validation.audit import ChannelAudit

log = logging.getLogger(__name__)


def audit_joint(joint: Joint, blocks: Sequence[Path], archives: Sequence[Path]) -> ChannelAudit:
    """Ask stock pyhf about masses where several inputs are fitted together.

    Parameters
    ----------
    joint
        What was fitted.
    blocks, archives
        Limits and workspaces of the blocks, in order.

    Raises
    ------
    UmbraError
        If pyhf disagrees: joint fit, workspace, and both values.
    """
    points = [point for block in blocks for point in read(block) if len(point.alone) > 1]
    limits = {str(point.member): _limit(joint, point) for point in points}
    small: dict[str, Workspace] = {}
    for archive in archives:
        found = read_archive(archive)
        small |= {name: each for name, each in found.items() if name in limits and within_reach(each)}
    chosen = choose(
        {name: each for name, each in limits.items() if name in small}, RANDOM, ("joint", joint.name, "audit")
    )
    records = audit(small, {name: limits[name] for name in chosen}, settings_of(joint, "audit"))
    for record in records:
        log.info("%s", record)
    wrong = disagreements(records)
    if wrong:
        raise UmbraError(f"joint fit {joint.name}: {sentence(wrong[0])}")
    methods = sorted({each.method for each in limits.values() if each.status == "converged"})
    return ChannelAudit.of(joint.name, records, methods)


def _limit(joint: Joint, point: JointPoint) -> Limit:
    found = point.joint
    _, *expected = found.values
    bands = (expected[0], expected[1], expected[2], expected[3], expected[4])
    return Limit(
        poi="mu",
        cl=joint.limit.level,
        observed=found.observed,
        observed_low=None,
        expected=bands if found.expected else NO_BANDS,
        method=found.method,
        status=found.status,
        reason=found.reason,
    )


@stage
def main(rule: Any) -> None:
    """Write what pyhf says, or fail where it disagrees."""
    joint = Joint.model_validate(rule.params.slice)
    done = audit_joint(joint, paths(rule.input.limits), paths(rule.input.workspaces))
    write_json(Path(rule.output[0]), {**done.model_dump(mode="json"), "provenance": provenance(rule)})
