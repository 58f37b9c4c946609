"""Rule `model`: signal efficiency and shape, background templates."""

from pathlib import Path

from umbra import job
from umbra.modelling import model


def main() -> None:
    """Write the signal models and the templates."""
    skims = {Path(path).stem: Path(path) for path in snakemake.input.skims}
    output = snakemake.output
    model(
        skims, snakemake.params.slice, Path(output.signal), Path(output.templates), job.provenance(snakemake)
    )


job.run(snakemake, main)
