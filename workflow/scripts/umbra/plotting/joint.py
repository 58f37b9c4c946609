"""A joint limit beside that of each of its inputs, and what it gains over the best one."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from matplotlib.axes import Axes

from umbra.config.joint import Joint
from umbra.core.text import mathtext, raised
from umbra.joint.points import JointPoint, Strengths
from umbra.joint.table import couplings
from umbra.plotting.canvas import (
    BAND_68,
    BAND_95,
    canvas,
    colours,
    footer,
    legend,
    name_height,
    stamp,
    write_numbers,
)
from umbra.plotting.mass_axis import fit_limit_axis, log_mass_axis, mass_range
from umbra.results.limits import VALUES

_OBSERVED, _EXPECTED = VALUES.index("observed"), VALUES.index("expected")
_BANDS = (
    ("expected_minus2", "expected_plus2", BAND_95, "95 % expected"),
    ("expected_minus1", "expected_plus1", BAND_68, "68 % expected"),
)

#: A point of a curve: mass and limits, or none.
_Curve = list[tuple[float, tuple[float | None, ...]]]


def plot_joint(
    stem: Path | str,
    joint: Joint,
    points: Sequence[JointPoint],
    title: str,
    axis: str,
    inputs: Mapping[str, str],
) -> None:
    """Draw the limits as `<stem>.pdf`, `.png` and `.csv`; below them the gain over the best input.

    Parameters
    ----------
    stem
        Of the files.
    joint
        What was fitted.
    points
        In order of mass.
    title, axis
        Of the figure and of the axis of the coupling, with mathtext.
    inputs
        Input -> what the figure calls it.
    """
    together = _curve(joint, points, lambda point: point.joint)
    alone = {name: _curve(joint, points, lambda point, n=name: point.alone.get(n)) for name in inputs}
    with canvas(stem, 11.0, 9.2) as figure:
        axes, below = figure.subplots(
            2, 1, sharex=True, gridspec_kw={"height_ratios": [3.0, 1.0], "hspace": 0.06}
        )
        axes.set_yscale("log")
        heights = [
            (mass, value)
            for curve in (together, *alone.values())
            for mass, values in curve
            for value in (values if curve is together else (values[_EXPECTED],))
            if value is not None
        ]
        if heights:
            axes.set_xlim(mass_range([mass for mass, _ in heights], "log"))
            log_mass_axis(axes)
        fit_limit_axis(axes, heights)
        for name, colour in zip(inputs, colours(len(inputs)), strict=True):
            _line(axes, alone[name], _EXPECTED, colour, raised(mathtext(inputs[name])), 1.5)
        _bands(axes, together)
        _line(axes, together, _EXPECTED, "black", "together, expected median", 2.0, "--")
        _line(axes, together, _OBSERVED, "black", "together, observed", 1.6)
        gains = [(p.mass_gev, (None if p.gain is None else p.gain ** (1.0 / joint.power),)) for p in points]
        below.axhline(1.0, color="0.7", linewidth=0.8)
        _line(below, gains, 0, "black", "_", 1.6)
        below.set_ylabel("gain")
        below.set_xlabel("mass [GeV]")
        name_height(axes, mathtext(axis))
        percent = f"{100.0 * joint.limit.level:g}"
        legend(axes, f"{mathtext(title)}\n{percent} % CL, {joint.limit.method}")
        stamp(axes)
        note = (
            "Solid: each input alone, expected median, by the same method and with the same nuisance parameters. Gain: "
            "expected limit on the coupling of the best input over that of all together."
        )
        footer(below, [note], width=150)
    write_numbers(stem, ("curve", "level", "mass_gev", "coupling"), _numbers({"joint": together, **alone}))


def _curve(joint: Joint, points: Sequence[JointPoint], chosen: object) -> _Curve:
    assert callable(chosen)
    nothing = (None,) * len(VALUES)
    found: list[tuple[JointPoint, Strengths | None]] = [(point, chosen(point)) for point in points]
    return [
        (point.mass_gev, nothing if limits is None else couplings(joint, point, limits))
        for point, limits in found
    ]


def _runs(
    curve: Iterable[tuple[float, tuple[float | None, ...]]], level: int
) -> Iterable[list[tuple[float, float]]]:
    """Stretches of a curve without a gap."""
    for there, members in groupby(curve, key=lambda point: point[1][level] is not None):
        if there:
            yield [(mass, float(values[level] or math.nan)) for mass, values in members]


def _line(
    axes: Axes,
    curve: Iterable[tuple[float, tuple[float | None, ...]]],
    level: int,
    colour: str,
    label: str,
    width: float,
    style: str = "-",
) -> None:
    for run in _runs(curve, level):
        marker = "." if len(run) == 1 else ""
        axes.plot(*zip(*run, strict=True), style, color=colour, linewidth=width, marker=marker, label=label)
        label = "_"


def _bands(axes: Axes, curve: _Curve) -> None:
    for low, high, colour, name in _BANDS:
        label = name
        for run in _runs(curve, _EXPECTED):
            masses = {mass for mass, _ in run}
            ends = [(m, v[VALUES.index(low)], v[VALUES.index(high)]) for m, v in curve if m in masses]
            mass, bottom, top = zip(*ends, strict=True)
            axes.fill_between(
                mass, bottom, top, color=colour, linewidth=0.0, alpha=0.6, label=label, zorder=1
            )
            label = "_"


def _numbers(curves: Mapping[str, _Curve]) -> Iterable[tuple[str | float | None, ...]]:
    for name, curve in curves.items():
        for level, what in enumerate(VALUES):
            for mass, values in curve:
                if values[level] is not None:
                    yield name, what, mass, values[level]
