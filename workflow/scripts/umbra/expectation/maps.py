"""Where the candidates of backgrounds lie in the plane of two columns of the skims."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from umbra.config.records import Channel, EventMap
from umbra.core.kinematics import Array
from umbra.expectation.skims import scale_pb
from umbra.selection import skims


@dataclass(frozen=True)
class Mapped:
    """Visible cross-section of one background in the bins of a map.

    Parameters
    ----------
    visible_pb, variance_pb2
        And its statistical variance, shape (bins of x, bins of y).
    """

    visible_pb: Array
    variance_pb2: Array


def edges(settings: EventMap) -> tuple[Array, Array]:
    """Bin edges of both axes."""
    x, y = (np.linspace(*axis.range, axis.bins + 1) for axis in (settings.x, settings.y))
    return x, y


def build(channel: Channel, files: Mapping[str, Path]) -> dict[str, Mapped]:
    """Histogram what the selection leaves of each background that a category has.

    Parameters
    ----------
    channel
        With or without a map.
    files
        Skims of its samples.

    Returns
    -------
    dict
        Sample -> what it leaves, in the order of the categories; empty without a map.
    """
    settings = channel.axes.map
    if settings is None:
        return {}
    names = dict.fromkeys(name for each in channel.categories for name in each.backgrounds)
    return {name: _mapped(settings, files[name]) for name in names}


def _mapped(settings: EventMap, path: Path) -> Mapped:
    found = skims.read(path)
    weight = found["weight"] * scale_pb(path)
    place = found[settings.x.column], found[settings.y.column]
    values, variances = (
        np.histogram2d(*place, bins=edges(settings), weights=weights)[0] for weights in (weight, weight**2)
    )
    return Mapped(values, variances)
