"""All figures of one channel: which class draws those of a kind of fit, one row for each."""

from pathlib import Path

from umbra.config.records import BinsFit, Channel, CountingFit, EllipseFit, Fit, PeakFit, TemplatesFit
from umbra.plotting.figures import Figures, Findings
from umbra.plotting.mass_scan import BinsFigures, CountFigures, SpectrumFigures
from umbra.plotting.plane_scan import PlaneFigures

#: Kind of fit -> class of its figures.
FIGURES: dict[type[Fit], type[Figures]] = {
    PeakFit: SpectrumFigures,
    TemplatesFit: SpectrumFigures,
    CountingFit: CountFigures,
    EllipseFit: PlaneFigures,
    BinsFit: BinsFigures,
}


def plot_channel(folder: Path, channel: Channel, found: Findings) -> None:
    """Draw all figures of a channel into a folder."""
    FIGURES[type(channel.fit)](folder, channel, found).draw()
