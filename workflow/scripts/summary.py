"""Rule `summary`: one exclusion plot for each portal."""

from pathlib import Path

from umbra import job
from umbra.contour_table import read_contours
from umbra.limit_table import read_limits
from umbra.published import load_curves
from umbra.summary import portal_entries, write_summaries


def main() -> None:
    """Draw the portals."""
    channels = snakemake.params.slice
    tables = dict(zip(channels, snakemake.input.tables, strict=True))
    outlines = dict(zip(channels, snakemake.input.contours, strict=True))
    entries = [
        entry
        for name, path in tables.items()
        for entry in portal_entries(channels[name], read_limits(path), read_contours(outlines[name]))
    ]
    titles = {name: settings["title"] for name, settings in channels.items()}
    folder = Path(snakemake.output.figures[0]).parent
    curves = load_curves(Path(snakemake.input.published[0]).parent)
    write_summaries(folder, entries, curves, titles, portals=snakemake.params.portals)


job.run(snakemake, main)
