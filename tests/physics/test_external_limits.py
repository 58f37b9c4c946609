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
from umbra.core.errors import UmbraError
from umbra.core.machines import machine_of
from umbra.inference import fitting
from umbra.results.limits import read_limits
from umbra.stages.generate import Request, generate
from umbra.stages.limit import limit_block, write_table
from umbra.stages.model import model, read_search
from umbra.stages.skim import skim

ROOT = Path(__file__).parents[2]
CHANNEL = "alp_3gamma_external"
MASS_GEV = 2.0


def scenario() -> dict[str, Any]:
    """Return the scenario of the project, with the files where they lie."""
    run: dict[str, Any] = configuration.read_yaml(ROOT / "config/scenarios/external.yaml")
    for sample in run["variants"][CHANNEL]["samples"].values():
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
    settings = configuration.load(run, ROOT / "config").channels[CHANNEL]
    slices = settings["slices"]
    folder.mkdir()
    skims = {}
    for name, spec in settings["samples"].items():
        path = folder / f"{name}-000.root"
        request = Request(machine_of(settings), "external", spec["generator"], 0)
        generate(request, path, path.with_suffix(".json"), "test")
        skims[name] = folder / f"{name}.root"
        skim([path], slices["skim"], spec, skims[name], skims[name].with_suffix(".json"), {})
    outputs = (folder / "signal_model.json", folder / "templates.root")
    model(skims, slices["model"], *outputs, {})
    fits, archive = folder / "fits.json", folder / "workspaces.zip"
    fitting.fit_block(read_search(slices["fit"], outputs), slices["fit"], None, [MASS_GEV], fits, archive, {})
    block = folder / "limits.json"
    limit_block(fits, archive, slices["limit"] | {"data": {"kind": "asimov"}}, block, {})
    write_table([block], slices["table"], folder / "limits.csv")
    rows = {row.quantity: row for row in read_limits(folder / "limits.csv")}
    coupling = rows["g_agammagamma_per_gev"]
    assert coupling.status == "converged"
    return float(coupling.expected), float(rows["cross_section_fb"].expected)


@pytest.fixture(scope="module")
def as_listed(tmp_path_factory: pytest.TempPathFactory) -> tuple[float, float]:
    return limit_on_coupling(tmp_path_factory.mktemp("limits") / "out", scenario())


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
                {key: signals(run)[0][key] for key in ("mass_gev", "coupling")}
            ),
            "three_gamma.lhe.gz: a background has no mass_gev and coupling",
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
    generator = {"external": signals(scenario()), "decay": "alp_to_photons"}
    settings = configuration.load(scenario(), ROOT / "config").channels[CHANNEL]
    request = Request(machine_of(settings), "external", generator, 0)
    with pytest.raises(UmbraError, match="a signal needs the coupling of the channel"):
        generate(request, tmp_path / "a.root", tmp_path / "a.json", "test")
    assert not np.any([True for _ in tmp_path.iterdir()])
