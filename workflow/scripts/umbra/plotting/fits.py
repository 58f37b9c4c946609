"""Fits of a few mass hypotheses: data, background and signal in the search variable, with pulls."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpecFromSubplotSpec, SubplotSpec

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.plotting.canvas import LINES, PUBLISHED, canvas, footer, plot_nothing, stamp, write_numbers
from umbra.plotting.labels import Labels

#: The axis starts above zero where all counts are larger than this part of the largest.
_SUPPRESSED = 0.6
_COLUMNS = ("region", "mass_gev", "low", "high", "observed", "background", "signal_plus_background", "pull")


@dataclass(frozen=True, kw_only=True)
class ExampleFit:
    """Fit of one region at one mass.

    Parameters
    ----------
    region
        Name of the region.
    variable_title
        Title of the search variable's axis, with its unit.
    mass_gev
        Hypothesis.
    edges
        Bin edges in the search variable, shape (n + 1,).
    observed
        Counts of data or pseudo-data, or the expectation where there are none, shape (n,).
    background
        Fitted background of the fit without signal, shape (n,).
    signal_plus_background
        Expectation of the fit with signal, shape (n,).
    signal_at_limit
        Signal at the expected limit, shape (n,); shown where there are no data to fit. None where there is no limit.
    """

    region: str
    variable_title: str
    mass_gev: float
    edges: Array
    observed: Array
    background: Array
    signal_plus_background: Array
    signal_at_limit: Array | None = None

    def pulls(self) -> Array:
        """Observed minus background over the root of the background; 0 where no background is expected."""
        error = np.sqrt(self.background)
        difference = self.observed - self.background
        pulls: Array = np.divide(difference, error, out=np.zeros_like(difference), where=error > 0.0)
        return pulls


def plot_fits(
    stem: Path | str,
    examples: Sequence[ExampleFit],
    labels: Labels,
    bins: str = "Bins follow the resolution; their contents are drawn as densities.",
) -> None:
    """Draw up to six example fits with their pulls as `<stem>.pdf`, `.png` and `.csv`; `bins` says what bins are.

    Raises
    ------
    UmbraError
        If there are more than six examples, or an example's arrays do not fit its edges.
    """
    if not examples:
        plot_nothing(stem, "no fit converged", _COLUMNS, labels)
        return
    if len(examples) > 6:
        raise UmbraError(f"{stem}: {len(examples)} example fits where six can be drawn")
    for example in examples:
        for name in ("observed", "background", "signal_plus_background"):
            if len(getattr(example, name)) != len(example.edges) - 1:
                raise UmbraError(
                    f"{stem}: example at {example.mass_gev:g} GeV: {len(getattr(example, name))} values of "
                    f"{name} for {len(example.edges)} edges"
                )
    columns = min(len(examples), 2)
    rows = -(-len(examples) // columns)
    with canvas(stem, 8.2 * columns, 6.6 * rows) as figure:
        grid = figure.add_gridspec(rows, columns, hspace=0.3, wspace=0.24)
        for number, example in enumerate(examples):
            _panel(figure, grid[number // columns, number % columns], example, labels)
        below = (rows - 1) * columns
        footer(
            figure.axes[2 * below + 1],
            [
                f"Shown: {labels.data_text}, {labels.setup}. {bins} Pulls: observed minus fitted background, over the "
                "root of the background.",
                labels.background_text,
                *labels.notes,
            ],
            width=125 * columns,
            below_points=62.0,
        )
    write_numbers(
        stem,
        _COLUMNS,
        (
            (example.region, example.mass_gev, *bin_)
            for example in examples
            for bin_ in zip(
                example.edges[:-1].tolist(),
                example.edges[1:].tolist(),
                example.observed.tolist(),
                example.background.tolist(),
                example.signal_plus_background.tolist(),
                example.pulls().tolist(),
                strict=True,
            )
        ),
    )


def _panel(figure: Figure, place: SubplotSpec, example: ExampleFit, labels: Labels) -> None:
    grid = GridSpecFromSubplotSpec(2, 1, place, height_ratios=(3.2, 1), hspace=0.06)
    upper = figure.add_subplot(grid[0])
    lower = figure.add_subplot(grid[1], sharex=upper)
    centres = 0.5 * (example.edges[1:] + example.edges[:-1])
    widths = np.diff(example.edges)
    unit = float(f"{widths.mean():.1g}")
    density = unit / widths
    has_data = labels.data != "asimov"
    upper.errorbar(
        centres,
        example.observed * density,
        yerr=np.sqrt(example.observed) * density if has_data else None,
        fmt="o",
        color="black",
        markersize=3.5 if has_data else 2.5,
        linewidth=1.0,
        label=labels.points,
    )
    upper.stairs(
        example.background * density, example.edges, color=LINES[0], linewidth=1.8, label="background fit"
    )
    signal = example.signal_plus_background - example.background if has_data else example.signal_at_limit
    if signal is not None:
        upper.stairs(
            (example.background + signal) * density,
            example.edges,
            color=PUBLISHED,
            linestyle="--",
            linewidth=1.5,
            label="signal + background fit" if has_data else "with signal at the expected limit",
        )
    shown = [example.observed, example.background] + ([] if signal is None else [example.background + signal])
    low, high = (float(edge(np.array(shown) * density)) for edge in (np.min, np.max))
    if low > _SUPPRESSED * high:
        upper.set_ylim(low - 0.5 * (high - low), high + 1.3 * (high - low))
    else:
        upper.set_ylim(0.0, 1.65 * high)
    upper.set_ylabel(f"events / {unit:g} {_unit(example.variable_title)}")
    upper.tick_params(labelbottom=False)
    title = f"{example.region.replace('_', ' ')}, {example.mass_gev:.4g} GeV"
    upper.legend(loc="upper right", title=title)
    lower.axhline(0.0, color="0.5", linewidth=1.0)
    lower.plot(centres, example.pulls(), "o", color="black", markersize=3.0)
    if signal is not None:
        error = np.sqrt(example.background)
        size = np.divide(signal, error, out=np.zeros_like(signal), where=error > 0.0)
        lower.stairs(size, example.edges, color=PUBLISHED, linestyle="--", linewidth=1.3, baseline=None)
    reach = max(3.5, 1.15 * float(np.abs(example.pulls()).max()))
    lower.set_ylim(-reach, reach)
    lower.set_ylabel("pull", loc="center")
    lower.set_xlabel(example.variable_title)
    lower.set_xlim(example.edges[0], example.edges[-1])
    stamp(upper)


def _unit(title: str) -> str:
    """Unit of an axis, which stands between square brackets in its title."""
    return title[title.index("[") + 1 : title.rindex("]")] if "[" in title else ""
