"""What the generator is told: its plain data name samples and seed them, so they must stay as they are written."""

import json
from pathlib import Path

import pytest

from umbra.config.project import load
from umbra.config.records import Sample
from umbra.core.errors import UmbraError
from umbra.core.machines import Machine
from umbra.core.records import validated
from umbra.generation.settings import GeneratorSettings
from umbra.stages.generate import Request

MACHINE = Machine("superkekb", 7.004, 4.002, 83.0)
TOLD = {
    "process": "mumugamma",
    "radiation": "leading_log",
    "parameters": {"coupling": 0.001},
    "cuts": {"photon_theta": [10, 170.0], "dimuon_mass": [None, 1]},
    "weighted": False,
    "chunk_events": 10,
}


def settings(**changes: object) -> GeneratorSettings:
    return validated(GeneratorSettings, {**TOLD, **changes}, "a sample")


def test_plain_data_stay_as_they_are_written():
    """A number that is written without a point keeps to be written without: it is part of names and seeds."""
    assert json.dumps(settings().to_json()) == json.dumps(TOLD)


def test_what_jobs_are_told_is_what_was_written(project: Path):
    sample = load({"channels": ["aprime_invisible_babar"]}, project / "config").records
    for each in sample["aprime_invisible_babar"].samples.values():
        plain = json.loads(json.dumps(each.model_dump(mode="json")))
        again = Sample.model_validate(plain)
        assert again == each
        assert again.generator.to_json() == plain["generator"] == each.generator.to_json()
        assert None not in plain["generator"].values()


def test_masses_and_the_size_of_a_chunk_are_no_part_of_the_seed():
    others = settings(masses_gev=[1.0, 2.0], masses2_gev=[0.1, 0.2], chunk_events=20)
    seeds = [Request(MACHINE, "mumugamma", each, 0).seed for each in (settings(), others)]
    assert seeds[0] == seeds[1]
    assert seeds[0][2:] == (
        "cuts={'photon_theta': [10, 170.0], 'dimuon_mass': [None, 1]}",
        "parameters={'coupling': 0.001}",
        "process=mumugamma",
        "radiation=leading_log",
        "weighted=False",
    )
    assert Request(MACHINE, "mumugamma", settings(weighted=True), 0).seed != seeds[0]


def test_points_are_masses_by_their_names():
    assert settings().points == [{}]
    assert settings(masses_gev=[1.0, 2.0]).points == [{"mass_gev": 1.0}, {"mass_gev": 2.0}]
    assert settings(masses_gev=[1.0], masses2_gev=[0.1]).points == [{"mass_gev": 1.0, "mass2_gev": 0.1}]


def test_a_word_that_no_generator_hears_is_refused():
    with pytest.raises(UmbraError, match="there is no key 'radiatoin'; did you mean 'radiation'"):
        settings(radiatoin="none")
