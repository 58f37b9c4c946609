"""Rule `injections`: what all channels find of injected signals."""

from pathlib import Path

from umbra import injection, job
from umbra.plotting.injection import plot_injections


def main() -> None:
    """Write the table and the figure."""
    found = [each for path in snakemake.input for each in injection.read(Path(path))]
    plot_injections(Path(snakemake.output[0]).with_suffix(""), found)


job.run(snakemake, main)
