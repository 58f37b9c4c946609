"""From the skims of a channel to signals along one mass, and background templates."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from umbra.config.records import Category, Channel, Masses
from umbra.core.kinematics import Array
from umbra.expectation import background, signal, skims
from umbra.expectation.background import Template
from umbra.expectation.binned import BinnedExpectation
from umbra.expectation.channel import PB_PER_FB
from umbra.expectation.signal import Signal
from umbra.selection import discriminant
from umbra.selection.discriminant import WorkingPoint
from umbra.selection.records import PunziPoint

log = logging.getLogger(__name__)


def build(channel: Channel, files: Mapping[str, Path]) -> BinnedExpectation:
    """Build what a channel expects, see `umbra.expectation.building.make`; `files` are its skims."""
    signals: dict[str, dict[str, Signal]] = {}
    templates: dict[str, dict[str, Template]] = {}
    for category in channel.categories:
        point = _working_point(channel, category, files)
        signals[category.name] = {
            sample: _signal(channel, category, files[sample], point)
            for sample in (category.signal, *category.other_signals)
        }
        own = signals[category.name][category.signal]
        edges = _axis(channel, category, own)
        templates[category.name] = _templates(channel, category, edges, files, point)
        for sample, template in templates[category.name].items():
            log.info(
                "%s %s: %.4g pb visible, %.4g effective events",
                category.name,
                sample,
                template.visible_pb.sum(),
                template.effective_events(),
            )
    return BinnedExpectation(channel, signals, templates)


def _axis(channel: Channel, category: Category, own: Signal) -> Array:
    """Bin edges of a category: in steps of the resolution, or the numbers of a paper's bins."""
    if category.bins is not None:
        return np.linspace(0.0, len(category.bins.low), len(category.bins.low) + 1)
    return background.axis(own, mass_range(category, channel.masses), category.variable_range)


def _luminosity_fb(channel: Channel, category: Category) -> float:
    """Luminosity of the data set of a category."""
    return category.luminosity_fb or channel.luminosity.luminosity_fb


def _templates(
    channel: Channel,
    category: Category,
    edges: Array,
    files: Mapping[str, Path],
    point: WorkingPoint | None,
) -> dict[str, Template]:
    """Backgrounds of a category: simulated samples, what the paper has, or none."""
    if category.bins is not None:
        return background.from_bins(edges, category.bins, _luminosity_fb(channel, category) / PB_PER_FB)
    if category.spectrum is not None:
        luminosity_pb = _luminosity_fb(channel, category) / PB_PER_FB
        return background.from_spectrum(edges, category.variable, category.spectrum, luminosity_pb)
    if not category.backgrounds:
        return background.nothing(edges)
    return {sample: _background(category, edges, files[sample], point) for sample in category.backgrounds}


def mass_range(category: Category, masses: Masses) -> tuple[float, float]:
    """Lowest and highest hypothesis that a category can have."""
    low = max(category.hypotheses_gev[0], masses.segments[0].from_gev)
    return low, min(category.hypotheses_gev[1], masses.segments[-1].to_gev)


def _working_point(channel: Channel, category: Category, files: Mapping[str, Path]) -> WorkingPoint | None:
    wanted = category.working_point
    if wanted is None:
        return None
    path = files[category.signal]
    candidates = skims.candidates(category, path)
    before = _signal_without_lifetimes(channel, category, path, None)
    if not isinstance(wanted, PunziPoint):
        assert category.published_efficiency is not None, "checked with the configuration"
        published = np.array(category.published_efficiency.values)
        if category.published_efficiency.counts == "selected":
            before = replace(before, efficiency=before.selected)
        return discriminant.find(wanted, published, candidates, before)
    luminosity_fb = _luminosity_fb(channel, category)
    parts: dict[str, list[Array]] = {"x": [], "score": [], "events": []}
    for sample in category.backgrounds:
        found = discriminant.half(skims.candidates(category, files[sample]), 0)
        parts["x"].append(found[category.variable])
        parts["score"].append(found[wanted.column])
        parts["events"].append(found["weight"] * skims.scale_pb(files[sample]) * (luminosity_fb / PB_PER_FB))
    scored = discriminant.Scored(**{name: np.concatenate(columns) for name, columns in parts.items()})
    return discriminant.find_punzi(wanted, candidates, before, scored)


def _signal_without_lifetimes(
    channel: Channel, category: Category, path: Path, point: WorkingPoint | None
) -> Signal:
    return _signal(channel.model_copy(update={"lifetimes_mm": ()}), category, path, point)


def _signal(channel: Channel, category: Category, path: Path, point: WorkingPoint | None) -> Signal:
    where = f"channel {channel.name}, category {category.name}"
    before = None if point is None else _signal_without_lifetimes(channel, category, path, None)
    found = signal.build(
        category.variable,
        skims.candidates(category, path, point),
        skims.generated(path),
        where,
        before,
        channel.lifetimes_mm,
        category.shape_lifetime_mm,
        category.resolution_mev or (),
    )
    for closure in found.held_out():
        if not closure.holds:
            log.warning(
                "%s, %s: at %g GeV the other masses give an efficiency that is off by %.1f +- %.1f %%: "
                "generate more masses there",
                where,
                path.stem,
                closure.mass_gev,
                100.0 * closure.efficiency,
                100.0 * closure.efficiency_error,
            )
    return found


def _background(category: Category, edges: Array, path: Path, point: WorkingPoint | None) -> Template:
    found = skims.candidates(category, path, point)
    if isinstance(category.working_point, PunziPoint):
        found = discriminant.half(found, 1)
    return background.build(edges, found[category.variable], found["weight"] * skims.scale_pb(path))
