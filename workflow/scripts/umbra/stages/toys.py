"""Rule `toys`: one chunk of pseudo-experiments of the whole scan."""

from pathlib import Path
from typing import Any

from umbra.inference import pseudodata
from umbra.inference.scan import make_toys
from umbra.stages.job import stage
from umbra.stages.model import read_search


@stage
def main(rule: Any) -> None:
    """Write what the scan shows in each pseudo-experiment."""
    files, slice_ = rule.input, rule.params.slice
    data = pseudodata.read(Path(files.data))
    assert data is not None, "the job graph has toys only where there are data"
    make_toys(
        read_search(slice_, files.model),
        data,
        slice_["models"][0]["name"],
        [Path(path) for path in files.fits],
        [Path(path) for path in files.workspaces],
        int(rule.params.chunk),
        slice_["significance"]["chunk_toys"],
        Path(rule.output[0]),
    )
