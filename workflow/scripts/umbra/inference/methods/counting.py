"""One count in a window, whose background is the simulated one."""

from dataclasses import dataclass

from umbra.config.records import Category, CountingFit
from umbra.inference.methods.binned import At, Window
from umbra.inference.methods.interval import Binning, IntervalMethod
from umbra.inference.methods.simulated import simulated
from umbra.inference.workspace import Background


@dataclass(frozen=True)
class Counting(IntervalMethod):
    """A count, see `umbra.config.records.CountingFit`."""

    fit: CountingFit

    def binning(self, at: At, category: Category, centre_gev: float) -> Binning:
        """One bin."""
        return Binning(category.half_window_sigma or self.fit.half_window_sigma, None)

    def backgrounds(self, at: At, window: Window) -> list[Background]:
        """Backgrounds as they were simulated, or smoothed."""
        return simulated(at, window)
