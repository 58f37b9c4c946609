"""Rule `fit`: workspaces and fits of one block of hypotheses."""

from pathlib import Path

from umbra import fitting, job, modelling, plane_data, plane_fitting, pseudodata


def main() -> None:
    """Write the fits and the workspaces."""
    files, params = snakemake.input, snakemake.params
    output = (*(Path(path) for path in snakemake.output), job.provenance(snakemake))
    if params.slice["fit_kind"] == "ellipse":
        plane = modelling.read_plane_search(params.slice, files.model)
        points = plane_data.read(Path(files.data))
        plane_fitting.fit_block(plane, params.slice, points, params.masses, *output)
    else:
        search = modelling.read_search(params.slice, files.model)
        data = pseudodata.read(Path(files.data))
        fitting.fit_block(search, params.slice, data, params.masses, *output)


job.run(snakemake, main)
