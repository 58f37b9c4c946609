"""A map: where the candidates of each background lie in the plane of two columns of the skim."""

from typing import Annotated

from pydantic import Field

from umbra.config.bounds import LuminosityFb
from umbra.core.records import Interval, OneOrMore, Record


class MapAxis(Record):
    """One axis of a map.

    Parameters
    ----------
    column
        Of the skim.
    title
        Axis title, with mathtext.
    range
        Its ends, in the unit of the column.
    bins
        Number of them.
    """

    column: str
    title: str
    range: Interval
    bins: Annotated[int, Field(ge=1, le=500)]


class EventMap(Record):
    """A map of what the selection leaves of each background, before the requirements of categories.

    Parameters
    ----------
    x, y
        Its axes.
    luminosities_fb
        For which it is drawn.
    """

    x: MapAxis
    y: MapAxis
    luminosities_fb: OneOrMore[LuminosityFb]
