"""The summaries of all portals as one page for a browser, which needs no network."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from umbra.core.io import atomic_open
from umbra.core.plain_text import plain
from umbra.core.vocabulary import PORTALS, QUANTITIES
from umbra.plotting.exclusion import runs
from umbra.plotting.summary import (
    Filled,
    Panel,
    colour_of_ours,
    colours_of,
    heights_range,
    masses_range,
)
from umbra.results.limits import LimitRow
from umbra.theory.muon_moment import preferred_bands
from umbra.validation.published import Curve

#: Page without its content; plotly.js goes where it says so.
TEMPLATE = Path(__file__).with_name("page.html")
_HEADING = ("curve", "experiment", "luminosity", "level", "grade", "citation")
#: Figures of a channel that a click leads to.
FIGURES = (("exclusion.png", "limits"), ("efficiency.png", "efficiency"), ("cutflow.png", "cutflow"))


def write_page(path: Path, portals: Mapping[str, Sequence[Panel]]) -> None:
    """Write the page.

    Curves are drawn by plotly.js, which is part of the file, where the package plotly is installed (the extra `page`),
    and else by the figures beside it. Every curve is in a table, too.

    Parameters
    ----------
    path
        HTML file in the folder of the summaries.
    portals
        Panels of each portal that has any.
    """
    sections = "\n".join(
        _section(name, number, panel)
        for name, panels in portals.items()
        for number, panel in enumerate(panels)
    )
    links = "".join(f'<a href="#{name}-0">{_markup(PORTALS[name].title)}</a>' for name in portals)
    text = TEMPLATE.read_text(encoding="utf-8")
    for mark, content in (("@navigation@", links), ("@portals@", sections), ("@plotly@", _plotly())):
        text = text.replace(mark, content, 1)
    with atomic_open(path) as stream:
        stream.write(text)


def _plotly() -> str:
    """Text of plotly.js; empty without the package."""
    if find_spec("plotly") is None:
        return ""
    from plotly.offline import get_plotlyjs

    text: str = get_plotlyjs()
    return text.replace("</script", "<\\/script")


def _section(portal: str, number: int, panel: Panel) -> str:
    """Figure, choices and table of one panel."""
    quantity = QUANTITIES[panel.quantity]
    name = f"{portal}-{number}"
    title = f"{_markup(PORTALS[portal].title)}: {_markup(quantity.title)}"
    curves = list(_curves(panel))
    boxes = "".join(
        f'<label><input type="checkbox" data-curve="{i}" checked> {escape(each.name)}</label>'
        for i, each in enumerate(curves)
    )
    radio = "".join(
        f'<label><input type="radio" name="{name}" value="{mode}"{checked}> {mode}</label>'
        for mode, checked in (("expected", " checked"), ("observed", ""))
    )
    content = {"traces": _traces(curves), "layout": _layout(portal, panel)}
    data = json.dumps(content, allow_nan=False, sort_keys=True).replace("</", "<\\/")
    alternative = f"Limits on {plain(quantity.title)}; the table below lists all curves"
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in each.cells) + "</tr>" for each in curves
    )
    return (
        f'<section id="{name}" data-panel aria-labelledby="{name}-title"><h2 id="{name}-title">{title}</h2>'
        f'<div class="plot" role="img" aria-label="{escape(alternative)}" hidden></div>'
        f'<p class="static"><img src="{portal}.png" alt="{escape(alternative)}"></p>'
        f'<p class="chosen" role="status"></p>'
        f'<fieldset class="modes"><legend>limits of ours</legend>{radio}</fieldset>'
        f"<fieldset><legend>curves</legend>{boxes}</fieldset>"
        f'<p>{_markup(quantity.convention)} Numbers: <a href="{portal}.csv">{portal}.csv</a>, '
        f'citations: <a href="{portal}.bib">{portal}.bib</a></p>'
        f'<details><summary>All curves as a table</summary><div class="scroll"><table><thead><tr>'
        + "".join(f'<th scope="col">{cell}</th>' for cell in _HEADING)
        + f"</tr></thead><tbody>{rows}</tbody></table></div></details>"
        f'<script type="application/json">{data}</script></section>'
    )


def _markup(text: str) -> str:
    """Text of a figure as HTML, which plotly.js reads as well."""
    return re.sub(r"_([^\s,.:;/()\[\]]+)", r"<sub>\1</sub>", escape(plain(text)))


def _layout(portal: str, panel: Panel) -> dict[str, Any]:
    def axis(title: str, ends: tuple[float, float]) -> dict[str, Any]:
        low, high = (round(float(np.log10(end)), 6) for end in ends)
        return {"type": "log", "title": {"text": title}, "range": [low, high], "exponentformat": "power"}

    return {
        "xaxis": axis(_markup(PORTALS[portal].mass_axis), masses_range(panel)),
        "yaxis": axis(_markup(QUANTITIES[panel.quantity].title), heights_range(panel)),
        "showlegend": False,
        "hovermode": "closest",
        "margin": {"l": 70, "r": 20, "t": 20, "b": 55},
        "template": {},
    }


Line = tuple[list[float], list[float]]


@dataclass(frozen=True, kw_only=True)
class PageCurve:
    """A curve of the page.

    Parameters
    ----------
    name, experiment, luminosity, level, grade, citation
        What is said of it.
    channel
        Name of ours; empty for others.
    colour, dash
        Of its lines.
    lines
        Kind of limit (`expected`, `observed`, or `both`) and points.
    markers, fill
        Whether it is of points, and whether it is an area.
    """

    name: str
    experiment: str = ""
    luminosity: str = ""
    level: str = ""
    grade: str
    citation: str
    channel: str = ""
    colour: str
    dash: str = "solid"
    lines: Sequence[tuple[str, Line]]
    markers: bool = False
    fill: bool = False

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table says of it, in the order of its heading."""
        return (self.name, self.experiment, self.luminosity, self.level, self.grade, self.citation)


