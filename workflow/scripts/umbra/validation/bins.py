"""A bin of a published limit beside our limit there."""

import math
from dataclasses import dataclass

from umbra.core.errors import UmbraError
from umbra.validation.interpolation import Window
from umbra.validation.limit import Limit
from umbra.validation.published import Bin


@dataclass(frozen=True, kw_only=True)
class ComparedBin:
    """Our limit at one published bin.

    Parameters
    ----------
    bin
        The published bin.
    theirs
        Its limit that is compared.
    mass_gev
        Mass at which our limit is taken.
    ours
        Our limit there; None where there is none.
    skipped
        Why there is none: `outside our range`, `vetoed`, `beside a vetoed point` or `no limit`; empty where
        there is one.
    bracket
        Limits of two extreme assumptions there, the stronger first; None where there are none.
    """

    bin: Bin
    theirs: Limit
    mass_gev: float
    ours: Limit | None
    skipped: str = ""
    bracket: Window | None = None

    @property
    def ratio(self) -> float:
        """Ours over theirs.

        Raises
        ------
        UmbraError
            If the bin was skipped.
        """
        if self.ours is None:
            raise UmbraError(f"the bin at {self.bin.mass_gev:g} GeV has no ratio: {self.skipped}")
        return self.ours.value / self.theirs.value

    @property
    def dex(self) -> float:
        """log10 of the ratio."""
        return math.log10(self.ratio)

    @property
    def inside_bracket(self) -> bool:
        """Whether the published limit lies between the two extreme assumptions."""
        return self.bracket is not None and self.bracket[0] <= self.theirs.value <= self.bracket[1]

    @property
    def bracket_dex(self) -> float | None:
        """Width of the bracket, log10 of the ratio of its ends."""
        return None if self.bracket is None else math.log10(self.bracket[1] / self.bracket[0])

    @property
    def inside_band(self) -> bool:
        """Whether our limit lies in the band of the published one, see `Limit.band`."""
        if self.ours is None or self.theirs.band is None:
            return False
        return self.theirs.band[0] <= self.ours.value <= self.theirs.band[1]

    @property
    def band_ratio(self) -> float | None:
        """Our band of one standard deviation over the published one, both in dex; None where one is not there."""
        ours = None if self.ours is None else self.ours.width_dex
        theirs = self.theirs.width_dex
        return None if ours is None or theirs is None else ours / theirs
