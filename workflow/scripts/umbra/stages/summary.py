"""Summary of each portal: the limits of all its channels together with the published ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from umbra.config.records import Channel
from umbra.core.bibliography import Paper
from umbra.core.text import mathtext, raised
from umbra.core.vocabulary import COUPLINGS, PORTALS
from umbra.plotting.labels import luminosity_text, produced_text
from umbra.plotting.summary import Filled, Panel, plot_summary
from umbra.results.contours import Contour, read_contours
from umbra.results.limits import Key, LimitRow, groups, read_limits
from umbra.stages.job import stage
from umbra.validation.published import Curve, load_curves, of_portal


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Limits of one channel on one coupling, for one model (luminosity, lifetime), or its excluded regions.

    Parameters
    ----------
    channel
        Name of the channel.
    portal
        Summary that it belongs to.
    label
        What the summary calls it, with mathtext.
    assumption
        Title of the interpretation that it is of, with mathtext; empty where the channel has one.
    rows
        The limits, in order of mass; none where there are regions.
    paper
        Of the search.
    level
        Confidence level in words.
    islands
        Outlines of excluded regions with an upper edge.
    projections
        Luminosity in 1/fb and limits of each projection of the same model.
    projected
        Whether the channel itself is a projection.
    """

    channel: str
    portal: str
    label: str
    assumption: str
    rows: Sequence[LimitRow]
    paper: Paper
    level: str = ""
    islands: Sequence[Contour] = ()
    projections: Sequence[tuple[float, Sequence[LimitRow]]] = ()
    projected: bool = False

    @property
    def quantity(self) -> str:
        """The coupling."""
        return (self.rows or self.islands)[0].quantity


def portal_entries(
    channel: Channel, rows: Sequence[LimitRow], contours: Sequence[Contour] = ()
) -> list[Entry]:
    """Return what a channel contributes to summaries: for each coupling, the limits of its first model.

    Limits that depend on a second mass or a lifetime are curves of a plane and have no place on the axis. A coupling
    that fixes the lifetime has regions instead: those of the first model, and of others that ask the same physics with
    the same data, such as other final states.

    Parameters
    ----------
    channel
        With `name`, `portal`, `experiment`, `reference`, `limit`, `luminosity`, `produced` and `interpretations`.
    rows
        Its table of limits.
    contours
        Its table of excluded regions.
    """
    entries = []
    for quantity, coupling in COUPLINGS.items():
        found = groups(rows, quantity)
        islands = _islands(channel, [each for each in contours if each.quantity == quantity])
        if not (found or islands):
            continue
        members = next(iter(found.values()), [])
        if members and (members[0].mass2_gev is not None or members[0].lifetime_mm is not None):
            if not islands:
                continue
            found, members = {}, []
        luminosity_fb = (members or islands)[0].luminosity_fb or channel.luminosity_fb()
        produced = channel.produced
        amount = produced_text(produced) if produced else luminosity_text(luminosity_fb)
        entries.append(
            Entry(
                channel=channel.name,
                portal=coupling.portal or channel.portal,
                label=f"{channel.experiment} {amount}",
                paper=Paper(channel.reference.citation, channel.reference.arxiv),
                level=f"{100.0 * channel.limit.level:g}% CL",
                projections=_projections(channel, found),
                assumption=_assumption(channel, {each.model for each in islands or members}),
                rows=members,
                islands=islands,
                projected=channel.projection,
            )
        )
    return entries


def _projections(
    channel: Channel, found: Mapping[Key, Sequence[LimitRow]]
) -> list[tuple[float, Sequence[LimitRow]]]:
    """Limits of the projections of the first interpretation, with their luminosity, in rising order."""
    known = {each.name: each for each in channel.interpretations if each.kind == "projection"}
    rows = [
        (members[0].luminosity_fb, members)
        for members in found.values()
        if members[0].model in known and known[str(members[0].model)].of == channel.main.name
    ]
    return sorted(
        ((float(each), members) for each, members in rows if each is not None), key=lambda pair: pair[0]
    )


