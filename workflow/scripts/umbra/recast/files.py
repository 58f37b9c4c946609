"""Tables that a recast leaves: limits, regions, and what each channel said."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from umbra.core.io import atomic_open
from umbra.recast.applicability import Applicable
from umbra.recast.limits import RecastRow
from umbra.results.contours import Contour
from umbra.results.limits import VALUES

_POINT = ("channel", "interpretation", "mass_gev")
_MORE = ("ctau_mm", "width_over_mass", "status", "reason")


def write_limits(path: Path, coupling: str, rows: Iterable[RecastRow]) -> None:
    """Write `limits.csv`: for each point the limits of the new fit on the coupling, and those that were rescaled.

    Points of a lifetime are left out: the coupling fixes that, and what it excludes are regions.
    """
    with atomic_open(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*_POINT, "coupling", *VALUES, *(f"rescaled_{name}" for name in VALUES), *_MORE])
        for row in (each for each in rows if each.lifetime_mm is None):
            numbers = [*row.values, *row.rescaled]
            cells = [*(getattr(row, name) for name in _POINT), coupling, *numbers]
            writer.writerow([_text(each) for each in (*cells, *(getattr(row, name) for name in _MORE))])


def write_regions(path: Path, regions: Iterable[tuple[str, str, Contour]]) -> None:
    """Write `contours.csv`: channel, interpretation and outline of each region, one point a line."""
    with atomic_open(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["channel", "interpretation", "level", "contour", "mass_gev", "coupling"])
        for number, (channel, interpretation, outline) in enumerate(regions):
            for mass, value in zip(outline.mass_gev, outline.value, strict=True):
                writer.writerow(
                    [channel, interpretation, outline.level, number, repr(float(mass)), repr(float(value))]
                )


def write_channels(path: Path, found: Sequence[Applicable]) -> None:
    """Write `channels.csv`: what each channel can say of the model, and why."""
    with atomic_open(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["channel", "verdict", "interpretations", "reason"])
        for each in found:
            writer.writerow([each.channel, each.verdict, " ".join(each.interpretations), each.reason])


def _text(value: str | float | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else repr(float(value))
