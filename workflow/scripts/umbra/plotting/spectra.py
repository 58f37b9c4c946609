"""Published spectra with the simulated background of the same search laid over them."""

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from umbra.core.search_variables import VARIABLES
from umbra.plotting.canvas import canvas, colours, footer, header, legend, plot_nothing, write_numbers
from umbra.plotting.labels import Labels
from umbra.validation import spectra
from umbra.validation.spectra import SpectrumBin


def spectrum_title(variable: str, measures: str) -> str:
    """Axis title of a spectrum: of its search variable, or of the mass where the spectrum is one of masses."""
    title = VARIABLES[variable].title
    return title if measures == VARIABLES[variable].measures else r"$m_{\mu\mu}$ [GeV]"


def plot_spectra(
    stem: Path | str, bins: Sequence[SpectrumBin], units: dict[str, str], labels: Labels
) -> None:
    """Draw data and simulation of each published spectrum, and their ratio, as `<stem>.pdf`, `.png` and `.csv`.

    Parameters
    ----------
    stem
        Path of the files without suffix.
    bins
        Of all spectra.
    units
        Category -> title of its axis.
    labels
        What the figure says about the channel.
    """
    categories = list(dict.fromkeys(each.category for each in bins))
    if not categories:
        plot_nothing(stem, "no bin of a published spectrum is simulated", spectra.columns(), labels)
        return
    with canvas(stem, height_inch=6.4 * len(categories)) as figure:
        grid = figure.add_gridspec(3 * len(categories), 1, hspace=0.0)
        for number, category in enumerate(categories):
            upper = figure.add_subplot(grid[3 * number : 3 * number + 2])
            lower = figure.add_subplot(grid[3 * number + 2], sharex=upper)
            _panel(upper, lower, [each for each in bins if each.category == category], category)
            lower.set_xlabel(units[category])
            if number == 0:
                header(upper, labels)
        for number in range(1, len(categories)):
            for axes in figure.axes[2 * number : 2 * number + 2]:
                place = axes.get_position()
                axes.set_position((place.x0, place.y0 - 0.06 * number, place.width, place.height))
        footer(
            figure.axes[-1],
            [
                "Simulated background with its absolute normalisation; nothing is scaled to the data.",
                *labels.notes,
            ],
        )
    write_numbers(stem, spectra.columns(), (astuple(each) for each in bins))


def _panel(upper: Axes, lower: Axes, bins: Sequence[SpectrumBin], category: str) -> None:
    names = list(dict.fromkeys(each.beside for each in bins))
    for colour, name in zip(colours(len(names)), names, strict=True):
        mine = [each for each in bins if each.beside == name]
        middle = np.array([0.5 * (each.low + each.high) for each in mine])
        data, simulated, error = (
            np.array([getattr(each, key) for each in mine]) for key in ("data", "simulated", "error")
        )
        if name == names[0]:
            upper.errorbar(
                middle, data, yerr=np.sqrt(data), fmt="o", color="black", markersize=3, label="data"
            )
        upper.errorbar(
            middle,
            simulated,
            yerr=error,
            drawstyle="steps-mid",
            color=colour,
            linewidth=1.4,
            label=name.replace("_", " "),
        )
        shown = (data > 0.0) & (simulated > 0.0)
        ratio = simulated[shown] / data[shown]
        spread = ratio * np.hypot(error[shown] / simulated[shown], data[shown] ** -0.5)
        lower.errorbar(middle[shown], ratio, yerr=spread, fmt=".", color=colour, markersize=4, linewidth=0.8)
    upper.set_yscale("log")
    upper.tick_params(labelbottom=False)
    upper.set_ylabel("candidates / bin")
    legend(upper, category.replace("_", " "))
    lower.axhline(1.0, color="0.4", linestyle="--", linewidth=1.0)
    lower.set_yscale("log")
    lower.set_ylabel("sim. / data")
