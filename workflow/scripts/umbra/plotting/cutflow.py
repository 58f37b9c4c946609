"""What each cut of the selection leaves of each sample."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from umbra.core.errors import UmbraError
from umbra.plotting.canvas import canvas, colours, header, legend, write_numbers
from umbra.plotting.labels import Labels
from umbra.selection.cutflow import Cutflow


def plot_cutflow(
    stem: Path | str,
    cutflows: Mapping[str, Cutflow],
    labels: Labels,
    sample_titles: Mapping[str, str] | None = None,
) -> None:
    """Draw the weight that each cut leaves, relative to the first count, as `<stem>.pdf`, `.png` and `.csv`.

    Parameters
    ----------
    stem
        Path of the files without suffix.
    cutflows
        Sample -> what each cut leaves of it.
    labels
        What the figure says about the channel.
    sample_titles
        Legend text of samples, with mathtext.

    Raises
    ------
    UmbraError
        If there is no sample, samples have different cuts, or a sample starts with no weight.
    """
    if not cutflows:
        raise UmbraError(f"{stem}: there is no cutflow")
    cuts = list(next(iter(cutflows.values())).counts)
    weights: dict[str, list[float]] = {}
    for sample, cutflow in cutflows.items():
        if list(cutflow.counts) != cuts:
            raise UmbraError(f"{stem}: sample {sample} has the cuts {list(cutflow.counts)}, not {cuts}")
        weights[sample] = [count.weight for count in cutflow.counts.values()]
        if not weights[sample] or not weights[sample][0] > 0.0:
            raise UmbraError(f"{stem}: the cutflow of sample {sample} starts with no weight")
    titles = sample_titles or {}
    lowest = 1.0
    with canvas(stem, height_inch=6.4) as figure:
        axes = figure.add_subplot()
        axes.set_yscale("log")
        for colour, (sample, left) in zip(colours(len(weights)), weights.items(), strict=True):
            fractions = [weight / left[0] for weight in left]
            lowest = min(lowest, *[fraction for fraction in fractions if fraction > 0.0])
            # A sample of which nothing is left ends where its line leaves the axes: log axes have no zero.
            axes.plot(
                range(len(cuts)),
                [fraction if fraction > 0.0 else math.nan for fraction in fractions],
                marker="o",
                markersize=5,
                linewidth=1.6,
                color=colour,
                label=titles.get(sample, sample.replace("_", " ")) + _left(fractions),
            )
        axes.set_xlim(-0.4, len(cuts) - 0.6)
        axes.set_ylim(lowest / 2.0, 2.0)
        axes.set_xticks(range(len(cuts)), cuts, rotation=35, ha="right", fontsize=12)
        axes.tick_params(axis="x", which="minor", bottom=False, top=False)
        axes.set_ylabel("fraction of weight left")
        legend(axes, labels.process)
        header(axes, labels)
    write_numbers(
        stem,
        ("sample", "cut", "events", "weight", "weight_error", "fraction"),
        (
            (
                sample,
                cut,
                count.events,
                count.weight,
                math.sqrt(count.weight_squared),
                count.weight / weights[sample][0],
            )
            for sample, cutflow in cutflows.items()
            for cut, count in cutflow.counts.items()
        ),
    )


def _left(fractions: Sequence[float]) -> str:
    return f": {fractions[-1]:.2g}" if fractions[-1] > 0.0 else ": nothing left"
