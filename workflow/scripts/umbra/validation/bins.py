"""A bin of a published limit beside our limit there."""

import math
from dataclasses import dataclass

from umbra.core.errors import UmbraError
from umbra.validation.interpolation import Window
from umbra.validation.published import Bin


@dataclass(frozen=True, kw_only=True)
class ComparedBin:
    """Our expected limit at one published bin.

    Parameters
    ----------
    bin
        The published bin.
    mass_gev
        Mass at which our limit is taken.
    expected
        Our expected median there; None where there is none.
    skipped
        Why there is none: `outside our range`, `vetoed`, `beside a vetoed point` or `no limit`; empty where
        there is one.
    bracket
        Expected medians of two extreme assumptions there, the stronger first; None where there are none.
    """

    bin: Bin
    mass_gev: float
    expected: float | None
    skipped: str = ""
    bracket: Window | None = None

    @property
    def ratio(self) -> float:
        """Expected over published.

        Raises
        ------
        UmbraError
            If the bin was skipped.
        """
        if self.expected is None:
            raise UmbraError(f"the bin at {self.bin.mass_gev:g} GeV has no ratio: {self.skipped}")
        return self.expected / self.bin.limit

    @property
    def dex(self) -> float:
        """log10 of the ratio."""
        return math.log10(self.ratio)

    @property
    def inside_bracket(self) -> bool:
        """Whether the published limit lies between the two extreme assumptions."""
        return self.bracket is not None and self.bracket[0] <= self.bin.limit <= self.bracket[1]

    @property
    def inside_band(self) -> bool:
        """Whether our limit lies in the 16-84% spread of the published bin."""
        return self.expected is not None and self.bin.limit_p16 <= self.expected <= self.bin.limit_p84
