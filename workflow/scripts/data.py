"""Rule `data`: what plays the part of the data."""

from pathlib import Path

from umbra import job, modelling, pseudodata


def main() -> None:
    """Write the counts of each region, or that there are none."""
    slice_ = snakemake.params.slice
    search = modelling.read_search(slice_, snakemake.input.model)
    pseudodata.write(Path(snakemake.output[0]), pseudodata.make(search, slice_["data"]))


job.run(snakemake, main)
