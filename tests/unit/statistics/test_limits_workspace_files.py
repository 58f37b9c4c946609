"""Workspaces from files: JSON, patch sets, and HistFactory's XML."""

import json

import numpy as np
import pytest
import uproot

from umbra.core.errors import UmbraError
from umbra.statistics.engine import LimitSettings, upper_limits
from umbra.statistics.workspace_files import read_patch_set, read_workspace, workspace_digest


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"data": [3.97], "data": [0.6]}', "the key 'data' of one object twice"),
        ('{"a": {"fixed": true, "b": 1, "fixed": false}}', "the key 'fixed'"),
        ('{"data": [NaN]}', "holds NaN"),
        ('{"data": [-Infinity]}', "holds -Infinity"),
        ("{", "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        ("", "cannot be read as JSON"),
    ],
)
def test_json_that_can_be_read_in_two_ways_or_not_at_all_is_refused(file, content, sentence):
    path = file("workspace.json", content)
    with pytest.raises(UmbraError, match=str(path)) as error:
        read_workspace(path)
    assert sentence in str(error.value)


def test_other_encodings_and_folders_are_refused(tmp_path):
    (tmp_path / "latin.json").write_bytes('{"poi": "µ"}'.encode("latin-1"))
    (tmp_path / "wide.json").write_bytes('{"poi": "mu"}'.encode("utf-16"))
    for name in ("latin.json", "wide.json", "missing.json", ""):
        with pytest.raises(UmbraError, match="cannot be read as JSON"):
            read_workspace(tmp_path / name)


def patch(name, *operations):
    return {"metadata": {"name": name, "values": [1]}, "patch": list(operations)}


def replace(path, value):
    return {"op": "replace", "path": path, "value": value}


def test_a_bad_patch_costs_its_own_row(file, counting):
    signal = "/channels/0/samples/0/data"
    patches = {
        "patches": [
            patch("double", replace(signal, [2.0])),
            patch("no_such_path", replace("/channels/9/samples/0/data", [2.0])),
            patch("no_such_key", replace("/chanels/0", [2.0])),  # codespell:ignore
            patch("no_such_operation", {"op": "multiply", "path": signal, "value": 2.0}),
            patch("no_path", {"op": "replace", "value": 2.0}),
            patch("failed_test", {"op": "test", "path": signal, "value": [3.0]}),
            patch("triple", replace(signal, [3.0])),
            patch("double", replace(signal, [4.0])),
            {"metadata": {"name": "no_patch"}},
            "text",
            patch("unusable", replace(signal, ["2"])),
        ]
    }
    found = read_patch_set(file("w.json", counting(0, 0.1)), file("patches.json", patches)).workspaces
    assert [w.name for w in found if w.content is not None] == ["double", "triple", "unusable"]
    assert all(w.name in w.reason for w in found if w.content is None)
    assert len(found) == len(patches["patches"])
    limits = upper_limits([w.content for w in found if w.content is not None])
    assert [limit.status for limit in limits] == ["converged", "converged", "fit_failed"]
    assert limits[0].observed == pytest.approx(2.99573 / 2, abs=1e-5)
    assert limits[1].observed == pytest.approx(2.99573 / 3, abs=1e-5)


def test_a_patch_set_knows_its_workspace(file, counting):
    workspace = counting(0, 0.1)
    mine = {"patches": [patch("one")], "metadata": {"digests": {"sha256": workspace_digest(workspace)}}}
    other = {"patches": [patch("one")], "metadata": {"digests": {"sha256": "0" * 64}}}
    path = file("w.json", workspace)
    assert read_patch_set(path, file("mine.json", mine)).digest_matches
    assert not read_patch_set(path, file("other.json", other)).digest_matches


@pytest.mark.parametrize("content", [{}, [], {"patches": {}}, {"patches": []}])
def test_what_is_no_patch_set_is_refused(file, counting, content):
    with pytest.raises(UmbraError, match="no patch set"):
        read_patch_set(file("w.json", counting(0, 0.1)), file("p.json", content))


