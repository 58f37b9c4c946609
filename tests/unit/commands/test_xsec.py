"""The calculator: one JSON object on standard output, or one sentence on standard error."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import umbra
from umbra.__main__ import main
from umbra.commands.xsec import parse_cuts
from umbra.core.errors import UmbraError
from umbra.generation.processes import registry

SCRIPTS = Path(__file__).parents[3] / "workflow" / "scripts"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["xsec", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_prints_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(
        capsys, "gamma_alp", "--mass", "1", "--coupling", "1e-3", "--cut", "cos_theta=-0.95:0.95"
    )
    assert (code, err) == (0, "")
    result = json.loads(out)
    assert set(result) == {"process", "value_pb", "error_pb", "accuracy", "parameters", "cuts"}
    assert result["accuracy"] == "reached"
    assert result["value_pb"] == pytest.approx(0.1068, rel=1e-3)
    assert result["error_pb"] == 0.0
    assert result["parameters"] == {"sqrt_s_gev": 10.58, "mass_gev": 1.0, "coupling": 1e-3}
    assert result["cuts"] == {"cos_theta": [-0.95, 0.95]}


def test_every_option_reaches_the_process(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = (
        "darkonium_gamma",
        "--mass=1",
        "--mass2=0.05",
        "--coupling=1e-3",
        "--alpha-d=0.3",
        "--sqrt-s=10.58",
    )
    code, out, _ = run(capsys, *arguments)
    assert code == 0
    assert json.loads(out)["value_pb"] == pytest.approx(9.024e-5, rel=1e-3)


def test_open_ends_and_repeated_cuts(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "three_gamma", "--cut", "photon_energy=0.25:", "--cut", "photon_theta=10:170")
    result = json.loads(out)
    assert code == 0
    assert result["cuts"] == {"photon_energy": [0.25, None], "photon_theta": [10.0, 170.0]}
    assert result["value_pb"] == pytest.approx(254.4, abs=4.0 * (0.5**2 + result["error_pb"] ** 2) ** 0.5)
    assert result["error_pb"] < 0.003 * result["value_pb"]


def test_the_same_arguments_give_the_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("mumu_zprime", "--mass", "2")
    assert run(capsys, *arguments) == run(capsys, *arguments)


def test_list_shows_parameters_and_cuts_of_every_process(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--list")
    shown = json.loads(out)
    assert code == 0
    assert set(shown) == set(registry.names())
    assert shown["gamma_alp"]["parameters"] == {"mass_gev": None, "coupling": 1.0}
    assert "cos_theta" in shown["gamma_alp"]["cuts"]
    assert shown["three_gamma"]["required_cuts"] == ["photon_energy", "photon_theta"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no process given; known: alp_fusion"),
        (
            ("gamma_alps", "--mass", "1"),
            "unknown process 'gamma_alps'; did you mean 'gamma_alp'? known: alp_fusion, aprime_higgs",
        ),
        (("gamma_alp",), "gamma_alp: parameter 'mass_gev' is missing"),
        (("mumu", "--mass", "1"), "mumu: unknown parameter 'mass_gev'; known: none"),
        (("gamma_alp", "--mass", "-1"), "mass_gev = -1.0 is negative"),
        (("gamma_alp", "--mass", "12"), "mass 12 GeV is above the kinematic limit of 10.58 GeV"),
        (
            ("mumu", "--cut", "photon_theta=1:2"),
            "unknown cut 'photon_theta'; did you mean 'lepton_theta'? known: lepton_theta, muon_theta",
        ),
        (("mumu", "--cut", "muon_theta"), "'muon_theta' is not of the form NAME=LOW:HIGH"),
        (("mumu", "--cut", "muon_theta=a:2"), "'a' is not a number"),
        (("mumu", "--cut", "muon_theta=nan:2"), "'nan' is not a number"),
        (("mumu", "--cut", "muon_theta=30:20"), "cut 'muon_theta' is empty: 30:20"),
        (("mumu", "--cut", "muon_theta=1:", "--cut", "muon_theta=2:"), "given twice"),
        (("mumu", "--sqrt-s", "0.1"), "kinematic limit"),
        (("mumu", "--machine", "superkeb"), "did you mean 'superkekb'?"),
    ],
)
def test_bad_input_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert message in err
    assert err.startswith("umbra xsec: ")
    assert err.count("\n") == 1


def test_cuts_are_read() -> None:
    assert parse_cuts(["a=1:2", "b=:3", "c=-1:"]) == {"a": (1.0, 2.0), "b": (None, 3.0), "c": (-1.0, None)}


def test_runs_as_a_module() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "umbra", "xsec", "mumu"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
    )
    assert json.loads(result.stdout)["value_pb"] == pytest.approx(775.93, rel=1e-4)
    assert result.stderr == ""


def test_the_energy_is_that_of_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "mumu", "--machine", "bepcii_jpsi")
    assert json.loads(out)["parameters"]["sqrt_s_gev"] == pytest.approx(3.097, abs=5e-3)


def test_the_function_gives_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "three_gamma", "--cut", "photon_energy=0.25:", "--cut", "photon_theta=10:170")
    cuts = {"photon_energy": [0.25, None], "photon_theta": (10, 170)}
    estimate = umbra.cross_section("three_gamma", cuts=cuts)
    assert (estimate.value_pb, estimate.error_pb) == tuple(
        json.loads(out)[f"{x}_pb"] for x in ("value", "error")
    )
    assert umbra.cross_section("gamma_alp", mass_gev=1) == umbra.cross_section("gamma_alp", mass_gev=1.0)
    with pytest.raises(UmbraError, match="cut 'photon_theta': 10 is not a pair"):
        umbra.cross_section("three_gamma", cuts={"photon_theta": 10})
