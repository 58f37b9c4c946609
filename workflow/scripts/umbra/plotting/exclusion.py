"""Upper limit against mass with its expected bands, the published limit, and what is missing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import cycle, groupby
from pathlib import Path

from matplotlib.axes import Axes

from umbra.core.errors import UmbraError
from umbra.core.text import raised
from umbra.core.vocabulary import QUANTITIES
from umbra.plotting.canvas import (
    BAND_68,
    BAND_95,
    PUBLISHED_LINES,
    canvas,
    colours,
    footer,
    header,
    legend,
    name_height,
    write_numbers,
)
from umbra.plotting.labels import Labels, luminosity_text
from umbra.plotting.mass_axis import fit_limit_axis, log_mass_axis, mass_range, parted, place_of
from umbra.plotting.published import Overlay, draw_published, published_note
from umbra.plotting.targets import Target, draw_targets
from umbra.results.limits import KEYS, VALUES, Key, LimitRow, groups

Window = tuple[float, float]

#: What papers call the methods of the table.
_METHODS = {
    "cls": r"CL$_{\mathrm{s}}$",
    "bayesian": "Bayesian",
    "profile": "profile likelihood",
    "feldman_cousins": "Feldman-Cousins",
}


def plot_limits(
    stem: Path | str,
    rows: Sequence[LimitRow],
    quantity: str,
    labels: Labels,
    *,
    published: Sequence[Overlay] = (),
    targets: Sequence[Target] = (),
    vetoed_gev: Sequence[Window] = (),
    mass_scale: str = "log",
) -> None:
    """Draw the limit on one quantity against mass as `<stem>.pdf`, `.png` and `.csv`.

    The first model (luminosity, lifetime) of the table is drawn with its bands, the others as thin lines of
    their expected median. The observed line is there only where the rows have observed limits. Vetoed windows
    are shaded; points without a limit are marked along the axis and counted.

    Parameters
    ----------
    stem
        Path of the files without suffix.
    rows
        Table of limits; rows of other quantities are left aside.
    quantity
        One of `umbra.core.vocabulary.QUANTITIES`.
    labels
        What the figure says about the channel.
    published
        Published limits on the same quantity.
    targets
        Couplings that leave the observed density of dark matter, on the same quantity.
    vetoed_gev
        Windows in mass that the search leaves out, in GeV.
    mass_scale
        `log` or `linear`.

    Raises
    ------
    UmbraError
        If the table has no row of the quantity, a published limit is on another one, or the rows depend on a
        second mass (which needs `umbra.plotting.plane`).
    """
    found = groups(rows, quantity)
    if not found:
        raise UmbraError(f"{stem}: the table has no limit on {quantity}")
    if any(row.mass2_gev is not None for members in found.values() for row in members):
        raise UmbraError(f"{stem}: limits that depend on two masses need a plot of the plane")
    for overlay in published:
        if overlay.curve.quantity != quantity:
            raise UmbraError(
                f"{stem}: {overlay.curve.name} is a limit on {overlay.curve.quantity}, not {quantity}"
            )
    (main, first), *others = found.items()
    labels = labels.of(first[0].model)
    with canvas(stem) as figure:
        axes = figure.add_subplot()
        axes.set_yscale("log")
        axes.set_xlim(mass_range([row.mass_gev for row in first], mass_scale))
        if mass_scale == "log":
            log_mass_axis(axes)
        points = list(_drawn_points(found.values(), published))
        points += [point for each in targets for point in zip(each.mass_gev, each.y, strict=True)]
        fit_limit_axis(axes, points, QUANTITIES[quantity].largest)
        windows = vetoed_gev or excluded_windows(first)
        shade_windows(axes, windows)
        draw_bands(axes, first, windows)
        for colour, (key, members) in zip(colours(len(others)), others, strict=True):
            draw_line(
                axes,
                members,
                color=colour,
                linewidth=1.3,
                label=key_text(key, main, labels),
                vetoed_gev=windows,
            )
        for colour, overlay in zip(cycle(PUBLISHED_LINES), published, strict=False):
            draw_published(axes, overlay, colour, windows)
        draw_targets(axes, targets)
        mark_missing(axes, first)
        if any(row.observed is not None for row in first):
            draw_line(
                axes,
                first,
                "observed",
                color="black",
                linewidth=1.2,
                label=labels.observed,
                vetoed_gev=windows,
            )
        axes.set_xlabel(labels.mass_axis)
        name_height(axes, labels.title(quantity))
        title = key_text(main, main, labels)
        named = f"\nband: {title}" if title else ""
        legend(axes, raised(f"{labels.process}\n{labels.level} upper limits{named}"))
        header(axes, labels)
        footer(
            axes,
            [
                labels.convention(quantity),
                f"Shown: {labels.data_text}. {method_text(first)}",
                labels.background_text,
                published_note([overlay.curve for overlay in published]),
                *[each.note for each in targets[:1]],
                *labels.notes,
                *_edge_note(first, mass_scale),
                *_band_note(first),
            ],
        )
    write_numbers(
        stem,
        ("series", "mass_gev", "value", "low", "high"),
        [*_numbers(found, main, published, labels), *_target_numbers(targets)],
    )


def runs(rows: Iterable[LimitRow], vetoed_gev: Sequence[Window] = ()) -> list[list[LimitRow]]:
    """Neighbouring rows that have numbers: between two of them something is missing or vetoed."""
    known = [
        list(members) for converged, members in groupby(rows, key=lambda row: row.converged) if converged
    ]
    return [part for run in known for part in parted(run, vetoed_gev)]


def excluded_windows(rows: Sequence[LimitRow]) -> list[Window]:
    """Windows that vetoed rows span, up to the middle between them and their neighbours."""
    windows: list[Window] = []
    start = 0
    for vetoed, members in groupby(rows, key=lambda row: row.status == "excluded_window"):
        stop = start + len(list(members))
        if vetoed:
            below = rows[start - 1].mass_gev if start else rows[start].mass_gev
            above = rows[stop].mass_gev if stop < len(rows) else rows[stop - 1].mass_gev
            windows.append((0.5 * (below + rows[start].mass_gev), 0.5 * (rows[stop - 1].mass_gev + above)))
        start = stop
    return windows


def _edge_note(rows: Sequence[LimitRow], scale: str) -> list[str]:
    if scale == "log" and rows[0].mass_gev == 0.0 and rows[-1].mass_gev > 0.0:
        return ["The point of zero mass is drawn at the left edge of the logarithmic axis."]
    return []


def _band_note(rows: Sequence[LimitRow]) -> list[str]:
    if any(row.expected_minus2 == 0.0 for row in rows):
        return ["The band is open below where outcomes so far below the expectation exclude every signal."]
    return []


def draw_bands(axes: Axes, rows: Sequence[LimitRow], vetoed_gev: Sequence[Window] = ()) -> None:
    """Draw the expected median with its 68% and 95% bands, open where points are missing."""
    labelled = False
    for run in runs(rows, vetoed_gev):
        if run[0].expected is None:
            continue
        masses = [place_of(axes, row.mass_gev) for row in run]
        # A lone point still has to be seen: it is drawn as wide as a line.
        drawn = run if len(run) > 1 else run * 2
        if len(run) == 1:
            masses = [masses[0] / 1.004, masses[0] * 1.004]
        medians = [row.expected for row in drawn if row.expected is not None]
        for colour, lower, upper, name in (
            (BAND_95, "expected_minus2", "expected_plus2", "expected 95% band"),
            (BAND_68, "expected_minus1", "expected_plus1", "expected 68% band"),
        ):
            axes.fill_between(
                masses,
                [getattr(row, lower) for row in drawn],
                [getattr(row, upper) for row in drawn],
                color=colour,
                linewidth=0,
                zorder=1,
                label=None if labelled else name,
            )
        axes.plot(
            masses,
            medians,
            color="black",
            linestyle="--",
            linewidth=1.8,
            zorder=3,
            label=None if labelled else "expected median",
        )
        labelled = True


def draw_line(
    axes: Axes,
    rows: Sequence[LimitRow],
    value: str = "expected",
    *,
    color: str,
    linewidth: float,
    label: str | None,
    vetoed_gev: Sequence[Window] = (),
) -> None:
    """Draw one column of the table, open where points are missing; a lone point becomes a dot."""
    for run in runs(rows, vetoed_gev):
        points = [(place_of(axes, row.mass_gev), getattr(row, value)) for row in run]
        known = [(mass, limit) for mass, limit in points if limit is not None]
        marker = "." if len(known) == 1 else ""
        axes.plot(
            *zip(*known, strict=True), color=color, linewidth=linewidth, marker=marker, zorder=4, label=label
        )
        label = None


def shade_windows(axes: Axes, windows: Sequence[Window]) -> None:
    """Shade the windows that the search leaves out."""
    left, right = axes.get_xlim()
    shown = [(max(low, left), min(high, right)) for low, high in windows if high > left and low < right]
    for number, (low, high) in enumerate(shown):
        axes.axvspan(
            low, high, color="0.85", linewidth=0, zorder=0, label=None if number else "vetoed by the search"
        )


def mark_missing(axes: Axes, rows: Sequence[LimitRow]) -> None:
    """Mark points without a limit along the axis, counted by the word of their status."""
    missing = [row for row in rows if not row.converged and row.status != "excluded_window"]
    if not missing:
        return
    counts = Counter(row.status.replace("_", " ") for row in missing)
    axes.plot(
        [place_of(axes, row.mass_gev) for row in missing],
        [0.018] * len(missing),
        "x",
        color="#832db6",
        markersize=7,
        markeredgewidth=1.6,
        transform=axes.get_xaxis_transform(),
        clip_on=False,
        zorder=6,
        label="no limit: " + ", ".join(f"{status} ({count})" for status, count in sorted(counts.items())),
    )


def key_text(key: Key, main: Key, labels: Labels) -> str:
    """Legend text of a row's key, as far as it differs from the main one's."""
    parts = []
    for name, value, reference in zip(KEYS, key, main, strict=True):
        if value is None or (key != main and value == reference):
            continue
        if name == "model":
            parts.append(labels.model_titles.get(str(value), str(value)))
        elif name == "luminosity_fb":
            parts.append(luminosity_text(float(value)))
        elif name == "lifetime_mm":
            parts.append(f"cτ = {value:g} mm" if value else "prompt")
    return raised(", ".join(parts))


def method_text(rows: Sequence[LimitRow]) -> str:
    """How the limits were computed, and for how many points each way."""
    counts = Counter(row.method for row in rows if row.converged)
    parts = [
        f"{_method_name(method)} ({count})"
        for method, count in sorted(counts.items(), key=lambda pair: -pair[1])
    ]
    return "Method (points): " + (", ".join(parts) if parts else "no point has a limit")


def _method_name(method: str) -> str:
    """Method and calculation of a row of the table, as papers write them."""
    for name, written in _METHODS.items():
        if method.startswith(f"{name}_"):
            return f"{written}, {method.removeprefix(f'{name}_').replace('_', ' ')}"
    return method.replace("_", " ")


def _drawn_points(
    tables: Iterable[Sequence[LimitRow]], published: Sequence[Overlay]
) -> Iterable[tuple[float, float]]:
    """Mass and height of all that has to fit into the axes."""
    for rows in tables:
        yield from (
            (row.mass_gev, getattr(row, name)) for row in rows for name in VALUES if getattr(row, name)
        )
    for overlay in published:
        yield from (
            (each.mass_gev, edge)
            for each in overlay.bins
            for edge in (each.limit_p16, each.limit_p84, each.expected)
            if edge is not None
        )


def _numbers(
    found: dict[Key, list[LimitRow]], main: Key, published: Sequence[Overlay], labels: Labels
) -> Iterable[tuple[str, float, float | None, float | None, float | None]]:
    """All that is drawn, one point a line."""
    first = found[main]
    for row in first:
        if not row.converged:
            yield row.status, row.mass_gev, None, None, None
        if row.observed is not None:
            yield labels.observed, row.mass_gev, row.observed, None, None
        if row.expected is not None:
            yield "expected", row.mass_gev, row.expected, None, None
            yield "expected_68", row.mass_gev, None, row.expected_minus1, row.expected_plus1
            yield "expected_95", row.mass_gev, None, row.expected_minus2, row.expected_plus2
    for key, members in found.items():
        if key != main:
            name = "expected:" + ",".join(str(value) for value in key if value is not None)
            yield from ((name, row.mass_gev, row.expected, None, None) for row in members if row.converged)
    for overlay in published:
        name = f"published:{overlay.curve.name}"
        yield from (
            (name, each.mass_gev, each.limit, each.limit_p16, each.limit_p84) for each in overlay.bins
        )
        yield from (
            (f"{name}:expected", each.mass_gev, each.expected, each.expected_minus1, each.expected_plus1)
            for each in overlay.bins
            if each.expected is not None
        )


def _target_numbers(targets: Sequence[Target]) -> Iterable[tuple[str, float, float, None, None]]:
    for each in targets:
        yield from ((each.name, mass, y, None, None) for mass, y in zip(each.mass_gev, each.y, strict=True))