TOP = """<!DOCTYPE Combination>
<Combination OutputFilePrefix="x">
  <Input>{folder}channel.xml</Input>
  <Measurement Name="m" Lumi="1." LumiRelErr="0.1"><POI>mu</POI>{more}</Measurement>
</Combination>
"""
CHANNEL = """<Channel Name="SR" InputFile="{folder}data.root">
  <Data HistoName="observed"/>
  <Sample Name="signal" HistoName="signal"><NormFactor Name="mu" Val="1" Low="0" High="10"/></Sample>
  <Sample Name="background" HistoName="background"><OverallSys Name="rate" High="1.1" Low="0.9"/>{more}</Sample>
</Channel>
"""


@pytest.fixture
def xml(tmp_path, file):
    """HistFactory's XML in a folder `config` below that from which paths count, as hist2workspace has it."""

    def write(folder="config/", top="", channel=""):
        path = file("config/top.xml", TOP.format(folder=folder, more=top))
        file("config/channel.xml", CHANNEL.format(folder=folder, more=channel))
        with uproot.recreate(tmp_path / "config" / "data.root") as histograms:
            edges = np.array([0.0, 1.0, 2.0])
            for name, values in (("observed", [51, 48]), ("signal", [12, 11]), ("background", [50, 52])):
                histograms[name] = np.array(values, dtype=float), edges
        return path

    return write


@pytest.mark.parametrize("folder", ["config/", ""])
def test_xml_is_read_with_its_histograms(xml, folder):
    content = read_workspace(xml(folder))
    (channel,) = content["channels"]
    assert [sample["data"] for sample in channel["samples"]] == [[12.0, 11.0], [50.0, 52.0]]
    limit = upper_limits([content], LimitSettings(calculation="asymptotic"))[0]
    by_hand = json.loads(json.dumps(content))
    by_hand["channels"][0]["samples"][1]["data"] = [50, 52]
    assert limit.status == "converged"
    assert limit == upper_limits([by_hand], LimitSettings(calculation="asymptotic"))[0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"channel": '<ShapeSys Name="s" HistoName="signal" ConstraintType="Gaussian"/>'},
            "Gaussian constraint",
        ),
        ({"channel": '<HistoFactor Name="s"/>'}, "HistoFactor, which pyhf's reader would leave out"),
        ({"top": '<ConstraintTerm Type="Gamma">rate</ConstraintTerm>'}, "ConstraintTerm 'Gamma'"),
        ({"channel": '<ShapeSys Name="s" HistoName="none"/>'}, "cannot be read as HistFactory XML"),
        ({"channel": '<StatError Activate="true"/>'}, "Activate = 'true' where True or False"),
        ({"top": '<ParamSetting Const="1">Lumi</ParamSetting>'}, "Const = '1' where True or False"),
        ({"folder": "elsewhere/"}, "'elsewhere/channel.xml', which is not there"),
    ],
)
def test_xml_that_cannot_be_read_as_meant_is_refused(xml, change, sentence):
    with pytest.raises(UmbraError) as error:
        read_workspace(xml(**change))
    assert sentence in str(error.value)


def test_poisson_constraints_of_statistical_errors_are_read_as_normal_ones_with_a_warning(
    xml, tmp_path, caplog
):
    read_workspace(xml(channel='<StatError Activate="True"/>'))
    assert not caplog.records
    channel = tmp_path / "config" / "channel.xml"
    config = '<StatErrorConfig RelErrorThreshold="0.05" ConstraintType="Poisson"/><Data'
    channel.write_text(channel.read_text().replace("<Data", config))
    content = read_workspace(tmp_path / "config" / "top.xml")
    assert content["channels"][0]["samples"][1]["modifiers"][1]["type"] == "staterror"
    (record,) = caplog.records
    assert "not Poisson ones" in record.getMessage()


@pytest.mark.parametrize("content", ["", "<a>", "<Combination/>"])
def test_what_is_no_xml_is_refused(file, content):
    with pytest.raises(UmbraError, match=r"top\.xml"):
        read_workspace(file("top.xml", content))
