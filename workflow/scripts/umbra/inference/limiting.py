"""Limits on the signal strengths of fitted points."""

from collections.abc import Mapping, Sequence

from umbra.config.records import Channel
from umbra.inference.hypothesis import FittedPoint, LimitedPoint
from umbra.inference.workspace import Workspace
from umbra.statistics.engine import LimitSettings, upper_limits


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


def limited(
    points: Sequence[FittedPoint], workspaces: Mapping[str, Workspace], settings: LimitSettings
) -> list[LimitedPoint]:
    """Set the limit of each point that has a workspace; the others keep the reason why they have none.

    Parameters
    ----------
    points
        In their order, which is that of the result.
    workspaces
        By the names that points have as `member`.
    settings
        Of the engine.
    """
    usable = [point for point in points if point.status == "converged"]
    limits = upper_limits(
        [workspaces[str(point.member)] for point in usable],
        settings,
        has_data=any(point.has_data for point in usable),
    )
    found = {point.member: limit for point, limit in zip(usable, limits, strict=True)}
    return [LimitedPoint.of(each, found.get(each.member)) for each in points]
