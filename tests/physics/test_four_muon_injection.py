"""Signals of the other readings of the four-muon search come back: the best discrimination, and the scalar."""

from pathlib import Path

import numpy as np
import pytest

from umbra.config import project as configuration
from umbra.config.records import Asimov, Channel, Injection, Sample, Systematics
from umbra.core import seeds
from umbra.core.constants import HIGGS_VEV_GEV
from umbra.expectation import building
from umbra.expectation.binned import BinnedExpectation
from umbra.expectation.point import Point
from umbra.inference.binned_data import Counts
from umbra.inference.methods import registry as methods
from umbra.inference.methods.peak import Peak
from umbra.stages.generate import Request, generate
from umbra.stages.skim import skim
from umbra.statistics.engine import discoveries

CHANNEL = "zprime_mumu_belle2"
AT, TOYS = Point(2.2), 1000
#: Few masses and events: the fit is tested, not the whole scan.
SIGNAL = {"masses_gev": [1.5, 2.0, 2.5, 3.0], "events": 3000}
SMALL = {
    "masses": {
        "grid": [{"from_gev": 0.5, "to_gev": 6.0, "points": 3, "spacing_gev": [[0.5, 1.0], [6.0, 1.0]]}]
    },
    "samples": {"zprime": SIGNAL, "scalar": SIGNAL, "four_muon": {"events": 40_000}},
}


@pytest.fixture(scope="module")
def expectation(project: Path, tmp_path_factory: pytest.TempPathFactory) -> BinnedExpectation:
    """Make a small version of the channel, from events to its expectation, once."""
    run = {"scan": "tiny", "channels": [CHANNEL], "overrides": {CHANNEL: SMALL}}
    loaded = configuration.load(run, project / "config")
    folder = tmp_path_factory.mktemp(CHANNEL)
    slices = loaded.channels[CHANNEL]["slices"]
    seen = Channel.from_slice(slices["skim"])
    skims = {
        name: _skimmed(Sample.model_validate(each), seen, folder)
        for name, each in loaded.channels[CHANNEL]["samples"].items()
    }
    channel = loaded.records[CHANNEL]
    output = folder / "signal_model.json", folder / "templates.root"
    building.make(Channel.from_slice(slices["model"]), skims, *output, {})
    return methods.find(channel.fit).expectation(channel, *output)


def _skimmed(sample: Sample, channel: Channel, folder: Path) -> Path:
    events, path = folder / f"{sample.name}_events.root", folder / f"{sample.name}.root"
    generator = sample.generator.model_copy(update={"chunk_events": sample.events})
    generate(
        Request(sample.machine, sample.process, generator, 0), events, events.with_suffix(".json"), "test"
    )
    skim([events], channel, sample, path, path.with_suffix(".json"), {})
    return path


def fitted(expectation: BinnedExpectation, name: str, significance: float) -> tuple:
    """Yields that are found in pseudo-data, their errors, and the yield that was injected.

    Pseudo-data follow the polynomial of the fit, so that noise of a small simulation is no bias, and the
    efficiency is certain, because pseudo-data do not fluctuate with it.
    """
    exact = Systematics(signal_efficiency_relative=0.0)
    channel = expectation.channel.model_copy(update={"systematics": exact})
    certain = BinnedExpectation(channel, expectation.signals, expectation.templates)
    method = methods.find(channel.fit)
    assert isinstance(method, Peak)
    interpretation = channel.interpretation(name)
    (category,) = certain.categories_at(AT.mass_gev, interpretation)
    expected = method.hypothesis(certain, None, AT, interpretation)
    assert expected.workspace is not None
    first, step, number = expected.bins[category.name]
    edges = certain.edges(category)[first + step * np.arange(number + 1)]
    background = np.array(expected.workspace["observations"][0]["data"])
    true = significance * np.sqrt(expected.expected_background)
    template = certain.signal(category, interpretation).template(AT.mass_gev, edges)
    rng = seeds.generator("four muon injection", channel.name, name)
    hypotheses = []
    for _ in range(TOYS):
        data = {category.name: Counts(edges, rng.poisson(background + true * template).astype(float))}
        hypotheses.append(method.hypothesis(certain, data, AT, interpretation))
    found = discoveries([h.workspace for h in hypotheses])
    assert {d.status for d in found} == {"converged"}
    units = np.array([h.yield_per_mu for h in hypotheses])
    return (
        np.array([d.mu_hat for d in found]) * units,
        np.array([d.mu_hat_error for d in found]) * units,
        true,
    )


def test_yields_come_back_where_counts_are_low(expectation: BinnedExpectation) -> None:
    """With the best discrimination a handful of events is left; their mean is right, pulls are not normal."""
    found, _, true = fitted(expectation, "optimal_discrimination", significance=4.0)
    assert found.mean() == pytest.approx(true, abs=4.0 * found.std() / np.sqrt(TOYS))


def test_an_injected_coupling_means_its_yield(expectation: BinnedExpectation) -> None:
    channel = expectation.channel
    (category,) = expectation.categories_at(AT.mass_gev, channel.main)
    settings = Asimov(inject=Injection(mass_gev=AT.mass_gev, coupling=0.01))
    data = methods.find(channel.fit).make_data(expectation, settings)
    counts = data[category.name].values - expectation.data_background(category)
    expected, _ = expectation.signal_yield(category, AT, channel.main)
    # A tenth of the reference coupling is a hundredth of its rate.
    assert (channel.coupling.reference, channel.coupling.power) == (0.1, 2)
    put_in = 0.01 * expected
    # A quarter more lies beyond five resolutions: what photons put there, and a few wrong pairs.
    assert counts.sum() == pytest.approx(put_in, rel=0.4)
    assert counts.sum() >= put_in


def test_the_coupling_of_the_scalar_is_that_of_its_sample(project: Path) -> None:
    channel = configuration.load({"channels": [CHANNEL]}, project / "config").records[CHANNEL]
    sample = channel.samples["scalar"]
    # It couples to muons only: the leptophilic scalar, whose coupling is ξ, is radiated by the beams as well.
    assert sample.process == "mumu_muonphilic_scalar"
    scalars = [each for each in channel.interpretations if each.coupling.name == "g_s"]
    assert [each.name for each in scalars] == ["scalar"]
    for each in scalars:
        assert each.coupling.reference == sample.parameters["coupling"]


def test_the_couplings_to_all_leptons_are_those_of_their_samples(project: Path) -> None:
    """ξ m/v is the coupling at the vertex, and C m/Λ that of the ALP."""
    name = "zprime_tautau_belle2"
    channel = configuration.load({"channels": [name]}, project / "config").records[name]
    couplings = {each.coupling.name: each.coupling.reference for each in channel.interpretations}
    samples = [channel.samples[each] for each in ("scalar", "alp")]
    assert [each.process for each in samples] == ["mumu_scalar", "mumu_alp"]
    xi, of_alp = (each.parameters["coupling"] for each in samples)
    assert couplings["xi"] == xi
    assert couplings["c_l_over_lambda_per_tev"] == pytest.approx(of_alp * 1000.0 / HIGGS_VEV_GEV, rel=1e-6)
