"""Rule `toys`: one chunk of pseudo-experiments of the whole scan."""

from pathlib import Path

from umbra import job, modelling, pseudodata
from umbra.scan_significance import make_toys


def main() -> None:
    """Write what the scan shows in each pseudo-experiment."""
    files, slice_ = snakemake.input, snakemake.params.slice
    data = pseudodata.read(Path(files.data))
    assert data is not None, "the job graph has toys only where there are data"
    make_toys(
        modelling.read_search(slice_, files.model),
        data,
        slice_["models"][0]["name"],
        [Path(path) for path in files.fits],
        [Path(path) for path in files.workspaces],
        int(snakemake.params.chunk),
        slice_["significance"]["chunk_toys"],
        Path(snakemake.output[0]),
    )


job.run(snakemake, main)
