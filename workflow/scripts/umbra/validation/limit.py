"""A limit at one mass, of ours or a published one."""

import math
from dataclasses import dataclass

from umbra.config.records import Compared


@dataclass(frozen=True)
class Limit:
    """A limit at one mass.

    Parameters
    ----------
    kind
        `expected` or `observed`.
    value
        The limit (the median of expected ones), in the unit of its quantity.
    band
        Edges of one standard deviation of an expected limit; of an observed one the spread inside a bin, None where
        it is not of a bin.
    """

    kind: Compared
    value: float
    band: tuple[float, float] | None = None

    def scaled(self, factor: float) -> "Limit":
        """The same times a factor."""
        band = None if self.band is None else (factor * self.band[0], factor * self.band[1])
        return Limit(self.kind, factor * self.value, band)

    @property
    def width_dex(self) -> float | None:
        """Width of the band of an expected limit, log10 of the ratio of its edges."""
        if self.kind != "expected" or self.band is None:
            return None
        return math.log10(self.band[1] / self.band[0])
