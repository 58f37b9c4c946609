"""Rule `data`: what plays the part of the data."""

from pathlib import Path
from typing import Any

from umbra.inference import plane_data, pseudodata
from umbra.stages.job import stage
from umbra.stages.model import read_plane_search, read_search


@stage
def main(rule: Any) -> None:
    """Write the counts of each region (in a plane of two masses: its points), or that there are none."""
    slice_, model, output = rule.params.slice, rule.input.model, Path(rule.output[0])
    if slice_["fit_kind"] == "ellipse":
        plane_data.write(output, plane_data.make(read_plane_search(slice_, model), slice_["data"]))
    else:
        pseudodata.write(output, pseudodata.make(read_search(slice_, model), slice_["data"]))
