"""Maps of backgrounds: events expected in the plane of two columns, a panel for each background and luminosity."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import LogNorm

from umbra.config.records import EventMap
from umbra.expectation.channel import PB_PER_FB
from umbra.expectation.maps import Mapped, edges
from umbra.plotting.canvas import canvas, footer, stamp, write_numbers
from umbra.plotting.labels import Labels

#: Fewest expected events of a bin that has a colour.
_FAINTEST = 1e-3
#: What panels say, on white: their colours are dark.
_TEXT: dict[str, Any] = {
    "fontsize": 13,
    "bbox": {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 3.0},
}


def plot_maps(
    stem: Path | str,
    settings: EventMap,
    maps: Mapping[str, Mapped],
    labels: Labels,
    sample_titles: Mapping[str, str],
) -> None:
    """Draw maps as `<stem>.pdf`, `.png` and `.csv`, samples of one title together.

    Parameters
    ----------
    stem
        Path of the files without suffix.
    settings
        Axes and luminosities.
    maps
        Sample -> what it leaves.
    labels
        What the figure says about the channel.
    sample_titles
        Title of the panel of each sample, with mathtext.
    """
    panels: dict[str, Mapped] = {}
    for name, found in maps.items():
        title = sample_titles.get(name, name.replace("_", " "))
        before = panels.get(title)
        panels[title] = found if before is None else _sum(before, found)
    x, y = edges(settings)
    rows, columns = len(settings.luminosities_fb), len(panels)
    largest = max(float(each.visible_pb.max()) for each in panels.values()) * max(settings.luminosities_fb)
    norm = LogNorm(_FAINTEST, max(largest / PB_PER_FB, 10.0 * _FAINTEST))
    with canvas(stem, width_inch=4.6 * columns, height_inch=4.2 * rows) as figure:
        grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        figure.subplots_adjust(wspace=0.06, hspace=0.08)
        for row, luminosity_fb in zip(grid, settings.luminosities_fb, strict=True):
            for axes, (title, found) in zip(row, panels.items(), strict=True):
                events = found.visible_pb.T * luminosity_fb / PB_PER_FB
                mesh = axes.pcolormesh(
                    x,
                    y,
                    np.where(events < _FAINTEST, np.nan, events),
                    norm=norm,
                    cmap="viridis",
                    rasterized=True,
                )
                inside = f"{title}\n{luminosity_fb:g} fb$^{{-1}}$: {events.sum():.3g} events"
                axes.text(0.04, 0.96, inside, transform=axes.transAxes, ha="left", va="top", **_TEXT)
        for axes in grid[-1]:
            axes.set_xlabel(settings.x.title)
        for axes in grid[:, 0]:
            axes.set_ylabel(settings.y.title)
        bar = figure.colorbar(mesh, ax=grid, pad=0.015)
        bar.set_label("expected events")
        stamp(grid[0, 0])
        grid[0, -1].text(
            1.0, 1.015, labels.setup, transform=grid[0, -1].transAxes, ha="right", va="bottom", fontsize=13
        )
        footer(grid[-1, 0], ["Before the requirements of categories.", *labels.notes])
    write_numbers(
        stem,
        ("background", "luminosity_fb", "x_low", "x_high", "y_low", "y_high", "events", "events_error"),
        (
            (
                title,
                luminosity_fb,
                *(x[i], x[i + 1], y[j], y[j + 1]),
                found.visible_pb[i, j] * luminosity_fb / PB_PER_FB,
                np.sqrt(found.variance_pb2[i, j]) * luminosity_fb / PB_PER_FB,
            )
            for title, found in panels.items()
            for luminosity_fb in settings.luminosities_fb
            for i, j in zip(*np.nonzero(found.visible_pb), strict=True)
        ),
    )


def _sum(one: Mapped, other: Mapped) -> Mapped:
    return Mapped(one.visible_pb + other.visible_pb, one.variance_pb2 + other.variance_pb2)
