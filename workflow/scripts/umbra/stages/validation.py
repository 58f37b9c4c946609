"""Rule `validation`: ours against what was published."""

from pathlib import Path
from typing import Any

from umbra.config.records import Channel
from umbra.core.io import read_json
from umbra.expectation.precision import Imprecise, note
from umbra.plotting.labels import channel_labels
from umbra.plotting.validation import plot_comparison
from umbra.results.contours import read_contours
from umbra.results.limits import read_limits
from umbra.stages.job import stage
from umbra.validation import full_scans
from umbra.validation.comparison import channel_comparisons
from umbra.validation.lifetime_shape import channel_shapes
from umbra.validation.page import write_validation
from umbra.validation.published import load_curves, load_ranges
from umbra.validation.quoted_ranges import channel_ranges
from umbra.validation.spectra import in_ranges, write_ranges
from umbra.validation.spectra import read as read_spectra


@stage
def main(rule: Any) -> None:
    """Write the page, its tables and its figures."""
    channels = {name: Channel.from_slice(slice_) for name, slice_ in rule.params.slice.items()}
    tables = {name: read_limits(path) for name, path in zip(channels, rule.input.tables, strict=True)}
    curves = load_curves(rule.input.published)
    comparisons = [
        each
        for name, rows in tables.items()
        for compared in (channel_comparisons, channel_shapes)
        for each in compared(channels[name], rows, curves)
    ]
    labels = {name: channel_labels(channel) for name, channel in channels.items()}
    folder = Path(rule.output.page).parent
    quoted = load_ranges(rule.input.published)
    regions = {name: read_contours(path) for name, path in zip(channels, rule.input.contours, strict=True)}
    ranges = [
        each
        for name, rows in tables.items()
        for each in channel_ranges(channels[name], rows, quoted, regions[name])
    ]
    done = full_scans.load(Path(rule.input.full_scans))
    for comparison in comparisons:
        plot_comparison(folder / comparison.figure, comparison, labels[comparison.channel])
    spectra = [
        (name, each)
        for name in channels
        for path in rule.input.spectra
        if Path(path).parent.name == name
        for each in in_ranges(channels[name], read_spectra(Path(path)))
    ]
    write_ranges(folder / "spectra.csv", spectra)
    memory = {name: channel.from_memory for name, channel in channels.items()}
    precision = {name: _precision(path) for name, path in zip(channels, rule.input.provenance, strict=True)}
    write_validation(
        folder,
        comparisons,
        ranges,
        scan=rule.params.scan,
        precision=precision,
        full_scans=done,
        from_memory=memory,
        spectra=spectra,
    )


def _precision(path: str) -> str:
    """What the table's provenance says of the samples' cross-sections."""
    return note([Imprecise.from_json(each) for each in read_json(Path(path))["imprecise_cross_sections"]])
