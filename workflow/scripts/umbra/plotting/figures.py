"""What all channels' figures have in common, however many masses are scanned."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from umbra.config.figures import WINDOW_FIGURES, limit_figures
from umbra.config.records import Channel, Interpretation
from umbra.expectation.maps import Mapped
from umbra.inference.hypothesis import FittedPoint, read_fits
from umbra.plotting.cutflow import plot_cutflow
from umbra.plotting.labels import Labels, background_name, channel_labels, sample_titles
from umbra.plotting.maps import plot_maps
from umbra.plotting.spectra import plot_spectra, spectrum_title
from umbra.results.contours import Contour
from umbra.results.limits import LimitRow
from umbra.selection.cutflow import Cutflow
from umbra.validation.published import Curve
from umbra.validation.spectra import compare, with_spectra

#: What figures of the tiny scan say above all else.
TRIAL = "Tiny scan, to try things out: few masses, few events. Not to be quoted."


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What the stages have found in a channel.

    Parameters
    ----------
    table
        Its limits.
    contours
        Excluded regions of couplings that have an upper edge, and in the plane of two masses.
    published
        The curves that it is compared with; each is laid over the limits on its own quantity.
    expectation, data
        In the form of the channel's method (`umbra.inference.methods`).
    cutflows
        Sample -> what each cut leaves of it.
    fits, archives
        Fits (JSON) and workspaces (ZIP) of the blocks, in order of mass.
    maps
        Background -> where its candidates lie; empty without a map.
    shortfalls
        Quantity -> how its limits fall short of what they are compared with.
    precision
        Which cross-sections of samples are known less well than asked; empty if none.
    global_text
        Global p-value of the largest excess and how it was found.
    """

    table: Sequence[LimitRow]
    contours: Sequence[Contour]
    published: Sequence[Curve]
    expectation: Any
    data: Any
    cutflows: Mapping[str, Cutflow]
    fits: Sequence[Path]
    archives: Sequence[Path]
    maps: Mapping[str, Mapped] = field(default_factory=dict)
    shortfalls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    precision: str = ""
    global_text: str = ""


@dataclass(frozen=True)
class Figures(ABC):
    """All figures of a channel, each as PDF, PNG and CSV; a subclass draws those that depend on the kind of scan.

    Parameters
    ----------
    folder
        Where they go.
    channel
        With the blocks that the plot stage sees.
    found
        What they show.
    """

    folder: Path
    channel: Channel
    found: Findings

    @cached_property
    def labels(self) -> Labels:
        """What they say about the channel."""
        labels = channel_labels(self.channel)
        notes = (*labels.notes, self.found.precision) if self.found.precision else labels.notes
        return replace(labels, notes=notes, warnings=(TRIAL,) if self.channel.scan == "tiny" else ())

    def of_limits(self, quantity: str) -> Labels:
        """What figures of limits on a quantity say: also where these fall short of a comparison's bounds."""
        shortfalls = self.found.shortfalls.get(quantity, ())
        return replace(self.labels, warnings=(*self.labels.warnings, *shortfalls))

    @cached_property
    def main_labels(self) -> Labels:
        """What they say where they show the main interpretation only."""
        return self.labels.of(self.channel.main.name)

    def draw(self) -> None:
        """Draw them; their names are those of `umbra.config.figures.figures`."""
        for quantity, name in limit_figures(self.channel).items():
            self.draw_limits(self.folder / name, quantity)
        if self.main_labels.data != "asimov":
            self.draw_p_values(self.folder / "p_values")
        self.draw_windows(self.folder / WINDOW_FIGURES[type(self.channel.fit)])
        self.draw_signal(self.folder / "efficiency")
        titles = sample_titles(self.channel)
        plot_cutflow(self.folder / "cutflow", self.found.cutflows, self.labels, titles)
        spectra = with_spectra(self.channel)
        if spectra:
            axes = {each.name: spectrum_title(each.variable, spectrum.measures) for each, spectrum in spectra}
            bins = compare(self.channel, self.found.expectation)
            plot_spectra(self.folder / "spectra", bins, axes, self.labels)
        if self.channel.axes.map is not None:
            by_process = {name: background_name(sample) for name, sample in self.channel.samples.items()}
            plot_maps(
                self.folder / "background_map",
                self.channel.axes.map,
                self.found.maps,
                self.main_labels,
                by_process,
            )

    def points(self, reading: Interpretation) -> list[tuple[FittedPoint, Path]]:
        """Fits of an interpretation, each with the archive that holds its workspace, in order of mass."""
        return [
            (point, archive)
            for path, archive in zip(self.found.fits, self.found.archives, strict=True)
            for point in read_fits(path)
            if point.interpretation == reading.name
        ]

    @abstractmethod
    def draw_limits(self, stem: Path, quantity: str) -> None:
        """Draw the limits on one quantity."""

    @abstractmethod
    def draw_p_values(self, stem: Path) -> None:
        """Draw the local significance of each hypothesis; there are data."""

    @abstractmethod
    def draw_windows(self, stem: Path) -> None:
        """Draw what is expected and found in the windows of one interpretation."""

    @abstractmethod
    def draw_signal(self, stem: Path) -> None:
        """Draw efficiency and resolution."""
