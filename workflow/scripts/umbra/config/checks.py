"""What can be known of a channel before a job runs, and no single block can know: that names meet and masses fit."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from umbra.config import bin_checks, grid, model_free, naming, sizes, unused
from umbra.config.bounds import MOST_HYPOTHESES, MOST_POINTS
from umbra.config.measurements import Row
from umbra.config.records import (
    Category,
    Channel,
    FileData,
    Interpretation,
    PublishedCounts,
    Sample,
    Segment,
)
from umbra.core.errors import UmbraError
from umbra.core.records import no_such, validated
from umbra.core.search_variables import VARIABLES
from umbra.core.text import check_label
from umbra.generation.decays import registry as decays
from umbra.generation.external.declaration import Coupling, checked_declarations
from umbra.generation.processes import registry as processes
from umbra.selection import registry as selections
from umbra.selection.records import PunziPoint
from umbra.theory import registry as theory

#: Masses, or pairs of masses where a plane is scanned.
Hypotheses = list[float] | list[tuple[float, float]]


def check(channel: Channel) -> None:
    """Check a channel.

    Raises
    ------
    UmbraError
        For the first thing that is wrong, with its key and value.
    """
    _check_labels(channel)
    for sample in channel.samples.values():
        _check_sample(channel, sample)
    for category in channel.categories:
        _check_category(channel, category)
    for interpretation in channel.interpretations:
        _check_interpretation(channel, interpretation)
    points = hypotheses(channel)
    _check_masses(channel, points)
    naming.check_parts(channel)
    model_free.check(channel)
    unused.check(channel)
    sizes.check(channel, len(points))
    _check_comparisons(channel)
    _check_injection(channel)
    bin_checks.check(channel)


def _check_labels(channel: Channel) -> None:
    labels = {
        "title": channel.title,
        "figures/mass_label": channel.axes.mass,
        "search/second": channel.axes.mass2 or "",
    }
    if channel.produced is not None:
        labels |= {"produced/particle": channel.produced.particle, "produced/label": channel.produced.y_label}
    for each in channel.interpretations:
        where = f"{each.kind}s/{each.name}"
        labels[f"{where}/label"] = each.label
        if each.coupling is not None:
            labels[f"{where}/coupling/label"] = each.coupling.y_label
        for coupling in each.couplings:
            labels[f"{where}/coupling/convention ({coupling.name})"] = coupling.convention
    for key, text in labels.items():
        check_label(text, key)


def hypotheses(channel: Channel) -> Hypotheses:
    """Masses, or pairs of masses where a plane is scanned.

    Raises
    ------
    UmbraError
        For a grid that does not increase or has no point.
    """
    masses = _spaced(channel.masses.segments, "masses/grid")
    second = channel.masses.second
    if second is None:
        return masses
    seconds = _spaced(second.segments, "masses/second/grid")
    if len(masses) * len(seconds) > MOST_HYPOTHESES:
        raise UmbraError(f"masses: {len(masses)} x {len(seconds)} points are more than {MOST_HYPOTHESES}")
    points = grid.plane(masses, seconds, second.ratio, second.largest_sum_gev)
    if not points:
        raise UmbraError("masses/second: no pair of masses is within ratio and largest_sum_gev")
    return points


def _spaced(segments: Sequence[Segment], where: str) -> list[float]:
    points = sum(each.points for each in segments)
    if points > MOST_POINTS:
        raise UmbraError(f"{where}: {points} points are more than {MOST_POINTS}")
    masses: list[float] = []
    for each in segments:
        spacing = [list(row) for row in each.spacing_gev]
        masses += grid.spaced(each.from_gev, each.to_gev, each.points, spacing)
    if sorted(set(masses)) != masses:
        raise UmbraError(f"{where}: the masses must increase from segment to segment")
    return masses


def _check_masses(channel: Channel, points: Hypotheses) -> None:
    sqrt_s = max(sample.machine.approximate_sqrt_s_gev for sample in channel.samples.values())
    for i, segment in enumerate(channel.masses.segments):
        _check_below(segment.to_gev, sqrt_s, f"masses/grid/{i}/to_gev")
    second = channel.masses.second
    if second is not None:
        for i, segment in enumerate(second.segments):
            _check_below(segment.to_gev, sqrt_s, f"masses/second/grid/{i}/to_gev")
        if second.largest_sum_gev is not None:
            _check_below(second.largest_sum_gev, sqrt_s, "masses/second/largest_sum_gev")
    masses = sorted({point[0] if isinstance(point, tuple) else point for point in points})
    spans = {each.name: channel.span_of(each) for each in channel.interpretations}
    for mass in masses:
        if not any(low <= mass <= high for low, high in spans.values()):
            raise UmbraError(f"masses/grid: {mass:g} GeV is in the range of no category (hypotheses_gev)")
        for each in channel.interpretations:
            low, high = spans[each.name]
            if low <= mass <= high and not channel.categories_at(mass, each):
                raise UmbraError(
                    f"masses/grid: {mass:g} GeV is in the range of no category of "
                    f"{each.kind}s/{each.name} (hypotheses_gev)"
                )


def check_rows(channel: Channel, rows: Iterable[Row], where: str) -> None:
    """Refuse a table with a mass that the collisions cannot make, such as one in MeV.

    Raises
    ------
    UmbraError
        With the first such mass.
    """
    sqrt_s = max(sample.machine.approximate_sqrt_s_gev for sample in channel.samples.values())
    for row in rows:
        _check_below(row.mass_gev, sqrt_s, where)


def _check_below(mass: float, sqrt_s: float, where: str) -> None:
    if mass >= sqrt_s:
        raise UmbraError(f"{where}: {mass:g} GeV is above the kinematic limit, sqrt(s) = {sqrt_s:.2f} GeV")


def _check_sample(channel: Channel, sample: Sample) -> None:
    where = f"samples/{sample.name}"
    masses = sample.masses_gev
    seconds = sample.generator.masses2_gev or ()
    plane = channel.masses.second is not None
    for mass, other in zip(masses, seconds or (0.0,) * len(masses), strict=True):
        made = other if _second_is_parent(sample) else mass + other
        _check_below(made, sample.machine.approximate_sqrt_s_gev, f"{where}/masses_gev")
    if sample.role == "signal" and sample.origin != "external" and plane != bool(seconds):
        raise UmbraError(f"{where}/masses2_gev: a scan of two masses needs it, and only that")
    _check_process(channel, sample, where)
    options = {**channel.selection.options, **sample.selection_options}
    validated(selections.options_of(channel.selection.name), options, f"selection/options (of {where})")


def _second_is_parent(sample: Sample) -> bool:
    return sample.process in processes.names() and processes.knows(sample.process).second_is_parent


def _check_process(channel: Channel, sample: Sample, where: str) -> None:
    if sample.origin == "external":
        coupling = channel.coupling
        reference = {} if coupling is None else {"value": coupling.reference, "power": coupling.power}
        try:
            checked_declarations(
                sample.generator.external or (),
                sample.role,
                Coupling.model_validate(reference),
                masses=1 if channel.masses.second is None else 2,
            )
        except UmbraError as error:
            raise UmbraError(f"{where}: {error}") from error
        return
    if sample.origin == "pythia":
        if sample.role == "signal":
            raise UmbraError(f"{where}/origin: a signal cannot come from Pythia")
        return
    try:
        entry = processes.knows(sample.process)
        entry.check_cuts(dict(sample.cuts), radiation=sample.generator.radiation != "none")
        entry.complete({**sample.parameters, **sample.generator.points[0]})
        if sample.generator.decay is not None:
            decays.knows(sample.generator.decay).check_process(entry)
    except UmbraError as error:
        raise UmbraError(f"{where}: {error}") from error
    if entry.per_parent and channel.produced is None:
        raise UmbraError(f"{where}: process '{sample.process}' is a decay, and the channel has no 'produced'")
    if sample.role == "signal" and channel.produced is not None and not entry.per_parent:
        raise UmbraError(f"{where}: in a channel with 'produced' a signal is their decay")
    decay = sample.generator.decay
    if (channel.lifetimes_mm and sample.role == "signal") and not (
        decay is not None and decays.knows(decay).has_lifetimes
    ):
        raise UmbraError(f"{where}/decay: lifetimes_mm need a decay chain with decay lengths")


def _check_category(channel: Channel, category: Category) -> None:
    where = f"categories/{category.name}"
    for role, names in (
        ("signal", (category.signal, *category.other_signals)),
        ("background", category.backgrounds),
    ):
        for name in names:
            if name not in channel.samples:
                raise UmbraError(f"{where}: {no_such('sample', name, channel.samples)}")
            if channel.samples[name].role != role:
                raise UmbraError(f"{where}: '{name}' is not a {role} sample of this channel")
    for key, parts in (("peaking", category.peaking_backgrounds), ("smooth", category.smooth_backgrounds)):
        for name in parts:
            if name not in category.backgrounds:
                raise UmbraError(f"{where}/{key}: '{name}' is none of its backgrounds")
    machines = sorted({channel.samples[n].machine.name for n in (category.signal, *category.backgrounds)})
    if len(machines) > 1:
        raise UmbraError(f"{where}: its samples come from several machines, {', '.join(machines)}")
    columns = _columns(channel, category)
    for key, variable in (("variable", category.variable), ("variable2", category.variable2)):
        if variable is not None and variable not in VARIABLES:
            raise UmbraError(f"{where}/{key}: {no_such('search variable', variable, VARIABLES)}")
        if variable is not None and variable not in columns:
            raise UmbraError(f"{where}/{key}: {no_such('column of the selection', variable, columns)}")
    for name in category.requirements:
        if name not in columns:
            raise UmbraError(f"{where}/requirements: {no_such('column of the selection', name, columns)}")
    if category.branching is not None:
        _check_particle(category.branching.particle, category.branching.final_state, f"{where}/branching")
    _check_published_background(category, where)
    _check_spectrum(channel, category, where)
    _check_efficiency(category, columns, where)


def _check_published_background(category: Category, where: str) -> None:
    key = "spectrum" if category.bins is None else "bins"
    if not category.is_published:
        return
    if category.backgrounds:
        raise UmbraError(f"{where}/{key}: stands in the place of backgrounds, and there are some")
    if category.published_efficiency is None and category.bins is None:
        raise UmbraError(f"{where}/{key}: candidates of a paper's selection need its efficiency")
    if category.working_point is not None:
        raise UmbraError(f"{where}/working_point: a spectrum is what a paper's own cuts leave")


def _check_spectrum(channel: Channel, category: Category, where: str) -> None:
    others = {each.name: each for each in channel.categories}
    for name in () if category.spectrum is None else category.spectrum.simulated:
        if name not in others:
            raise UmbraError(f"{where}/spectrum/simulated: {no_such('category', name, others)}")
        if not others[name].backgrounds or others[name].variable != category.variable:
            raise UmbraError(
                f"{where}/spectrum/simulated: '{name}' has no backgrounds in {category.variable}"
            )


def _check_efficiency(category: Category, columns: Mapping[str, Any], where: str) -> None:
    published = category.published_efficiency
    if published is not None:
        for mass, value in published.values:
            if not 0.0 < value <= 1.0:
                raise UmbraError(f"{where}/efficiency: {value:g} at {mass:g} GeV is not between 0 and 1")
    point = category.working_point
    column = point.column if isinstance(point, PunziPoint) else point
    if column is not None and column not in columns:
        raise UmbraError(f"{where}/working_point: {no_such('column of the selection', column, columns)}")
    if isinstance(point, str) and published is None:
        raise UmbraError(f"{where}/working_point: a column alone needs an efficiency")


def _columns(channel: Channel, category: Category) -> Mapping[str, Any]:
    """Columns that the selection makes for the signal of a category, and those that the skim adds."""
    sample = channel.samples[category.signal]
    options = {**channel.selection.options, **sample.selection_options}
    record = validated(selections.options_of(channel.selection.name), options, "selection/options")
    own = selections.columns_of(channel.selection.name, record)
    drawn = ("mass_gev", "mass2_gev", "proper_length_mm", "escape_length_mm")
    return dict.fromkeys((*own, *(f"generated_{name}" for name in drawn)))


def _check_interpretation(channel: Channel, interpretation: Interpretation) -> None:
    where = f"{interpretation.kind}s/{interpretation.name}"
    names = {each.name: each for each in channel.categories}
    for name in (*(interpretation.categories or ()), *interpretation.signals):
        if name not in names:
            raise UmbraError(f"{where}: {no_such('category', name, names)}")
    for sample in interpretation.signals.values():
        if channel.samples.get(sample) is None or channel.samples[sample].role != "signal":
            raise UmbraError(f"{where}/signals: '{sample}' is not a signal sample of this channel")
    if interpretation.background_exact and (
        interpretation.background_relative or interpretation.background_slope_per_unit
    ):
        raise UmbraError(f"{where}/background_exact: a background that is exact has no other uncertainty")
    if interpretation.branching is not None:
        branching = interpretation.branching
        _check_particle(branching.particle, branching.final_state, f"{where}/branching")
    if interpretation.published is not None:
        _check_published(channel, interpretation, where)
    island = interpretation.island
    if island is not None:
        if not channel.lifetimes_mm:
            raise UmbraError(f"{where}/island: the channel has no lifetimes_mm")
        _check_particle(island.particle, island.final_state, f"{where}/island")


def _check_published(channel: Channel, interpretation: Interpretation, where: str) -> None:
    """Refuse what would be ignored: the paper has simulated, selected and counted itself."""
    unread = {
        "luminosity_fb": interpretation.luminosity_fb is not None,
        "efficiency": interpretation.published_efficiency is not None,
        "peaking_uncertainty": interpretation.peaking_uncertainty != "free",
        "background_slope_per_unit": interpretation.background_slope_per_unit > 0.0,
        "background_scale": interpretation.background_scale != 1.0,
        "background_exact": interpretation.background_exact,
        "island": interpretation.island is not None,
    }
    for key, given in unread.items():
        if given:
            raise UmbraError(f"{where}/{key}: published data do not use it (where 'data' is inherited: 'of')")
    if channel.masses.second is not None or channel.lifetimes_mm or channel.produced is not None:
        raise UmbraError(f"{where}/data: published data are of a scan of one mass, in cross-sections")
    if all(each.published is not None for each in channel.interpretations):
        raise UmbraError(f"{where}/data: nothing stands beside it that our own simulation is fitted in")


def _check_particle(particle: str, final_state: str | None, where: str) -> None:
    for key, state in (("particle", None), ("final_state", final_state)):
        try:
            theory.check(particle, state)
        except UmbraError as error:
            raise UmbraError(f"{where}/{key}: {error}") from None


def _check_comparisons(channel: Channel) -> None:
    names = {each.name: each for each in channel.interpretations}
    for i, compare in enumerate(channel.comparisons):
        where = f"compare/{i}"
        for key, found in (("between", compare.between or ()), ("interpretation", [compare.interpretation])):
            for name in found:
                if name is not None and name not in names:
                    raise UmbraError(f"{where}/{key}: {no_such('interpretation', name, names)}")
        if compare.lifetime_mm is not None and compare.lifetime_mm not in channel.lifetimes_mm:
            raise UmbraError(f"{where}/lifetime_mm: {compare.lifetime_mm:g} is none of lifetimes_mm")
        reading = names[compare.interpretation] if compare.interpretation else channel.main
        has_data = reading.published is not None or isinstance(channel.data, FileData | PublishedCounts)
        if compare.limits == "observed" and not has_data:
            raise UmbraError(
                f"{where}/limits: the interpretation '{reading.name}' has no data that it observes"
            )
        for bound in compare.bounds:
            if not bound.bias_dex <= bound.median_dex <= bound.worst_dex:
                raise UmbraError(
                    f"{where}: bounds on bias, median and worst bin must rise, unlike {bound.bias_dex:g}, "
                    f"{bound.median_dex:g} and {bound.worst_dex:g} dex"
                )
    for axis in () if channel.axes.map is None else (channel.axes.map.x, channel.axes.map.y):
        known = _columns(channel, channel.categories[0])
        if axis.column not in known:
            raise UmbraError(f"figures/map: {no_such('column of the selection', axis.column, known)}")
    shown = channel.axes.lifetime_mm
    if shown is not None and shown not in channel.lifetimes_mm:
        raise UmbraError(f"figures/lifetime_mm: {shown:g} is none of lifetimes_mm")


def _check_injection(channel: Channel) -> None:
    """Refuse signals that no category seeks; the data stage knows where they are simulated."""
    inject = None if isinstance(channel.data, FileData) else channel.data.inject
    if inject is None:
        return
    if channel.lifetimes_mm:
        raise UmbraError(
            "data/inject: a signal that flies cannot be injected: its coupling does not say how far"
        )
    if (inject.mass2_gev is None) != (channel.masses.second is None):
        raise UmbraError("data/inject/mass2_gev: a scan of two masses needs it, and only that")
    ranges = [each.hypotheses_gev for each in channel.categories_of(channel.simulated)]
    if not any(low <= inject.mass_gev <= high for low, high in ranges):
        raise UmbraError(
            f"data/inject/mass_gev: {inject.mass_gev:g} GeV is in the range of no category (hypotheses_gev)"
        )
