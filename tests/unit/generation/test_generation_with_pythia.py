"""Samples of Pythia in a channel: from the YAML through generation to the skim."""

import json
from pathlib import Path

import numpy as np
import pytest

from umbra.config import project as configuration
from umbra.core import events
from umbra.core.errors import UmbraError
from umbra.core.machines import machine_of
from umbra.core.provenance import code_digest
from umbra.generation.processes.registry import PYTHIA_SAMPLES
from umbra.selection import skims
from umbra.stages import skim
from umbra.stages.generate import Request, generate

CHANNEL = "aprime_dilepton_babar"
COUNT = 400


def load(project: Path, **sample) -> configuration.Project:
    content = configuration.read_yaml(project / "config" / "channels" / f"{CHANNEL}.yaml")
    content["regions"][0]["backgrounds"].append("hadrons")
    hadrons = {
        "role": "background",
        "process": "charm",
        "origin": "pythia",
        "events": COUNT,
        "selection_options": content["samples"]["mumugamma"]["selection_options"],
        **sample,
    }
    changes = {"samples": {"hadrons": hadrons}, "regions": content["regions"]}
    return configuration.load({"channels": [CHANNEL], "overrides": {CHANNEL: changes}}, project / "config")


def only(project: configuration.Project, process: str) -> tuple[str, dict]:
    ((key, content),) = project.samples["pep2"][process].items()
    return key, content


@pytest.mark.parametrize("process", ["charm", "neutral_b"])
def test_from_the_channel_file_to_candidates(project: Path, tmp_path: Path, process: str):
    loaded = load(project, process=process, chunk_events=COUNT // 2)
    channel = loaded.channels[CHANNEL]
    key, sample = only(loaded, process)
    assert channel["sample_files"]["hadrons"] == [
        f"results/samples/pep2/{process}/{key}-{chunk}.root" for chunk in ("000", "001")
    ]
    machine = machine_of(channel)
    files = [tmp_path / process / f"{key}-{chunk:03d}.root" for chunk in range(2)]
    for chunk, file in enumerate(files):
        request = Request(machine, process, sample["generator"], chunk)
        generate(request, file, file.with_suffix(".json"), sample["code"])
    batches = [batch for file in files for batch in events.read(file)]
    assert [len(batch) for batch in batches] == [COUNT // 2] * 2
    assert not np.array_equal(batches[0].p4[:, 0], batches[1].p4[:, 0])
    for batch in batches:
        assert np.abs(batch.p4.sum(axis=1) - machine.total).max() < 1e-5
        # Nothing is wide in vain.
        assert batch.pdg_id[:, -1].any()

    skimmed, info = tmp_path / "skim.root", tmp_path / "skim.json"
    skim.skim(files, channel["slices"]["skim"], channel["samples"]["hadrons"], skimmed, info, {})
    found = skims.read(skimmed)
    assert all(np.isfinite(column).all() for column in found.values())
    (normalisation,) = json.loads(info.read_text())["generated"]
    assert normalisation["events"] == normalisation["weight"] == COUNT
    assert normalisation["cross_section_pb"] == pytest.approx(
        {"charm": 1300, "neutral_b": 539.5}[process], rel=2e-3
    )
    assert normalisation["generator"].startswith("pythia8mc 8.")


def test_the_same_chunk_is_the_same_file_of_events(project: Path, tmp_path: Path):
    loaded = load(project)
    machine = machine_of(loaded.channels[CHANNEL])
    _, sample = only(loaded, "charm")
    files = [tmp_path / name for name in ("first.root", "second.root")]
    for file in files:
        generate(Request(machine, "charm", sample["generator"], 3), file, file.with_suffix(".json"), "")
    (first,), (second,) = (list(events.read(file)) for file in files)
    assert np.array_equal(first.p4, second.p4)


def test_forced_decays_are_another_sample_with_their_share_of_the_cross_section(project: Path):
    plain = only(load(project, process="charged_b"), "charged_b")
    lines = ["521:onMode = off", "521:onIfMatch = 321 443"]
    forced = only(
        load(project, process="charged_b", settings=lines, fraction=1e-3, source="a test, no source"),
        "charged_b",
    )
    assert plain[0] != forced[0]
    assert forced[1]["generator"]["pythia"]["settings"] == lines
    assert forced[1]["generator"]["pythia"]["fraction"] == 1e-3


def test_pythia_is_part_of_the_code_of_its_own_samples_only(project: Path):
    loaded = load(project)
    assert only(loaded, "charm")[1]["code"] == code_digest("generate", PYTHIA_SAMPLES)
    others = [s["code"] for p, keys in loaded.samples["pep2"].items() if p != "charm" for s in keys.values()]
    assert others
    assert only(loaded, "charm")[1]["code"] not in others
    closure = configuration.code_digest("generate")
    assert closure != code_digest("generate", PYTHIA_SAMPLES)


def test_what_pythia_cannot_do_is_refused(project: Path):
    with pytest.raises(
        UmbraError, match=r"samples/hadrons/process: Pythia makes no sample 'beauty'; known: charged_b"
    ):
        load(project, process="beauty")
    with pytest.raises(UmbraError, match="samples/hadrons"):
        load(project, radiation="leading_log")
    with pytest.raises(UmbraError, match="'source' is a dependency of 'fraction'"):
        load(project, fraction=0.5)
    with pytest.raises(UmbraError, match="unknown process 'charm'"):
        load(project, origin="matrix_element")
