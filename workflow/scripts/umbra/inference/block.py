"""The fit stage: from expectation and data to one workspace and one fit for each point of a block."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from umbra.config.measurements import Block
from umbra.config.records import Channel
from umbra.expectation.channel import Expectation
from umbra.expectation.point import Point
from umbra.inference import published
from umbra.inference.hypothesis import FittedPoint, Hypothesis, write_points
from umbra.inference.methods.method import Method
from umbra.inference.workspace import write_archive
from umbra.statistics.engine import discoveries
from umbra.statistics.results import Discovery

log = logging.getLogger(__name__)


def points_of(channel: Channel, masses_gev: Sequence[float | Sequence[float]]) -> list[Point]:
    """Points of a block from its masses, or pairs of masses, each with all lifetimes of the channel."""
    pairs = [(each, None) if isinstance(each, int | float) else tuple(each) for each in masses_gev]
    return [
        Point(mass, second, lifetime)
        for mass, second in pairs
        for lifetime in channel.lifetimes_mm or (None,)
    ]


def fit_block(
    method: Method,
    expectation: Any,
    data: Any,
    points: Sequence[Point],
    fits: Path,
    archive: Path,
    provenance: Mapping[str, Any],
) -> None:
    """Fit a block of the grid in every interpretation of our own; write the fits (JSON) and the workspaces (ZIP).

    Parameters
    ----------
    method
        Kind of fit.
    expectation
        The channel's expectation.
    data
        Its data, or `None` for the expectation itself.
    points
        The hypotheses of the block.
    fits, archive
        Output files.
    provenance
        Written into `fits`.
    """
    channel: Channel = expectation.channel
    hypotheses = [
        hypothesis
        for interpretation in channel.interpretations
        if interpretation.published is None
        for hypothesis in method.hypotheses(
            expectation, data, [p for p in points if expectation.seeks(p, interpretation)], interpretation
        )
    ]
    _write(channel, hypotheses, data is not None, fits, archive, provenance)


def fit_rows(
    expectation: Expectation[Any], block: Block, fits: Path, archive: Path, provenance: Mapping[str, Any]
) -> None:
    """Fit rows of a table in every interpretation that takes it for the data; see `fit_block` for the others."""
    channel = expectation.channel
    hypotheses = [
        hypothesis
        for interpretation in channel.interpretations
        if interpretation.published is not None and interpretation.published.table == block.table
        for hypothesis in published.hypotheses(expectation, block.rows, interpretation)
    ]
    _write(channel, hypotheses, True, fits, archive, provenance)


def _write(
    channel: Channel,
    hypotheses: Sequence[Hypothesis],
    with_data: bool,
    fits: Path,
    archive: Path,
    provenance: Mapping[str, Any],
) -> None:
    """Fit hypotheses to data, if there are any, and write them."""
    found = _discoveries(hypotheses) if with_data else {}
    fitted = [FittedPoint.of(h, found.get(i), channel.production_quantity) for i, h in enumerate(hypotheses)]
    failed = [each for each in fitted if each.status not in ("converged", "excluded_window")]
    log.info("%d hypotheses, %d without a fit", len(fitted), len(failed))
    for each in failed:
        log.warning("%s, %s: %s: %s", each.point, each.interpretation, each.status, each.reason)
    write_archive(archive, {h.member: h.workspace for h in hypotheses if h.workspace is not None})
    write_points(fits, channel.name, fitted, provenance)


def _discoveries(hypotheses: Sequence[Hypothesis]) -> dict[int, Discovery]:
    with_workspace = [(i, h.workspace) for i, h in enumerate(hypotheses) if h.workspace is not None]
    found = discoveries([w for _, w in with_workspace])
    return {i: discovery for (i, _), discovery in zip(with_workspace, found, strict=True)}
