"""Rule `plot`: the figures of a channel."""

from pathlib import Path
from typing import Any

from umbra.inference import pseudodata
from umbra.inference.scan import text
from umbra.plotting.channel import plot_channel
from umbra.plotting.plane_channel import plot_plane_channel
from umbra.results.contours import read_contours
from umbra.results.limits import read_limits
from umbra.stages.job import stage
from umbra.stages.model import read_plane_search, read_search
from umbra.validation.published import load_curve


@stage
def main(rule: Any) -> None:
    """Draw everything beside the table."""
    files, slice_ = rule.input, rule.params.slice
    folder, table = Path(files.table).parent, read_limits(files.table)
    cutflows = {Path(path).stem: Path(path) for path in files.cutflows}
    fits = [Path(path) for path in files.fits]
    if slice_["fit_kind"] == "ellipse":
        plot_plane_channel(
            folder,
            slice_,
            table=table,
            contours=read_contours(files.contours),
            search=read_plane_search(slice_, files.model),
            cutflows=cutflows,
            fits=fits,
        )
        return
    search = read_search(slice_, files.model)
    plot_channel(
        folder,
        slice_,
        table=table,
        contours=read_contours(files.contours),
        published=[load_curve(Path(path)) for path in files.published],
        signals=search.signals,
        axes=pseudodata.axes(search, pseudodata.read(Path(files.data))),
        cutflows=cutflows,
        fits=fits,
        archives=[Path(path) for path in files.workspaces],
        global_text=text(Path(files.significance[0])) if files.significance else "",
    )
