"""What came back of injected signals, one line a hypothesis."""

from collections.abc import Callable, Sequence
from dataclasses import astuple, fields
from pathlib import Path

from matplotlib.axes import Axes

from umbra.inference.injection import FEW_EVENTS, Injection
from umbra.plotting.canvas import LINES, canvas, footer, stamp, write_numbers

_COLUMNS = tuple(field.name for field in fields(Injection))
#: What good looks like: pulls of Gaussian hypotheses, and the nominal coverage.
PULL_MEAN, PULL_WIDTH = (-0.1, 0.1), (0.93, 1.07)

_Value = Callable[[Injection], float | None]


def plot_injections(stem: Path | str, injections: Sequence[Injection]) -> None:
    """Draw pulls, yields, coverage and masses as `<stem>.pdf`, `.png` and `.csv`.

    Parameters
    ----------
    stem
        Path of the files without suffix.
    injections
        In the order in which they are drawn, from the top.
    """
    gaussian = [each.kind == "gaussian" for each in injections]
    panels: tuple[tuple[str, _Value, tuple[float, float], float], ...] = (
        ("mean pull", lambda each: each.pull_mean, PULL_MEAN, 0.4),
        ("width of the pulls", lambda each: each.pull_width, PULL_WIDTH, 0.3),
        ("found / injected yield", lambda each: each.mean_yield / each.injected_yield, (0.95, 1.05), 0.2),
        ("coverage of 90 %", lambda each: each.coverage_90, (0.87, 1.0), 0.15),
        ("mass shift [resolutions]", lambda each: each.mass_shift, (-0.05, 0.05), 0.2),
    )
    with canvas(stem, width_inch=15.0, height_inch=1.6 + 0.3 * max(len(injections), 6)) as figure:
        drawn = figure.subplots(1, len(panels), sharey=True)
        for axes, (title, value, band, reach) in zip(drawn, panels, strict=True):
            _panel(axes, title, [value(each) for each in injections], gaussian, band, reach)
        drawn[0].set_yticks(range(len(injections)), [_name(each) for each in injections], fontsize=9)
        drawn[0].set_ylim(len(injections) - 0.5, -0.5)
        stamp(drawn[0])
        footer(
            drawn[0],
            [
                "Filled: pulls should be standard normal. "
                f"Open: fewer than {FEW_EVENTS:g} background events, where yield and coverage count and pulls do not.",
                "Bands: mean within 0.1, width 0.93 to 1.07, yield within 5 %, mass within 0.05 resolutions.",
            ],
        )
    write_numbers(stem, _COLUMNS, [astuple(each) for each in injections])


def _panel(
    axes: Axes,
    title: str,
    values: Sequence[float | None],
    gaussian: Sequence[bool],
    band: tuple[float, float],
    reach: float,
) -> None:
    middle = 0.5 * (band[0] + band[1])
    axes.axvspan(*band, color="0.9")
    axes.set_xlim(middle - reach, middle + reach)
    for row, (value, filled) in enumerate(zip(values, gaussian, strict=True)):
        if value is not None:
            # A value beyond the axis is drawn at its edge, as an arrow.
            inside = abs(value - middle) <= reach
            place = value if inside else middle + (reach if value > middle else -reach)
            marker = "o" if inside else (">" if value > middle else "<")
            axes.plot(
                place, row, marker, color=LINES[0], fillstyle="full" if filled else "none", clip_on=False
            )
    axes.set_xlabel(title, fontsize=12)
    axes.tick_params(labelsize=10)


def _name(each: Injection) -> str:
    return f"{each.channel}, {each.mass_gev:.3g} GeV"
