"""Scenarios that come with Umbra can be read, and mean what they say."""

import pytest

from umbra.config import project, yaml
from umbra.config.folders import Folders
from umbra.core.paths import shipped_config

CONFIG = shipped_config()
SCENARIO = CONFIG / "scenarios" / "belle2_luminosities.yaml"


@pytest.mark.parametrize("name", ["alp_3gamma_belle2", "zprime_mumu_belle2", "aprime_invisible_belle2"])
def test_belle2_is_projected_from_its_first_run_to_its_end(name: str) -> None:
    run = {**yaml.read(SCENARIO).content, "channels": [name], "scan": "tiny"}
    channel = project.load(run, CONFIG).records[name]
    found = [each for each in channel.interpretations if each.name.startswith("belle2_")]
    assert [each.luminosity_fb for each in found] == [424.0, 1e3, 5e3, 1e4, 5e4]
    assert {each.of for each in found} == {channel.main.name}
    assert {each.kind for each in found} == {"projection"}


def test_the_scenario_names_channels_that_there_are() -> None:
    known = Folders((CONFIG,)).files("channels")
    assert set(yaml.read(SCENARIO).content["overrides"]) <= set(known)
