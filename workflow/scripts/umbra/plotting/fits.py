"""Fits of a few mass hypotheses: data, background and signal in the search variable, with pulls."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpecFromSubplotSpec, SubplotSpec

from umbra.errors import UmbraError
from umbra.kinematics import Array
from umbra.plotting.canvas import LINES, PUBLISHED, canvas, footer, stamp, write_numbers
from umbra.plotting.labels import Labels


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
    """

    region: str
    variable_title: str
    mass_gev: float
    edges: Array
    observed: Array
    background: Array
    signal_plus_background: Array

    def pulls(self) -> Array:
        """Observed minus background over the root of the background; 0 where no background is expected."""
        error = np.sqrt(self.background)
        difference = self.observed - self.background
        pulls: Array = np.divide(difference, error, out=np.zeros_like(difference), where=error > 0.0)
        return pulls


def plot_fits(stem: Path | str, examples: Sequence[ExampleFit], labels: Labels) -> None:
    """Draw up to six example fits with their pulls as `<stem>.pdf`, `.png` and `.csv`.

    Raises
    ------
    UmbraError
        If there is no example, more than six, or an example's arrays do not fit its edges.
    """
    if not 1 <= len(examples) <= 6:
        raise UmbraError(f"{stem}: {len(examples)} example fits where one to six can be drawn")
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
                f"Shown: {labels.data_text}, {labels.setup}. Pulls: observed minus fitted background, over "
                "the root of the background.",
                labels.background_text,
                *labels.notes,
            ],
            width=125 * columns,
        )
    write_numbers(
        stem,
        ("region", "mass_gev", "low", "high", "observed", "background", "signal_plus_background", "pull"),
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
    has_data = labels.data != "asimov"
    upper.errorbar(
        centres,
        example.observed,
        yerr=np.sqrt(example.observed) if has_data else None,
        fmt="o",
        color="black",
        markersize=3.5 if has_data else 2.5,
        linewidth=1.0,
        label=labels.observed if labels.data == "toy" else "data" if has_data else "Asimov expectation",
    )
    upper.stairs(example.background, example.edges, color=LINES[0], linewidth=1.8, label="background fit")
    if has_data:
        upper.stairs(
            example.signal_plus_background,
            example.edges,
            color=PUBLISHED,
            linestyle="--",
            linewidth=1.5,
            label="signal + background fit",
        )
    low, high = upper.get_ylim()
    upper.set_ylim(max(low, 0.0) if low > 0.3 * high else 0.0, high + 0.45 * (high - max(low, 0.0)))
    upper.set_ylabel("events / bin")
    upper.tick_params(labelbottom=False)
    title = f"{example.region.replace('_', ' ')}, {example.mass_gev:.4g} GeV"
    upper.legend(loc="upper right", title=title)
    lower.axhline(0.0, color="0.5", linewidth=1.0)
    lower.plot(centres, example.pulls(), "o", color="black", markersize=3.0)
    reach = max(3.5, 1.15 * float(np.abs(example.pulls()).max()))
    lower.set_ylim(-reach, reach)
    lower.set_ylabel("pull", loc="center")
    lower.set_xlabel(example.variable_title)
    lower.set_xlim(example.edges[0], example.edges[-1])
    stamp(upper)
