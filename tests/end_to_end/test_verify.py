"""`./run verify`: a channel made again is the same, and a changed number is named."""

import json
import os
import subprocess
import sys

import pytest

from umbra.commands import verify
from umbra.results.limits import LimitRow

CHANNEL = "alp_3gamma_belle2"


def run_verify(folder) -> subprocess.CompletedProcess[str]:
    # With the machine code that the finished run had (OPENBLAS_CORETYPE), or last digits differ.
    environment = os.environ | {"PYTHONPATH": str(folder / "workflow" / "scripts"), "PATH": "/usr/bin:/bin"}
    command = [
        sys.executable,
        "-m",
        "umbra",
        "verify",
        CHANNEL,
        "--cores",
        "2",
        "--config",
        "scan=tiny",
    ]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_clean_tree_is_verified(again):
    done = run_verify(again.folder)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "identical" in done.stderr
    assert done.stdout == ""


def test_a_changed_number_in_the_configuration_is_named(again):
    channel = again.folder / "config" / "channels" / f"{CHANNEL}.yaml"
    channel.write_text(channel.read_text().replace("luminosity_fb: 0.445", "luminosity_fb: 0.890"))
    done = run_verify(again.folder)
    assert done.returncode == 1
    assert "g_agammagamma_per_gev: expected was" in done.stdout
    assert "%)" in done.stdout


def row(**changes) -> LimitRow:
    given = {"mass_gev": 1.0, "quantity": "epsilon", "method": "cls_asymptotic", "status": "converged"}
    bands = dict.fromkeys(
        ("expected_minus2", "expected_minus1", "expected", "expected_plus1", "expected_plus2"), 2.0
    )
    return LimitRow(**(given | bands | changes))


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ([row()], []),
        ([row(expected=2.0 * (1.0 + 1e-12))], []),
        (
            [row(expected=2.0 * (1.0 + 1e-8))],
            ["1 GeV, epsilon: expected was 2.0 and is 2.00000002 (+1e-06 %)"],
        ),
        ([row(expected=None)], ["1 GeV, epsilon: expected was 2.0 and is None"]),
        ([row(expected_plus2=3.0)], ["1 GeV, epsilon: expected_plus2 was 2.0 and is 3.0 (+50 %)"]),
        ([row(method="cls_exact")], ["1 GeV, epsilon: method was cls_asymptotic and is cls_exact"]),
        ([row(), row(mass_gev=2.0)], ["2 GeV, epsilon: only in the new table"]),
        ([], ["1 GeV, epsilon: only in the old table"]),
    ],
)
def test_differences_name_place_column_and_size(new, said):
    assert list(verify.differences([row()], new)) == said


def test_last_digits_are_counted():
    old = [row(), row(mass_gev=2.0)]
    new = [row(), row(mass_gev=2.0, expected=2.0 * (1.0 - 1e-12), expected_plus1=2.0 * (1.0 + 1e-13))]
    assert verify.last_digits(old, old) == (0, 0.0)
    number, largest = verify.last_digits(old, new)
    assert number == 2
    assert largest == pytest.approx(1e-12, rel=1e-3)


def test_another_processor_is_named(tmp_path):
    for name, kernel in (("old", "Haswell"), ("new", "SkylakeX")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "limits.provenance.json").write_text(
            json.dumps({"processor": "some", "arithmetic": {"blas": kernel}})
        )
    assert list(verify.other_arithmetic(tmp_path / "old", tmp_path / "new")) == [
        "arithmetic: was {'blas': 'Haswell'}, is {'blas': 'SkylakeX'}"
    ]
    assert not list(verify.other_arithmetic(tmp_path / "old", tmp_path / "old"))
