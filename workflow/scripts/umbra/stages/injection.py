"""Rule `injection`: what a channel finds of a signal that is put into pseudo-data."""

from pathlib import Path
from typing import Any

from umbra.inference.injection import study
from umbra.stages.job import provenance, stage
from umbra.stages.model import read_plane_search, read_search


@stage
def main(rule: Any) -> None:
    """Write yield, coverage, coupling and mass of the injected signals."""
    files, slice_ = rule.input, rule.params.slice
    plane = slice_["fit_kind"] == "ellipse"
    search = read_plane_search if plane else read_search
    study(
        search(slice_, files.model),
        slice_,
        [Path(path) for path in files.fits],
        [Path(path) for path in files.workspaces],
        Path(rule.output[0]),
        provenance(rule),
    )
