"""`umbra workspace`: the workspace of the nearest mass."""

import json
from pathlib import Path

import pytest

from umbra.__main__ import main
from umbra.expectation.point import Point
from umbra.inference.workspace import member, write_archive


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Archives of a channel with two readings and two masses each, in two blocks."""
    for block, mass in enumerate((2.0, 3.0)):
        content = {member(model, Point(mass)): {"model": model, "mass": mass} for model in ("main", "other")}
        write_archive(tmp_path / "toy" / "workspaces" / f"block_{block:03d}.zip", content)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--mass", "2.9"), {"model": "main", "mass": 3.0}),
        (("--mass", "-1", "--model", "other"), {"model": "other", "mass": 2.0}),
    ],
)
def test_the_nearest_is_printed(results: Path, options, expected, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["workspace", "toy", *options, "--results", str(results)]) == 0
    assert json.loads(capsys.readouterr().out) == expected


def test_what_is_not_there_is_refused_in_one_sentence(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (results / "broken" / "workspaces").mkdir(parents=True)
    (results / "broken" / "workspaces" / "block_000.zip").write_bytes(b"PK")
    for arguments, said in (
        (
            ("alp_3gamma_belle2",),
            "workspaces: no workspaces; run the channel first: ./run alp_3gamma_belle2\n",
        ),
        (("alp_3gama_belle2",), "no channel 'alp_3gama_belle2'; did you mean 'alp_3gamma_belle2'?"),
        (("toy", "--model", "mine"), "no interpretation 'mine'; did you mean 'main'? known: main, other"),
        (("broken",), "block_000.zip: not a readable archive of workspaces"),
    ):
        assert main(["workspace", *arguments, "--mass", "1", "--results", str(results)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert said in err
        assert err.count("\n") == 1
