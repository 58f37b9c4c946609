"""The skim stage: detector and selection, from the files of a sample to a flat tree of candidates."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from umbra.config.records import Channel, Sample
from umbra.core import events, seeds
from umbra.core.io import write_json
from umbra.core.records import validated
from umbra.core.root import new_root_file
from umbra.detector.detector import Detector
from umbra.generation.generated import Generated, Sidecar, added_up
from umbra.selection import registry
from umbra.selection.cutflow import Cutflow
from umbra.selection.skims import Table, append
from umbra.stages.job import provenance, stage

log = logging.getLogger(__name__)


def skim(
    files: Sequence[Path],
    channel: Channel,
    sample: Sample,
    path: Path,
    info: Path,
    provenance: Mapping[str, Any],
) -> None:
    """Write the candidates of a sample, and its cutflow and normalisation beside them.

    Parameters
    ----------
    files
        The chunks of the sample, each with its JSON file beside it.
    channel
        With `detector` and `selection`.
    sample
        Its machine, and the options of the selection that hold for it only.
    path, info
        ROOT file with the tree `candidates`, and JSON file.
    provenance
        Written into the JSON file.

    Raises
    ------
    UmbraError
        For a missing or corrupt sample, and for options that the selection refuses.
    """
    detector = Detector.from_record(channel.detector.settings)
    name = channel.selection.name
    select = registry.find(name)
    options = validated(
        registry.options_of(name),
        {**channel.selection.options, **sample.selection_options},
        f"selection {name}",
    )
    cutflow = Cutflow()
    first_event = 0
    with new_root_file(path) as file:
        for source in files:
            # The detector's dice belong to the sample file and the detector, never to the channel.
            rng = seeds.generator(
                "detector", sample.machine.name, Path(source).parent.name, Path(source).name
            )
            for batch in events.read(Path(source)):
                columns = select(detector.reconstruct(batch, rng), sample.machine, options, cutflow)
                append(file, _with_generated(columns, batch, first_event))
                first_event += len(batch)
            log.info("%s: %d events so far", source, first_event)
    made = [each.to_json() for each in generated(files)]
    write_json(info, {"cutflow": cutflow.to_json(), "generated": made, "provenance": dict(provenance)})


def _with_generated(columns: Table, batch: events.Events, first_event: int) -> Table:
    """Add the generated mass of each candidate and make the event number unique over the sample."""
    row = columns["event"].astype(np.int64)
    extra = {f"generated_{name}": column[row] for name, column in batch.extra.items()}
    return {**columns, "event": row + first_event, **extra}


def generated(files: Sequence[Path]) -> list[Generated]:
    """Add up what the chunks of a sample generated, see `umbra.generation.generated.added_up`."""
    return added_up((each for path in files for each in Sidecar.beside(path).samples), files[0])


@stage
def main(rule: Any) -> None:
    """Write candidates, cutflow and normalisation."""
    output, params = rule.output, rule.params
    files = [Path(path) for path in rule.input.events]
    channel, sample = Channel.from_slice(params.slice), Sample.model_validate(params.sample)
    skim(files, channel, sample, Path(output.skim), Path(output.cutflow), provenance(rule))