def _assumption(channel: Channel, models: set[str | None]) -> str:
    """Title of the interpretation that is shown; empty where there are several, or the channel has one."""
    labels = {each.name: each.label for each in channel.interpretations}
    (model,) = models if len(models) == 1 else (None,)
    return "" if model is None else mathtext(labels.get(model, model))


def _islands(channel: Channel, contours: Sequence[Contour]) -> list[Contour]:
    """Expected regions of the first interpretation that has one, and of others in the same data with its lifetime.

    Assumptions on the main one's search are left out.
    """
    expected = [each for each in contours if each.level == "expected"]
    if not expected:
        return []
    physics = {
        each.name: each.island and each.island.particle
        for each in channel.interpretations
        if each not in channel.assumptions
    }
    first = next((each for each in channel.interpretations if each.island is not None), channel.main)
    return [
        each
        for each in expected
        if each.model is None
        or (
            each.model in physics
            and physics[each.model] == physics[first.name]
            and each.luminosity_fb in (None, channel.luminosity_fb(first))
        )
    ]


def portal_panels(
    entries: Iterable[Entry],
    curves: Mapping[str, Curve],
    titles: Mapping[str, str],
    portals: Sequence[str] = (),
) -> dict[str, list[Panel]]:
    """Panels of each portal that has a limit of ours, or that is asked for.

    Parameters
    ----------
    entries
        What the channels contribute.
    curves
        Published limits by name.
    titles
        Legend text of each channel, plain Unicode.
    portals
        Portals that have panels in any case; without a limit of ours they show the published ones alone.
    """
    entries = list(entries)
    found = {}
    for name in PORTALS:
        mine = [entry for entry in entries if entry.portal == name]
        if not mine and name not in portals:
            continue
        shown = {entry.quantity for entry in mine}
        shown = shown or {curve.quantity for curve in curves.values() if curve.portal == name}
        found[name] = [
            Panel(
                quantity=quantity,
                filled=[_filled(entry, titles) for entry in mine if entry.quantity == quantity],
                published=of_portal(curves, name, quantity),
            )
            for quantity in COUPLINGS
            if quantity in shown
        ]
    return found


def _filled(entry: Entry, titles: Mapping[str, str]) -> Filled:
    return Filled(
        name=entry.channel,
        label=entry.label,
        title=raised(": ".join(filter(None, (mathtext(titles[entry.channel]), entry.assumption)))),
        rows=entry.rows,
        paper=entry.paper,
        level=entry.level,
        islands=entry.islands,
        projections=entry.projections,
        projected=entry.projected,
    )


def write_summaries(folder: Path, panels: Mapping[str, Sequence[Panel]]) -> list[str]:
    """Draw one figure for each portal, as PDF, PNG and CSV, with its bibliography; the names of the portals."""
    for name, shown in panels.items():
        portal = PORTALS[name]
        plot_summary(folder / name, shown, portal.title, portal.mass_axis)
    return list(panels)


def panels_of(rule: Any) -> dict[str, list[Panel]]:
    """Panels from the inputs of a rule: tables, contours and published limits."""
    channels = {name: Channel.from_slice(slice_) for name, slice_ in rule.params.slice.items()}
    tables = dict(zip(channels, rule.input.tables, strict=True))
    outlines = dict(zip(channels, rule.input.contours, strict=True))
    entries = [
        entry
        for name, path in tables.items()
        for entry in portal_entries(channels[name], read_limits(path), read_contours(outlines[name]))
    ]
    titles = {name: channel.title for name, channel in channels.items()}
    return portal_panels(entries, load_curves(rule.input.published), titles, rule.params.portals)


@stage
def main(rule: Any) -> None:
    """Draw the portals."""
    write_summaries(Path(rule.output.figures[0]).parent, panels_of(rule))
