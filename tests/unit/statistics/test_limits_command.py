"""The command `umbra limits`, and `umbra.limits`."""

import csv
import io
import json

import pytest

import umbra
from umbra.commands.limits import COLUMNS, main
from umbra.core.errors import UmbraError


@pytest.fixture
def files(tmp_path, counting, peak):
    paths = []
    for name, content in (("zero", counting(0, 0.1)), ("peak", peak(1)), ("bad", {"channels": []})):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content))
        paths.append(str(path))
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    return [*paths, str(broken)]


def test_json_is_a_list_with_one_object_a_workspace(files, capsys):
    assert main(files) == 1
    rows = json.loads(capsys.readouterr().out)
    assert [row["workspace"] for row in rows] == files
    assert [row["status"] for row in rows] == ["converged", "converged", "fit_failed", "fit_failed"]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert rows[0]["observed"] == pytest.approx(2.99573, abs=1e-5)
    assert rows[0]["method"] == "cls_exact"
    assert rows[1]["expected_minus2"] < rows[1]["expected"] < rows[1]["expected_plus2"]
    assert "not JSON" in rows[3]["reason"] or "cannot be read as JSON" in rows[3]["reason"]


def test_csv_has_the_same_columns(files, capsys):
    assert main([*files, "--format", "csv", "--cl", "0.9", "--method", "feldman_cousins"]) == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert tuple(rows[0]) == COLUMNS
    assert float(rows[0]["observed"]) == pytest.approx(2.34, abs=0.01)
    assert float(rows[0]["observed_low"]) == 0.0
    assert rows[2]["observed"] == ""


def test_a_forced_calculation_and_another_parameter(files, capsys):
    assert main([files[0], "--calculation", "asymptotic", "--poi", "mu"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["observed"] == pytest.approx(2.025, abs=1e-3)
    assert row["method"] == "cls_asymptotic"


def test_patches_of_one_workspace(files, tmp_path, capsys):
    patch = {"op": "replace", "path": "/channels/0/samples/0/data", "value": [2.0]}
    patches = {"patches": [{"metadata": {"name": "double", "values": [2]}, "patch": [patch]}]}
    path = tmp_path / "patchset.json"
    path.write_text(json.dumps(patches))
    assert main([files[0], "--patchset", str(path)]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["workspace"] == "double"
    assert row["observed"] == pytest.approx(2.99573 / 2, abs=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        ["--patchset", "missing.json"],
        ["--cl", "95"],
        ["--cl", "nan"],
        ["--toys", "-5"],
        ["--toys", "100000000000"],
        ["--observed-only", "--no-data"],
        ["--engine", "pyhf", "--method", "bayesian"],
        ["--engine", "pyhf", "--calculation", "toys"],
    ],
)
def test_options_that_cannot_be_used_give_exit_code_one_and_one_sentence(files, capsys, options):
    assert main([files[0], *options]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("umbra limits: ")
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("options", [["--toys", "many"], ["--cl", "high"], ["--engine", "root"]])
def test_options_that_are_none_end_with_a_code_that_is_not_zero(files, options):
    with pytest.raises(SystemExit) as end:
        main([files[0], *options])
    assert end.value.code == 2


def test_every_workspace_has_its_row_and_only_good_ones_the_code_zero(files, tmp_path, counting, capsys):
    assert main(files[:2]) == 0
    assert main([files[0], str(tmp_path / "missing.json")]) == 1
    text = counting(3, 3.0, uncertainty=0.2)
    parameter = {"name": "rate", "bounds": [["-5", "5"]]}
    text["measurements"][0]["config"]["parameters"].append(parameter)
    path = tmp_path / "text.json"
    path.write_text(json.dumps(text))
    assert main([files[0], str(path)]) == 1
    blind = tmp_path / "blind.json"
    blind.write_text(json.dumps(counting(3, 3.0, 0.0)))
    capsys.readouterr()
    assert main([files[0], str(blind)]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["status"] for row in rows] == ["converged", "no_sensitivity"]


def test_a_bad_patch_costs_its_row_and_the_code(files, tmp_path, capsys):
    good = {"op": "replace", "path": "/channels/0/samples/0/data", "value": [2.0]}
    bad = {"op": "add", "path": "/channels/99/samples/0", "value": {}}
    patches = [
        {"metadata": {"name": name}, "patch": [p]} for name, p in (("a", good), ("b", bad), ("c", good))
    ]
    path = tmp_path / "patchset.json"
    path.write_text(json.dumps({"patches": patches, "metadata": {"digests": {"sha256": "0" * 64}}}))
    assert main([files[0], "--patchset", str(path)]) == 1
    printed = capsys.readouterr()
    rows = json.loads(printed.out)
    assert [(row["workspace"], row["status"]) for row in rows] == [
        ("a", "converged"),
        ("b", "fit_failed"),
        ("c", "converged"),
    ]
    assert "patch 'b' cannot be applied" in rows[1]["reason"]
    assert "made for another workspace" in printed.err


def test_measurement_observed_only_and_engine(files, capsys):
    options = ["--measurement", "test", "--observed-only", "--calculation", "asymptotic", "--format", "csv"]
    assert main([files[0], *options]) == 0
    (umbra,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert main([files[0], *options, "--engine", "pyhf"]) == 0
    (pyhf,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (umbra["engine"], pyhf["engine"]) == ("umbra", "pyhf")
    assert umbra["expected"] == pyhf["expected"] == ""
    assert float(pyhf["observed"]) == pytest.approx(float(umbra["observed"]), rel=1e-3)
    assert main([files[0], "--measurement", "tset"]) == 1


def test_toy_limits_are_printed_with_their_errors(files, capsys):
    assert main([files[0], "--calculation", "toys", "--toys", "200"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert 0.1 < row["observed_error"] < 1.0
    assert 0.1 < row["expected_error"] < 1.0


def test_the_function_gives_what_the_command_prints(files, counting, capsys):
    assert main([files[0], "--cl", "0.9"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    for given in (files[0], counting(0, 0.1)):
        limit = umbra.limits(given, cl=0.9)
        assert (limit.observed, limit.method, limit.status) == (row["observed"], row["method"], "converged")
    assert umbra.limits(counting(0, 0.1), has_data=False).observed is None
    assert umbra.limits({"channels": []}).status == "fit_failed"
    with pytest.raises(UmbraError, match="there is no setting 'level'; known: method, cl"):
        umbra.limits(files[0], level=0.9)
    with pytest.raises(UmbraError, match=r"missing\.json"):
        umbra.limits("missing.json")
