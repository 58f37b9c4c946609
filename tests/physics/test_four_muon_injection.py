"""Signals of the other readings of the four-muon search come back: the best discrimination, and the scalar."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from umbra.inference.pseudodata import Counts

from umbra.config import project as configuration
from umbra.core import seeds
from umbra.core.constants import HIGGS_VEV_GEV, MUON_MASS_GEV
from umbra.core.machines import machine_of
from umbra.expectation.channel import Search
from umbra.inference import fitting, pseudodata
from umbra.stages import generate, model, skim
from umbra.statistics.engine import discoveries

MASS_GEV, TOYS = 2.2, 1000
#: Few masses and events: the fit is tested, not the whole scan.
SIGNAL = {"masses_gev": [1.5, 2.0, 2.5, 3.0], "events": 3000}
SMALL = {
    "masses": {
        "segments": [{"from_gev": 0.5, "to_gev": 6.0, "points": 3, "spacing_gev": [[0.5, 1.0], [6.0, 1.0]]}]
    }
}
SAMPLES = {
    "zprime_mumu_belle2": {"zprime": SIGNAL, "scalar": SIGNAL},
}


@pytest.fixture(scope="module")
def channel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Search, Any]]:
    """Make a small version of a channel, from events to its expectation, once."""
    made: dict[str, tuple[Search, Any]] = {}

    def make(name: str) -> tuple[Search, Any]:
        if name not in made:
            changes = SMALL | {"samples": SAMPLES[name] | {"four_muon": {"events": 40_000}}}
            run = {"scan": "tiny", "channels": [name], "overrides": {name: changes}}
            made[name] = _made(configuration.load(run, project / "config").channels[name], tmp_path_factory)
        return made[name]

    return make


def _made(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Search, Any]:
    folder = tmp_path_factory.mktemp(settings["name"])
    skims = {}
    for sample, spec in settings["samples"].items():
        path = folder / f"{sample}_events.root"
        generator = {k: v for k, v in spec.items() if k not in configuration._NOT_FOR_THE_GENERATOR}
        request = generate.Request(
            machine_of(settings), spec["process"], generator | {"chunk_events": spec["events"]}, 0
        )
        generate.generate(request, path, path.with_suffix(".json"), "test")
        skims[sample] = folder / f"{sample}.root"
        skim.skim(
            [path], settings["slices"]["skim"], spec, skims[sample], skims[sample].with_suffix(".json"), {}
        )
    output = folder / "signal_model.json", folder / "templates.root"
    model.model(skims, settings["slices"]["model"], *output, {})
    return model.read_search(settings, output), settings


def fitted(search: Search, settings: Any, model: str, significance: float) -> tuple[Any, ...]:
    """Yields that are found in pseudo-data, their errors, and the yield that was injected.

    Pseudo-data follow the polynomial of the fit, so that noise of a small simulation is no bias, and the
    efficiency is certain, because pseudo-data do not fluctuate with it.
    """
    certain = settings | {"systematics": {"signal_efficiency_relative": 0.0}}
    (reading,) = (each for each in settings["models"] if each["name"] == model)
    (region,) = search.regions_at(MASS_GEV, reading)
    expected = fitting.hypothesis(search, certain, None, MASS_GEV, reading)
    first, step, number = expected.bins[region["name"]]
    edges = search.edges(region)[first + step * np.arange(number + 1)]
    background = np.array(expected.workspace["observations"][0]["data"])
    true = significance * np.sqrt(expected.expected_background)
    template = search.signal(region, reading).template(MASS_GEV, edges)
    rng = seeds.generator("four muon injection", settings["name"], model)
    hypotheses = []
    for _ in range(TOYS):
        data = {region["name"]: Counts(edges, rng.poisson(background + true * template).astype(float))}
        hypotheses.append(fitting.hypothesis(search, certain, data, MASS_GEV, reading))
    found = discoveries([h.workspace for h in hypotheses])
    assert {d.status for d in found} == {"converged"}
    units = np.array([h.yield_per_mu for h in hypotheses])
    return (
        np.array([d.mu_hat for d in found]) * units,
        np.array([d.mu_hat_error for d in found]) * units,
        true,
    )


def test_yields_come_back_where_counts_are_low(channel) -> None:
    """With the best discrimination a handful of events is left; their mean is right, pulls are not normal."""
    found, _, true = fitted(*channel("zprime_mumu_belle2"), "optimal_discrimination", significance=4.0)
    assert found.mean() == pytest.approx(true, abs=4.0 * found.std() / np.sqrt(TOYS))


def test_an_injected_coupling_means_its_yield(channel) -> None:
    search, settings = channel("zprime_mumu_belle2")
    (region, _) = settings["regions"]
    counts = pseudodata.injected(search, region, {"mass_gev": MASS_GEV, "coupling": 0.01})
    expected, _ = search.signal_yield(region, MASS_GEV, settings["models"][0])
    # A few wrong pairs lie beyond five resolutions.
    assert counts.sum() == pytest.approx(0.01 * expected, rel=0.25)
    assert counts.sum() >= 0.01 * expected


def test_the_coupling_of_the_scalar_is_that_of_its_sample(project: Path) -> None:
    settings = configuration.load({"channels": ["zprime_mumu_belle2"]}, project / "config").channels
    channel = settings["zprime_mumu_belle2"]
    xi = channel["samples"]["scalar"]["parameters"]["coupling"]
    for reading in channel["models"][2:]:
        assert reading["coupling"]["reference"] == pytest.approx(xi * MUON_MASS_GEV / HIGGS_VEV_GEV, rel=1e-6)