def _curves(panel: Panel) -> Iterator[PageCurve]:
    for number, ours in enumerate(panel.filled):
        label, paper = plain(ours.label), _cited(ours.paper.citation, ours.paper.arxiv)
        yield PageCurve(
            name=f"Umbra: {label}, {plain(ours.title)}",
            experiment=label,
            level=ours.level,
            grade="projection from simulation" if ours.projected else "made again from simulation",
            citation=paper,
            channel=ours.name,
            colour=colour_of_ours(number),
            dash="dash" if ours.projected else "solid",
            lines=_of_ours(ours),
        )
        for luminosity_fb, rows in ours.projections:
            yield PageCurve(
                name=f"Umbra: {label}, projected to {luminosity_fb:g}/fb",
                experiment=label,
                luminosity=f"{luminosity_fb:g}/fb",
                level=ours.level,
                grade="projection of what was made again",
                citation=paper,
                channel=ours.name,
                colour=colour_of_ours(number),
                dash="dash",
                lines=[("both", _points(run, "expected")) for run in runs(rows)],
            )
    colours = colours_of([panel])
    for curve in panel.published:
        yield PageCurve(
            name=f"{plain(curve.label)} ({f'arXiv:{curve.arxiv}' if curve.arxiv else curve.citation})",
            experiment=curve.experiment,
            luminosity=curve.luminosity,
            level=curve.confidence,
            grade="published projection" if curve.projection else "published, digitised",
            citation=_cited(curve.citation, curve.arxiv or ""),
            colour=colours[curve.experiment],
            dash="dash" if curve.projection else "dot" if curve.shape == "lower_edge" else "solid",
            lines=[("both", _of_curve(curve))],
            markers=curve.shape == "points",
        )
    grid = np.geomspace(*masses_range(panel), 60)
    for band in preferred_bands(panel.quantity, grid):
        around = np.concatenate([grid, grid[::-1]]), np.concatenate([band.low, band.high[::-1]])
        yield PageCurve(
            name=f"(g-2) of the muon, {band.name}, two standard deviations",
            grade="band of a measurement",
            citation=band.source,
            colour="#b5d99c",
            lines=[("both", (around[0].tolist(), around[1].tolist()))],
            fill=True,
        )


def _of_ours(ours: Filled) -> list[tuple[str, Line]]:
    """Lines of a search: expected ones, and observed ones where there are data; outlines where there are regions."""
    found: list[tuple[str, Line]] = []
    for level in ("expected", "observed"):
        for run in runs(ours.rows):
            line = _points(run, level)
            if line[0]:
                found.append((level, line))
    for island in ours.islands:
        closed = [*island.mass_gev, island.mass_gev[0]], [*island.value, island.value[0]]
        found.append(("both", closed))
    return found


def _points(run: Sequence[LimitRow], level: str) -> Line:
    known = [(row.mass_gev, getattr(row, level)) for row in run if getattr(row, level) is not None]
    return [mass for mass, _ in known], [float(value) for _, value in known]


def _of_curve(curve: Curve) -> Line:
    bins = curve.at_lifetime(curve.lifetimes_mm[0])
    return [each.mass_gev for each in bins], [each.limit for each in bins]


def _cited(citation: str, arxiv: str) -> str:
    return citation if not arxiv or arxiv in citation else f"{citation}, arXiv:{arxiv}"


def _traces(curves: Sequence[PageCurve]) -> list[dict[str, Any]]:
    """Lines in the form of plotly.js; areas first, so that they lie below."""
    traces = []
    for number, curve in sorted(enumerate(curves), key=lambda pair: not pair[1].fill):
        words = "<br>".join(escape(each) for each in curve.cells if each)
        for level, (x, y) in curve.lines:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers" if curve.markers or len(x) == 1 else "lines",
                    "x": x,
                    "y": y,
                    "line": {"color": curve.colour, "dash": curve.dash, "width": 3 if curve.channel else 1.5},
                    "marker": {"color": curve.colour, "size": 5},
                    "fill": "toself" if curve.fill else "none",
                    "hovertemplate": f"{words}<br>%{{x:.4g}} GeV: %{{y:.3g}}<extra></extra>",
                    "meta": {
                        "curve": str(number),
                        "level": level,
                        "name": curve.name,
                        "channel": curve.channel,
                        "figures": FIGURES,
                    },
                }
            )
    return traces
