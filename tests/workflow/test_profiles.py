"""Profiles of clusters: the plugin that each names knows every entry. No job runs here (Slurm: tests/cluster)."""

import inspect
from pathlib import Path

import pytest
import yaml
from snakemake.cli import parse_args

#: Resources that Snakemake itself gives a meaning, for any executor.
STANDARD = {"mem_mb", "runtime"}


def plugin(executor: str):
    name = f"snakemake_executor_plugin_{executor}"
    return pytest.importorskip(
        name, reason=f"{name} is not installed: it is not in the lock (docs/cluster.md)"
    )


@pytest.fixture(params=["slurm", "htcondor", "lsf"])
def profile(request, project: Path, monkeypatch) -> str:
    plugin(request.param)
    monkeypatch.chdir(project)
    return request.param


def test_snakemake_and_the_plugin_know_every_key(profile: str):
    _, arguments = parse_args(["--profile", f"profiles/{profile}"])
    assert arguments.executor == profile
    assert arguments.retries == 2


def test_a_key_that_nobody_knows_is_an_error(profile: str, tmp_path: Path):
    content = (Path("profiles") / profile / "profile.yaml").read_text()
    (tmp_path / "profile.yaml").write_text(f"{content}\n{profile}-no-such-key: 1\n")
    with pytest.raises(SystemExit):
        parse_args(["--profile", str(tmp_path)])


def test_the_plugin_reads_every_resource(profile: str):
    content = yaml.safe_load((Path("profiles") / profile / "profile.yaml").read_text())
    folder = Path(inspect.getfile(plugin(profile))).parent
    source = "".join(path.read_text() for path in folder.rglob("*.py"))
    for name in content["default-resources"].keys() - STANDARD:
        assert f'"{name}"' in source or f"resources.{name}" in source, name
