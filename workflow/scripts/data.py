"""Rule `data`: what plays the part of the data."""

from pathlib import Path

from umbra import job, modelling, plane_data, pseudodata


def main() -> None:
    """Write the counts of each region (in a plane of two masses: its points), or that there are none."""
    slice_, model, output = snakemake.params.slice, snakemake.input.model, Path(snakemake.output[0])
    if slice_["fit_kind"] == "ellipse":
        plane_data.write(output, plane_data.make(modelling.read_plane_search(slice_, model), slice_["data"]))
    else:
        pseudodata.write(output, pseudodata.make(modelling.read_search(slice_, model), slice_["data"]))


job.run(snakemake, main)
