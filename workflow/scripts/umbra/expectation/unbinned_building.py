"""From the skims of a channel to signals over the plane of two masses, and the background candidates themselves."""

import logging
from collections.abc import Mapping
from pathlib import Path

from umbra.config.records import Category, Channel, EllipseFit
from umbra.expectation import signal_plane, skims
from umbra.expectation.signal_plane import PlaneSignal
from umbra.expectation.unbinned import Candidates, UnbinnedExpectation

log = logging.getLogger(__name__)


def build(channel: Channel, files: Mapping[str, Path]) -> UnbinnedExpectation:
    """Build what a channel expects, see `umbra.expectation.building.make`; `files` are its skims."""
    assert isinstance(channel.fit, EllipseFit)
    half_axes_sigma = channel.fit.half_axes_sigma
    signals = {
        category.name: {
            sample: _signal(channel, category, files[sample], half_axes_sigma)
            for sample in (category.signal, *category.other_signals)
        }
        for category in channel.categories
    }
    candidates = {
        category.name: {sample: _candidates(category, files[sample]) for sample in category.backgrounds}
        for category in channel.categories
    }
    return UnbinnedExpectation(channel, signals, candidates)


def _signal(channel: Channel, category: Category, path: Path, half_axes_sigma: float) -> PlaneSignal:
    assert category.variable2 is not None, "checked with the configuration"
    return signal_plane.build(
        (category.variable, category.variable2),
        half_axes_sigma,
        skims.candidates(category, path),
        skims.generated(path),
        f"channel {channel.name}, category {category.name}",
    )


def _candidates(category: Category, path: Path) -> Candidates:
    found = skims.candidates(category, path)
    weight = found["weight"] * skims.scale_pb(path)
    log.info("%s %s: %.4g pb visible, %d candidates", category.name, path.stem, weight.sum(), len(weight))
    return Candidates(found[category.variable], found[str(category.variable2)], weight)
