"""The front door as its users meet it: `./run` in a small project of its own, without a network.

The set-up is tested with a lock of one tiny wheel and a stand-in for `umbra.commands.front_door` that repeats what it
is handed. What the real `umbra.commands.front_door` does around Snakemake is tested in `test_front_door_lock.py`.
"""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from umbra.__main__ import COMMANDS

TOOLS = (
    *("bash", "env", "readlink", "dirname", "sha256sum", "cat", "ls", "head", "tail", "xargs", "flock"),
    *("mkdir", "rm", "awk", "sleep", "touch"),
)
ECHO = 'import json, sys; print(json.dumps(sys.argv[1:])); print("a word on stderr", file=sys.stderr)'


def make_wheel(folder: Path, name: str) -> str:
    """Write the wheel of a package of one empty module and return its line of a lock."""
    info = f"{name}-1.0.dist-info"
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(
            f"{info}/RECORD", f"{name}/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
        )
    return f"{name}==1.0 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


class House:
    """A project with the real `run`, a lock of one package, and a PATH of its own.

    Parameters
    ----------
    folder
        Where to build it; the project's path contains a space.
    origin
        The project whose `run` is tested.
    """

    def __init__(self, folder: Path, origin: Path) -> None:
        self.project = folder / "a project"
        self.wheels = folder / "wheels"
        self.bin = folder / "bin"
        self.home = folder / "home"
        for path in (
            self.project / "envs",
            self.project / "workflow/scripts/umbra/commands",
            self.wheels,
            self.bin,
            self.home,
        ):
            path.mkdir(parents=True)
        shutil.copy2(origin / "run", self.project)
        library = self.project / "workflow/scripts/umbra"
        (library / "commands/front_door.py").write_text(ECHO)
        (library / "__main__.py").write_text(ECHO.replace("sys.argv[1:]", '["umbra", *sys.argv[1:]]'))
        self.lock = self.project / "envs/requirements.txt"
        self.lock.write_text(make_wheel(self.wheels, "tinyone"))
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self.python = Path(sys.executable).resolve()
        (self.bin / "python3").symlink_to(self.python)
        (self.bin / "uv").symlink_to(Path(sys.executable).with_name("uv"))
        self.environment = {
            "PATH": str(self.bin),
            "HOME": str(self.home),
            "PIP_CONFIG_FILE": os.devnull,
            **{f"{tool}_NO_INDEX": "1" for tool in ("PIP", "UV")},
            **{f"{tool}_FIND_LINKS": str(self.wheels) for tool in ("PIP", "UV")},
        }

    def program(self, name: str, text: str) -> None:
        """Put a shell script of this name on the PATH, instead of what was there."""
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(f"#!{shutil.which('bash')}\n{text}\n")
        (self.bin / name).chmod(0o755)

    def start(self, *arguments: str, **options: object) -> subprocess.Popen[str]:
        """Start `./run` with these arguments."""
        return subprocess.Popen(
            [self.project / "run", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,  # type: ignore[call-overload]
        )

    def run(self, *arguments: str, **options: object) -> tuple[int, str, str]:
        """Call `./run` and return its exit code, stdout and stderr."""
        with self.start(*arguments, **options) as process:
            out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def works(self) -> bool:
        """Tell whether the environment has the locked package and `./run` is content with it, silently."""
        return self.run("python", "-c", "import tinyone") == (0, "", "")


@pytest.fixture
def house(tmp_path: Path, project: Path) -> House:
    return House(tmp_path, project)


def test_first_call_sets_up_and_second_only_works(house: House) -> None:
    code, out, err = house.run("python", "-c", "import tinyone; print('done')")
    assert (code, out) == (0, "done\n")
    assert err.startswith("umbra: setting up .venv from envs/requirements.txt with Python 3.")
    assert err.endswith("umbra: ... .venv is ready\n")
    assert house.works()


def test_arguments_reach_the_workflow_unchanged_from_any_folder(house: House, tmp_path: Path) -> None:
    arguments = ["a target", "--config", "scan=full", "", "*"]
    code, out, err = house.run(*arguments, cwd=tmp_path)
    assert code == 0
    assert json.loads(out) == arguments
    assert err.endswith("a word on stderr\n")


def test_commands_of_umbra_are_handed_over_and_all_else_is_a_target(house: House) -> None:
    house.run("python", "-V")
    handed = {name: json.loads(house.run(name, "--a", "b")[1]) for name in (*COMMANDS, "limit", "xsecs")}
    own = {name: ["umbra", name, "--a", "b"] for name in set(COMMANDS) - {"run"}}
    assert handed == own | {name: [name, "--a", "b"] for name in ("run", "limit", "xsecs")}
    assert json.loads(house.run("umbra", "run", "-n")[1]) == ["umbra", "run", "-n"]


def test_a_link_to_run_finds_the_project(house: House, tmp_path: Path) -> None:
    (tmp_path / "umbra").symlink_to(house.project / "run")
    out = subprocess.run(
        [tmp_path / "umbra", "python", "-c", "import os; print(os.getcwd())"],
        env=house.environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert out == f"{house.project}\n"


@pytest.mark.parametrize("tool", ["uv", "pip"])
def test_nothing_is_written_outside_the_named_folders(house: House, tmp_path: Path, tool: str) -> None:
    if tool == "pip":
        (house.bin / "uv").unlink()
    outside = [house.home, tmp_path / "tmp"]
    outside[1].mkdir()
    house.environment["TMPDIR"] = str(outside[1])
    before = sorted(house.project.iterdir())
    for arguments in (["python", "-c", "import umbra.commands.front_door, tinyone"], ["a_target"]):
        code, _, err = house.run(*arguments)
        assert code == 0, err
    assert not [path for folder in outside for path in folder.iterdir()]
    new = set(house.project.iterdir()) - set(before)
    assert {path.name for path in new} == {".snakemake", ".venv"}


def test_temporary_files_are_in_a_folder_of_the_process(house: House) -> None:
    tell = "import os; print(os.environ['TMPDIR'], os.getpid(), os.path.isdir(os.environ['TMPDIR']))"
    (house.project / "workflow/scripts/umbra/commands/front_door.py").write_text(tell)
    code, out, _ = house.run("a_target")
    assert code == 0
    folder, pid, made = out.rsplit(maxsplit=2)
    assert (folder, made) == (f"{house.project}/.snakemake/tmp/{pid}", "True")


@pytest.mark.skipif("avx2" not in Path("/proc/cpuinfo").read_text(), reason="a processor with AVX2")
@pytest.mark.parametrize(
    ("given", "kernel"), [({}, "Haswell"), ({"OPENBLAS_CORETYPE": "Nehalem"}, "Nehalem")]
)
def test_sums_are_taken_by_the_same_kernel_everywhere(
    house: House, given: dict[str, str], kernel: str
) -> None:
    house.environment.update(given)
    code, out, err = house.run("python", "-c", "import os; print(os.environ['OPENBLAS_CORETYPE'])")
    assert (code, out) == (0, f"{kernel}\n"), err


#: Starts a program that may write only where its user may: root without the right to pass over modes of files.
OTHER = (
    ["setpriv", *(f"--{kept}=-dac_override,-dac_read_search" for kept in ("bounding-set", "inh-caps"))]
    if os.geteuid() == 0 and shutil.which("setpriv")
    else []
)


@pytest.fixture
def guest(project: Path) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Return a function that calls `./run` of a checkout that the caller cannot write to.

    The first call of `python -V` is its owner's, who sets it up.
    """
    if os.geteuid() == 0 and not OTHER:
        pytest.skip("needs setpriv, as root may write everywhere")
    with tempfile.TemporaryDirectory() as name:
        house = House(Path(name), project)
        (house.project / ".snakemake").mkdir()
        house.environment["PATH"] = f"{house.bin}:{os.environ['PATH']}"
        told = "import json, os, sys; print(json.dumps([*sys.argv[1:], os.environ['TMPDIR']]))"
        (house.project / "workflow/scripts/umbra/commands/front_door.py").write_text(told)

        def run(*arguments: str) -> tuple[int, str, str]:
            if arguments == ("python", "-V"):
                (house.project / ".snakemake").chmod(0o755)
                return house.run(*arguments)
            (house.project / ".snakemake").chmod(0o555)
            given = [argument.replace("OWN", str(Path(name) / "own")) for argument in arguments]
            done = subprocess.run(
                [*OTHER, house.project / "run", *given],
                env=house.environment,
                capture_output=True,
                text=True,
                check=False,
            )
            return done.returncode, done.stdout, done.stderr

        yield run
        (house.project / ".snakemake").chmod(0o755)


def test_in_a_checkout_of_another_user_python_works_and_the_rest_is_one_sentence(guest) -> None:
    code, out, err = guest("a_target")
    assert (code, out) == (1, "")
    assert err.startswith(
        "umbra: .snakemake: permission denied: this checkout is another user's or read-only"
    )
    assert err.endswith("its owner calls ./run python -V; or copy it\n")
    assert guest("python", "-V")[0] == 0
    assert guest("python", "-c", "import tinyone") == (0, "", "")
    code, out, err = guest("a_target")
    assert (code, out) == (1, "")
    assert err.endswith("let results go to a folder of your own, ./run --directory FOLDER\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize("words", [["--directory", "OWN"], ["-d", "OWN"], ["--directory=OWN"]])
def test_in_a_checkout_of_another_user_results_go_to_a_folder_of_ones_own(guest, words: list[str]) -> None:
    guest("python", "-V")
    code, out, err = guest("a_target", *words)
    assert code == 0, err
    *given, folder = json.loads(out)
    assert given[0] == "a_target"
    assert folder.startswith(given[-1].removeprefix("--directory=") + "/.snakemake/tmp/")
    code, _, err = guest("a_target", "--directory", "/dev/null")
    assert (code, err.count("\n")) == (1, 1)
    assert "/dev/null: permission denied" in err


def lose_the_stamp(house: House) -> None:
    (house.project / ".venv/umbra-lock").unlink()


def lose_a_package(house: House) -> None:
    for path in (house.project / ".venv").glob("lib/python*/site-packages/tinyone"):
        shutil.rmtree(path)


def lose_the_python(house: House) -> None:
    python = house.project / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/nowhere/python3")


def empty_the_environment(house: House) -> None:
    shutil.rmtree(house.project / ".venv")
    (house.project / ".venv").mkdir()


def put_a_file_in_its_place(house: House) -> None:
    shutil.rmtree(house.project / ".venv")
    (house.project / ".venv").touch()


def move_the_project(house: House) -> None:
    house.project = house.project.rename(house.project.with_name("elsewhere"))


@pytest.mark.parametrize(
    "damage",
    [
        lose_the_stamp,
        lose_a_package,
        lose_the_python,
        empty_the_environment,
        put_a_file_in_its_place,
        move_the_project,
    ],
)
def test_a_broken_set_up_is_repaired(house: House, damage: Callable[[House], None]) -> None:
    house.run("python", "-c", "")
    damage(house)
    code, out, err = house.run("python", "-c", "import tinyone")
    assert (code, out) == (0, "")
    assert "setting up" in err
    assert house.works()


def test_a_changed_lock_is_installed(house: House) -> None:
    house.run("python", "-c", "")
    house.lock.write_text(house.lock.read_text() + make_wheel(house.wheels, "tinytwo"))
    code, _, err = house.run("python", "-c", "import tinyone, tinytwo")
    assert code == 0
    assert "setting up" in err
    assert house.works()


def test_an_interrupted_set_up_starts_again(house: House) -> None:
    uv = (house.bin / "uv").readlink()
    house.program("uv", '[ "$1" = --version ] || { touch "$HOME/begun"; sleep 600; }')
    with house.start("python", "-c", "", start_new_session=True) as process:
        while not (house.home / "begun").exists():
            assert process.poll() is None
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
    (house.bin / "uv").unlink()
    (house.bin / "uv").symlink_to(uv)
    assert house.run("python", "-c", "import tinyone")[0] == 0
    assert house.works()


def test_two_calls_at_once_set_up_once(house: House) -> None:
    with (
        house.start("python", "-c", "import tinyone") as one,
        house.start("python", "-c", "import tinyone") as two,
    ):
        (_, err_one), (_, err_two) = one.communicate(timeout=60), two.communicate(timeout=60)
    assert (one.returncode, two.returncode) == (0, 0), err_one + err_two
    assert (err_one + err_two).count("setting up") == 1


def test_a_package_with_another_hash_is_refused_until_the_lock_is_right(house: House) -> None:
    good = house.lock.read_text()
    house.lock.write_text(good[:-65] + 64 * "0" + "\n")
    code, out, err = house.run("python", "-c", "")
    assert (code, out) == (1, "")
    assert err.endswith("could not be installed: the next ./run starts the set-up again\n")
    house.lock.write_text(good)
    assert house.run("python", "-c", "import tinyone")[0] == 0
    assert house.works()


def test_pip_alone_is_enough(house: House) -> None:
    (house.bin / "uv").unlink()
    code, _, err = house.run("python", "-c", "import tinyone")
    assert code == 0, err
    assert house.works()


def test_without_pip_and_uv_one_sentence(house: House) -> None:
    (house.bin / "uv").unlink()
    house.program(
        "python3", f'case "$*" in -m\\ pip*) exit 1;; -c*) echo "$0";; *) exec {house.python} "$@";; esac'
    )
    code, out, err = house.run("python", "-c", "")
    assert (code, out) == (1, "")
    assert "umbra: neither pip nor uv was found: please install python3-pip\n" in err


def test_an_old_python_is_passed_over(house: House) -> None:
    (house.bin / "python3.11").symlink_to(house.python)
    house.program("python3", "exit 1")
    assert house.run("python", "-c", "import tinyone")[0] == 0


def test_without_a_new_enough_python_one_sentence(house: House) -> None:
    house.program("python3", "exit 1")
    code, out, err = house.run("python", "-c", "")
    assert (code, out) == (1, "")
    assert err.startswith("umbra: no Python 3.11 or newer was found")
    assert err.count("\n") == 1


def test_the_environment_of_a_living_run_is_not_replaced(house: House) -> None:
    house.run("python", "-c", "")
    house.lock.write_text(house.lock.read_text() + make_wheel(house.wheels, "tinytwo"))
    with (house.project / ".snakemake/run.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        code, _, err = house.run("python", "-c", "")
        assert code == 1
        assert err.startswith("umbra: a run is at work here with an environment that is out of date")
    assert house.run("python", "-c", "import tinytwo")[0] == 0
