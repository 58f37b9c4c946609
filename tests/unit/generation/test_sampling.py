"""Sampling: unbiased, reproducible by chunk, and truthful about its efficiency."""

import numpy as np
import pytest
from scipy.stats import ks_2samp, kstest, kstwobign

from umbra.core.constants import PHOTON
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, mass_squared
from umbra.core.machines import Machine
from umbra.core.particles import ALP, Z_PRIME
from umbra.core.seeds import generator
from umbra.generation.integration import integrate
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.registry import find
from umbra.generation.sampling import Sampler

BELLE2 = Machine("belle2", 7.004, 4.002, 83.0, 0.005)
STILL = Machine("still", 5.29, 5.29)
THREE_PHOTONS: Cuts = {"photon_energy": (0.25, None), "photon_theta": (10.0, 170.0)}


def sampler(name: str, machine: Machine = STILL, cuts: Cuts | None = None, **more) -> Sampler:  # type: ignore[no-untyped-def]
    options = {key: more.pop(key) for key in ("isr", "weighted") if key in more}
    return Sampler(find(name), machine, more, cuts or {}, rng=generator("adapt", name), **options)


def weighted_kstest(values: Array, weights: Array, reference: Array) -> float:
    """p-value of weighted against unweighted values, by the asymptotic law with the effective size."""
    order = np.argsort(values)
    cumulative = np.cumsum(weights[order]) / weights.sum()
    step = np.searchsorted(np.sort(reference), values[order], side="right") / len(reference)
    distance = np.abs(cumulative - step).max()
    effective = weights.sum() ** 2 / (weights**2).sum()
    size = effective * len(reference) / (effective + len(reference))
    return float(kstwobign.sf(distance * np.sqrt(size)))


@pytest.mark.parametrize(
    ("name", "cuts", "parameters"),
    [
        ("mumu_zprime", {}, {"mass_gev": 1.0}),
        ("tautau_scalar", {"lepton_theta": (20.0, 160.0)}, {"mass_gev": 0.2}),
        ("three_gamma", THREE_PHOTONS, {}),
        ("alp_fusion", {}, {"mass_gev": 1.0}),
    ],
)
def test_unweighted_events_have_the_distributions_of_weighted_ones(
    name: str, cuts: Cuts, parameters: dict[str, float]
) -> None:
    """The weighted events use neither the grid of the sampler nor its largest weight."""
    source = sampler(name, cuts=cuts, **parameters)
    accepted = source.generate(20_000, generator("accepted", name)).events
    p4, weight = source.collision.evaluate(
        generator("weighted", name).random((200_000, source.collision.dimensions))
    )
    for particle in range(p4.shape[1]):
        for quantity in (lambda p: p[:, 3], lambda p: p[:, 2], lambda p: np.arctan2(p[:, 1], p[:, 0])):
            unweighted = quantity(accepted.p4[:, particle])
            assert weighted_kstest(quantity(p4[:, particle]), weight, unweighted) > 1e-4


@pytest.mark.parametrize("weighted", [False, True])
def test_cross_section_and_chunk_agree_with_the_integrator(weighted: bool) -> None:
    source = sampler("mumu_scalar", mass_gev=0.5, weighted=weighted)
    sample = source.generate(50_000, generator("chunk"))
    exact = integrate(source.collision, 1e-3, generator("integrator"))
    for estimate in (source.cross_section, sample.measured):
        combined = np.hypot(estimate.error_pb, exact.error_pb)
        assert estimate.value_pb == pytest.approx(exact.value_pb, abs=4.0 * combined)
    assert sample.cross_section_pb == source.cross_section.value_pb
    assert sample.error_pb == source.cross_section.error_pb


def test_weighted_events_have_weights_of_mean_one_and_the_same_means() -> None:
    heavy = sampler("mumu_zprime", mass_gev=3.0, weighted=True, cuts={"muon_theta": (30.0, 150.0)})
    light = sampler("mumu_zprime", mass_gev=3.0, cuts={"muon_theta": (30.0, 150.0)})
    weighted = heavy.generate(40_000, generator("heavy"))
    unweighted = light.generate(40_000, generator("light"))
    weight = weighted.events.weight
    assert len(weight) == 40_000
    assert (weight > 0.0).all()
    assert weight.mean() == pytest.approx(1.0, abs=0.02)
    assert weighted.effective_size == pytest.approx(weight.sum() ** 2 / (weight**2).sum())
    assert weighted.effective_size < 40_000
    energy, reference = weighted.events.p4[:, 2, 3], unweighted.events.p4[:, 2, 3]
    error = np.hypot((weight * energy).std(), reference.std()) / np.sqrt(40_000)
    assert (weight * energy).mean() / weight.mean() == pytest.approx(reference.mean(), abs=4.0 * error)


