"""The command `python -m umbra.commands.limits`."""

import csv
import io
import json

import pytest

from umbra.commands.limits import COLUMNS, main


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


def test_options_that_cannot_be_used_give_exit_code_one(files, capsys):
    assert main([*files, "--patchset", "missing.json"]) == 1
    assert main([files[0], "--cl", "95"]) == 1
    assert capsys.readouterr().out == ""
