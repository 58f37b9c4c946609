"""Spectra of data beside the simulated background of the same search, with its absolute normalisation."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np

from umbra.config.categories import Spectrum
from umbra.config.records import Category, Channel
from umbra.core.io import atomic_open
from umbra.core.variables import mass_at
from umbra.expectation.binned import BinnedExpectation, rebinned


@dataclass(frozen=True)
class SpectrumBin:
    """One bin of a published spectrum.

    Parameters
    ----------
    category
        Whose spectrum it is.
    beside
        Category whose backgrounds are simulated.
    low, high
        Ends of the bin, in the unit of the spectrum.
    data
        Candidates that the paper finds.
    simulated, error
        Candidates that the simulation expects, and the statistical error of that.
    """

    category: str
    beside: str
    low: float
    high: float
    data: float
    simulated: float
    error: float


@dataclass(frozen=True)
class SpectrumRange(SpectrumBin):
    """Sum over the bins of a range, whose ends are those of the range.

    Parameters
    ----------
    bins
        Number of bins.
    """

    bins: int

    @property
    def ratio(self) -> float | None:
        """Simulation over data; None without data."""
        return self.simulated / self.data if self.data > 0.0 else None

    @property
    def ratio_error(self) -> float | None:
        """Statistical error of the ratio, of candidates in the data and of the simulation."""
        if self.data <= 0.0 or self.simulated <= 0.0:
            return None
        return self.simulated / self.data * float(np.hypot(self.error / self.simulated, self.data**-0.5))


def with_spectra(channel: Channel) -> list[tuple[Category, Spectrum]]:
    """Categories with a published spectrum that simulated ones are laid beside."""
    return [
        (each, each.spectrum)
        for each in channel.categories
        if each.spectrum is not None and each.spectrum.simulated
    ]


def compare(channel: Channel, expectation: BinnedExpectation) -> list[SpectrumBin]:
    """Lay the simulated backgrounds that a channel names beside its published spectra, bin by bin.

    Bins outside the ranges of the spectrum, and those that reach beyond the axis of the simulated category, where
    nothing was histogrammed, are left out.
    """
    categories = {each.name: each for each in channel.categories}
    return [
        each
        for category, spectrum in with_spectra(channel)
        for beside in spectrum.simulated
        for each in _bins(category, spectrum, categories[beside], expectation)
    ]


def _bins(
    category: Category, spectrum: Spectrum, beside: Category, expectation: BinnedExpectation
) -> list[SpectrumBin]:
    middle, data = np.array(spectrum.candidates).T
    half = 0.5 * np.diff(middle).min()
    axis = mass_at(beside.variable, expectation.edges(beside))
    axis = np.square(axis) if spectrum.measures == "mass_squared" else axis
    total = expectation.total_background(beside)
    variance = np.sum(list(expectation.background_variance(beside).values()), axis=0)
    found = []
    for centre, candidates in zip(middle.tolist(), data.tolist(), strict=True):
        ends = (centre - half, centre + half)
        if not spectrum.ranges[0] <= centre < spectrum.ranges[-1] or ends[1] > axis[-1]:
            continue
        expected, spread = (float(rebinned(values, axis, ends)[0]) for values in (total, variance))
        found.append(
            SpectrumBin(category.name, beside.name, *ends, candidates, expected, float(np.sqrt(spread)))
        )
    return found


def in_ranges(channel: Channel, bins: Sequence[SpectrumBin]) -> list[SpectrumRange]:
    """Sum bins over the ranges that the channel names; a bin belongs to the range that holds its middle."""
    found = []
    for category, spectrum in with_spectra(channel):
        for beside in spectrum.simulated:
            mine = [each for each in bins if (each.category, each.beside) == (category.name, beside)]
            for low, high in zip(spectrum.ranges[:-1], spectrum.ranges[1:], strict=True):
                inside = [each for each in mine if low <= 0.5 * (each.low + each.high) < high]
                if inside:
                    data, simulated = (
                        sum(each.data for each in inside),
                        sum(each.simulated for each in inside),
                    )
                    error = float(np.sqrt(sum(each.error**2 for each in inside)))
                    found.append(
                        SpectrumRange(category.name, beside, low, high, data, simulated, error, len(inside))
                    )
    return found


def columns() -> tuple[str, ...]:
    """Columns of the file."""
    return tuple(each.name for each in fields(SpectrumBin))


def read(path: Path) -> list[SpectrumBin]:
    """Read what the plot stage writes beside the figure."""
    with path.open(newline="") as stream:
        return [
            SpectrumBin(row["category"], row["beside"], *(float(row[name]) for name in columns()[2:]))
            for row in csv.DictReader(stream)
        ]


def write_ranges(path: Path, found: Sequence[tuple[str, SpectrumRange]]) -> None:
    """Write ranges of channels, each with the ratio of simulation to data and its error, as CSV."""
    with atomic_open(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        names = [each.name for each in fields(SpectrumRange)]
        writer.writerow(["channel", *names, "ratio", "ratio_error"])
        for channel, each in found:
            numbers = (*astuple(each), each.ratio, each.ratio_error)
            writer.writerow([channel, *("" if value is None else value for value in numbers)])


def section(found: Sequence[tuple[str, SpectrumRange]]) -> Iterable[str]:
    """Write the part of the validation page that states simulation over data in each range."""
    yield from ("", "## Spectra of data", "")
    yield (
        "What the simulation expects over what the papers find, with its absolute normalisation: nothing is scaled to "
        "the data. Ranges are of the mass (GeV) or the squared mass (GeV²) of the published spectrum; errors are "
        "statistical, those of the data and of the simulation. `spectra.csv` has all numbers."
    )
    for channel in dict.fromkeys(name for name, _ in found):
        yield from ("", f"![spectra of {channel}](../{channel}/spectra.png)")
    yield ""
    yield "| channel | spectrum | simulated | range | bins | data | simulation | simulation / data |"
    yield "|" + 8 * "---|"
    for channel, each in found:
        ratio = "" if each.ratio is None else f"{each.ratio:.3g}"
        error = "" if each.ratio_error is None else f" ± {each.ratio_error:.2g}"
        yield (
            f"| `{channel}` | `{each.category}` | `{each.beside}` | {each.low:g} - {each.high:g} | {each.bins} | "
            f"{each.data:.0f} | {each.simulated:.4g} | {ratio}{error} |"
        )
