"""From files of another generator to limits on the coupling: they do not depend on how the files were made."""

import copy
import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from umbra.config import project as configuration
from umbra.config import yaml
from umbra.core.errors import UmbraError
from umbra.expectation import building
from umbra.generation.settings import GeneratorSettings
from umbra.inference import hypothesis
from umbra.inference.block import fit_block, points_of
from umbra.inference.methods import registry as methods
from umbra.results.limits import read_limits, write_limits
from umbra.results.table import rows_of
from umbra.stages.generate import Request, generate
from umbra.stages.limit import limit_block
from umbra.stages.skim import skim

ROOT = Path(__file__).parents[2]
CHANNEL = "alp_3gamma_external"
MASS_GEV = 2.0


def scenario() -> dict[str, Any]:
    """Return the scenario of the project, with the files where they lie."""
    run: dict[str, Any] = copy.deepcopy(yaml.read(ROOT / "config/scenarios/external.yaml").content)
    for sample in filter(None, run["variants"][CHANNEL]["samples"].values()):
        for content in sample["external"]:
            content["file"] = str(ROOT / content["file"])
    return run | {"scan": "tiny"}


def signals(run: dict[str, Any]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = run["variants"][CHANNEL]["samples"]["alp_files"]["external"]
    return listed


def made_at(content: dict[str, Any], folder: Path, factor: float) -> dict[str, Any]:
    """Return the declaration of a file as a generator writes it at a coupling that is larger by a factor."""
    text = gzip.decompress(Path(content["file"]).read_bytes()).decode()

    def scaled(found: re.Match[str]) -> str:
        words = found.group().split(" ")
        return " ".join(
            f"{float(w) * factor**2:.8e}" if re.fullmatch(r"\+?\d\.\d+e-\d+", w) else w for w in words
        )

    head, *rest = text.split("<event>\n")
    # The line of the process is the last one of <init> that begins with a number: cross-section, error, maximum, code.
    head = re.sub(r"(?m)^\d\.\d+e[-+]\d+ .* 1$", scaled, head)
    events = []
    for event in rest:
        count, process, weight, others = event.split(" ", 3) if event[0] != " " else event[1:].split(" ", 3)
        events.append(f"{count} {process} {float(weight) * factor**2:.8e} {others}")
    path = folder / Path(content["file"]).name.removesuffix(".gz")
    path.write_text("<event>\n".join([head, *events]))
    return {**content, "file": str(path)}


def limit_on_coupling(folder: Path, run: dict[str, Any]) -> tuple[float, float]:
    """Run the stages of the channel on the expectation; median expected limits on coupling and cross-section in fb."""
    channel = configuration.load(run, ROOT / "config").records[CHANNEL]
    folder.mkdir()
    skims = {}
    # The samples of the channel that the scenario does not use are not made.
    used = {name: sample for name, sample in channel.samples.items() if sample.origin == "external"}
    for name, sample in used.items():
        path = folder / f"{name}-000.root"
        request = Request(sample.machine, "external", sample.generator, 0)
        generate(request, path, path.with_suffix(".json"), "test")
        skims[name] = folder / f"{name}.root"
        skim([path], channel, sample, skims[name], skims[name].with_suffix(".json"), {})
    method = methods.find(channel.fit)
    outputs = (folder / "signal_model.json", folder / "templates.root")
    building.make(channel, skims, *outputs, {})
    fits, archive, block = folder / "fits.json", folder / "workspaces.zip", folder / "limits.json"
    expectation = method.expectation(channel, *outputs)
    fit_block(method, expectation, None, points_of(channel, [MASS_GEV]), fits, archive, {})
    limit_block(channel, fits, archive, block, {})
    write_limits(folder / "limits.csv", rows_of(channel, hypothesis.read_limits(block)))
    rows = {row.quantity: row for row in read_limits(folder / "limits.csv")}
    coupling = rows["g_agammagamma_per_gev"]
    assert coupling.status == "converged"
    return float(coupling.expected), float(rows["cross_section_fb"].expected)


@pytest.fixture(scope="module")
def as_listed(tmp_path_factory: pytest.TempPathFactory) -> tuple[float, float]:
    return limit_on_coupling(tmp_path_factory.mktemp("limits") / "out", scenario())


def test_the_files_were_made_at_the_reference_of_the_channel(as_listed: tuple[float, float]) -> None:
    """The limit on the cross-section is that of the files, times the square of the limit over 1e-3 / GeV."""
    stated = []
    for content in signals(scenario()):
        text = gzip.decompress(Path(content["file"]).read_bytes()).decode()
        stated.append(float(text.split("<init>")[1].splitlines()[2].split()[0]))
    coupling, cross_section_fb = as_listed
    # Between 1 and 5 GeV, where the files are, the logarithm is interpolated in that of the mass.
    at_mass_pb = stated[0] * (stated[1] / stated[0]) ** (np.log(MASS_GEV) / np.log(5.0))
    assert cross_section_fb == pytest.approx(1e3 * at_mass_pb * (coupling / 1e-3) ** 2, rel=1e-6)


def test_files_made_at_twice_the_coupling_give_the_same_limit(
    tmp_path: Path, as_listed: tuple[float, float]
) -> None:
    run = scenario()
    for i, content in enumerate(signals(run)):
        signals(run)[i] = made_at(content, tmp_path, 2.0) | {"coupling": {"value": 2e-3, "power": 2}}
    # Other bytes, other random numbers of decays and detector: 800 events leave several per cent. Without the declared
    # coupling the limit would be half as large.
    assert limit_on_coupling(tmp_path / "out", run)[0] == pytest.approx(as_listed[0], rel=0.2)


def test_the_declared_coupling_is_the_one_that_counts(tmp_path: Path, as_listed: tuple[float, float]) -> None:
    """The same files, said to have been made at half the coupling: each event stands for four times the signal."""
    run = scenario()
    for content in signals(run):
        content["coupling"] = {"value": 5e-4, "power": 2}
    coupling, cross_section = limit_on_coupling(tmp_path / "out", run)
    assert coupling == pytest.approx(as_listed[0] / 2.0, rel=1e-6)
    assert cross_section == pytest.approx(as_listed[1], rel=1e-6)


def edited(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    run = copy.deepcopy(scenario())
    change(run)
    return run


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda run: signals(run)[0].pop("coupling"), "gamma_alp_m1.*the key 'coupling' is missing"),
        (
            lambda run: signals(run)[0].update(coupling={"value": 1e-3, "power": 4}),
            "gamma_alp_m1.*coupling/power: 4 is not 2, the power in which the channel's",
        ),
        (
            lambda run: [signals(run)[0].pop(key) for key in ("mass_gev", "coupling")],
            "gamma_alp_m1.*a signal needs mass_gev and coupling",
        ),
        (
            lambda run: run["variants"][CHANNEL]["samples"]["three_gamma_files"]["external"][0].update(
                coupling=signals(run)[0]["coupling"]
            ),
            "three_gamma.lhe.gz: .*a coupling without mass_gev: a signal has both, a background neither",
        ),
        (
            lambda run: signals(run)[1].update(mass_gev=1.0),
            "gamma_alp_m1.*gamma_alp_m5.*are both at mass_gev = 1: give each a process",
        ),
    ],
)
def test_wrong_declarations_are_found_before_anything_runs(
    change: Callable[[dict[str, Any]], None], message: str
) -> None:
    with pytest.raises(UmbraError, match=f"samples/(alp|three_gamma)_files: external sample.*{message}"):
        configuration.load(edited(change), ROOT / "config")


def test_a_signal_without_the_coupling_of_its_channel_is_refused(tmp_path: Path) -> None:
    generator = GeneratorSettings(external=tuple(signals(scenario())), decay="alp_to_photons")
    machine = configuration.load(scenario(), ROOT / "config").records[CHANNEL].machine
    request = Request(machine, "external", generator, 0)
    with pytest.raises(UmbraError, match="a signal needs the coupling of the channel"):
        generate(request, tmp_path / "a.root", tmp_path / "a.json", "test")
    assert not np.any([True for _ in tmp_path.iterdir()])
