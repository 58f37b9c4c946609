"""Umbra as a module of somebody else's workflow, from a git repository, a clone, or another working directory.

The repository is a copy of the project with a tag. A hosted one is fetched as from github.com, for which git is told
where to look on this machine. The library that goes with it is laid out as the wheel has it.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from sources import source_files

TAG = "v7"
HOSTED = "https://github.com/somebody/umbra"
CHANNEL = "alp_3gamma_belle2"

#: Where a module may come from.
SOURCES = {
    "hosted": f'github("somebody/umbra", path="workflow/Snakefile", tag="{TAG}")',
    "local repository": f'gitfile("{{repository}}", path="workflow/Snakefile", tag="{TAG}")',
    "clone": '"{repository}/workflow/Snakefile"',
}


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """Give a git repository of the project with a tag."""
    folder = tmp_path_factory.mktemp("repository") / "umbra"
    folder.mkdir()
    for name in source_files(project):
        if name.parts[0] != "tests":
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(project / name, folder / name)
    who = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org")
    for command in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "A release"], ["tag", TAG]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """Give a folder with the library as pip installs it."""
    site = tmp_path_factory.mktemp("site")
    lay_out(project, site)
    about = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    record = site / f"umbra-{about['version']}.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(f"Metadata-Version: 2.4\nName: umbra\nVersion: {about['version']}\n")
    return site


def lay_out(project: Path, site: Path) -> None:
    """Copy what the wheel holds to where the wheel has it."""
    wheel = tomllib.loads((project / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    (package,) = wheel["packages"]
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(project / package, site / Path(package).name, ignore=ignored)
    for source, target in wheel["force-include"].items():
        shutil.copytree(project / source, site / target, ignore=ignored)


class Guest:
    """Somebody's workflow that uses Umbra, with a channel of its own.

    Parameters
    ----------
    folder
        Where it lies.
    source
        Where the module comes from.
    repository
        The repository of Umbra.
    library
        What is on Python's path.
    prefix
        Where the module's files go.
    """

    def __init__(
        self, folder: Path, source: str, repository: Path, library: Path | str, prefix: str = "dark"
    ):
        self.folder = folder
        self.prefix = prefix
        (folder / "workflow").mkdir(parents=True)
        (folder / "config" / "channels").mkdir(parents=True)
        text = (repository / "config" / "channels" / f"{CHANNEL}.yaml").read_text()
        (folder / "config" / "channels" / "mine.yaml").write_text(text)
        (folder / "config" / "config.yaml").write_text("scan: tiny\n")
        (folder / "workflow" / "Snakefile").write_text(
            f'configfile: "config/config.yaml"\n\n\nmodule umbra:\n'
            f"    snakefile: {SOURCES[source].format(repository=repository)}\n"
            f'    config: config\n    prefix: "{prefix}"\n\n\nuse rule * from umbra as umbra_*\n'
        )
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
            "PYTHONPATH": str(library),
            "PYTHONDONTWRITEBYTECODE": "1",
            "XDG_CACHE_HOME": str(folder / ".cache"),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{repository}.insteadOf",
            "GIT_CONFIG_VALUE_0": HOSTED,
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return snakemake(self.folder, self.environment, *arguments)


def snakemake(
    folder: Path, environment: Mapping[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def planned(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Number of jobs of each rule in a plan."""
    assert done.returncode == 0, done.stderr[-4000:]
    rows = re.findall(r"^(\w+) +(\d+)$", done.stdout + done.stderr, flags=re.MULTILINE)
    return {rule: int(count) for rule, count in rows if rule != "total"}


CHAIN = {"skim": 3, "model": 1, "data": 1, "fit": 1, "limit": 1, "audit": 1, "table": 1, "plot": 1}


def test_a_module_with_a_prefix_plans_ones_own_channel_with_a_curve_of_ones_own(
    repository: Path, installed: Path, tmp_path: Path
) -> None:
    guest = Guest(tmp_path / "guest", "hosted", repository, installed)
    shipped = installed / "umbra" / "_shipped" / "config" / "published"
    (guest.folder / "config" / "published").mkdir()
    shutil.copy(
        shipped / "alp_gammagamma__NA64__2005.02710.yaml", guest.folder / "config/published/my_curve.yaml"
    )
    channel = guest.folder / "config" / "channels" / "mine.yaml"
    channel.write_text(f"{channel.read_text()}\noverlays: [my_curve]\n")
    done = guest.run("--dry-run")
    counts = planned(done)
    assert {rule: counts.pop(f"umbra_mine_{rule}") for rule in CHAIN} == CHAIN
    together = ("summary", "summary_page", "validation", "cross_sections", "audits", "all")
    assert counts == {"umbra_generate": 3, **{f"umbra_{rule}": 1 for rule in together}}
    outputs = re.findall(r"^    output: (.*)$", done.stdout, flags=re.MULTILINE)
    files = [file for line in outputs for file in line.split(", ")]
    assert files
    assert all(file.startswith("dark/results/") for file in files)
    for rule in ("mine_plot", "summary"):
        found = re.search(rf"rule umbra_{rule}:\n    input: (.*)\n", done.stdout)
        assert found is not None, rule
        inputs = found[1].split(", ")
        assert "config/published/my_curve.yaml" in inputs, rule
        assert str(shipped / "alp_gammagamma__BelleII__2007.13071.yaml") in inputs, rule


