"""Rule `fit`: workspaces and fits of one block of hypotheses."""

from pathlib import Path
from typing import Any

from umbra.inference import fitting, plane_data, plane_fitting, pseudodata
from umbra.stages.job import provenance, stage
from umbra.stages.model import read_plane_search, read_search


@stage
def main(rule: Any) -> None:
    """Write the fits and the workspaces."""
    files, params = rule.input, rule.params
    output = (Path(rule.output.fits), Path(rule.output.workspaces), provenance(rule))
    if params.slice["fit_kind"] == "ellipse":
        plane = read_plane_search(params.slice, files.model)
        points = plane_data.read(Path(files.data))
        plane_fitting.fit_block(plane, params.slice, points, params.masses, *output)
    else:
        search = read_search(params.slice, files.model)
        data = pseudodata.read(Path(files.data))
        fitting.fit_block(search, params.slice, data, params.masses, *output)
