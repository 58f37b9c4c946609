"""From the skims of a channel to what it expects, in the form that its windows need: one row for each kind of fit.

Windows along one variable want histograms, those in a plane the candidates themselves. How they are fitted changes
nothing here, see `umbra.inference.methods`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from umbra.config.records import BinsFit, Channel, CountingFit, EllipseFit, Fit, PeakFit, TemplatesFit
from umbra.expectation import binned_building, signals_file, unbinned_building
from umbra.expectation.binned import BinnedExpectation
from umbra.expectation.unbinned import UnbinnedExpectation

_BUILDERS: dict[
    type[Fit], Callable[[Channel, Mapping[str, Path]], BinnedExpectation | UnbinnedExpectation]
] = {
    PeakFit: binned_building.build,
    TemplatesFit: binned_building.build,
    CountingFit: binned_building.build,
    EllipseFit: unbinned_building.build,
    BinsFit: binned_building.build,
}


def make(
    channel: Channel,
    skims: Mapping[str, Path],
    signals: Path,
    backgrounds: Path,
    provenance: Mapping[str, Any],
) -> None:
    """Build what a channel expects and write it.

    Parameters
    ----------
    channel
        With `name`, `categories`, `masses`, `luminosity`, `lifetimes_mm` and, of its fit, the form of the windows.
    skims
        Sample -> skim; the JSON file with what was generated lies beside it.
    signals, backgrounds
        JSON and ROOT file.
    provenance
        Written into the JSON file.
    """
    built = _BUILDERS[type(channel.fit)](channel, skims)
    signals_file.write(signals, built.signals, provenance)
    built.write_backgrounds(backgrounds)