def test_the_scripts_of_a_module_run_and_their_results_stay(
    repository: Path, installed: Path, tmp_path: Path
) -> None:
    guest = Guest(tmp_path / "guest", "local repository", repository, installed)
    skimmed = "dark/results/mine/skims/alp.root"
    done = guest.run(skimmed)
    assert done.returncode == 0, done.stderr[-4000:]
    assert (guest.folder / skimmed).is_file()
    assert planned(guest.run("--dry-run", skimmed)) == {}


def test_a_clone_brings_its_library_which_goes_before_an_installed_one(
    repository: Path, installed: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "site"
    shutil.copytree(installed, broken)
    (broken / "umbra" / "stages" / "generate.py").write_text("raise RuntimeError('the wrong library')\n")
    guest = Guest(tmp_path / "guest", "clone", repository, broken)
    sample = planned_sample(guest)
    done = guest.run(sample)
    assert done.returncode == 0, done.stdout[-4000:]
    assert (guest.folder / sample).is_file()


def planned_sample(guest: Guest) -> str:
    """Name of the file of generated signals."""
    plan = guest.run("--dry-run", "dark/results/mine/skims/alp.root").stdout
    found = re.search(r"rule umbra_generate:\n(?:    .*\n)*?    output: (\S+),", plan)
    assert found is not None, plan
    return found[1]


def test_a_library_that_is_not_there_or_of_another_version_is_said_in_one_sentence(
    repository: Path, installed: Path, tmp_path: Path
) -> None:
    done = Guest(tmp_path / "without", "hosted", repository, "").run("--dry-run")
    assert done.returncode == 1
    said = "the library umbra is not installed: pip install it from the repository and tag of this workflow"
    assert said in done.stdout + done.stderr
    other = tmp_path / "site"
    shutil.copytree(installed, other)
    (record,) = other.glob("*.dist-info")
    (record / "METADATA").write_text("Metadata-Version: 2.4\nName: umbra\nVersion: 0.0.7\n")
    done = Guest(tmp_path / "other", "hosted", repository, other).run("--dry-run")
    assert done.returncode == 1
    assert "and the library that is installed of umbra 0.0.7: install it" in done.stdout + done.stderr


def test_a_checkout_works_in_another_directory_from_both_of_its_snakefiles(
    repository: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": "", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    plans = []
    for name in ("Snakefile", "workflow/Snakefile"):
        (tmp_path / "there").mkdir(exist_ok=True)
        options = ("--snakefile", str(repository / name), "--directory", str(tmp_path / "there"))
        plans.append(planned(snakemake(tmp_path, environment, "--dry-run", *options)))
    names = {path.stem for path in (repository / "config" / "channels").glob("*.yaml")}
    assert {rule for rule in plans[0] if rule.endswith("_plot")} == {f"{name}_plot" for name in names}
    assert plans[0] == plans[1]


def test_the_wheel_holds_the_library_and_what_is_shipped_with_it(
    repository: Path, installed: Path, tmp_path: Path
) -> None:
    pytest.importorskip(
        "hatchling", reason="no builder of wheels on this machine: hatchling is not installed"
    )
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=repository, check=True, capture_output=True)
    (built,) = tmp_path.glob("umbra-*.whl")
    with zipfile.ZipFile(built) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
        (commands,) = (
            wheel.read(name).decode() for name in wheel.namelist() if name.endswith("/entry_points.txt")
        )
    expected = {
        str(path.relative_to(installed)) for path in (installed / "umbra").rglob("*") if path.is_file()
    }
    assert names == expected
    for name in ("theory/data", "_shipped/config/channels", "_shipped/config/published", "_shipped/schemas"):
        assert any(path.startswith(f"umbra/{name}/") for path in names), name
    assert "umbra = umbra.__main__:main" in commands
    changed = subprocess.run(["git", "status", "--short"], cwd=repository, capture_output=True, check=True)
    assert changed.stdout == b""


@pytest.mark.nightly
@pytest.mark.parametrize("source", ["hosted", "local repository"])
def test_a_module_makes_the_figures(source: str, repository: Path, installed: Path, tmp_path: Path) -> None:
    guest = Guest(tmp_path / "guest", source, repository, installed)
    done = guest.run()
    assert done.returncode == 0, done.stderr[-4000:]
    results = guest.folder / "dark" / "results"
    for name in ("mine/exclusion.png", "summary/alp_photon.png", "validation/index.md"):
        assert (results / name).is_file(), name
