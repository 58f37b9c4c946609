"""Rule `plot`: the figures of a channel."""

from pathlib import Path

from umbra import job, modelling
from umbra.limit_table import read_limits
from umbra.plotting.channel import plot_channel
from umbra.published import load_curve
from umbra.scan_significance import text


def main() -> None:
    """Draw everything beside the table."""
    files, slice_ = snakemake.input, snakemake.params.slice
    search = modelling.read_search(slice_, files.model)
    plot_channel(
        Path(files.table).parent,
        slice_,
        table=read_limits(files.table),
        published=[load_curve(Path(path)) for path in files.published],
        signals=search.signals,
        templates=search.templates,
        cutflows={Path(path).stem: Path(path) for path in files.cutflows},
        fits=[Path(path) for path in files.fits],
        archives=[Path(path) for path in files.workspaces],
        global_text=text(Path(files.significance[0])) if files.significance else "",
    )


job.run(snakemake, main)
