"""What `./run` makes of its words before Snakemake sees them: targets, and one sentence for what cannot work."""

import difflib
import io
import os
import re
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stderr, suppress
from pathlib import Path
from typing import Any

from snakemake.cli import parse_args, parse_config
from snakemake.common.configfile import load_configfile
from snakemake.exceptions import CliException

from umbra.config import naming, run_file
from umbra.config.folders import Folders
from umbra.core.errors import UmbraError

#: Options that take all words after them, and which words can be theirs: what follows is a target.
_GREEDY: dict[str, Callable[[str], bool]] = {
    **dict.fromkeys(("--config", "-C"), lambda word: "=" in word),
    **dict.fromkeys(
        ("--configfile", "--configfiles"),
        lambda word: word.endswith((".yaml", ".yml", ".json")) or Path(word).is_file(),
    ),
    **dict.fromkeys(("--quiet", "-q"), lambda word: word in ("all", "host", "progress", "reason", "rules")),
}
#: What the name of a joint fit stands for.
JOINT_FIGURE = "results/joint/{}/exclusion.png"
#: Options that need conda.
_WITH_CONDA = ("archive", "containerize", "use_conda", "list_conda_envs", "conda_create_envs_only")


def parse(words: Sequence[str]) -> tuple[Any, Namespace]:
    """Read the command line as Snakemake does, but with targets after greedy options and channels as targets.

    Parameters
    ----------
    words
        The arguments.

    Returns
    -------
    tuple
        Snakemake's parser and the arguments.

    Raises
    ------
    UmbraError
        If an option is wrong or cannot work here.
    SystemExit
        After an option that only prints, such as `--help`.
    """
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            parser, arguments = parse_args(targets_first(words))
    except SystemExit as end:
        if end.code == 2:
            raise UmbraError(_refusal(said.getvalue())) from None
        sys.stderr.write(said.getvalue())
        raise
    except CliException as error:
        raise UmbraError(f"{' '.join(words)}: {' '.join(str(error).split())}") from None
    sys.stderr.write(said.getvalue())
    _check_conda(arguments)
    arguments.rules = _rules_at_work(arguments)
    if arguments.directory is not None:
        go_to(arguments)
    run_file.check(arguments.configfile)
    files = {name: f"{name}_plot" for name in channel_names(arguments)}
    files |= {name: JOINT_FIGURE.format(name) for name in Folders.of(run_file.OWN.parent).files("joint")}
    arguments.targets = [files.get(target, target) for target in arguments.targets]
    return parser, arguments


def go_to(arguments: Namespace) -> None:
    """Go to the folder of `--directory`, where results, logs and a configuration of one's own are, with our rules.

    Parameters
    ----------
    arguments
        Of the command line; what they name in the folder of before becomes absolute.
    """
    arguments.snakefile = Path(arguments.snakefile or "workflow/Snakefile").resolve()
    arguments.configfile = [Path(file).resolve() for file in arguments.configfile]
    folder = Path(arguments.directory)
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    arguments.directory = None


def targets_first(words: Iterable[str]) -> list[str]:
    """Put targets that follow an option of several values before all options: `--config scan=tiny TARGET` works."""
    targets, rest = [], []
    fits: Callable[[str], bool] | None = None
    for word in words:
        if word.startswith("-"):
            fits = _GREEDY.get(word)
        elif fits is not None and not fits(word):
            targets.append(word)
            continue
        rest.append(word)
    return targets + rest


def channel_names(arguments: Namespace) -> list[str]:
    """Names of the channels and of the variants that the run configuration defines."""
    given: dict[str, Any] = {"variants": {}}
    for file in (run_file.OWN, *arguments.configfile):
        with suppress(Exception):
            _lay_over(given, load_configfile(file))
    with suppress(Exception):
        _lay_over(given, parse_config(arguments.config))
    folders = Folders.of(run_file.OWN.parent)
    channels = folders.channels(shipped=given.get("shipped_channels") is True)
    return sorted({*channels, *given["variants"]})


def _lay_over(given: dict[str, Any], run: Mapping[str, Any]) -> None:
    given |= {**run, "variants": given["variants"] | (run.get("variants") or {})}


def hints(arguments: Namespace) -> list[str]:
    """Say which targets are names of nothing, and what they may have meant."""
    channels = channel_names(arguments)
    rules = dict(arguments.rules)
    stages = rules.pop("channel", [])
    if not channels or not stages:
        return []
    named = [f"{channel}_{stage}" for channel in channels for stage in stages]
    known = [*channels, *named, *(rule for others in rules.values() for rule in others)]
    folders = {*channels, *naming.FOLDERS}
    found = []
    for target in arguments.targets:
        folder = re.match(r"results/([^/]+)/", target)
        if folder is not None and folder[1] not in folders:
            meant = _meant(folder[1], channels)
            found.append(
                f"{target}: results/ has one folder for each channel, and '{folder[1]}' is none: {meant}"
            )
        elif "/" not in target and target not in known:
            ways = f"CHANNEL, CHANNEL_STAGE with {', '.join(stages)}, or a file"
            found.append(f"'{target}' is no target: {_meant(target, known, channels)} ({ways})")
    return found


def _meant(word: str, known: Sequence[str], channels: Sequence[str] | None = None) -> str:
    near = difflib.get_close_matches(word, known, n=3)
    return f"did you mean {', '.join(near)}?" if near else f"channels: {', '.join(channels or known)}"


def _rules_at_work(arguments: Namespace) -> dict[str, list[str]]:
    """Names of the rules in each file of the project in this folder; none where another workflow is at work."""
    if arguments.snakefile is not None:
        return {}
    files = {path.stem: _rules(path) for path in Path("workflow/rules").glob("*.smk")}
    return files | {"Snakefile": _rules(Path("Snakefile"))}


def _rules(path: Path) -> list[str]:
    return (
        re.findall(r"^rule (\w+):", path.read_text(encoding="utf-8"), re.MULTILINE) if path.is_file() else []
    )


def _refusal(said: str) -> str:
    """Make one sentence of what argparse prints about a wrong option, below its list of all options."""
    message = said.strip().rpartition("error: ")[2] or said.strip()
    executor = re.match(r"argument --executor/-e: invalid choice: '([\w-]+)'", message)
    if executor is None:
        message = " ".join(message.split())
        return (
            f"{message} (./run --help lists all options; targets come before options that take several words)"
        )
    name = executor[1]
    near = difflib.get_close_matches(
        name, re.findall(r"'([\w-]+)'", message.rpartition("(choose from")[2]), n=1
    )
    return (
        f"--executor {name}: there is no such plugin in .venv: "
        + (f"did you mean {near[0]}? If not, " if near else "")
        + "this installs it if it exists: "
        f".venv/bin/uv pip install --python .venv/bin/python snakemake-executor-plugin-{name}"
    )


def _check_conda(arguments: Namespace) -> None:
    methods = {str(method) for method in arguments.software_deployment_method or ()}
    asked = [f"--{name.replace('_', '-')}" for name in _WITH_CONDA if getattr(arguments, name)]
    asked += ["--sdm conda"] if "conda" in methods else []
    if asked and shutil.which("conda") is None:
        raise UmbraError(
            f"{asked[0]}: needs conda, and there is none on the PATH; "
            "without it, `./run` has its own .venv, and Dockerfile and envs/umbra.def make images"
        )
