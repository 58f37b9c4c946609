"""The archive of a channel: valid for HEPData, and with likelihoods whose limits stock pyhf finds again."""

import json
import re
import zipfile
from pathlib import Path

import pyhf
import pytest
from pyhf.infer.intervals.upper_limits import toms748_scan

from channels import reading, synthetic
from umbra.config.records import Channel, Limit
from umbra.core.bibliography import Paper, bibtex
from umbra.core.errors import UmbraError
from umbra.inference.block import fit_block, points_of
from umbra.inference.hypothesis import read_limits
from umbra.inference.methods import registry as methods
from umbra.publication.readme import readme
from umbra.results.limits import write_limits
from umbra.results.table import rows_of
from umbra.stages.limit import limit_block

# The extra `publish` may be missing.
archive = pytest.importorskip("umbra.publication.archive")

# hepdata-validator 0.3.6 leaves the files open that it reads.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

MASSES = [1.0, 2.5, 4.0, 5.0]


@pytest.fixture(scope="module", name="channel")
def _channel(tmp_path_factory: pytest.TempPathFactory) -> tuple[Channel, Path]:
    """A channel that was run: three masses with a limit, one in a veto."""
    folder = tmp_path_factory.mktemp("results")
    expectation = synthetic(limit=Limit(method="cls", level=0.9))
    channel = expectation.channel
    for name in ("fits", "workspaces", "limits"):
        (folder / name).mkdir()
    fits, packed = folder / "fits" / "block_000.json", folder / "workspaces" / "block_000.zip"
    fit_block(methods.find(channel.fit), expectation, None, points_of(channel, MASSES), fits, packed, {})
    limit_block(channel, fits, packed, folder / "limits" / "block_000.json", {})
    write_limits(folder / "limits.csv", rows_of(channel, read_limits(folder / "limits" / "block_000.json")))
    (folder / "contours.csv").write_text("quantity,level,contour,mass_gev,value\n")
    return channel, folder


@pytest.fixture(scope="module", name="unpacked")
def _unpacked(channel: tuple[Channel, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    packed = archive.publish(*channel, folder / "synthetic")
    with zipfile.ZipFile(packed) as content:
        content.extractall(folder / "unpacked")
    return folder / "unpacked" / "synthetic"


def test_stock_pyhf_finds_the_limits_again(unpacked: Path):
    """As the README of the archive says it, from the ZIP alone; to a thousandth."""
    folder = unpacked / "likelihoods" / "main"
    workspace = pyhf.Workspace(json.loads((folder / "background_only.json").read_text()))
    patches = pyhf.PatchSet(json.loads((folder / "patchset.json").read_text()))
    strengths = {each["patch"]: each for each in json.loads((folder / "signal_strengths.json").read_text())}
    assert [patch.values for patch in patches] == [(1.0,), (2.5,), (4.0,)]
    for patch in list(patches)[:2]:
        point = pyhf.Workspace(patches.apply(workspace, patch.name))
        model = point.model()
        _, expected = toms748_scan(point.data(model), model, 0.0, 20.0, level=0.1)
        assert strengths[patch.name]["method"] == "cls_asymptotic"
        assert float(expected[2]) == pytest.approx(strengths[patch.name]["expected"][2], rel=1e-3)


def test_a_patch_set_belongs_to_its_workspace(unpacked: Path):
    folder = unpacked / "likelihoods" / "main"
    workspace = json.loads((folder / "background_only.json").read_text())
    patches = pyhf.PatchSet(json.loads((folder / "patchset.json").read_text()))
    assert all(sample["name"] != "signal" for each in workspace["channels"] for sample in each["samples"])
    workspace["channels"][0]["samples"][0]["data"][0] += 1.0
    with pytest.raises(pyhf.exceptions.PatchSetVerificationError):
        patches.verify(pyhf.Workspace(workspace))


def test_the_submission_has_a_table_for_each_quantity(unpacked: Path):
    names = sorted(path.name for path in (unpacked / "hepdata").iterdir())
    assert names == ["cross_section_fb.yaml", "epsilon.yaml", "submission.yaml"]
    table = (unpacked / "hepdata" / "epsilon.yaml").read_text()
    assert "confidence level" in table
    assert "no result of the collaboration" in table
    assert table.count("95% band") == 3


def test_a_damaged_submission_is_refused(unpacked: Path, tmp_path: Path):
    from umbra.publication import hepdata

    for path in (unpacked / "hepdata").iterdir():
        (tmp_path / path.name).write_text(path.read_text().replace("independent_variables", "variables"))
    with pytest.raises(UmbraError, match="not valid"):
        hepdata.check(tmp_path)


def test_the_same_results_make_the_same_bytes(channel: tuple[Channel, Path], tmp_path: Path):
    one, other = (archive.publish(*channel, tmp_path / name / "synthetic") for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()
    with pytest.raises(UmbraError, match="not empty"):
        archive.publish(*channel, tmp_path / "one" / "synthetic")


def test_the_readme_says_the_level_and_what_pyhf_cannot_do(channel: tuple[Channel, Path]):
    text = readme(channel[0], ["main"], ["cls_asymptotic", "bayesian_exact"], "ins0000000")
    assert "level=0.1)" in text
    assert re.search(r"`bayesian_exact` are of another method", text)
    assert "an observed limit has no meaning" in text


def test_a_channel_that_was_not_run_is_refused(channel: tuple[Channel, Path], tmp_path: Path):
    with pytest.raises(UmbraError, match="run the channel first"):
        archive.publish(channel[0], tmp_path / "nothing", tmp_path / "out")


def test_results_of_another_configuration_are_refused(channel: tuple[Channel, Path], tmp_path: Path):
    renamed = channel[0].model_copy(update={"interpretations": (reading(name="other"),)})
    with pytest.raises(
        UmbraError, match="there is no interpretation 'main'; known: other: run the channel again"
    ):
        archive.publish(renamed, channel[1], tmp_path / "out")


def test_papers_are_cited_once_and_in_order():
    text = bibtex([Paper("B & C, 1 (2)", "2000.00002"), Paper("A", "2000.00001"), Paper("A", "2000.00001")])
    assert re.findall(r"@misc{(\S+),", text) == ["arXiv:2000.00001", "arXiv:2000.00002"]
    assert r"note = {B \& C, 1 (2)}" in text
