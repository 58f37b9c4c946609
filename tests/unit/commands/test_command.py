"""The command `umbra`: what it offers, refuses and imports."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from umbra.__main__ import COMMANDS, main
from umbra.commands import front_door, licences, verify

SCRIPTS = Path(__file__).parents[3] / "workflow" / "scripts"


def imported(*arguments: str) -> set[str]:
    """Modules that a call of the command has imported when it ends."""
    code = f"import sys; from umbra.__main__ import main\ntry:\n main({list(arguments)!r})\nexcept SystemExit:\n pass\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "print('imported', *sys.modules)"],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_help_names_every_command_and_imports_no_numpy(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert all(re.search(rf"^  {name} +\w", shown, flags=re.MULTILINE) for name in COMMANDS)
    assert not imported("--help") & {"numpy", "yaml", "snakemake", "umbra.commands.xsec"}
    assert not imported("--version") & {"numpy", "yaml", "snakemake"}


@pytest.mark.parametrize(
    ("command", "without"),
    [
        ("xsec", {"uproot", "awkward", "matplotlib", "pyhf", "snakemake"}),
        ("limits", {"uproot", "awkward", "matplotlib", "snakemake"}),
        ("channels", {"numpy", "snakemake"}),
        ("workspace", {"uproot", "matplotlib", "snakemake"}),
        ("version", {"numpy", "snakemake"}),
        ("licences", {"numpy", "snakemake"}),
        ("verify", {"matplotlib", "uproot", "snakemake"}),
        ("export", {"matplotlib", "snakemake"}),
    ],
)
def test_each_command_imports_only_what_it_needs(command: str, without: set[str]) -> None:
    found = imported(command, "--help")
    assert COMMANDS[command][0] in found
    assert not found & without


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"run"}))
def test_help_of_each_command_has_its_name(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: umbra {command} ")


def test_run_hands_its_arguments_to_the_front_door(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[list[str]] = []
    monkeypatch.setattr(front_door, "main", lambda given: handed.append(given) or 0)
    assert main(["run", "--cores", "2", "all"]) == 0
    assert handed == [["--cores", "2", "all"]]


def test_what_is_not_a_command_is_refused_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["limit"]) == 2
    assert capsys.readouterr().err == "umbra: there is no command 'limit'; did you mean 'limits'?\n"
    assert main(["zzz"]) == 2
    assert "known: xsec, limits, channels" in capsys.readouterr().err
    assert main([]) == 2
    assert "usage: umbra COMMAND" in capsys.readouterr().err


def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "snakemake", None)
    monkeypatch.setitem(sys.modules, "snakemake.cli", None)
    monkeypatch.delitem(sys.modules, "umbra.commands.front_door", raising=False)
    assert main(["run", "-n"]) == 2
    said = capsys.readouterr().err
    assert re.fullmatch(r"umbra run: snakemake\S* is not installed: pip install 'umbra\[workflow\]'\n", said)


def test_verify_needs_a_workflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["verify"]) == 2
    assert capsys.readouterr().err == (
        f"umbra verify: {tmp_path}: there is no workflow here: neither Snakefile nor workflow/Snakefile\n"
    )
    monkeypatch.setattr(verify, "find_spec", lambda name: None)
    assert main(["verify"]) == 2
    assert "umbra[workflow]" in capsys.readouterr().err


def test_a_reader_that_stops_early_is_no_error() -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -m umbra xsec --list | head -n 1"],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "{\n"
    assert done.stderr == ""


def test_version_says_what_numbers_depend_on(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    assert main(["version"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert f'version = "{shown["umbra"]}"' in (project / "pyproject.toml").read_text()
    assert shown["configuration"] == str(project / "config")
    assert "numpy" in shown["libraries"]


def test_channels_are_listed_and_printed(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    names = sorted(path.stem for path in (project / "config" / "channels").glob("*.yaml"))
    assert main(["channels"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == names
    assert main(["channels", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in listed] == names
    assert all(each["title"] and each["experiment"] and each["portal"] for each in listed)
    assert main(["channels", names[0]]) == 0
    text = (project / "config" / "channels" / f"{names[0]}.yaml").read_text()
    assert capsys.readouterr().out == text
    assert main(["channels", "alp_3gamma_bele2"]) == 2
    assert "did you mean 'alp_3gamma_belle2'?" in capsys.readouterr().err


def test_ones_own_channels_are_listed_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "channels").mkdir()
    (tmp_path / "channels" / "mine.yaml").write_text("title: mine\nexperiment: E\nportal: P\n")
    assert main(["channels", "--config", str(tmp_path), "--json"]) == 0
    listed = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert listed["mine"]["file"] == str(tmp_path / "channels" / "mine.yaml")
    assert len(listed) > 18


def test_the_licences_of_the_installed_packages_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["licences"]) == 0
    assert re.search(r"^numpy \S+ +BSD License$", capsys.readouterr().out, flags=re.MULTILINE)
    assert main(["licences", "--copyleft"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"^pythia8mc \S+ +GNU GPL v2 or later$", shown, flags=re.MULTILINE)
    assert not re.search(r"^numpy ", shown, flags=re.MULTILINE)


def test_the_pages_name_every_locked_package_with_a_copyleft_licence(project: Path) -> None:
    lock = (project / "envs" / "requirements.txt").read_text()
    locked = set(re.findall(r"^([\w.-]+)==", lock, flags=re.MULTILINE))
    page = (project / "docs" / "install.md").read_text()
    rows = dict(re.findall(r"^\| ([\w, -]+) \| ([^|]+) \|", page.split("## Licences")[1], flags=re.MULTILINE))
    listed = {name: says.strip() for names, says in rows.items() for name in names.split(", ")}
    del listed["package"]
    found = {
        each.name: each.licence
        for each in licences.installed()
        if each.copyleft and each.name.lower() in locked
    }
    assert listed == found
    gpl = {name for name, says in found.items() if says.startswith(("GPL", "GNU"))}
    assert gpl
    assert all(name in (project / "README.md").read_text() for name in gpl)
