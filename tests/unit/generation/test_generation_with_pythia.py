"""Samples of Pythia in a channel: from the YAML through generation to the skim."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from umbra.config import project as configuration
from umbra.config import yaml
from umbra.config.channel_yaml import PYTHIA_SAMPLES_FILE
from umbra.config.records import Channel, Sample
from umbra.core import events
from umbra.core.errors import UmbraError
from umbra.core.modules import code_digest
from umbra.generation.processes.registry import PYTHIA_SAMPLES
from umbra.generation.settings import GeneratorSettings
from umbra.selection import skims
from umbra.stages import skim
from umbra.stages.generate import Request, generate

CHANNEL = "aprime_dilepton_babar"
COUNT = 400


def load(project: Path, **sample) -> configuration.Project:
    content = yaml.read(project / "config" / "channels" / f"{CHANNEL}.yaml").content
    hadrons = {
        "process": "charm",
        "origin": "pythia",
        "events": COUNT,
        "options": content["samples"]["mumugamma"]["options"],
        **sample,
    }
    backgrounds = [*content["categories"]["ee"]["backgrounds"], "hadrons"]
    changes = {"samples": {"hadrons": hadrons}, "categories": {"ee": {"backgrounds": backgrounds}}}
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
    machine = loaded.records[CHANNEL].machine
    files = [tmp_path / process / f"{key}-{chunk:03d}.root" for chunk in range(2)]
    for chunk, file in enumerate(files):
        request = Request(machine, process, GeneratorSettings.model_validate(sample["generator"]), chunk)
        generate(request, file, file.with_suffix(".json"), sample["code"])
    batches = [batch for file in files for batch in events.read(file)]
    assert [len(batch) for batch in batches] == [COUNT // 2] * 2
    assert not np.array_equal(batches[0].p4[:, 0], batches[1].p4[:, 0])
    for batch in batches:
        assert np.abs(batch.p4.sum(axis=1) - machine.total).max() < 1e-5
        # Nothing is wide in vain.
        assert batch.pdg_id[:, -1].any()

    skimmed, info = tmp_path / "skim.root", tmp_path / "skim.json"
    seen = Channel.from_slice(channel["slices"]["skim"])
    skim.skim(files, seen, Sample.model_validate(channel["samples"]["hadrons"]), skimmed, info, {})
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
    machine = loaded.records[CHANNEL].machine
    _, sample = only(loaded, "charm")
    files = [tmp_path / name for name in ("first.root", "second.root")]
    for file in files:
        settings = GeneratorSettings.model_validate(sample["generator"])
        generate(Request(machine, "charm", settings, 3), file, file.with_suffix(".json"), "")
    (first,), (second,) = (list(events.read(file)) for file in files)
    assert np.array_equal(first.p4, second.p4)


def test_forced_decays_are_another_sample_with_their_share_of_the_cross_section(project: Path):
    plain = only(load(project, process="charged_b"), "charged_b")
    lines = ["521:onMode = off", "521:onIfMatch = 321 443"]
    forced = only(
        load(project, process="charged_b", pythia_settings=lines, fraction=1e-3, **{"from": "choice"}),
        "charged_b",
    )
    assert plain[0] != forced[0]
    own = yaml.read(PYTHIA_SAMPLES_FILE).content["samples"]["charged_b"]["settings"]
    assert plain[1]["generator"]["pythia"]["settings"] == own
    assert forced[1]["generator"]["pythia"]["settings"] == [*own, *lines]
    assert forced[1]["generator"]["pythia"]["fraction"] == 1e-3


def test_pythia_is_part_of_the_code_of_its_own_samples_only(project: Path):
    loaded = load(project)
    assert only(loaded, "charm")[1]["code"] == code_digest("generate", PYTHIA_SAMPLES)
    others = [s["code"] for p, keys in loaded.samples["pep2"].items() if p != "charm" for s in keys.values()]
    assert others
    assert only(loaded, "charm")[1]["code"] not in others
    closure = configuration.code_digest("generate")
    assert closure != code_digest("generate", PYTHIA_SAMPLES)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"process": "beauty"},
            "samples/hadrons/process: 'beauty' is not known; known: light_quarks, charm, charged_b, neutral_b",
        ),
        (
            {"radiation": "leading_log"},
            "samples/hadrons/radiation: Pythia makes the events, and this says nothing to it",
        ),
        (
            {"cuts": {"cos_theta": [-0.9, 0.9]}},
            "samples/hadrons/cuts: Pythia makes the events, and this says nothing to it",
        ),
        ({"masses_gev": [1.0, 2.0]}, "samples/hadrons/origin: a signal cannot come from Pythia"),
        ({"fraction": 0.5}, "samples/hadrons/from: it is missing: where does fraction come from?"),
        (
            {"pythia_settings": ["521:onMode = off"]},
            "samples/hadrons/from: it is missing: where does pythia_settings come from?",
        ),
        (
            {"fraction": 0.5, "from": "nowhere"},
            "samples/hadrons/from: there is no source 'nowhere'; known: paper, ",
        ),
        ({"origin": "matrix_element"}, "samples/hadrons: unknown process 'charm'; known: "),
        (
            {"origin": "matrix_element", "process": "mumugamma", "fraction": 0.5, "from": "choice"},
            "samples/hadrons/fraction: it is for samples of Pythia",
        ),
    ],
)
def test_what_pythia_cannot_do_is_refused(project: Path, changes: dict, message: str):
    with pytest.raises(UmbraError, match=re.escape(message)):
        load(project, **changes)
