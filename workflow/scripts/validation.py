"""Rule `validation`: ours against what was published."""

from pathlib import Path

from umbra import full_scans, job
from umbra.comparison import channel_comparisons, channel_ranges
from umbra.lifetime_shape import channel_shapes
from umbra.limit_table import read_limits
from umbra.plotting.labels import channel_labels
from umbra.published import load_curves, load_ranges
from umbra.validation import write_validation


def main() -> None:
    """Write the page, its tables and its figures."""
    channels = snakemake.params.slice
    tables = {name: read_limits(path) for name, path in zip(channels, snakemake.input.tables, strict=True)}
    curves = load_curves(Path(snakemake.input.published[0]).parent)
    comparisons = [
        each
        for name, rows in tables.items()
        for compared in (channel_comparisons, channel_shapes)
        for each in compared(channels[name], rows, curves)
    ]
    labels = {name: channel_labels(settings) for name, settings in channels.items()}
    folder = Path(snakemake.output.page).parent
    quoted = load_ranges(Path(snakemake.input.published[0]).parent / "ranges.yaml")
    ranges = [each for name, rows in tables.items() for each in channel_ranges(channels[name], rows, quoted)]
    done = full_scans.load(Path(snakemake.input.full_scans))
    write_validation(folder, comparisons, ranges, labels, scan=snakemake.params.scan, full_scans=done)


job.run(snakemake, main)
