"""What `./run` makes of its words: targets wherever they stand, channels as targets, one sentence for mistakes."""

from argparse import Namespace
from pathlib import Path

import pytest

from umbra.commands import command_line
from umbra.core.errors import UmbraError


@pytest.fixture
def folder(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a project of two channels with the real rules."""
    (tmp_path / "config/channels").mkdir(parents=True)
    (tmp_path / "config/config.yaml").write_text("scan: default\nvariants:\n  fast:\n    of: alp\n")
    for channel in ("alp", "zprime"):
        (tmp_path / f"config/channels/{channel}.yaml").touch()
    (tmp_path / "config/joint").mkdir()
    (tmp_path / "config/joint/both.yaml").touch()
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow/rules").symlink_to(project / "workflow/rules")
    (tmp_path / "Snakefile").write_text("rule all:\n    input: []\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def parsed(*words: str) -> Namespace:
    return command_line.parse(words)[1]


@pytest.mark.parametrize(
    ("words", "order"),
    [
        (["--config", "scan=tiny", "alp_plot"], ["alp_plot", "--config", "scan=tiny"]),
        (["-n", "-C", "a=1", "x", "b=2", "-q"], ["x", "-n", "-C", "a=1", "b=2", "-q"]),
        (["--configfile", "s.yaml", "t.yml", "x"], ["x", "--configfile", "s.yaml", "t.yml"]),
        (["-q", "rules", "x"], ["x", "-q", "rules"]),
        (["--config", "scan=tiny", "-n", "x"], ["--config", "scan=tiny", "-n", "x"]),
        (["x", "--forcerun", "a", "b"], ["x", "--forcerun", "a", "b"]),
    ],
)
def test_targets_come_before_options_that_would_take_them(words: list[str], order: list[str]) -> None:
    assert command_line.targets_first(words) == order


def test_a_target_after_config_is_a_target(folder: Path) -> None:
    arguments = parsed("-n", "--config", "scan=tiny", "alp_table")
    assert (arguments.targets, arguments.config) == (["alp_table"], ["scan=tiny"])


@pytest.mark.parametrize(
    ("word", "target"),
    [
        ("alp", "alp_plot"),
        ("fast", "fast_plot"),
        ("quick", "quick_plot"),
        ("alp_skim", "alp_skim"),
        ("all", "all"),
        ("both", "results/joint/both/exclusion.png"),
    ],
)
def test_the_name_of_a_channel_or_variant_is_a_target(folder: Path, word: str, target: str) -> None:
    (folder / "scenario.yaml").write_text("variants:\n  quick:\n    of: alp\n")
    assert parsed(word, "--configfile", "scenario.yaml").targets == [target]


def test_a_variant_of_the_command_line_is_a_target(folder: Path) -> None:
    assert parsed("quick", "--config", "variants={quick: {of: alp}}").targets == ["quick_plot"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["--executor", "htcondor"],
            "--executor htcondor: .*pip install .*snakemake-executor-plugin-htcondor$",
        ),
        (["--executor", "slurn"], "did you mean slurm?"),
        (["--fooo"], "unrecognized arguments: --fooo .*--help"),
        (["--archive", "a.tar.gz"], "--archive: needs conda"),
        (["--containerize"], "--containerize: needs conda"),
        (["--sdm", "conda"], "--sdm conda: needs conda"),
    ],
)
def test_what_cannot_work_is_one_sentence(
    folder: Path, words: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UmbraError, match=sentence) as error:
        parsed(*words)
    assert "\n" not in str(error.value)


def test_with_conda_its_options_pass(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "conda").write_text("#!/bin/sh\n")
    (folder / "conda").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    assert parsed("--archive", "a.tar.gz").archive == Path("a.tar.gz")


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ("apl", ["'apl' is no target: did you mean alp"]),
        ("zprime_polt", ["did you mean zprime_plot"]),
        ("alp_plot", []),
        ("summary", []),
        ("results/alp/limits.csv", []),
        ("results/summary/dark_photon.png", []),
        ("results/apl/limits.csv", ["one folder for each channel, and 'apl' is none: did you mean alp"]),
        ("qqqqqqqqq", ["channels: alp, fast, zprime"]),
    ],
)
def test_a_misspelt_target_is_named_with_what_it_may_mean(folder: Path, target: str, hint: list[str]) -> None:
    found = command_line.hints(parsed(target))
    assert len(found) == len(hint)
    assert all(text in line for text, line in zip(hint, found, strict=True))


def test_in_another_folder_the_rules_are_those_of_before_and_the_configuration_is_its_own(
    folder: Path, tmp_path: Path
) -> None:
    there = tmp_path / "new" / "there"
    (folder / "scenario.yaml").write_text("variants:\n  quick:\n    of: alp\n")
    words = (
        "--directory",
        "new/there",
        "--configfile",
        "scenario.yaml",
        "alp_3gamma_belle2",
        "quick",
        "quik",
    )
    arguments = parsed(*words)
    assert (Path.cwd(), arguments.directory) == (there, None)
    assert arguments.snakefile == folder / "workflow/Snakefile"
    assert arguments.configfile == [folder / "scenario.yaml"]
    assert arguments.targets == ["alp_3gamma_belle2_plot", "quick_plot", "quik"]
    (hint,) = command_line.hints(arguments)
    assert "did you mean quick" in hint
    (there / "config/channels").mkdir(parents=True)
    (there / "config/channels/mine.yaml").touch()
    assert command_line.channel_names(arguments) == ["mine", "quick"]
    (there / "config/config.yaml").write_text("shipped_channels: true\n")
    assert {"mine", "alp_3gamma_belle2"} <= set(command_line.channel_names(arguments))
