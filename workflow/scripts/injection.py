"""Rule `injection`: what a channel finds of a signal that is put into pseudo-data."""

from pathlib import Path

from umbra import job, modelling
from umbra.injection import study


def main() -> None:
    """Write yield, coverage, coupling and mass of the injected signals."""
    files, slice_ = snakemake.input, snakemake.params.slice
    plane = slice_["fit_kind"] == "ellipse"
    search = modelling.read_plane_search if plane else modelling.read_search
    study(
        search(slice_, files.model),
        slice_,
        [Path(path) for path in files.fits],
        [Path(path) for path in files.workspaces],
        Path(snakemake.output[0]),
        job.provenance(snakemake),
    )


job.run(snakemake, main)
