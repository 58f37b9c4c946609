"""Rule `plot`: the figures of a channel."""

from pathlib import Path
from typing import Any

from umbra.core.io import read_json
from umbra.expectation import maps
from umbra.expectation.precision import imprecise, note
from umbra.inference import global_significance
from umbra.plotting.channel import plot_channel
from umbra.plotting.figures import Findings
from umbra.results.contours import read_contours
from umbra.results.limits import read_limits
from umbra.selection.cutflow import Cutflow
from umbra.stages import channel as channels
from umbra.stages.job import stage
from umbra.validation.published import load_curve
from umbra.validation.shortfalls import shortfalls


@stage
def main(rule: Any) -> None:
    """Draw everything beside the table."""
    files = rule.input
    channel, method, expectation = channels.read(rule)
    significance = channels.paths(files.significance)
    table = read_limits(files.table)
    published = [load_curve(path) for path in channels.paths(files.published)]
    found = Findings(
        table=table,
        contours=read_contours(files.contours),
        published=published,
        expectation=expectation,
        data=method.read_data(Path(files.data)),
        cutflows={path.stem: _cutflow(path) for path in channels.paths(files.cutflows)},
        fits=channels.paths(files.fits),
        archives=channels.paths(files.workspaces),
        maps=maps.build(channel, {path.stem: path for path in channels.paths(files.skims)}),
        shortfalls=shortfalls(channel, table, published),
        precision=note(imprecise(channels.paths(files.cutflows))),
        global_text=global_significance.text(significance[0]) if significance else "",
    )
    plot_channel(Path(files.table).parent, channel, found)


def _cutflow(skim: Path) -> Cutflow:
    return Cutflow.from_json(read_json(skim)["cutflow"])
