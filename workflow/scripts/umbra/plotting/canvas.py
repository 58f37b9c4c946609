"""What all figures share: style, labels, and files that are the same bytes for the same numbers."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import mplhep
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from umbra.core.io import atomic_open, atomic_path
from umbra.core.text import printed_length, wrap
from umbra.plotting.labels import Labels

STYLE = {
    **mplhep.style.ROOT,
    # DejaVu Sans comes with matplotlib and has the signs that the first lacks: Greek, arrows, raised ones.
    "font.family": ["TeX Gyre Heros", "DejaVu Sans"],
    "mathtext.default": "it",
    "font.size": 17,
    "legend.fontsize": 13,
    "legend.title_fontsize": 13,
    "legend.handlelength": 1.8,
    "legend.labelspacing": 0.35,
    "xtick.major.size": 9,
    "xtick.minor.size": 5,
    "ytick.major.size": 9,
    "ytick.minor.size": 5,
    "axes.linewidth": 1.5,
    "lines.linewidth": 2.0,
}

#: White edge around what a figure holds, in inches.
_EDGE_INCH = 0.15

#: Resolution of the PNG, and of the layout, whose measured texts it finds again.
_DPI = 120

#: Signs of a title that is a symbol and no text.
_LONGEST_SYMBOL = 4

#: Colours that stay apart for the colour-blind: bands, other models, published limits.
BAND_68 = "#607641"
BAND_95 = "#F5BB54"
LINES = ("#3f90da", "#832db6", "#e76300", "#717581", "#a96b59", "#b9ac70", "#92dadd", "#94a4a2")
PUBLISHED = "#bd1f01"
#: Colours of several published limits in one figure.
PUBLISHED_LINES = (PUBLISHED, "#8c510a", "#2166ac", "#762a83", "#1b7837", "#c51b7d")


def colours(number: int) -> list[str]:
    """Colours of that many lines: those of `LINES` while they last, else a ramp from dark to light."""
    if number <= len(LINES):
        return list(LINES[:number])
    ramp = matplotlib.colormaps["viridis"].resampled(number)
    return [to_hex(ramp(index)) for index in range(number)]


@contextmanager
def canvas(stem: Path | str, width_inch: float = 9.5, height_inch: float = 7.4) -> Iterator[Figure]:
    """Give a figure in the style of all figures and save it when the block ends without an error.

    The figure is not pyplot's and the style ends with the block, so nothing global stays behind. The files
    `<stem>.pdf` and `<stem>.png` carry no time, name of a program or random identifier.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width_inch, height_inch), dpi=_DPI)
        yield figure
        box = _box_of(figure)
        with atomic_path(f"{stem}.pdf") as path:
            figure.savefig(
                path,
                format="pdf",
                bbox_inches=box,
                metadata={"CreationDate": None, "Creator": None, "Producer": None},
            )
        with atomic_path(f"{stem}.png") as path:
            figure.savefig(path, format="png", bbox_inches=box, metadata={"Software": None})


def _box_of(figure: Figure) -> Bbox:
    """Box around all that a figure holds, in inches: laid out once for both files, which takes a third of the time."""
    FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    return figure.get_tightbbox().padded(_EDGE_INCH)


def write_numbers(stem: Path | str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write the plotted numbers to `<stem>.csv`: None is an empty cell, a double its shortest exact text."""
    with atomic_open(f"{stem}.csv") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int):
        return str(value)
    return repr(float(value))


def name_height(axes: Axes, title: str) -> None:
    """Give the vertical axis its title; a bare symbol stands upright, because a turned ε reads ω."""
    if printed_length(title) <= _LONGEST_SYMBOL and " " not in title:
        axes.set_ylabel(title, rotation=0, ha="right", va="top", y=1.0)
    else:
        axes.set_ylabel(title)


def legend(axes: Axes, title: str = "", **options: Any) -> None:
    """Write the legend to the right of the axes, where it covers nothing; `options` are those of matplotlib."""
    axes.legend(
        title=title or None,
        loc="upper left",
        bbox_to_anchor=(1.02, 1.0),
        borderaxespad=0.0,
        alignment="left",
        **options,
    )


def plot_nothing(stem: Path | str, reason: str, columns: Sequence[str], labels: Labels) -> None:
    """Make a figure that says why there is nothing to show, and a table with a header only."""
    with canvas(stem, height_inch=4.0) as figure:
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.text(0.5, 0.5, f"{labels.process}\n{reason}", transform=axes.transAxes, ha="center", va="center")
        header(axes, labels)
    write_numbers(stem, columns, [])


def header(axes: Axes, labels: Labels) -> None:
    """Write who made the figure and which set-up it models above the axes."""
    stamp(axes)
    axes.text(1.0, 1.015, labels.setup, transform=axes.transAxes, ha="right", va="bottom", fontsize=13)
    if labels.warnings:
        axes.annotate(
            "\n".join(part for line in labels.warnings for part in wrap(line, 100)),
            xy=(0.0, 1.0),
            xycoords="axes fraction",
            # Above the two lines of figures that have a title, or above the one of the others.
            xytext=(0.0, 46.0 if axes.get_title(loc="right") else 27.0),
            textcoords="offset points",
            ha="left",
            va="bottom",
            fontsize=12,
            color=PUBLISHED,
        )


def stamp(axes: Axes) -> None:
    """Write what every figure says: Umbra, parametrised detector."""
    axes.text(
        0.0,
        1.015,
        r"$\mathbf{Umbra}$, parametrised detector",
        transform=axes.transAxes,
        ha="left",
        va="bottom",
        fontsize=14,
    )


def footer(axes: Axes, lines: Iterable[str], width: int = 130, below_points: float = 48.0) -> None:
    """Write what a reader must know in small print under the axes, one or more lines each."""
    printed = [part for line in lines if line for part in wrap(line, width)]
    axes.annotate(
        "\n".join(printed),
        xy=(0.0, 0.0),
        xycoords="axes fraction",
        xytext=(-45, -below_points),
        textcoords="offset points",
        ha="left",
        va="top",
        fontsize=10,
        color="0.3",
        linespacing=1.35,
    )
