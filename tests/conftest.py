"""What all tests share."""

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import hypothesis
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from sources import source_files

PROJECT = Path(__file__).parents[1]

set_hypothesis_home_dir(PROJECT / ".snakemake" / "cache" / "hypothesis")
hypothesis.settings.register_profile("umbra", deadline=None, derandomize=True)
hypothesis.settings.load_profile("umbra")


#: Costly fixtures of a session: tests that use the same one stay in one process.
SHARED = ("finished", "injected", "everything", "stamped")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep tests together that share a run of the workflow."""
    for name in SHARED:
        if name in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(name))
            return


@pytest.fixture(scope="session")
def project() -> Path:
    """Return the project's folder."""
    return PROJECT


#: One thread a job, as in the front door, and nothing written outside of the copy.
ENVIRONMENT = {
    **os.environ,
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": "",  # that of ./run test would let the jobs of the copy import the library of this project
}

#: Configuration of the small run that workflow and end-to-end tests share: three channels, few masses, few events.
TINY = ("scan=tiny", 'channels=["alp_3gamma_belle2","aprime_dilepton_babar","zprime_invisible_belle2_2018"]')


class Checkout:
    """A copy of the project in a folder of its own, in which Snakemake can run.

    Parameters
    ----------
    folder
        Where the copy lies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def command(self, *arguments: str, config: tuple[str, ...] = TINY) -> list[str]:
        """Return the command line of a run: options first, then the configuration."""
        return [sys.executable, "-m", "snakemake", *arguments, "--config", *config]

    def run(
        self, *arguments: str, check: bool = True, environment: Mapping[str, str] = {}, **options
    ) -> subprocess.CompletedProcess[str]:
        """Run Snakemake to its end, with more in its environment where it is given."""
        done = subprocess.run(
            self.command(*arguments, **options),
            cwd=self.folder,
            env=ENVIRONMENT | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(
                f"snakemake {arguments} failed:\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}"
            )
        return done

    def counts(self, **options) -> dict[str, int]:
        """Plan a run and return the number of jobs of each rule."""
        done = self.run("--dry-run", "--cores", "2", **options)
        rows = re.findall(r"^(\w+) +(\d+)$", done.stdout + done.stderr, flags=re.MULTILINE)
        return {rule: int(count) for rule, count in rows if rule != "total"}

    def planned(self) -> set[str]:
        """Plan a run and return the rules that it would execute."""
        return set(self.counts())

    def planned_outputs(self) -> dict[str, list[str]]:
        """Plan a run and return the outputs of its jobs by rule."""
        text = self.run("--dry-run", "--cores", "2").stdout
        outputs: dict[str, list[str]] = {}
        for rule, found in re.findall(
            r"^(?:local)?rule (\w+):\n(?:    .*\n)*?    output: (.*)$", text, flags=re.MULTILINE
        ):
            outputs.setdefault(rule, []).extend(found.split(", "))
        return outputs

    def limits(self) -> dict[str, bytes]:
        """Return the bytes of the limit tables by channel."""
        return {
            path.parent.name: path.read_bytes() for path in sorted(self.folder.glob("results/*/limits.csv"))
        }


def _copy_sources(folder: Path) -> Checkout:
    for name in source_files(PROJECT):
        if name.parts[0] != "tests":
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    return Checkout(folder)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Give a fresh copy of the project, without results."""
    return _copy_sources(tmp_path / "umbra")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Give a copy of the project after the small run, with injected signals; tests must not change it."""
    done = _copy_sources(tmp_path_factory.mktemp("finished") / "umbra")
    done.run("--cores", "2", "all", "injections")
    return done


@pytest.fixture(scope="session")
def injected(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Give a copy of the project in which signals have been injected into all channels of the tiny scan."""
    done = _copy_sources(tmp_path_factory.mktemp("injected") / "umbra")
    done.run("--cores", "2", "injections", config=("scan=tiny",))
    return done


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Give a copy of the project in which the tiny run of all channels has been done."""
    done = _copy_sources(tmp_path_factory.mktemp("everything") / "umbra")
    done.run("--cores", "2", config=("scan=tiny",))
    return done


@pytest.fixture(scope="session")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Give a copy of the project whose results are empty files that Snakemake takes for those of the small run.

    For tests of the job graph, which depends on names, times and Snakemake's records alone; they must not change it.
    """
    done = _copy_sources(tmp_path_factory.mktemp("stamped") / "umbra")
    for name in itertools.chain.from_iterable(done.planned_outputs().values()):
        (done.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (done.folder / name).touch()
    done.run("--touch", "--forceall", "--cores", "1")
    return done


@pytest.fixture
def restamped(stamped: Checkout, tmp_path: Path) -> Checkout:
    """Give a copy of the stamped project that a test may change."""
    shutil.copytree(stamped.folder, tmp_path / "umbra")
    return Checkout(tmp_path / "umbra")


@pytest.fixture
def again(finished: Checkout, tmp_path: Path) -> Checkout:
    """Give a copy of the finished project that a test may change."""
    # Results are linked, not copied: nothing writes into an existing one, replacements are new files. (Snakemake's
    # own records are copied: it writes into them.)
    shutil.copytree(finished.folder, tmp_path / "umbra", copy_function=_link_or_copy)
    return Checkout(tmp_path / "umbra")


def _link_or_copy(source: str, target: str) -> None:
    # The library has a folder of that name, too.
    if "/results/" in source and "/workflow/" not in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)
