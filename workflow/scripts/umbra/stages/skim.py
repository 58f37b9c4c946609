"""The skim stage: detector and selection, from the files of a sample to a flat tree of candidates."""

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from umbra.config.records import Channel, Sample
from umbra.core import events, seeds
from umbra.core.errors import UmbraError
from umbra.core.io import read_json, write_json
from umbra.core.records import validated
from umbra.core.root import new_root_file
from umbra.detector.detector import Detector
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
    write_json(
        info,
        {"cutflow": cutflow.to_json(), "generated": normalisation(files), "provenance": dict(provenance)},
    )


def _with_generated(columns: Table, batch: events.Events, first_event: int) -> Table:
    """Add the generated mass of each candidate and make the event number unique over the sample."""
    row = columns["event"].astype(np.int64)
    extra = {f"generated_{name}": column[row] for name, column in batch.extra.items()}
    return {**columns, "event": row + first_event, **extra}


def normalisation(files: Sequence[Path]) -> list[dict[str, Any]]:
    """Add up what the chunks of a sample generated, for each mass or pair of masses.

    Raises
    ------
    UmbraError
        If chunks of one mass have different cross-sections, of which only one could be kept.
    """
    total: dict[tuple[float | None, float | None], dict[str, Any]] = {}
    for record in _records(files):
        known = total.setdefault(
            (record["mass_gev"], record.get("mass2_gev")),
            {**record, "events": 0, "weight": 0.0, "effective_events": 0.0},
        )
        if not math.isclose(known["cross_section_pb"], record["cross_section_pb"], rel_tol=1e-6):
            raise UmbraError(
                f"{files[0]}: parts of one sample at mass_gev = {record['mass_gev']} have the cross-sections "
                f"{known['cross_section_pb']:.6g} and {record['cross_section_pb']:.6g} pb"
            )
        for key in ("events", "weight", "effective_events"):
            known[key] += record[key]
    return list(total.values())


def _records(files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for path in files:
        yield from read_json(Path(path).with_suffix(".json"))["samples"]


@stage
def main(rule: Any) -> None:
    """Write candidates, cutflow and normalisation."""
    output, params = rule.output, rule.params
    files = [Path(path) for path in rule.input.events]
    channel, sample = Channel.from_slice(params.slice), Sample.model_validate(params.sample)
    skim(files, channel, sample, Path(output.skim), Path(output.cutflow), provenance(rule))
