"""Simulated templates of signal and background; a count where few events are expected or simulated."""

from dataclasses import dataclass

from umbra.config.records import Category, CountingFit, TemplatesFit
from umbra.inference.methods.binned import At, Window
from umbra.inference.methods.counting import Counting
from umbra.inference.methods.interval import (
    COUNTED,
    Binning,
    IntervalMethod,
    core_background,
    core_simulated,
)
from umbra.inference.methods.simulated import simulated
from umbra.inference.workspace import Background


@dataclass(frozen=True)
class Templates(IntervalMethod):
    """Templates, see `umbra.config.records.TemplatesFit`."""

    fit: TemplatesFit

    def binning(self, at: At, category: Category, centre_gev: float) -> Binning:
        """Bins of a part of the resolution, or one that holds the core."""
        expected = core_background(at, category, centre_gev)
        if min(expected, core_simulated(at, category, centre_gev)) < self.fit.count_below:
            return Binning(COUNTED, None)
        return Binning(category.half_window_sigma or self.fit.half_window_sigma, self.fit.bin_sigma)

    def without_background(self) -> Counting:
        """The window is one count."""
        return Counting(CountingFit(half_window_sigma=self.fit.half_window_sigma))

    def backgrounds(self, at: At, window: Window) -> list[Background]:
        """Backgrounds as they were simulated; in one bin from the nearest simulated events."""
        return simulated(at, window, from_nearest=len(window.edges) == 2)