def test_a_chunk_depends_on_its_own_numbers_only() -> None:
    one, other = sampler("mumu_zprime", mass_gev=1.0), sampler("mumu_zprime", mass_gev=1.0)
    one.generate(1000, generator("chunk", 0))
    first, second = (s.generate(1000, generator("chunk", 1)) for s in (one, other))
    np.testing.assert_array_equal(first.events.p4, second.events.p4)
    np.testing.assert_array_equal(first.events.weight, second.events.weight)
    assert first.cross_section_pb == second.cross_section_pb


def test_chunks_are_independent() -> None:
    source = sampler("gamma_alp", mass_gev=1.0)
    chunks = [source.generate(20_000, generator("chunk", i)).events.p4[:, 0, 2] for i in range(4)]
    for i, first in enumerate(chunks):
        for second in chunks[i + 1 :]:
            assert abs(np.corrcoef(first, second)[0, 1]) < 5.0 / np.sqrt(20_000)
            assert ks_2samp(first, second).pvalue > 1e-3


def test_events_carry_the_particles_in_the_centre_of_mass() -> None:
    events = sampler("gamma_alp", BELLE2, mass_gev=2.0).generate(5000, generator("gamma_alp")).events
    np.testing.assert_array_equal(events.pdg_id, np.tile([PHOTON, ALP], (5000, 1)))
    total = events.p4.sum(axis=1)
    np.testing.assert_allclose(total[:, :3], 0.0, atol=1e-12)
    spread = (total[:, 3] - BELLE2.sqrt_s_gev) / BELLE2.sqrt_s_spread_gev
    assert kstest(spread, "norm").pvalue > 1e-3
    np.testing.assert_allclose(mass_squared(events.p4[:, 1]), 4.0, atol=1e-10)
    cosine = events.p4[:, 0, 2] / events.p4[:, 0, 3]
    assert kstest(cosine, lambda c: 0.5 + 0.375 * (c + c**3 / 3.0)).pvalue > 1e-3


def test_flat_processes_waste_nearly_nothing() -> None:
    sample = sampler("gamma_alp", BELLE2, mass_gev=1.0).generate(20_000, generator("flat"))
    assert sample.efficiency > 0.99
    assert sample.trials < 20_100
    assert sample.effective_size == pytest.approx(20_000, rel=1e-6)
    assert sample.events.weight.max() < 1.001


def test_efficiency_and_overflow_are_those_of_the_sample() -> None:
    sample = sampler("mumu_zprime", mass_gev=1.0).generate(30_000, generator("overflow"))
    weight = sample.events.weight
    assert 0.3 < sample.efficiency < 1.0
    assert sample.trials * sample.efficiency == pytest.approx(30_000, rel=0.1)
    assert sample.overflow_fraction == np.mean(weight > 1.0)
    assert 0.0 < sample.overflow_fraction < 0.05
    # The excess of the overflowing events is what the largest weight was allowed to leave.
    assert (weight - 1.0).sum() / weight.sum() < 3e-3
    assert sample.effective_size > 0.995 * 30_000


def test_closed_form_survives_the_energy_spread() -> None:
    near = Machine("wide", 5.29, 5.29, 0.0, 0.02)
    source = sampler("gamma_alp", near, mass_gev=10.5)
    exact = source.cross_section
    assert exact.error_pb == 0.0
    sampled = source.generate(50_000, generator("wide")).measured
    assert sampled.value_pb == pytest.approx(exact.value_pb, abs=4.0 * sampled.error_pb)
    nominal = sampler("gamma_alp", mass_gev=10.5).cross_section.value_pb
    assert exact.value_pb > 1.01 * nominal


def test_radiation_lowers_the_mass_of_the_hard_system() -> None:
    source = sampler("mumu_zprime", mass_gev=1.0, isr="leading_log")
    events = source.generate(20_000, generator("radiation")).events
    assert events.pdg_id.shape == (20_000, 5)
    np.testing.assert_array_equal(events.pdg_id[0], [13, -13, Z_PRIME, PHOTON, PHOTON])
    np.testing.assert_allclose(events.p4.sum(axis=1)[:, 3], 10.58, atol=1e-10)
    hard = np.sqrt(mass_squared(events.p4[:, :3].sum(axis=1)))
    assert hard.max() <= 10.58 + 1e-9
    assert 0.85 < np.mean(hard > 0.88 * 10.58) < 0.97


def test_no_events_are_an_empty_sample() -> None:
    sample = sampler("gamma_alp", mass_gev=1.0).generate(0, generator("none"))
    assert len(sample.events) == 0
    assert sample.cross_section_pb > 0.0


def test_a_cut_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(UmbraError, match="mumu_zprime: none of 8192 trials passes"):
        sampler("mumu_zprime", cuts={"dimuon_mass": (9.5, None)}, mass_gev=5.0)
