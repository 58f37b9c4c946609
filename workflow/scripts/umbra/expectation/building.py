"""Which module builds the expectation of a channel: one row for each kind of fit.

Windows along one variable want histograms, those in a plane the candidates themselves. How they are fitted changes
nothing here, see `umbra.inference.methods`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from umbra.config.records import Channel, CountingFit, EllipseFit, Fit, PeakFit, TemplatesFit
from umbra.expectation import binned_building, unbinned_building


class Builder(Protocol):
    """A form of the expectation."""

    def make(
        self,
        channel: Channel,
        files: Mapping[str, Path],
        signals: Path,
        backgrounds: Path,
        provenance: Mapping[str, Any],
    ) -> None:
        """Write signals (JSON) and backgrounds (ROOT) of a channel from its skims, sample by sample."""


_BUILDERS: dict[type[Fit], Builder] = {
    PeakFit: binned_building,
    TemplatesFit: binned_building,
    CountingFit: binned_building,
    EllipseFit: unbinned_building,
}


def find(fit: Fit) -> Builder:
    """Return what builds the expectation for a channel's fit."""
    return _BUILDERS[type(fit)]
