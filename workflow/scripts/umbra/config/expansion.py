"""From a channel as it is written down to the record that the library knows, for one scan.

Imported while Snakemake parses the workflow, so: no NumPy but for what machines need.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from umbra.config.channel_file import (
    BoundsBlock,
    BranchingBlock,
    CategoryBlock,
    ChannelFile,
    CompareBlock,
    CouplingChoice,
    GridSegment,
    InterpretationBlock,
    IslandBlock,
    ProjectionBlock,
    PublishedDataBlock,
)
from umbra.config.experiment_file import ExperimentFile
from umbra.config.records import Channel, Coupling, Interpretation, PublishedData, Sample
from umbra.config.samples import Surroundings, known_word, of_scan, sample_name, samples
from umbra.core.errors import UmbraError
from umbra.core.records import Record, validated
from umbra.core.vocabulary import COUPLINGS, MASSES, PORTALS
from umbra.selection.registry import options_of


def expand(name: str, file: ChannelFile, raw: Mapping[str, Any], around: Surroundings, scan: str) -> Channel:
    """Resolve a channel.

    Parameters
    ----------
    name
        Of the channel.
    file, raw
        Its content as records, and as it was read: what a generator is told keeps the numbers as they are written.
    around
        What it points at.
    scan
        `tiny`, `default` or `full`.

    Raises
    ------
    UmbraError
        For names that do not meet.
    """
    sets = file.data_sets
    total = math.fsum(each.luminosity_fb for each in sets.values())
    main = None if file.limit.coupling is None else _coupling(file.limit.coupling, "limit/coupling")
    uncertainty = file.systematics.luminosity_relative
    return validated(
        Channel,
        {
            "name": name,
            "scan": scan,
            "title": file.title,
            "portal": known_word(file.search.portal, PORTALS, "search/portal"),
            "experiment": around.experiment.title,
            "projection": file.search.projection,
            "reference": {"arxiv": file.search.arxiv, "citation": file.search.citation},
            "machine": around.machines[next(iter(sets.values())).machine],
            "detector": around.detector,
            "luminosity": {
                "luminosity_fb": total,
                "relative_uncertainty": around.experiment.luminosity_relative
                if uncertainty is None
                else uncertainty,
            },
            "produced": None
            if file.produced is None
            else {
                "particle": file.produced.particle,
                "count": file.produced.number,
                "relative_uncertainty": file.produced.relative_uncertainty,
                "y_label": file.produced.label,
            },
            "lifetimes_mm": file.lifetimes_mm,
            "masses": _masses(file, scan),
            "interpretations": list(_interpretations(file, main, around)),
            "samples": _by_name(samples(file, raw["samples"], around, scan, main)),
            "selection": {
                "name": file.selection.name,
                "options": _options(file, around.experiment),
            },
            "categories": list(_categories(file, around)),
            "fit": file.fit.model_dump(mode="json", exclude={"from_"}),
            "systematics": {
                "signal_efficiency_relative": file.systematics.signal_efficiency_relative,
                "background_relative": file.systematics.background_relative,
                "named": {key: each.model_dump() for key, each in file.systematics.named.items()},
            },
            "limit": {
                "method": file.limit.method,
                "level": file.limit.level,
                "calculation": file.limit.calculation,
                "engine": file.limit.engine,
            },
            "significance": {
                "toys": of_scan(file.significance.toys, scan),
                "chunk_toys": file.significance.chunk_toys,
            },
            "data": file.data or {"kind": "asimov"},
            "comparisons": [_comparison(each) for each in file.compare],
            "overlays": file.overlays,
            "quoted": file.quoted,
            "axes": {
                "mass": file.figures.mass_label
                or MASSES[known_word(file.search.particle, MASSES, "search/particle")],
                "mass2": None
                if file.search.second is None
                else MASSES[known_word(file.search.second, MASSES, "search/second")],
                "scale": file.figures.mass_scale,
                "lifetime_mm": file.figures.lifetime_mm,
                "map": None if file.figures.map is None else file.figures.map.model_dump(mode="json"),
                "thermal_targets": file.figures.thermal_targets,
            },
            "from_memory": list(around.from_memory),
            "detector_from_memory": around.detector_from_memory,
        },
        name,
    )


def _by_name(given: Iterable[Sample]) -> dict[str, Sample]:
    """Samples by name, where parts and data sets make no two of one name."""
    found: dict[str, Sample] = {}
    for each in given:
        if each.name in found:
            raise UmbraError(
                f"samples: '{each.name}' is the name of two of them, with their parts and data sets"
            )
        found[each.name] = each
    return found


def _options(file: ChannelFile, experiment: ExperimentFile) -> dict[str, Any]:
    """Options of the selection: those of the experiment that it knows, under those of the channel."""
    known = options_of(file.selection.name).model_fields
    common = {key: value for key, value in experiment.selection.items() if key in known}
    return {**common, **file.selection.options}


def _coupling(given: str | CouplingChoice, where: str) -> Coupling:
    choice = CouplingChoice(name=given) if isinstance(given, str) else given
    known = COUPLINGS[known_word(choice.name, COUPLINGS, f"{where}/name")]
    for other in choice.also:
        known_word(other.name, COUPLINGS, f"{where}/also")
    return Coupling(
        name=known.name,
        reference=known.reference if choice.reference is None else choice.reference,
        power=known.power,
        convention=known.convention if choice.convention is None else choice.convention,
        also=[each.model_dump() for each in choice.also],  # type: ignore[arg-type]
        benchmarks=choice.benchmarks,
        y_label=known.title if choice.label is None else choice.label,
        holds=choice.holds.model_dump() if isinstance(choice.holds, Record) else choice.holds,  # type: ignore[arg-type]
    )


def _segments(grid: Sequence[GridSegment], scan: str) -> list[dict[str, Any]]:
    return [
        {
            "from_gev": each.from_gev,
            "to_gev": each.to_gev,
            "points": of_scan(each.points, scan),
            "spacing_gev": each.spacing_gev,
        }
        for each in grid
    ]


def _masses(file: ChannelFile, scan: str) -> dict[str, Any]:
    second = file.masses.second
    return {
        "segments": _segments(file.masses.grid, scan),
        "second": None
        if second is None
        else {
            "segments": _segments(second.grid, scan),
            "ratio": second.ratio,
            "largest_sum_gev": second.largest_sum_gev,
        },
        "block_points": file.masses.points_per_job,
        "vetoed_gev": file.masses.vetoed_gev,
    }


def _interpretations(
    file: ChannelFile, main: Coupling | None, around: Surroundings
) -> Iterator[Interpretation]:
    """Interpretations, assumptions and projections; an assumption or projection starts from what it is `of`."""
    written: dict[str, InterpretationBlock] = {}
    kinds: dict[str, Mapping[str, InterpretationBlock]] = {
        "interpretation": file.interpretations,
        "assumption": file.assumptions,
        "projection": file.projections,
    }
    for kind, blocks in kinds.items():
        for name, given in blocks.items():
            where, block = f"{kind}s/{name}", given
            if name in written:
                raise UmbraError(f"{where}: the name is taken by another interpretation")
            of = None if kind == "interpretation" else block.of or next(iter(written), None)
            if of is not None:
                block = _laid_over(written[known_word(of, written, f"{where}/of")], block)
            elif block.of is not None:
                raise UmbraError(f"{where}/of: an interpretation is a search of its own")
            written[name] = block
            yield Interpretation(
                name=name,
                label=block.label,
                kind=kind,  # type: ignore[arg-type]
                of=of,
                categories=block.categories,
                signals=dict(block.signals),
                coupling=main if block.coupling is None else _coupling(block.coupling, f"{where}/coupling"),
                branching=_branching(block.branching),  # type: ignore[arg-type]
                island=_island(block.island),  # type: ignore[arg-type]
                published_efficiency=block.efficiency,
                luminosity_fb=block.luminosity_fb if isinstance(block, ProjectionBlock) else None,
                background_relative=block.background_relative,
                background_exact=block.background_exact,
                peaking_uncertainty=block.peaking_uncertainty,
                background_slope_per_unit=block.background_slope_per_unit,
                background_scale=block.background_scale,
                published=_published(block.data, around),
            )
    if not written:
        raise UmbraError("interpretations: there is none")


def _laid_over(base: InterpretationBlock, block: InterpretationBlock) -> InterpretationBlock:
    """Settings of a block where it has any, else those of the one that it is `of`."""
    known = {name for name in type(block).model_fields if name in type(base).model_fields}
    inherited = {name: getattr(base, name) for name in known - block.model_fields_set}
    return block.model_copy(update=inherited)


def _branching(block: BranchingBlock | None) -> dict[str, Any] | None:
    return None if block is None else block.model_dump()


def _published(block: PublishedDataBlock | None, around: Surroundings) -> PublishedData | None:
    if block is None:
        return None
    head = around.tables[block.table].head
    return PublishedData(table=block.table, form=head.kind, citation=head.citation)


def _island(block: IslandBlock | None) -> dict[str, Any] | None:
    return None if block is None else block.model_dump()


def _categories(file: ChannelFile, around: Surroundings) -> Iterator[dict[str, Any]]:
    """Categories of all data sets, those of one category together."""
    several = len(file.data_sets) > 1
    sought: dict[str, dict[str, set[str]]] = {}
    readings = (file.interpretations, file.assumptions, file.projections)
    for reading in (each for blocks in readings for each in blocks.values()):
        for category, sample in reading.signals.items():
            sought.setdefault(category, {}).setdefault(sample, set())
    made_for: dict[str, list[str]] = {}
    for name, block in file.categories.items():
        _check_sets(file, block, f"categories/{name}")
        made_for[name] = [each for each in file.data_sets if _has_samples(file, block, each)]
        if not made_for[name]:
            raise UmbraError(f"categories/{name}: no data set has all of its samples and ranges")
        for set_name in made_for[name]:
            data_set = file.data_sets[set_name]
            yield {
                "name": f"{name}_{set_name}" if several else name,
                "signal": sample_name(file, block.signal, set_name),
                "backgrounds": [sample_name(file, each, set_name) for each in block.backgrounds],
                "other_signals": sorted(
                    sample_name(file, each, set_name) for each in sought.get(name, {}) if each != block.signal
                ),
                "variable": block.variable,
                "variable2": block.variable2,
                "hypotheses_gev": _of_set(block.hypotheses_gev, set_name),
                "luminosity_fb": data_set.luminosity_fb if several else None,
                "variable_range": _of_set(block.range, set_name),
                "shape_lifetime_mm": block.shape_lifetime_mm,
                "requirements": block.requirements,
                "branching": _branching(block.branching),
                "published_efficiency": _efficiency(block, set_name, f"categories/{name}"),
                "peaking_backgrounds": [sample_name(file, each, set_name) for each in block.peaking],
                "smooth_backgrounds": [sample_name(file, each, set_name) for each in block.smooth],
                "resolution_mev": block.resolution_mev,
                "spectrum": block.spectrum,
                "bins": None if block.bins is None else around.bins[block.bins],
                "half_window_sigma": block.half_window_sigma,
                "background_degree": block.background_degree,
                "working_point": block.working_point,
            }
    for set_name in file.data_sets:
        if not any(set_name in made for made in made_for.values()):
            raise UmbraError(f"data_sets/{set_name}: no category is made for it")


def _check_sets(file: ChannelFile, block: CategoryBlock, where: str) -> None:
    """Refuse ranges for data sets that are not there."""
    for key, value in (("hypotheses_gev", block.hypotheses_gev), ("range", block.range)):
        for set_name in value if isinstance(value, Mapping) else ():
            known_word(set_name, file.data_sets, f"{where}/{key}")


def _has_samples(file: ChannelFile, block: CategoryBlock, set_name: str) -> bool:
    """Whether all samples of a category are made for a data set, and its ranges are given for it."""
    by_set = [value for value in (block.hypotheses_gev, block.range) if isinstance(value, Mapping)]
    if any(set_name not in value for value in by_set):
        return False
    wanted = [file.samples.get(each.split("/")[0]) for each in (block.signal, *block.backgrounds)]
    return all(each is None or each.data_sets is None or set_name in each.data_sets for each in wanted)


def _of_set(value: Any, set_name: str) -> Any:
    return value[set_name] if isinstance(value, Mapping) else value


def _efficiency(block: CategoryBlock, set_name: str, where: str) -> dict[str, Any] | None:
    if block.efficiency is None:
        return None
    if block.efficiency_refers_to is None:
        raise UmbraError(f"{where}: efficiency_refers_to is missing: of which events is it the efficiency?")
    low, high = _of_set(block.hypotheses_gev, set_name)
    constant = isinstance(block.efficiency, float)
    return {
        "values": [[low, block.efficiency], [high, block.efficiency]] if constant else block.efficiency,
        "relative_to": block.efficiency_refers_to,
        "relative_to_cuts": block.efficiency_cuts,
        "counts": block.efficiency_counts,
        "signal_correction": block.efficiency_signal_correction,
    }


def _comparison(block: CompareBlock) -> dict[str, Any]:
    return {
        **block.model_dump(exclude={*BoundsBlock.model_fields, "by_mass"}),
        "bounds": [_bound(block), *({**_bound(each), "gev": each.gev} for each in block.by_mass)],
    }


def _bound(block: BoundsBlock) -> dict[str, Any]:
    median = block.median_dex_below
    return {
        "median_dex": median,
        "bias_dex": block.bias_dex_below or 0.5 * median,
        "worst_dex": block.worst_dex_below or 3.0 * median,
        "shape_dex": block.shape_dex_below,
    }
