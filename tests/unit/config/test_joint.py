"""Joint fits as they are written: what is read, and the one sentence for what is refused."""

from pathlib import Path
from typing import Any

import pytest

from umbra.config import project as configuration
from umbra.config.folders import Folders
from umbra.config.joint import JointRules, read_all
from umbra.config.joint_file import JointFile, load
from umbra.config.records import Channel
from umbra.core.errors import UmbraError
from umbra.core.paths import shipped_config
from umbra.core.records import validated

NAMES = ("aprime_dilepton_babar", "aprime_dilepton_belle2", "zprime_mumu_babar", "llp_scalar_belle2")
WHY = "made up for these tests"


@pytest.fixture(scope="module", name="project")
def _project() -> configuration.Project:
    return configuration.load({"scan": "tiny"}, shipped_config())


def content(**changes: Any) -> dict[str, Any]:
    plain = {
        "title": "both",
        "coupling": "epsilon",
        "limit": {"level": 0.9},
        "inputs": {
            "one": {"channel": NAMES[0]},
            "other": {"channel": NAMES[1], "interpretation": "after_424_fb"},
        },
        "uncorrelated": WHY,
    }
    return {key: value for key, value in {**plain, **changes}.items() if value is not None}


def rules(folder: Path, project: configuration.Project, **changes: Any) -> JointRules:
    path = folder / "joint" / "both.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(str(content(**changes)).replace("'", '"').replace("None", "null"))
    folders = Folders((folder, shipped_config()))
    return read_all(folders, project.records, project.records)["both"]


def test_those_that_are_shipped_are_read_with_their_channels(project: configuration.Project) -> None:
    files = {path.stem for path in (shipped_config() / "joint").glob("*.yaml")}
    assert set(project.joints) == files
    for each in project.joints.values():
        assert sum(map(len, each.blocks.values())) > 0
        assert set(project.joint_slice(each.joint.name)["channels"]) == set(each.channels)


def test_a_run_of_some_channels_has_the_joint_fits_of_these_only() -> None:
    some = ["zprime_mumu_babar", "zprime_mumu_belle", "zprime_mumu_belle2"]
    assert list(configuration.load({"channels": some}, shipped_config()).joints) == ["four_muons_all"]


def test_masses_are_those_of_all_inputs(tmp_path: Path, project: configuration.Project) -> None:
    found = rules(tmp_path, project, masses_per_job=3)
    both = [set(channel_masses(project.records[name])) for name in NAMES[:2]]
    masses = [mass for block in found.blocks.values() for mass in block]
    assert masses == sorted(both[0] | both[1])
    assert [len(block) for block in found.blocks.values()][:-1] == [3] * (len(found.blocks) - 1)
    assert found.files("data.root") == [f"results/{name}/data.root" for name in NAMES[:2]]


def channel_masses(channel: Channel) -> list[float]:
    from umbra.config.checks import hypotheses

    return [mass for mass in hypotheses(channel) if isinstance(mass, float)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"coupling": "g_prime"}, "inputs/one: the limits of 'dark_photon' are on epsilon, not on g_prime"),
        (
            {"inputs": {"one": {"channel": "zprime_lfv_belle2"}, "other": {"channel": NAMES[0]}}},
            "inputs/one: the limits of 'table' are on what is seen, not on epsilon",
        ),
        ({"coupling": "epsilom"}, "coupling: there is no coupling 'epsilom'; did you mean 'epsilon'"),
        ({"coupling": None, "model": "b_minus_m"}, "did you mean 'b_minus_l'"),
        (
            {"coupling": None, "model": "dark_photon_to_dark_matter"},
            "model: rates of dark matter are no power of the coupling",
        ),
        (
            {"inputs": {"one": {"channel": NAMES[0]}, "other": {"channel": "aprime_dilepton_belle3"}}},
            "inputs/other/channel: there is no channel 'aprime_dilepton_belle3'; did you mean 'aprime_dilepton_belle2'",
        ),
        (
            {
                "inputs": {
                    "one": {"channel": NAMES[0], "interpretation": "dark"},
                    "other": {"channel": NAMES[1]},
                }
            },
            "inputs/one/interpretation: there is no interpretation 'dark'",
        ),
        (
            {"inputs": {"one": {"channel": NAMES[0]}, "other": {"channel": NAMES[2]}}},
            "disjoint: BaBar has several inputs; say why no event of it is counted twice",
        ),
        (
            {"inputs": {"one": {"channel": NAMES[0]}, "other": {"channel": NAMES[3]}}},
            "inputs/other/channel: limits of 'llp_scalar_belle2' depend on the lifetime",
        ),
    ],
)
def test_what_cannot_be_fitted_together(
    tmp_path: Path, project: configuration.Project, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(UmbraError, match=r"both\.yaml: |there is no") as caught:
        rules(tmp_path, project, **changes)
    assert words in str(caught.value)


def shared(**changes: Any) -> dict[str, Any]:
    return {"shared": {"lumi": {"parameter": "luminosity", "of": ["one", "other"], "why": WHY, **changes}}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": "b_minus_l"}, "a joint fit is on either a coupling or a model"),
        ({"colour": 1}, "there is no key 'colour'"),
        (shared(of=["one"]), "shared/lumi/of: ['one'] has too few entries"),
        (shared(of=["one", "outer"]), "shared/lumi/of: there is no input 'outer'; did you mean 'other'"),
        ({"shared": {**shared()["shared"], "twice": shared()["shared"]["lumi"]}}, "is part of two of them"),
        (
            {**shared(), "common": {"lumi": {"relative": 0.1, "of": ["one"], "why": WHY}}},
            "common: 'lumi' is the name of a shared one, too",
        ),
        (
            {"inputs": {"one": {"channel": NAMES[0]}, "other": {"channel": NAMES[0]}}},
            "inputs: 'aprime_dilepton_babar' occurs twice, and its events would count twice",
        ),
        ({"inputs": {"one": {"channel": NAMES[0]}}}, "inputs: "),
        ({"uncorrelated": None}, "the key 'uncorrelated' is missing"),
    ],
)
def test_what_a_file_cannot_say(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UmbraError) as caught:
        validated(JointFile, content(**changes), "both.yaml")
    assert words in str(caught.value)


def test_the_shipped_files_say_what_is_shared_and_why() -> None:
    found = load(shipped_config() / "joint" / "b_minus_l_all.yaml")
    assert {each.parameter for each in found.shared.values()} == {"luminosity"}
    assert found.disjoint
